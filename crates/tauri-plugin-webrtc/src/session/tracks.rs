//! Local tracks.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rtc_host::media::{MediaDevices, MediaError, Range, Subscription, VideoConstraints};
use rtc_host::{LocalTrack, Source};

use super::Session;
use crate::wire::{
    self, Event, Kind, NumberConstraint, StringConstraint, TrackConstraints, TrackSettings,
    WireError,
};

/// Tracks by number, each with what reports its end.
#[derive(Default)]
pub(super) struct Tracks(Mutex<HashMap<u32, (Arc<LocalTrack>, Subscription)>>);

impl Tracks {
    pub(super) fn get(&self, track: u32) -> Option<Arc<LocalTrack>> {
        self.0.lock().get(&track).map(|(track, _)| track.clone())
    }

    /// The track that a page names, if it names one.
    pub(super) fn find(&self, track: Option<u32>) -> Result<Option<Arc<LocalTrack>>, WireError> {
        track
            .map(|track| self.get(track).ok_or_else(unknown_track))
            .transpose()
    }

    pub(super) fn close(&self) {
        let all = std::mem::take(&mut *self.0.lock());
        drop(all);
    }
}

pub(super) fn unknown_track() -> WireError {
    WireError::new("InvalidStateError", "there is no such track")
}

impl Session {
    /// Opens what `getUserMedia` asks for. Blocks while devices start.
    pub(super) fn get_user_media(
        &self,
        audio: Option<&TrackConstraints>,
        video: Option<&TrackConstraints>,
    ) -> Result<Vec<wire::LocalTrack>, WireError> {
        let devices = self.host.devices();
        // Both are opened before either is registered: the page gets all or nothing.
        let microphone = audio
            .map(|wanted| open_microphone(devices, wanted))
            .transpose()?;
        let camera = video
            .map(|wanted| open_camera(devices, wanted))
            .transpose()?;
        let sources = [microphone, camera].into_iter().flatten();
        Ok(sources
            .map(|source| self.add_track(self.numbers.next(), LocalTrack::new(source)))
            .collect())
    }

    fn add_track(&self, number: u32, track: LocalTrack) -> wire::LocalTrack {
        let outbox = self.outbox.clone();
        let ended = move || outbox.event(&Event::TrackEnded { track: number });
        let subscription = match track.source() {
            Source::Camera(camera) => camera.on_ended(ended),
            Source::Microphone(microphone) => microphone.on_ended(ended),
        };
        let described = describe(number, &track);
        self.tracks
            .0
            .lock()
            .insert(number, (Arc::new(track), subscription));
        described
    }

    pub(super) fn clone_track(
        &self,
        track: u32,
        clone: u32,
    ) -> Result<wire::LocalTrack, WireError> {
        let original = self.tracks.get(track).ok_or_else(unknown_track)?;
        Ok(self.add_track(clone, original.duplicate()))
    }

    /// Blocks while the device stops.
    pub(super) fn stop_track(&self, track: u32) {
        self.stop_previews(track);
        let stopped = self.tracks.0.lock().remove(&track);
        drop(stopped);
    }

    /// What a track delivers from now on. Blocks while a camera is opened anew; microphones have
    /// nothing to choose.
    pub(super) fn apply_constraints(
        &self,
        track: u32,
        wanted: &TrackConstraints,
    ) -> Result<TrackSettings, WireError> {
        let track = self.tracks.get(track).ok_or_else(unknown_track)?;
        if let Source::Camera(camera) = track.source() {
            camera.reconfigure(&video_constraints(wanted))?;
        }
        Ok(settings(&track))
    }
}

fn describe(number: u32, track: &LocalTrack) -> wire::LocalTrack {
    wire::LocalTrack {
        track: number,
        kind: match track.source() {
            Source::Camera(_) => Kind::Video,
            Source::Microphone(_) => Kind::Audio,
        },
        label: track.device().label.clone(),
        settings: settings(track),
    }
}

fn settings(track: &LocalTrack) -> TrackSettings {
    let device = track.device();
    let mut settings = TrackSettings {
        device_id: device.device_id.clone(),
        group_id: device.group_id.clone(),
        ..TrackSettings::default()
    };
    match track.source() {
        Source::Camera(camera) => {
            let given = camera.settings();
            settings.width = Some(given.width);
            settings.height = Some(given.height);
            settings.frame_rate = Some(f64::from(given.frame_rate));
        }
        Source::Microphone(_) => {
            settings.sample_rate = Some(rtc_host::media::SAMPLE_RATE);
            settings.channel_count = Some(1);
            // What the device does by itself is unknown; nothing is added here.
            settings.echo_cancellation = Some(false);
            settings.noise_suppression = Some(false);
            settings.auto_gain_control = Some(false);
        }
    }
    settings
}

/// Tries the ids that are wished for, then any; those that are demanded only.
fn with_device<T>(
    wanted: Option<&StringConstraint>,
    open: impl Fn(Option<&str>) -> Result<T, MediaError>,
) -> Result<T, WireError> {
    let none = StringConstraint::default();
    let wanted = wanted.unwrap_or(&none);
    // Pages say "default" for the system's choice, as some browsers list it.
    let id = |id: &String| (id != "default" && !id.is_empty()).then(|| id.clone());
    let mut choices: Vec<Option<String>> = if wanted.exact.is_empty() {
        wanted.ideal.iter().map(id).chain([None]).collect()
    } else {
        wanted.exact.iter().map(id).collect()
    };
    let last = choices.pop().unwrap_or_default();
    for choice in choices {
        if let Ok(opened) = open(choice.as_deref()) {
            return Ok(opened);
        }
    }
    open(last.as_deref()).map_err(WireError::from)
}

fn open_microphone(devices: &MediaDevices, wanted: &TrackConstraints) -> Result<Source, WireError> {
    with_device(wanted.device_id.as_ref(), |id| devices.open_microphone(id)).map(Source::Microphone)
}

fn open_camera(devices: &MediaDevices, wanted: &TrackConstraints) -> Result<Source, WireError> {
    let constraints = video_constraints(wanted);
    with_device(wanted.device_id.as_ref(), |id| {
        devices.open_camera(id, &constraints)
    })
    .map(Source::Camera)
}

fn video_constraints(wanted: &TrackConstraints) -> VideoConstraints {
    let range = |wanted: Option<NumberConstraint>| {
        let NumberConstraint {
            min,
            max,
            ideal,
            exact,
        } = wanted.unwrap_or_default();
        Range {
            min,
            max,
            ideal,
            exact,
        }
    };
    VideoConstraints {
        width: range(wanted.width),
        height: range(wanted.height),
        frame_rate: range(wanted.frame_rate),
    }
}
