//! A screen that comes as a PipeWire stream.

use std::any::Any;
use std::fmt;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;
use gstreamer_video as video;
use gstreamer_video::prelude::*;
use parking_lot::Mutex;

use super::filming::{Gone, Subject};
use super::pixels::{Converter, Pixels};
use super::{DisplaySurface, Screen, ScreenOptions};
use crate::pipeline::{Pipeline, make};
use crate::{MediaError, VideoFrame};

/// A stream that the user has chosen.
pub struct PipeWireScreen {
    /// The connection to PipeWire that it can be had from.
    pub remote: OwnedFd,
    /// Its node.
    pub node: u32,
    /// What it shows.
    pub surface: DisplaySurface,
    /// Dropped with the screen.
    pub held: Box<dyn Any + Send + Sync>,
}

impl fmt::Debug for PipeWireScreen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeWireScreen")
            .field("node", &self.node)
            .field("surface", &self.surface)
            .finish_non_exhaustive()
    }
}

/// What the stream has told.
#[derive(Debug, Default)]
struct Told {
    sample: Option<gst::Sample>,
    news: bool,
    gone: bool,
}

/// Looks at what came last.
pub(super) struct Stream {
    told: Arc<Mutex<Told>>,
    pixels: Pixels,
    converter: Converter,
    // Above what it uses: dropped first.
    _pipeline: Pipeline,
    _remote: OwnedFd,
    _held: Box<dyn Any + Send + Sync>,
}

impl PipeWireScreen {
    /// # Errors
    /// What has to be installed before a stream can be shown.
    pub fn prepare() -> Result<(), String> {
        make("pipewiresrc").map(drop).map_err(|missing| {
            format!("{missing}: the package is called gstreamer1.0-pipewire or pipewire-gstreamer")
        })
    }

    /// Begins to receive it; waits until it has begun.
    ///
    /// # Errors
    /// If it does not, or the constraints can't be satisfied.
    pub fn open(self, options: &ScreenOptions) -> Result<Screen, MediaError> {
        let told: Arc<Mutex<Told>> = Arc::default();
        let surface = self.surface;
        let pipeline = self
            .pipeline(&told)
            .map_err(|why| super::unreadable(&why))?;
        pipeline.start("screen")?;
        let stream = Stream {
            told,
            pixels: Pixels::default(),
            converter: Converter::default(),
            _pipeline: pipeline,
            _remote: self.remote,
            _held: self.held,
        };
        Screen::start(stream, (surface, String::new()), options)
    }

    fn pipeline(&self, told: &Arc<Mutex<Told>>) -> Result<Pipeline, String> {
        let gone = told.clone();
        let pipeline = Pipeline::new(move |reason| {
            tracing::info!(%reason, "a shared screen ended");
            gone.lock().gone = true;
        })?;
        let source = make("pipewiresrc")?;
        source.set_property("fd", self.remote.as_raw_fd());
        source.set_property("path", self.node.to_string());
        // A stream freezes whose pictures are kept.
        source.set_property("always-copy", true);
        let convert = make("videoconvert")?;
        let news = told.clone();
        let callbacks = app::AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let mut told = news.lock();
            told.sample = Some(sample);
            told.news = true;
            Ok(gst::FlowSuccess::Ok)
        });
        let caps = gst::Caps::builder("video/x-raw")
            .field("format", "BGRx")
            .build();
        let sink = app::AppSink::builder()
            .caps(&caps)
            .max_buffers(1)
            .drop(true)
            .sync(false)
            // A screen on which nothing happens gives no first picture to wait for.
            .async_(false)
            .callbacks(callbacks.build())
            .build();
        pipeline.chain(&[&source, &convert, sink.upcast_ref()])?;
        Ok(pipeline)
    }
}

fn pixels(sample: &gst::Sample) -> Option<Pixels> {
    let info = video::VideoInfo::from_caps(sample.caps()?).ok()?;
    let frame = video::VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
    // Chroma has half of each side: an odd last row or column is left out.
    let (width, height) = (frame.width() & !1, frame.height() & !1);
    let stride = usize::try_from(*frame.plane_stride().first()?).ok()?;
    let mut data = Vec::with_capacity((width * height * 4) as usize);
    let rows = frame.plane_data(0).ok()?.chunks(stride);
    for row in rows.take(height as usize) {
        data.extend_from_slice(row.get(..width as usize * 4)?);
    }
    Some(Pixels {
        width,
        height,
        data: Arc::new(data),
    })
}

impl Subject for Stream {
    fn news(&mut self) -> Result<bool, Gone> {
        let told = self.told.lock();
        if told.gone { Err(Gone) } else { Ok(told.news) }
    }

    fn size(&self) -> (u32, u32) {
        let told = self.told.lock();
        let caps = told.sample.as_ref().and_then(|sample| sample.caps());
        let info = caps.and_then(|caps| video::VideoInfo::from_caps(caps).ok());
        let size = info.map(|info| (info.width(), info.height()));
        size.unwrap_or((self.pixels.width, self.pixels.height))
    }

    fn picture(&mut self, size: (u32, u32), now: Instant) -> Result<Option<VideoFrame>, Gone> {
        let sample = {
            let mut told = self.told.lock();
            told.news = false;
            told.sample.take()
        };
        if let Some(sample) = sample {
            match pixels(&sample) {
                Some(pixels) => self.pixels = pixels,
                None => return Ok(None),
            }
        }
        if self.pixels.width < 2 || self.pixels.height < 2 {
            return Ok(None);
        }
        Ok(self.converter.picture(&self.pixels, size, now))
    }
}
