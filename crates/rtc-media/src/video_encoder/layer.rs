//! One layer: a VP8 encoder of GStreamer's, fed and drained by us.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;
use gstreamer_video as video;
use parking_lot::Mutex;

use super::pace::{Pace, Work};
use super::still::Still;
use super::{EncodedLayerFrame, LayerConfig, LayerStatistics, OnFrame};
use crate::VideoFrame;
use crate::pipeline::{Pipeline, make, set_if_known};
use crate::trouble::Trouble;

#[derive(Debug)]
pub(super) struct Layer {
    config: LayerConfig,
    running: Option<Running>,
    trouble: Trouble,
    key_frame_wanted: bool,
    /// When the next picture is due, so that the frame rate is kept.
    due: Option<Instant>,
    pace: Pace,
    still: Still,
    /// Pictures that were to be encoded.
    wanted: u32,
    shared: Arc<Shared>,
}

/// What the encoder's thread needs.
pub(super) struct Shared {
    on_frame: OnFrame,
    statistics: Mutex<LayerStatistics>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("statistics", &self.statistics)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn statistics(&self) -> LayerStatistics {
        self.statistics.lock().clone()
    }
}

/// A picture inside the encoder.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    pts: gst::ClockTime,
    size: (u32, u32),
    captured: Instant,
    handed_over: Instant,
}

#[derive(Debug)]
struct Running {
    size: (u32, u32),
    start: Instant,
    last_pts: Option<gst::ClockTime>,
    source: app::AppSrc,
    /// Bits per second that it is to have.
    bitrate: Arc<AtomicU32>,
    in_flight: Arc<Mutex<VecDeque<InFlight>>>,
    over: Arc<Over>,
    _pipeline: Pipeline,
}

/// Why an encoder is over, once it failed or was stopped: nothing that it still gives out counts.
type Over = OnceLock<String>;

/// The picture's memory, lent to GStreamer without a copy.
struct Planes(Arc<VideoFrame>);

impl AsRef<[u8]> for Planes {
    fn as_ref(&self) -> &[u8] {
        self.0.data()
    }
}

impl Layer {
    pub(super) fn new(config: LayerConfig, on_frame: OnFrame) -> Self {
        let statistics = LayerStatistics {
            rid: config.rid.clone(),
            ..LayerStatistics::default()
        };
        let shared = Arc::new(Shared {
            on_frame,
            statistics: Mutex::new(statistics),
        });
        Self {
            config,
            running: None,
            trouble: Trouble::default(),
            key_frame_wanted: false,
            due: None,
            pace: Pace::default(),
            still: Still::default(),
            wanted: 0,
            shared,
        }
    }

    pub(super) fn rid(&self) -> &str {
        &self.config.rid
    }

    /// By what width and height are divided, 1.0 or more.
    pub(super) fn scale(&self) -> f64 {
        self.asked_scale() * self.slowness()
    }

    /// The same as it was asked for.
    fn asked_scale(&self) -> f64 {
        self.config.scale_resolution_down_by.max(1.0)
    }

    /// By what they are divided in addition for the processor's sake, 1.0 or more.
    fn slowness(&self) -> f64 {
        if self.config.keep_resolution {
            1.0
        } else {
            self.pace.divisor()
        }
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        self.shared.clone()
    }

    pub(super) fn request_key_frame(&mut self) {
        self.key_frame_wanted = true;
    }

    pub(super) fn configure(&mut self, config: LayerConfig) {
        if !config.active {
            self.stop();
        } else if let Some(running) = &self.running {
            running.bitrate.store(config.bitrate, Ordering::Relaxed);
        }
        self.config = config;
        self.publish();
    }

    /// Puts what was decided here where others read it.
    fn publish(&self) {
        let mut statistics = self.shared.statistics.lock();
        statistics.target_bitrate = if self.config.active {
            self.config.bitrate
        } else {
            0
        };
        statistics.limited_by_processor = self.slowness() > 1.0;
    }

    fn period(&self) -> Duration {
        Duration::from_secs_f64(1.0 / self.config.max_frame_rate.clamp(1.0, 120.0))
    }

    /// Makes pictures smaller if the encoder does not keep up, and larger again once it could.
    /// `height` is that of the camera's picture, in rows.
    fn keep_pace(&mut self, captured: Instant, height: u32) {
        if self.config.keep_resolution {
            return;
        }
        let work = {
            let statistics = self.shared.statistics.lock();
            Work {
                wanted: self.wanted,
                skipped: statistics.frames_skipped,
                encoded: statistics.frames_encoded,
                encode_time: statistics.total_encode_time,
            }
        };
        let largest = (f64::from(height) / self.asked_scale()).round() as u32;
        if self.pace.look(captured, work, largest, self.period()) {
            tracing::info!(
                rid = self.config.rid,
                divisor = self.pace.divisor(),
                "pictures of another size, for the processor's sake"
            );
            self.publish();
        }
    }

    /// So many pictures did not even get here.
    pub(super) fn left_out(&mut self, pictures: u32) {
        if self.config.active {
            self.wanted = self.wanted.saturating_add(pictures);
            self.shared.statistics.lock().frames_skipped += pictures;
        }
    }

    /// Whether a picture of the source should be encoded; counts it if so.
    pub(super) fn wants(&mut self, frame: &Arc<VideoFrame>) -> bool {
        let anew = self.key_frame_wanted || self.running.is_none();
        if !self.config.active || !self.still.gains(frame, anew) {
            return false;
        }
        let (captured, height) = (frame.captured(), frame.height());
        let period = self.period();
        // A tenth of tolerance: cameras tremble.
        if self.due.is_some_and(|due| captured + period / 10 < due) {
            return false;
        }
        let due = self
            .due
            .filter(|due| captured < *due + period)
            .unwrap_or(captured);
        self.due = Some(due + period);
        self.still.encoded();
        self.keep_pace(captured, height);
        self.wanted = self.wanted.saturating_add(1);
        true
    }

    pub(super) fn push(&mut self, frame: &Arc<VideoFrame>) {
        let now = frame.captured();
        if self.trouble.too_early(now) {
            return;
        }
        if let Err(reason) = self.try_push(frame) {
            self.stop();
            if self.trouble.failed(now) {
                let rid = &self.config.rid;
                tracing::error!(rid, reason, "pictures cannot be sent; it is tried again");
            } else {
                tracing::debug!(reason, "pictures still cannot be sent");
            }
        } else if self.trouble.works(now) {
            tracing::info!(rid = self.config.rid, "pictures are sent again");
        }
    }

    fn try_push(&mut self, frame: &Arc<VideoFrame>) -> Result<(), String> {
        let size = (frame.width(), frame.height());
        match &mut self.running {
            Some(running) => {
                if let Some(reason) = running.over.get() {
                    return Err(reason.clone());
                }
                if running.size != size {
                    running.resize(size);
                    self.begins_anew();
                }
            }
            None => {
                self.running = Some(self.launch(frame)?);
                self.begins_anew();
            }
        }
        let Some(running) = &mut self.running else {
            return Ok(());
        };
        // The encoder is busy with one picture and has another waiting.
        if running.source.current_level_bytes() > 0 {
            self.shared.statistics.lock().frames_skipped += 1;
            return Ok(());
        }
        if std::mem::take(&mut self.key_frame_wanted) {
            let event = video::DownstreamForceKeyUnitEvent::builder()
                .all_headers(true)
                .build();
            running.source.send_event(event);
        }
        running.push(frame)
    }

    /// A new encoder begins with a key frame by itself.
    fn begins_anew(&mut self) {
        self.key_frame_wanted = false;
        let encoded = self.shared.statistics.lock().frames_encoded;
        self.pace.restart(encoded);
    }

    /// Stopping waits for the picture being encoded, which whoever calls here must not.
    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            // It may have failed before.
            let _ = running.over.set("stopped".into());
            // Without a thread it stops here and now.
            let _ = std::thread::Builder::new()
                .name("vp8-stop".into())
                .spawn(move || drop(running));
        }
    }

    fn launch(&self, frame: &Arc<VideoFrame>) -> Result<Running, String> {
        let size = (frame.width(), frame.height());
        let over: Arc<Over> = Arc::default();
        let pipeline = Pipeline::in_background({
            let over = over.clone();
            // Said when the next picture comes.
            move |reason| drop(over.set(reason))
        })?;
        let source = app::AppSrc::builder()
            .caps(&caps(size))
            .format(gst::Format::Time)
            .build();
        let encoder = vp8_encoder(size, self.config.bitrate)?;
        let bitrate = Arc::new(AtomicU32::new(self.config.bitrate));
        follow_bitrate(&encoder, &bitrate)?;
        let in_flight = Arc::default();
        let sink = encoded_sink(
            self.config.rid.clone(),
            self.shared.clone(),
            &in_flight,
            over.clone(),
        );
        pipeline.chain(&[source.upcast_ref(), &encoder, sink.upcast_ref()])?;
        // Not waited for: an encoder is only up once it has had its first picture.
        pipeline.play()?;
        let start = frame.captured();
        Ok(Running {
            size,
            start,
            last_pts: None,
            source,
            bitrate,
            in_flight,
            over,
            _pipeline: pipeline,
        })
    }
}

fn caps((width, height): (u32, u32)) -> gst::Caps {
    video::VideoCapsBuilder::new()
        .format(video::VideoFormat::I420)
        .width(width as i32)
        .height(height as i32)
        .framerate(gst::Fraction::new(30, 1))
        .build()
}

impl Running {
    /// The next picture has another size. The encoder begins anew on the same thread: another thread
    /// would take its memory from elsewhere, and what the first had is not given back.
    fn resize(&mut self, size: (u32, u32)) {
        self.source.set_caps(Some(&caps(size)));
        self.size = size;
    }

    fn push(&mut self, frame: &Arc<VideoFrame>) -> Result<(), String> {
        let captured = frame.captured();
        let since = captured.saturating_duration_since(self.start);
        let wanted = gst::ClockTime::from_nseconds(since.as_nanos() as u64);
        // The rate control needs time to advance, whatever the camera says.
        let least = self.last_pts.map(|last| last + gst::ClockTime::MSECOND);
        let pts = least.map_or(wanted, |least| wanted.max(least));
        self.last_pts = Some(pts);
        let mut buffer = gst::Buffer::from_slice(Planes(frame.clone()));
        {
            let buffer = buffer.get_mut().ok_or("a new buffer is shared")?;
            buffer.set_pts(pts);
            let (width, height) = (frame.width() as usize, frame.height() as usize);
            let chroma = width * height / 4;
            // Our planes have no padding, where GStreamer would expect some.
            video::VideoMeta::add_full(
                buffer,
                video::VideoFrameFlags::empty(),
                video::VideoFormat::I420,
                frame.width(),
                frame.height(),
                &[0, width * height, width * height + chroma],
                &[width as i32, width as i32 / 2, width as i32 / 2],
            )
            .map_err(|error| error.to_string())?;
        }
        self.in_flight.lock().push_back(InFlight {
            pts,
            size: self.size,
            captured,
            handed_over: Instant::now(),
        });
        self.source
            .push_buffer(buffer)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

/// libvpx's unit here is bits per second; it wants at least a few kilobits.
fn bitrate(bits_per_second: u32) -> i32 {
    bits_per_second.clamp(20_000, 20_000_000) as i32
}

/// Hands a new bitrate to the encoder between two pictures, on its own thread. Anybody else would
/// wait until the encoder is done with the picture that it is at.
fn follow_bitrate(encoder: &gst::Element, wanted: &Arc<AtomicU32>) -> Result<(), String> {
    let input = encoder.static_pad("sink").ok_or("vp8enc has no sink")?;
    let (wanted, encoder) = (wanted.clone(), encoder.downgrade());
    let current = AtomicU32::new(wanted.load(Ordering::Relaxed));
    input.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        let wanted = wanted.load(Ordering::Relaxed);
        if current.swap(wanted, Ordering::Relaxed) != wanted
            && let Some(encoder) = encoder.upgrade()
        {
            encoder.set_property("target-bitrate", bitrate(wanted));
        }
        gst::PadProbeReturn::Ok
    });
    Ok(())
}

/// Settings for conversations, after what browsers use.
fn vp8_encoder(size: (u32, u32), bits_per_second: u32) -> Result<gst::Element, String> {
    let encoder = make("vp8enc")?;
    encoder.set_property("target-bitrate", bitrate(bits_per_second));
    let threads = if size.0 * size.1 >= 1280 * 720 {
        "2"
    } else {
        "1"
    };
    for (name, value) in [
        ("deadline", "1"),
        ("cpu-used", "-8"),
        ("end-usage", "cbr"),
        ("lag-in-frames", "0"),
        ("keyframe-max-dist", "3000"),
        ("error-resilient", "default"),
        ("buffer-size", "1000"),
        ("buffer-initial-size", "500"),
        ("buffer-optimal-size", "600"),
        ("undershoot", "100"),
        ("overshoot", "15"),
        ("min-quantizer", "2"),
        ("max-quantizer", "63"),
        ("static-threshold", "1"),
        ("max-intra-bitrate", "900"),
        ("threads", threads),
    ] {
        set_if_known(&encoder, name, value);
    }
    Ok(encoder)
}

fn encoded_sink(
    rid: String,
    shared: Arc<Shared>,
    in_flight: &Arc<Mutex<VecDeque<InFlight>>>,
    over: Arc<Over>,
) -> app::AppSink {
    let in_flight = in_flight.clone();
    let callbacks = app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        if over.get().is_some() {
            return Err(gst::FlowError::Eos);
        }
        let Some(buffer) = sample.buffer() else {
            return Ok(gst::FlowSuccess::Ok);
        };
        let Some(entry) = take(&mut in_flight.lock(), buffer.pts()) else {
            return Ok(gst::FlowSuccess::Ok);
        };
        let Ok(map) = buffer.map_readable() else {
            return Ok(gst::FlowSuccess::Ok);
        };
        let key_frame = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
        {
            let mut statistics = shared.statistics.lock();
            statistics.frames_encoded += 1;
            statistics.key_frames_encoded += u32::from(key_frame);
            statistics.total_encode_time += entry.handed_over.elapsed();
            (statistics.width, statistics.height) = entry.size;
        }
        (shared.on_frame)(EncodedLayerFrame {
            rid: rid.clone(),
            data: map.to_vec(),
            key_frame,
            width: entry.size.0,
            height: entry.size.1,
            captured: entry.captured,
        });
        Ok(gst::FlowSuccess::Ok)
    });
    app::AppSink::builder()
        .sync(false)
        .callbacks(callbacks.build())
        .build()
}

/// The entry of this picture. Those before it were dropped by the encoder's rate control.
fn take(in_flight: &mut VecDeque<InFlight>, pts: Option<gst::ClockTime>) -> Option<InFlight> {
    let pts = pts?;
    while let Some(entry) = in_flight.pop_front() {
        if entry.pts >= pts {
            return Some(entry);
        }
    }
    None
}
