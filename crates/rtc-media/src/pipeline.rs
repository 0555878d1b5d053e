//! What all GStreamer pipelines here have in common.

use std::sync::{Arc, OnceLock};

use gstreamer as gst;
use gstreamer::prelude::*;
use parking_lot::Mutex;

use crate::{MediaError, background};

/// Sources and sinks get this long to start: a sound server that is being launched on demand, or
/// a camera that warms up, takes seconds at worst.
const START_LIMIT: gst::ClockTime = gst::ClockTime::from_seconds(5);

/// Initialises GStreamer once; cheap afterwards.
pub(crate) fn init() -> Result<(), String> {
    static STATE: OnceLock<Result<(), String>> = OnceLock::new();
    STATE
        .get_or_init(|| gst::init().map_err(|error| error.to_string()))
        .clone()
}

/// A pipeline that stops when dropped. Must not be dropped on one of its own streaming threads.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pipeline: gst::Pipeline,
    course: Arc<Course>,
}

/// How it goes with a pipeline.
#[derive(Debug, Default)]
enum Stage {
    /// Whoever starts it is told when it fails.
    #[default]
    Starting,
    /// It failed before it was up.
    Failed(String),
    Running,
    /// It was up, failed, and that was told.
    Over,
}

type Course = Mutex<Stage>;

impl Pipeline {
    /// An empty pipeline that, once it was started, calls `failed` once with the system's words if
    /// an element gives up (a device that was unplugged, a sound server that went away) or ends.
    pub(crate) fn new(failed: impl Fn(String) + Send + Sync + 'static) -> Result<Self, String> {
        Self::with(failed, |_| ())
    }

    /// The same for what can wait: its threads stand back while others want the processor.
    pub(crate) fn in_background(
        failed: impl Fn(String) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        Self::with(failed, background::in_background)
    }

    fn with(
        failed: impl Fn(String) + Send + Sync + 'static,
        streams: fn(&gst::message::StreamStatus),
    ) -> Result<Self, String> {
        init()?;
        let pipeline = gst::Pipeline::new();
        let bus = pipeline.bus().ok_or("the pipeline has no bus")?;
        let course: Arc<Course> = Arc::default();
        let stage = course.clone();
        bus.set_sync_handler(move |_, message| {
            let reason = match message.view() {
                gst::MessageView::Error(error) => error.error().to_string(),
                gst::MessageView::Eos(_) => "the device ended".into(),
                gst::MessageView::StreamStatus(status) => {
                    streams(status);
                    return gst::BusSyncReply::Drop;
                }
                _ => return gst::BusSyncReply::Drop,
            };
            let mut stage = stage.lock();
            match *stage {
                Stage::Starting => *stage = Stage::Failed(reason),
                Stage::Running => {
                    *stage = Stage::Over;
                    drop(stage);
                    failed(reason);
                }
                Stage::Failed(_) | Stage::Over => {}
            }
            gst::BusSyncReply::Drop
        });
        Ok(Self { pipeline, course })
    }

    /// Adds elements and links them in order.
    pub(crate) fn chain(&self, elements: &[&gst::Element]) -> Result<(), String> {
        self.pipeline
            .add_many(elements.iter().copied())
            .map_err(|error| error.to_string())?;
        gst::Element::link_many(elements.iter().copied()).map_err(|error| error.to_string())
    }

    /// Plays, and waits until that worked.
    pub(crate) fn start(&self, device: &'static str) -> Result<(), MediaError> {
        let not_readable = |reason| MediaError::NotReadable { device, reason };
        let outcome = self
            .pipeline
            .set_state(gst::State::Playing)
            .and_then(|_| self.pipeline.state(START_LIMIT).0);
        let mut stage = self.course.lock();
        match (outcome, &*stage) {
            (_, Stage::Failed(reason)) => Err(not_readable(reason.clone())),
            (Err(error), _) => Err(not_readable(error.to_string())),
            (Ok(gst::StateChangeSuccess::Async), _) => {
                Err(not_readable("it did not start in time".into()))
            }
            (Ok(_), _) => {
                *stage = Stage::Running;
                Ok(())
            }
        }
    }

    /// Plays, without waiting.
    pub(crate) fn play(&self) -> Result<(), String> {
        *self.course.lock() = Stage::Running;
        self.pipeline
            .set_state(gst::State::Playing)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if let Some(bus) = self.pipeline.bus() {
            bus.unset_sync_handler();
        }
        // Cannot fail on the way down; there is nothing left to do if it did.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Makes an element, or says which plugin is missing.
pub(crate) fn make(factory: &str) -> Result<gst::Element, String> {
    init()?;
    gst::ElementFactory::make(factory)
        .build()
        .map_err(|_| format!("the GStreamer element {factory} is missing"))
}

/// Sets a property if this version of the element has it.
pub(crate) fn set_if_known(element: &gst::Element, property: &str, value: &str) {
    if element.find_property(property).is_some() {
        element.set_property_from_str(property, value);
    }
}

/// Loads what encoding and playing need. Without it the first use does so.
pub fn load_codecs() {
    for factory in [
        "appsrc",
        "appsink",
        "vp8enc",
        "audioconvert",
        "audioresample",
        "pulsesink",
    ] {
        // What is missing is named where it is needed.
        drop(make(factory));
    }
}
