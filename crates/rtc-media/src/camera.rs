//! Cameras.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;
use gstreamer_video as video;
use gstreamer_video::prelude::*;
use parking_lot::Mutex;

use crate::device_info::{DeviceInfo, Removals};
use crate::fake::{FakeDevice, Pattern};
use crate::outlet::Outlet;
use crate::pipeline::{Pipeline, make};
use crate::ticker::Ticker;
use crate::{MediaError, Subscription, VideoConstraints, VideoFrame, background};

/// What a page gets that asks for nothing particular, as in browsers.
const DEFAULT_SIZE: (f64, f64) = (640.0, 480.0);
/// Frames per second.
const DEFAULT_RATE: f64 = 30.0;
/// Bounds of what is offered, pixels and frames per second.
const SIZE_BOUNDS: (f64, f64) = (64.0, 1920.0);
const RATE_BOUNDS: (f64, f64) = (1.0, 60.0);

/// What a camera delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoSettings {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames per second.
    pub frame_rate: u32,
}

impl VideoSettings {
    fn choose(wanted: &VideoConstraints) -> Result<Self, MediaError> {
        let (low, high) = SIZE_BOUNDS;
        let even = |size: f64| size as u32 & !1;
        Ok(Self {
            width: even(wanted.width.choose("width", DEFAULT_SIZE.0, low, high)?),
            height: even(wanted.height.choose("height", DEFAULT_SIZE.1, low, high)?),
            frame_rate: wanted
                .frame_rate
                .choose("frameRate", DEFAULT_RATE, RATE_BOUNDS.0, RATE_BOUNDS.1)?
                .round() as u32,
        })
    }
}

/// An open camera. It closes when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Camera(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    info: DeviceInfo,
    origin: Origin,
    /// Locked while the device is opened anew, which takes as long as the device likes.
    source: Mutex<Option<Source>>,
    /// What `source` delivers; locked for copying only.
    settings: Mutex<VideoSettings>,
    out: Arc<Outlet>,
    _removal: Option<Subscription>,
}

/// What a camera is opened from, also again with other settings.
#[derive(Debug)]
enum Origin {
    Fake(Arc<FakeDevice>),
    Device(gst::Device),
    #[cfg(test)]
    Element(gst::Element),
}

#[derive(Debug)]
#[allow(dead_code, reason = "held for what dropping them does")]
enum Source {
    Fake(Ticker),
    Device(Pipeline),
}

impl Camera {
    /// The device.
    pub fn info(&self) -> &DeviceInfo {
        &self.0.info
    }

    /// What it delivers. Does not wait for a device that is being opened anew.
    pub fn settings(&self) -> VideoSettings {
        *self.0.settings.lock()
    }

    /// Calls back with each picture, on the capture thread.
    pub fn on_frame(
        &self,
        callback: impl Fn(&Arc<VideoFrame>) + Send + Sync + 'static,
    ) -> Subscription {
        self.0.out.frames.subscribe(callback)
    }

    /// Calls back once if the device goes away, here and now if it has already. No picture of it
    /// comes afterwards; when it is back it can be opened again.
    pub fn on_ended(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        self.0.out.ended.subscribe(callback)
    }

    /// Delivers something else from now on (`applyConstraints`), to all who share the camera.
    /// Blocks while a device is opened anew.
    ///
    /// # Errors
    /// If the device cannot; then it goes on as before, or ends if it cannot do that either.
    pub fn reconfigure(&self, wanted: &VideoConstraints) -> Result<VideoSettings, MediaError> {
        let settings = VideoSettings::choose(wanted)?;
        let mut source = self.0.source.lock();
        let before = self.settings();
        if settings == before {
            return Ok(settings);
        }
        // A device can only be open once.
        *source = None;
        match self.0.start(settings) {
            Ok(started) => {
                *source = Some(started);
                *self.0.settings.lock() = settings;
                Ok(settings)
            }
            Err(error) => {
                match self.0.start(before) {
                    Ok(started) => *source = Some(started),
                    Err(lost) => {
                        tracing::info!(%lost, "the camera ended");
                        self.0.out.ended.end();
                    }
                }
                Err(error)
            }
        }
    }

    pub(crate) fn open_fake(
        info: DeviceInfo,
        fake: &Arc<FakeDevice>,
        wanted: &VideoConstraints,
    ) -> Result<Self, MediaError> {
        let settings = VideoSettings::choose(wanted)?;
        Self::from_origin(info, Origin::Fake(fake.clone()), settings, None)
    }

    pub(crate) fn open(
        info: DeviceInfo,
        device: &gst::Device,
        wanted: &VideoConstraints,
        removals: &Removals,
    ) -> Result<Self, MediaError> {
        let settings = VideoSettings::choose(wanted)?;
        let origin = Origin::Device(device.clone());
        Self::from_origin(info, origin, settings, Some(removals))
    }

    fn from_origin(
        info: DeviceInfo,
        origin: Origin,
        settings: VideoSettings,
        removals: Option<&Removals>,
    ) -> Result<Self, MediaError> {
        let out: Arc<Outlet> = Arc::default();
        let removal = removals.map(|removals| {
            let (gone, id) = (out.clone(), info.device_id.clone());
            removals.subscribe(move |removed| {
                if *removed == id {
                    tracing::info!("the camera was removed");
                    gone.ended.end();
                }
            })
        });
        let inner = Inner {
            info,
            origin,
            source: Mutex::default(),
            settings: Mutex::new(settings),
            out,
            _removal: removal,
        };
        let source = inner.start(settings)?;
        *inner.source.lock() = Some(source);
        Ok(Self(Arc::new(inner)))
    }
}

impl Inner {
    fn start(&self, settings: VideoSettings) -> Result<Source, MediaError> {
        let element = |device: &gst::Device| {
            device
                .create_element(None)
                .map_err(|error| not_readable(error.to_string()))
        };
        match &self.origin {
            Origin::Fake(fake) => self.start_fake(fake, settings),
            Origin::Device(device) => {
                self.start_element(&element(device)?, device.caps().as_ref(), settings)
            }
            #[cfg(test)]
            Origin::Element(element) => self.start_element(element, None, settings),
        }
    }

    fn start_fake(
        &self,
        fake: &Arc<FakeDevice>,
        settings: VideoSettings,
    ) -> Result<Source, MediaError> {
        let tell = self.out.clone();
        let open = fake.open(move || tell.ended.end())?;
        let pattern = Pattern::new(settings.width, settings.height);
        let out = self.out.clone();
        let period = Duration::from_secs(1) / settings.frame_rate.max(1);
        let ticker = Ticker::start("fake-camera", period, move |number| {
            if number == 0 {
                // A camera draws its pictures with a processor of its own.
                background::stand_back();
            }
            if open.delivers()
                && let Some(frame) = pattern.draw(number)
            {
                out.send(frame);
            }
        });
        ticker
            .map(Source::Fake)
            .map_err(|error| not_readable(error.to_string()))
    }

    fn start_element(
        &self,
        source: &gst::Element,
        offered: Option<&gst::Caps>,
        settings: VideoSettings,
    ) -> Result<Source, MediaError> {
        let tell = self.out.clone();
        let pipeline = Pipeline::new(move |reason| {
            tracing::info!(%reason, "the camera ended");
            tell.ended.end();
        })
        .map_err(not_readable)?;
        let sink = picture_sink(settings, self.out.clone());
        link(&pipeline, source, offered, settings, &sink).map_err(not_readable)?;
        pipeline.start("camera")?;
        Ok(Source::Device(pipeline))
    }
}

fn not_readable(reason: String) -> MediaError {
    MediaError::NotReadable {
        device: "camera",
        reason,
    }
}

/// Raw or compressed pictures of the wanted size, if the camera has such a mode: without being
/// told, most choose their largest.
fn camera_mode(offered: Option<&gst::Caps>, settings: VideoSettings) -> Option<gst::Caps> {
    let mut wanted = gst::Caps::new_empty();
    for name in ["video/x-raw", "image/jpeg"] {
        let structure = gst::Structure::builder(name)
            .field("width", settings.width as i32)
            .field("height", settings.height as i32)
            .field(
                "framerate",
                gst::FractionRange::new(
                    gst::Fraction::new(settings.frame_rate as i32, 1),
                    gst::Fraction::new(i32::MAX, 1),
                ),
            )
            .build();
        wanted.get_mut()?.append_structure(structure);
    }
    offered
        .filter(|offered| offered.can_intersect(&wanted))
        .map(|_| wanted)
}

fn link(
    pipeline: &Pipeline,
    source: &gst::Element,
    offered: Option<&gst::Caps>,
    settings: VideoSettings,
    sink: &app::AppSink,
) -> Result<(), String> {
    let mode = make("capsfilter")?;
    if let Some(caps) = camera_mode(offered, settings) {
        mode.set_property("caps", caps);
    }
    let [decode, convert, scale, rate] =
        ["decodebin", "videoconvert", "videoscale", "videorate"].map(make);
    let (decode, convert, scale, rate) = (decode?, convert?, scale?, rate?);
    scale.set_property("add-borders", true);
    rate.set_property("drop-only", true);
    pipeline.chain(&[source, &mode, &decode])?;
    pipeline.chain(&[&convert, &scale, &rate, sink.upcast_ref()])?;
    let input = convert
        .static_pad("sink")
        .ok_or("videoconvert has no sink")?;
    // The decoder's pad comes once it knows what the camera gives.
    decode.connect_pad_added(move |_, pad| {
        if let Err(error) = pad.link(&input) {
            tracing::warn!(%error, "what the camera gives cannot be converted");
        }
    });
    Ok(())
}

fn picture_sink(settings: VideoSettings, out: Arc<Outlet>) -> app::AppSink {
    let caps = gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", settings.width as i32)
        .field("height", settings.height as i32)
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .build();
    let callbacks = app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let captured = Instant::now();
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        if let Some(frame) = picture(&sample, captured) {
            out.send(frame);
        }
        Ok(gst::FlowSuccess::Ok)
    });
    let sink = app::AppSink::builder()
        .caps(&caps)
        .max_buffers(1)
        .drop(true)
        .sync(false);
    sink.callbacks(callbacks.build()).build()
}

fn picture(sample: &gst::Sample, captured: Instant) -> Option<VideoFrame> {
    let info = video::VideoInfo::from_caps(sample.caps()?).ok()?;
    let frame = video::VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
    without_padding(&frame, captured)
}

/// Copies an I420 picture of GStreamer's.
pub(crate) fn without_padding<T>(
    frame: &video::VideoFrameRef<T>,
    captured: Instant,
) -> Option<VideoFrame> {
    let mut data = Vec::with_capacity((frame.width() * frame.height() * 3 / 2) as usize);
    for plane in 0..3_u32 {
        let shift = u32::from(plane > 0);
        let (width, height) = (frame.width() >> shift, frame.height() >> shift);
        let stride = usize::try_from(*frame.plane_stride().get(plane as usize)?).ok()?;
        let rows = frame
            .plane_data(plane)
            .ok()?
            .chunks(stride)
            .take(height as usize);
        for row in rows {
            data.extend_from_slice(row.get(..width as usize)?);
        }
    }
    VideoFrame::new(frame.width(), frame.height(), data, captured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceKind, Range};
    use std::sync::mpsc::channel;

    /// However slow the machine is.
    const LIMIT: Duration = Duration::from_secs(60);

    fn info() -> DeviceInfo {
        let [device_id, group_id, label] = ["id", "group", "Test camera"].map(String::from);
        DeviceInfo {
            device_id,
            group_id,
            kind: DeviceKind::VideoInput,
            label,
        }
    }

    fn hd() -> VideoConstraints {
        let ideal = |value| Range {
            ideal: Some(value),
            ..Range::default()
        };
        VideoConstraints {
            width: ideal(1280.0),
            height: ideal(720.0),
            frame_rate: ideal(30.0),
        }
    }

    #[test]
    fn the_fake_camera_keeps_its_rate() {
        let camera =
            Camera::open_fake(info(), &FakeDevice::new(DeviceKind::VideoInput), &hd()).unwrap();
        let (send, receive) = channel();
        let subscription = camera.on_frame(move |frame| {
            let _ = send.send((frame.width(), frame.height(), frame.captured()));
        });
        let frames: Vec<_> = receive.iter().take(31).collect();
        drop(subscription);
        assert_eq!((frames[0].0, frames[0].1), (1280, 720));
        let took = frames[30].2 - frames[0].2;
        assert!(
            took > Duration::from_millis(900),
            "faster than asked: {took:?}"
        );
    }

    #[test]
    fn a_camera_can_be_asked_for_something_else() {
        let camera = Camera::open_fake(
            info(),
            &FakeDevice::new(DeviceKind::VideoInput),
            &VideoConstraints::default(),
        )
        .unwrap();
        assert_eq!(
            (camera.settings().width, camera.settings().height),
            (640, 480)
        );
        let (send, receive) = channel();
        let _subscription = camera.on_frame(move |frame| {
            let _ = send.send((frame.width(), frame.height()));
        });
        camera.reconfigure(&hd()).unwrap();
        assert!(receive.iter().take(60).any(|size| size == (1280, 720)));
    }

    #[test]
    fn a_gstreamer_camera_is_scaled_to_what_was_asked() {
        let source = make_source("pattern=ball");
        let settings = VideoSettings::choose(&hd()).unwrap();
        let camera = Camera::from_origin(info(), Origin::Element(source), settings, None).unwrap();
        let (send, receive) = channel();
        let _subscription = camera.on_frame(move |frame| {
            let _ = send.send((frame.width(), frame.height()));
        });
        assert_eq!(receive.recv_timeout(LIMIT), Ok((1280, 720)));
    }

    #[test]
    fn a_camera_that_is_unplugged_ends() {
        let source = make_source("");
        let device = source.clone();
        let settings = VideoSettings::choose(&VideoConstraints::default()).unwrap();
        let camera = Camera::from_origin(info(), Origin::Element(source), settings, None).unwrap();
        let (send, receive) = channel();
        let _subscription = camera.on_ended(move || {
            let _ = send.send(());
        });
        // What its driver says when its plug is pulled.
        assert!(device.send_event(gst::event::Eos::new()));
        assert_eq!(receive.recv_timeout(LIMIT), Ok(()));
    }

    fn make_source(properties: &str) -> gst::Element {
        crate::pipeline::init().unwrap();
        gst::parse::bin_from_description(
            &format!(
                "videotestsrc is-live=true {properties} ! video/x-raw,width=320,height=180 \
                 ! identity"
            ),
            true,
        )
        .unwrap()
        .upcast()
    }
}
