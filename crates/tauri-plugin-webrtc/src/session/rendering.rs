//! What the page shows and plays, and its level meters.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rtc_host::LocalTrack;
use rtc_host::media::Subscription;
use serde_json::Value;
use tokio::task::AbortHandle;

use super::Session;
use super::reply::unknown_track;
use crate::wire::binary::RawPicture;
use crate::wire::{DecodeReport, Event, SynchronizationSource};

/// Previews are at most this large: raw pictures weigh much, and tiles of oneself are small.
const PREVIEW_LIMIT: (u32, u32) = (640, 360);
/// Time between level reports.
const LEVEL_PERIOD: Duration = Duration::from_millis(60);

#[derive(Default)]
pub(super) struct Rendering {
    /// Which track each video sink shows.
    video_sinks: Mutex<HashMap<u32, u32>>,
    /// Which track each audio sink plays.
    audio_sinks: Mutex<HashMap<u32, u32>>,
    /// Local tracks being shown.
    previews: Mutex<HashMap<u32, Preview>>,
    meters: Mutex<HashMap<u32, AbortHandle>>,
    decoded: Arc<Mutex<HashMap<u32, DecodeReport>>>,
}

/// A local track being shown in some places.
struct Preview {
    /// Size wanted by each visible sink.
    sinks: HashMap<u32, (u32, u32)>,
    size: Arc<Mutex<(u32, u32)>>,
    subscription: Option<Subscription>,
}

impl Rendering {
    pub(super) fn close(&self) {
        for meter in self.meters.lock().drain() {
            meter.1.abort();
        }
        let previews = std::mem::take(&mut *self.previews.lock());
        drop(previews);
    }

    /// A track is no more: nothing is shown, measured or known of it.
    pub(super) fn forget(&self, track: u32) {
        self.decoded.lock().remove(&track);
        if let Some(meter) = self.meters.lock().remove(&track) {
            meter.abort();
        }
        let preview = self.previews.lock().remove(&track);
        drop(preview);
    }

    /// Entries for tracks.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        let (decoded, meters) = (self.decoded.lock().len(), self.meters.lock().len());
        decoded + meters + self.previews.lock().len()
    }

    /// A track that is decoded in the page and metered.
    #[cfg(test)]
    pub(super) fn measures(&self, track: u32, report: DecodeReport) {
        self.decoded.lock().insert(track, report);
        let meter = tokio::spawn(std::future::pending::<()>());
        self.meters.lock().insert(track, meter.abort_handle());
    }

    pub(super) fn decoded(&self) -> Arc<Mutex<HashMap<u32, DecodeReport>>> {
        self.decoded.clone()
    }
}

impl Session {
    /// Shows a track in a sink, or changes the sink's size and visibility.
    pub(super) fn show(
        &self,
        request: u32,
        sink: u32,
        track: u32,
        size: (u32, u32),
        visible: bool,
    ) {
        self.rendering.video_sinks.lock().insert(sink, track);
        if let Some(local) = self.tracks.get(track) {
            self.preview(sink, track, &local, size, visible);
            return self.outbox.reply(request, Ok(Value::Null));
        }
        self.with_remote(request, track, move |connection, id| {
            connection.attach_video(id, sink, visible);
            Ok(Value::Null)
        });
    }

    pub(super) fn update_shown(&self, request: u32, sink: u32, size: (u32, u32), visible: bool) {
        let track = self.rendering.video_sinks.lock().get(&sink).copied();
        match track {
            Some(track) => self.show(request, sink, track, size, visible),
            None => self.outbox.reply(request, Ok(Value::Null)),
        }
    }

    pub(super) fn hide(&self, request: u32, sink: u32) {
        let Some(track) = self.rendering.video_sinks.lock().remove(&sink) else {
            return self.outbox.reply(request, Ok(Value::Null));
        };
        let mut previews = self.rendering.previews.lock();
        if let Some(preview) = previews.get_mut(&track) {
            preview.sinks.remove(&sink);
            let idle = preview.sinks.is_empty().then(|| previews.remove(&track));
            drop(previews);
            drop(idle);
            return self.outbox.reply(request, Ok(Value::Null));
        }
        drop(previews);
        self.with_remote_or_nothing(request, track, move |connection, id| {
            connection.detach_video(id, sink);
        });
    }

    pub(super) fn play(&self, request: u32, sink: u32, track: u32, volume: f32, device_id: &str) {
        self.rendering.audio_sinks.lock().insert(sink, track);
        let device_id = if device_id == "default" {
            String::new()
        } else {
            device_id.to_owned()
        };
        self.with_remote(request, track, move |connection, id| {
            connection.attach_audio(id, sink, volume, device_id)?;
            Ok(Value::Null)
        });
    }

    pub(super) fn update_played(&self, request: u32, sink: u32, volume: f32, device_id: &str) {
        let track = self.rendering.audio_sinks.lock().get(&sink).copied();
        match track {
            Some(track) => self.play(request, sink, track, volume, device_id),
            None => self.outbox.reply(request, Ok(Value::Null)),
        }
    }

    pub(super) fn fall_silent(&self, request: u32, sink: u32) {
        let Some(track) = self.rendering.audio_sinks.lock().remove(&sink) else {
            return self.outbox.reply(request, Ok(Value::Null));
        };
        self.with_remote_or_nothing(request, track, move |connection, id| {
            connection.detach_audio(id, sink);
        });
    }

    pub(super) fn report_decoded(&self, track: u32, report: DecodeReport) {
        if self.connections.remote(track).is_some() {
            self.rendering.decoded.lock().insert(track, report);
        }
    }

    fn preview(&self, sink: u32, track: u32, local: &LocalTrack, size: (u32, u32), visible: bool) {
        let mut previews = self.rendering.previews.lock();
        let preview = previews.entry(track).or_insert_with(|| Preview {
            sinks: HashMap::new(),
            size: Arc::default(),
            subscription: None,
        });
        if visible {
            preview.sinks.insert(sink, size);
        } else {
            preview.sinks.remove(&sink);
        }
        let largest = preview
            .sinks
            .values()
            .fold((0, 0), |(width, height), sink| {
                (width.max(sink.0), height.max(sink.1))
            });
        *preview.size.lock() = largest;
        if preview.sinks.is_empty() {
            let ended = preview.subscription.take();
            drop(previews);
            drop(ended);
        } else if preview.subscription.is_none() {
            preview.subscription = self.send_raw(track, local, preview.size.clone());
        }
    }

    fn send_raw(
        &self,
        track: u32,
        local: &LocalTrack,
        size: Arc<Mutex<(u32, u32)>>,
    ) -> Option<Subscription> {
        let (outbox, counter) = (self.outbox.clone(), AtomicU32::new(0));
        local.on_picture(move |frame, enabled| {
            if !outbox.has_room() || !enabled {
                return;
            }
            let (width, height) = preview_size((frame.width(), frame.height()), *size.lock());
            let small = frame.scaled(width, height);
            let picture = RawPicture {
                track,
                // At most the limit above.
                width: small.width() as u16,
                height: small.height() as u16,
                counter: counter.fetch_add(1, Ordering::Relaxed),
                capture: frame.captured_unix().as_secs_f64() * 1000.0,
                i420: small.data(),
            };
            outbox.picture(picture.encode());
        })
    }

    pub(super) fn watch_level(&self, request: u32, track: u32, on: bool) {
        let mut meters = self.rendering.meters.lock();
        if let Some(meter) = meters.remove(&track) {
            meter.abort();
        }
        if on {
            let Some(meter) = self.meter(track) else {
                return self.outbox.reply(request, Err(unknown_track()));
            };
            meters.insert(track, meter);
        }
        self.outbox.reply(request, Ok(Value::Null));
    }

    fn meter(&self, track: u32) -> Option<AbortHandle> {
        let outbox = self.outbox.clone();
        let local = self.tracks.get(track);
        let remote = if local.is_none() {
            Some(self.connections.remote(track)?)
        } else {
            None
        };
        let mut period = tokio::time::interval(LEVEL_PERIOD);
        let meter = tokio::spawn(async move {
            loop {
                period.tick().await;
                if let Some(local) = &local {
                    if !local.is_live() {
                        return;
                    }
                    outbox.event(&Event::AudioLevel {
                        track,
                        level: local.level(),
                        source: None,
                    });
                } else if let Some((connection, id)) = &remote {
                    let (outbox, id) = (outbox.clone(), *id);
                    connection.post(move |connection| {
                        let level = connection.playout_statistics(id).map_or(0.0, |s| s.level);
                        let sources = connection.synchronization_sources(id);
                        outbox.event(&Event::AudioLevel {
                            track,
                            level,
                            source: sources.first().map(source),
                        });
                    });
                }
            }
        });
        Some(meter.abort_handle())
    }
}

fn source(source: &rtc_host::core::SynchronizationSource) -> SynchronizationSource {
    SynchronizationSource {
        source: source.source,
        rtp_timestamp: source.rtp_timestamp,
        age: source.arrival.elapsed().as_secs_f64() * 1000.0,
        audio_level: source.audio_level,
    }
}

/// Fits a picture into what is wanted, keeping its shape.
fn preview_size(picture: (u32, u32), wanted: (u32, u32)) -> (u32, u32) {
    let ratio = |limit: u32, size: u32| f64::from(limit) / f64::from(size.max(1));
    let bound = (wanted.0.min(PREVIEW_LIMIT.0), wanted.1.min(PREVIEW_LIMIT.1));
    // Covering the box needs the larger of the two ratios, the limit allows the smaller.
    let cover = ratio(bound.0, picture.0).max(ratio(bound.1, picture.1));
    let limit = ratio(PREVIEW_LIMIT.0, picture.0).min(ratio(PREVIEW_LIMIT.1, picture.1));
    let scale = cover.min(limit).min(1.0);
    let even = |size: u32| (((f64::from(size) * scale).round() as u32) & !1).max(16);
    (even(picture.0), even(picture.1))
}

pub(super) fn volume(volume: f32, muted: bool) -> f32 {
    if muted || !volume.is_finite() {
        0.0
    } else {
        volume.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::preview_size;

    #[test]
    fn previews_cover_their_box_within_the_limit() {
        assert_eq!(preview_size((1280, 720), (320, 180)), (320, 180));
        assert_eq!(preview_size((1280, 720), (2000, 2000)), (640, 360));
        assert_eq!(preview_size((1280, 720), (100, 180)), (320, 180));
        assert_eq!(preview_size((320, 240), (640, 360)), (320, 240));
        assert_eq!(preview_size((1280, 720), (0, 0)), (16, 16));
    }
}
