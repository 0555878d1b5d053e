//! Local tracks.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rtc_host::core;
use rtc_host::media::{
    CursorMode, DisplaySurface, MediaDevices, MediaError, SoundSwitches, Subscription,
    VideoConstraints,
};
use rtc_host::{ContentHint, LocalTrack, Source};
use serde_json::Value;
use tokio::sync::oneshot;

use super::Session;
use super::reply::{unknown_track, value};
use crate::wire::{
    self, Event, NumberConstraint, StringConstraint, TrackConstraints, TrackSettings, WireError,
};

/// The page's names of tracks that are live, each with what reports its end. A number that is not
/// here is that of a track that has ended.
#[derive(Default)]
pub(super) struct Tracks(Arc<Mutex<HashMap<u32, Named>>>);

type Named = (Arc<LocalTrack>, Subscription);

impl Tracks {
    pub(super) fn get(&self, track: u32) -> Option<Arc<LocalTrack>> {
        self.0.lock().get(&track).map(|(track, _)| track.clone())
    }

    pub(super) fn close(&self) {
        let all = std::mem::take(&mut *self.0.lock());
        for (track, _) in all.into_values() {
            track.stop();
        }
    }
}

pub(super) type Opening = oneshot::Receiver<Result<Arc<LocalTrack>, WireError>>;

/// What came of opening a device that was asked for, if one was.
pub(super) async fn opened(opening: Option<Opening>) -> Result<Option<Arc<LocalTrack>>, WireError> {
    let Some(opening) = opening else {
        return Ok(None);
    };
    let gone = |_| WireError::new("AbortError", "the host is gone");
    opening.await.map_err(gone)?.map(Some)
}

impl Session {
    /// Opens what `getUserMedia` asks for, and replies.
    pub(super) fn get_user_media(
        self: &Arc<Self>,
        request: u32,
        audio: Option<TrackConstraints>,
        video: Option<TrackConstraints>,
    ) {
        let microphone = audio.map(|wanted| {
            let open = move |devices: &MediaDevices| open_microphone(devices, &wanted);
            self.host.capture(core::Kind::Audio, open)
        });
        let camera = video.map(|wanted| {
            let open = move |devices: &MediaDevices| open_camera(devices, &wanted);
            self.host.capture(core::Kind::Video, open)
        });
        let session = self.clone();
        tokio::spawn(async move {
            // The page gets all or nothing; what is not registered closes again, at once.
            let both = async { tokio::try_join!(opened(microphone), opened(camera)) };
            let mut over = session.over.subscribe();
            let outcome = tokio::select! {
                outcome = both => outcome,
                _ = over.wait_for(|over| *over) => return,
            };
            let outcome = outcome.and_then(|(microphone, camera)| {
                let named = [microphone, camera].into_iter().flatten();
                let named: Vec<_> = named
                    .map(|track| session.add_track(session.numbers.next(), track))
                    .collect();
                value(named)
            });
            session.outbox.reply(request, outcome);
        });
    }

    pub(super) fn add_track(&self, number: u32, track: Arc<LocalTrack>) -> wire::LocalTrack {
        let described = describe(number, &track);
        let (tracks, outbox) = (Arc::downgrade(&self.tracks.0), self.outbox.clone());
        let rendering = Arc::downgrade(&self.rendering);
        let forget = move || {
            if let Some(rendering) = rendering.upgrade() {
                rendering.forget(number);
            }
            let named = tracks
                .upgrade()
                .and_then(|tracks| tracks.lock().remove(&number));
            // One that the page stopped has lost its name before.
            if named.is_some() {
                outbox.event(&Event::TrackEnded { track: number });
            }
        };
        let ended = track.on_ended(forget.clone());
        self.tracks.0.lock().insert(number, (track.clone(), ended));
        if !track.is_live() {
            // Before anybody listened.
            forget();
        }
        described
    }

    /// A clone of a track that has ended has ended, and the page is told.
    pub(super) fn clone_track(&self, track: u32, clone: u32) -> Result<Value, WireError> {
        let Some(original) = self.tracks.get(track) else {
            self.outbox.event(&Event::TrackEnded { track: clone });
            return Err(unknown_track());
        };
        value(self.add_track(clone, original.duplicate()))
    }

    /// Nothing more comes of the track. Its device closes with its last clone, in a while.
    pub(super) fn stop_track(&self, track: u32) {
        self.rendering.forget(track);
        let stopped = self.tracks.0.lock().remove(&track);
        if let Some((track, _)) = stopped {
            track.stop();
        }
    }

    /// `contentHint` of a track; encoders follow when they are set up next.
    pub(super) fn set_content_hint(&self, track: u32, hint: &str) {
        if let Some(track) = self.tracks.get(track) {
            track.set_content_hint(match hint {
                "motion" => ContentHint::Motion,
                "text" | "detail" => ContentHint::Text,
                _ => ContentHint::None,
            });
        }
    }

    /// What a track delivers from now on, and replies. A camera is opened anew; what is done to the
    /// sound of a microphone changes while it is open.
    pub(super) fn apply_constraints(
        self: &Arc<Self>,
        request: u32,
        track: u32,
        wanted: &TrackConstraints,
    ) {
        let Some(track) = self.tracks.get(track) else {
            return self.outbox.reply(request, Err(unknown_track()));
        };
        let done = track.reconfigure(video_constraints(wanted), sound_switches(wanted));
        let outbox = self.outbox.clone();
        tokio::spawn(async move {
            let outcome = match done.await {
                Ok(outcome) => outcome.map_err(WireError::from),
                Err(_) => Err(unknown_track()),
            };
            outbox.reply(request, outcome.and_then(|()| value(settings(&track))));
        });
    }
}

fn describe(number: u32, track: &LocalTrack) -> wire::LocalTrack {
    wire::LocalTrack {
        track: number,
        kind: track.kind().into(),
        label: track.device().label.clone(),
        settings: settings(track),
    }
}

/// As `displaySurface` has it.
pub(super) fn surface(surface: DisplaySurface) -> &'static str {
    match surface {
        DisplaySurface::Monitor => "monitor",
        DisplaySurface::Window => "window",
    }
}

/// As `cursor` has it.
fn cursor(cursor: CursorMode) -> &'static str {
    match cursor {
        CursorMode::Always => "always",
        CursorMode::Never => "never",
    }
}

fn settings(track: &LocalTrack) -> TrackSettings {
    let device = track.device();
    let mut settings = TrackSettings {
        device_id: device.device_id.clone(),
        group_id: device.group_id.clone(),
        ..TrackSettings::default()
    };
    track.with_source(|source| match source {
        Source::Screen(screen) => {
            let given = screen.settings();
            settings.width = Some(given.width);
            settings.height = Some(given.height);
            settings.frame_rate = Some(f64::from(given.frame_rate));
            settings.display_surface = Some(surface(given.surface).into());
            settings.cursor = Some(cursor(given.cursor).into());
        }
        Source::Camera(camera) => {
            let given = camera.settings();
            settings.width = Some(given.width);
            settings.height = Some(given.height);
            settings.frame_rate = Some(f64::from(given.frame_rate));
        }
        Source::Microphone(microphone) => {
            let switches = microphone.switches();
            settings.sample_rate = Some(rtc_host::media::SAMPLE_RATE);
            settings.channel_count = Some(1);
            settings.echo_cancellation = Some(switches.echo_cancellation);
            settings.noise_suppression = Some(switches.noise_suppression);
            settings.auto_gain_control = Some(switches.auto_gain_control);
        }
    });
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
    let switches = sound_switches(wanted);
    with_device(wanted.device_id.as_ref(), |id| {
        devices.open_microphone(id, switches)
    })
    .map(Source::Microphone)
}

fn open_camera(devices: &MediaDevices, wanted: &TrackConstraints) -> Result<Source, WireError> {
    let constraints = video_constraints(wanted);
    with_device(wanted.device_id.as_ref(), |id| {
        devices.open_camera(id, &constraints)
    })
    .map(Source::Camera)
}

/// All is on that a page does not switch off.
fn sound_switches(wanted: &TrackConstraints) -> SoundSwitches {
    SoundSwitches {
        echo_cancellation: wanted.echo_cancellation.unwrap_or(true),
        noise_suppression: wanted.noise_suppression.unwrap_or(true),
        auto_gain_control: wanted.auto_gain_control.unwrap_or(true),
    }
}

pub(super) fn video_constraints(wanted: &TrackConstraints) -> VideoConstraints {
    let range = |wanted: Option<NumberConstraint>| wanted.unwrap_or_default().into();
    VideoConstraints {
        width: range(wanted.width),
        height: range(wanted.height),
        frame_rate: range(wanted.frame_rate),
    }
}
