//! Call types: who may do what in a call, and how calls begin.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sfu::TrackKind;

/// Everybody who may be in a call at all.
const PRESENT: &[&str] = &["create-reaction", "join-call", "read-call"];
/// Whoever is seen and heard, and may begin a call.
const SENDING: &[&str] = &["create-call", "screenshare", "send-audio", "send-video"];
/// Whoever runs a call.
const RUNNING: &[&str] = &[
    "block-users",
    "change-max-duration",
    "end-call",
    "join-backstage",
    "join-ended-call",
    "kick-user",
    "mute-users",
    "pin-for-everyone",
    "remove-call-member",
    "start-closed-captions-call",
    "start-record-call",
    "start-transcription-call",
    "stop-closed-captions-call",
    "stop-record-call",
    "stop-transcription-call",
    "update-call",
    "update-call-member",
    "update-call-permissions",
    "update-call-settings",
];

/// The role whose permissions whoever began a call has in it, beside those of their own role.
pub(crate) const HOST: &str = "host";

/// A type of calls.
#[derive(Clone, Debug)]
pub struct CallType {
    /// What calls of this type begin with: `name:id`.
    pub name: String,
    /// Permissions by role: of the app (`user`, `admin`) and of the call (`host`, `call_member`).
    pub grants: BTreeMap<String, Vec<String>>,
    /// What is laid over the settings that all types have.
    pub settings: Value,
}

fn all(lists: &[&[&str]]) -> Vec<String> {
    lists.concat().into_iter().map(String::from).collect()
}

impl CallType {
    fn new(name: &str, users: &[&[&str]], settings: Value) -> Self {
        let everything = all(&[PRESENT, SENDING, RUNNING]);
        let grants = [
            ("admin".to_owned(), everything.clone()),
            (HOST.to_owned(), everything),
            ("user".to_owned(), all(users)),
            ("call_member".to_owned(), all(users)),
        ];
        Self {
            name: name.to_owned(),
            grants: grants.into(),
            settings,
        }
    }

    /// The types that tests know.
    ///
    /// - `default`: everybody is seen and heard; whoever began the call runs it.
    /// - `livestream`: only hosts are, others have to ask.
    /// - `development`: everybody may do everything.
    pub fn built_in() -> Vec<Self> {
        let asking = json!({ "access_request_enabled": true });
        let livestream = json!({ "audio": asking, "video": asking, "screensharing": asking });
        vec![
            Self::new("default", &[PRESENT, SENDING], json!({})),
            Self::new("livestream", &[PRESENT], livestream),
            Self::new("development", &[PRESENT, SENDING, RUNNING], json!({})),
        ]
    }

    /// What one may do in one's role.
    pub(crate) fn granted(&self, role: &str) -> &[String] {
        self.grants.get(role).map_or(&[], Vec::as_slice)
    }

    /// How a call of this type begins.
    pub(crate) fn beginning(&self) -> Value {
        let mut settings = settings();
        lay_over(&mut settings, &self.settings);
        settings
    }
}

/// What may be published with these capabilities.
pub(crate) fn publishable(capabilities: &[String]) -> Vec<TrackKind> {
    let can = |capability: &str| capabilities.iter().any(|each| each == capability);
    let mut kinds = Vec::new();
    if can("send-audio") {
        kinds.push(TrackKind::Audio);
    }
    if can("send-video") {
        kinds.push(TrackKind::Video);
    }
    if can("screenshare") {
        kinds.extend([TrackKind::ScreenShare, TrackKind::ScreenShareAudio]);
    }
    kinds
}

/// Lays one tree of values over another: objects are merged, all else is replaced.
pub(crate) fn lay_over(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay_over(below.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}

fn settings() -> Value {
    json!({
        "audio": {
            "access_request_enabled": false,
            "default_device": "speaker",
            "hifi_audio_enabled": false,
            "mic_default_on": true,
            "noise_cancellation": { "mode": "disabled" },
            "opus_dtx_enabled": false,
            "redundant_coding_enabled": false,
            "speaker_default_on": true,
        },
        "backstage": { "enabled": false },
        "broadcasting": {
            "enabled": false,
            "hls": { "auto_on": false, "enabled": false, "quality_tracks": [] },
            "rtmp": { "enabled": false, "quality": "720p" },
        },
        "encryption": { "mode": "disabled" },
        "frame_recording": { "capture_interval_in_seconds": 5, "mode": "disabled" },
        "geofencing": { "names": [] },
        "individual_recording": { "mode": "disabled" },
        "limits": { "max_participants_exclude_roles": [] },
        "raw_recording": { "mode": "disabled" },
        "recording": { "audio_only": false, "mode": "available", "quality": "720p" },
        "ring": {
            "auto_cancel_timeout_ms": 15_000,
            "incoming_call_timeout_ms": 15_000,
            "missed_call_timeout_ms": 15_000,
        },
        "screensharing": {
            "access_request_enabled": false,
            "enabled": true,
            "target_resolution": { "bitrate": 2_500_000, "height": 1080, "width": 1920 },
        },
        "session": { "inactivity_timeout_seconds": 30 },
        "thumbnails": { "enabled": false },
        "transcription": {
            "closed_caption_mode": "available", "language": "en", "mode": "available",
        },
        "video": {
            "access_request_enabled": false,
            "camera_default_on": true,
            "camera_facing": "front",
            "enabled": true,
            "target_resolution": { "bitrate": 1_500_000, "height": 720, "width": 1280 },
        },
    })
}
