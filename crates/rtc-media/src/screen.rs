//! Screens and windows that are shared (W3C screen-capture).
//!
//! A screen that stands still is grabbed no more, but its last picture is handed on five times a
//! second: whoever comes late, or wants it black, need not wait for a change. Encoders tell by
//! [`VideoFrame::is_same`](crate::VideoFrame::is_same) that there is nothing new.

mod filming;
mod pipewire;
mod pixels;
mod x11;

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use self::filming::{Filming, Subject};
pub use self::pipewire::PipeWireScreen;
use self::x11::Desk;
use crate::outlet::Outlet;
use crate::ticker::Ticker;
use crate::{MediaError, Subscription, VideoConstraints, VideoFrame, background};

/// How often it is looked whether anything has changed, at most.
const LOOK_EVERY: Duration = Duration::from_millis(33);
/// Frames per second.
const DEFAULT_RATE: f64 = 30.0;
const RATE_BOUNDS: (f64, f64) = (1.0, 30.0);
/// Pixels of the longer side, unless a page asks for more.
const DEFAULT_SIDE: f64 = 1920.0;
const SIDE_BOUNDS: (f64, f64) = (16.0, 4096.0);

/// What is captured (`displaySurface`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplaySurface {
    /// A whole monitor.
    Monitor,
    /// One window.
    Window,
}

/// Whether the pointer is in the picture (`cursor`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CursorMode {
    /// It is.
    #[default]
    Always,
    /// It is not.
    Never,
}

/// How something is to be captured.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScreenOptions {
    /// Bounds of size and rate. Pictures are only ever made smaller.
    pub constraints: VideoConstraints,
    /// The pointer.
    pub cursor: CursorMode,
}

/// What a screen delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenSettings {
    /// Pixels; follows the size of a window.
    pub width: u32,
    /// Pixels; follows the size of a window.
    pub height: u32,
    /// Frames per second, at most.
    pub frame_rate: u32,
    /// What is captured.
    pub surface: DisplaySurface,
    /// The pointer.
    pub cursor: CursorMode,
}

/// Something that could be shared.
#[derive(Clone, Debug)]
pub struct DisplaySource {
    /// Kind.
    pub surface: DisplaySurface,
    /// Of a window what its program calls it, of a monitor its connector's name. At most 200
    /// characters of whatever kind: it was chosen by another program.
    pub title: String,
    /// The window's program, as that calls itself; empty for monitors.
    pub application: String,
    /// A small JPEG picture of it.
    pub thumbnail: Option<Vec<u8>>,
    target: x11::Target,
}

/// What can be shared at this moment; whoever chooses has one of it opened.
#[derive(Debug)]
pub struct DisplayOffer {
    desk: Desk,
    sources: Vec<DisplaySource>,
}

impl DisplayOffer {
    /// Looks around on the X server of this process: monitors first, then windows, the uppermost
    /// first, without those of this process. Takes a moment.
    ///
    /// # Errors
    /// If there is no X server, or one whose screens can't be read.
    pub fn look() -> Result<Self, MediaError> {
        let desk = Desk::open(None)?;
        let sources = desk.sources()?;
        Ok(Self { desk, sources })
    }

    /// What there is.
    pub fn sources(&self) -> &[DisplaySource] {
        &self.sources
    }

    /// Begins to capture one of them, by its place in [`Self::sources`].
    ///
    /// # Errors
    /// If there is none at that place, it has gone, or the constraints can't be satisfied.
    pub fn open(mut self, index: usize, options: &ScreenOptions) -> Result<Screen, MediaError> {
        if index >= self.sources.len() {
            return Err(MediaError::NotFound("screen"));
        }
        let source = self.sources.swap_remove(index);
        let grabber = self.desk.grabber(source.target, options.cursor)?;
        Screen::start(grabber, (source.surface, source.title), options)
    }
}

fn unreadable(reason: &dyn std::fmt::Display) -> MediaError {
    MediaError::NotReadable {
        device: "screen",
        reason: reason.to_string(),
    }
}

/// What a page allows pictures to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    /// Pixels.
    width: u32,
    /// Pixels.
    height: u32,
    /// Frames per second.
    rate: u32,
}

impl Limits {
    fn choose(wanted: &VideoConstraints) -> Result<Self, MediaError> {
        let (low, high) = SIDE_BOUNDS;
        let side = |range: &crate::Range, name| {
            // Also what is only wished for is a bound: nothing is ever made larger.
            let default = range.max.filter(|max| max.is_finite());
            let default = default.unwrap_or(DEFAULT_SIDE);
            range
                .choose(name, default, low, high)
                .map(|side| side as u32)
        };
        let (low, high) = RATE_BOUNDS;
        let rate = wanted
            .frame_rate
            .choose("frameRate", DEFAULT_RATE, low, high);
        Ok(Self {
            width: side(&wanted.width, "width")?,
            height: side(&wanted.height, "height")?,
            rate: rate?.round() as u32,
        })
    }

    /// The size for a source of that size: its shape, both even.
    fn fit(&self, size: (u32, u32)) -> (u32, u32) {
        let (width, height) = shrunk(size, (self.width, self.height));
        (even(width), even(height))
    }

    fn period(&self) -> Duration {
        Duration::from_secs(1) / self.rate.max(1)
    }
}

/// The size in these bounds of what is that large, in its shape; what fits stays as it is.
fn shrunk((width, height): (u32, u32), most: (u32, u32)) -> (u32, u32) {
    let ratio = |limit: u32, size: u32| f64::from(limit) / f64::from(size.max(1));
    let scale = ratio(most.0, width).min(ratio(most.1, height)).min(1.0);
    let scaled = |size: u32| (f64::from(size) * scale).round() as u32;
    (scaled(width), scaled(height))
}

fn even(size: u32) -> u32 {
    (size & !1).max(2)
}

/// A screen or window that is being captured. It closes when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Screen(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    surface: DisplaySurface,
    cursor: CursorMode,
    title: String,
    limits: Arc<Mutex<Limits>>,
    /// What is delivered, in pixels; locked for copying only.
    size: Arc<Mutex<(u32, u32)>>,
    out: Arc<Outlet>,
    _ticker: Ticker,
}

impl Drop for Inner {
    fn drop(&mut self) {
        tracing::info!(surface = ?self.surface, "a screen is captured no more");
    }
}

impl Screen {
    fn start(
        subject: impl Subject + 'static,
        (surface, title): (DisplaySurface, String),
        options: &ScreenOptions,
    ) -> Result<Self, MediaError> {
        let limits = Limits::choose(&options.constraints)?;
        let size = Arc::new(Mutex::new(limits.fit(subject.size())));
        let limits = Arc::new(Mutex::new(limits));
        let out = Arc::<Outlet>::default();
        let mut filming = Filming::new(subject, out.clone(), limits.clone(), size.clone());
        let ticker = Ticker::start("screen-capture", LOOK_EVERY, move |number| {
            if number == 0 {
                background::stand_back();
            }
            filming.look(Instant::now());
        });
        let ticker = ticker.map_err(|error| unreadable(&error))?;
        tracing::info!(?surface, "a screen is captured");
        Ok(Self(Arc::new(Inner {
            surface,
            cursor: options.cursor,
            title,
            limits,
            size,
            out,
            _ticker: ticker,
        })))
    }

    /// What the user chose it by; empty if only the desktop knows.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// What it delivers.
    pub fn settings(&self) -> ScreenSettings {
        let (width, height) = *self.0.size.lock();
        ScreenSettings {
            width,
            height,
            frame_rate: self.0.limits.lock().rate,
            surface: self.0.surface,
            cursor: self.0.cursor,
        }
    }

    /// Calls back with each picture, on the capture thread.
    pub fn on_frame(
        &self,
        callback: impl Fn(&Arc<VideoFrame>) + Send + Sync + 'static,
    ) -> Subscription {
        self.0.out.frames.subscribe(callback)
    }

    /// Calls back once if the window or monitor goes away, here and now if it has already.
    pub fn on_ended(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        self.0.out.ended.subscribe(callback)
    }

    /// Ends it from outside, without keeping it open.
    pub fn ending(&self) -> ScreenEnding {
        ScreenEnding(self.0.out.clone())
    }

    /// Delivers something else from its next picture on (`applyConstraints`).
    ///
    /// # Errors
    /// If it cannot; then it goes on as before.
    pub fn reconfigure(&self, wanted: &VideoConstraints) -> Result<(), MediaError> {
        *self.0.limits.lock() = Limits::choose(wanted)?;
        Ok(())
    }
}

/// Whoever hears first that a screen is no more tells it here.
#[derive(Clone, Debug)]
pub struct ScreenEnding(Arc<Outlet>);

impl ScreenEnding {
    /// It is no more.
    pub fn end(&self) {
        self.0.ended.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Range;

    fn limits(width: Range) -> Limits {
        Limits::choose(&VideoConstraints {
            width,
            ..VideoConstraints::default()
        })
        .unwrap()
    }

    #[test]
    fn what_is_wide_is_made_smaller_in_its_shape_and_nothing_is_made_larger() {
        let usual = limits(Range::default());
        assert_eq!(usual.fit((2560, 1440)), (1920, 1080));
        assert_eq!(usual.fit((3440, 1440)), (1920, 804));
        assert_eq!(usual.fit((1080, 1920)), (1080, 1920));
        assert_eq!(usual.fit((801, 601)), (800, 600));
        let wide = Range {
            max: Some(2560.0),
            ..Range::default()
        };
        assert_eq!(limits(wide).fit((2560, 1440)), (2560, 1440));
        let small = Range {
            ideal: Some(640.0),
            ..Range::default()
        };
        assert_eq!(limits(small).fit((1280, 800)), (640, 400));
    }

    #[test]
    fn impossible_constraints_are_named() {
        let impossible = VideoConstraints {
            frame_rate: Range {
                min: Some(200.0),
                ..Range::default()
            },
            ..VideoConstraints::default()
        };
        let refused = Limits::choose(&impossible);
        assert_eq!(refused, Err(MediaError::Overconstrained("frameRate")));
    }
}
