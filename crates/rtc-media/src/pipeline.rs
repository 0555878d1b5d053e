//! What all GStreamer pipelines here have in common.

use std::sync::OnceLock;

use gstreamer as gst;
use gstreamer::prelude::*;

use crate::MediaError;

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
pub(crate) struct Pipeline(gst::Pipeline);

impl Pipeline {
    /// An empty pipeline that calls `failed` once with the system's words if an element gives up
    /// (a device that was unplugged, a sound server that went away) or ends.
    pub(crate) fn new(failed: impl Fn(String) + Send + Sync + 'static) -> Result<Self, String> {
        init()?;
        let pipeline = gst::Pipeline::new();
        let bus = pipeline.bus().ok_or("the pipeline has no bus")?;
        let told = std::sync::atomic::AtomicBool::new(false);
        bus.set_sync_handler(move |_, message| {
            let reason = match message.view() {
                gst::MessageView::Error(error) => error.error().to_string(),
                gst::MessageView::Eos(_) => "the device ended".into(),
                _ => return gst::BusSyncReply::Pass,
            };
            if !told.swap(true, std::sync::atomic::Ordering::AcqRel) {
                failed(reason);
            }
            // Passed on: `start` reads it from the bus.
            gst::BusSyncReply::Pass
        });
        Ok(Self(pipeline))
    }

    /// Adds elements and links them in order.
    pub(crate) fn chain(&self, elements: &[&gst::Element]) -> Result<(), String> {
        self.0
            .add_many(elements.iter().copied())
            .map_err(|error| error.to_string())?;
        gst::Element::link_many(elements.iter().copied()).map_err(|error| error.to_string())
    }

    /// Plays, and waits until that worked.
    pub(crate) fn start(&self, device: &'static str) -> Result<(), MediaError> {
        let not_readable = |reason| MediaError::NotReadable { device, reason };
        let outcome = self
            .0
            .set_state(gst::State::Playing)
            .and_then(|_| self.0.state(START_LIMIT).0)
            .map_err(|error| not_readable(self.reason().unwrap_or_else(|| error.to_string())))?;
        if outcome == gst::StateChangeSuccess::Async {
            return Err(not_readable("it did not start in time".into()));
        }
        Ok(())
    }

    /// Plays, without waiting.
    pub(crate) fn play(&self) -> Result<(), String> {
        self.0
            .set_state(gst::State::Playing)
            .map(drop)
            .map_err(|error| error.to_string())
    }

    fn reason(&self) -> Option<String> {
        let message = self.0.bus()?.pop_filtered(&[gst::MessageType::Error])?;
        match message.view() {
            gst::MessageView::Error(error) => Some(error.error().to_string()),
            _ => None,
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if let Some(bus) = self.0.bus() {
            bus.unset_sync_handler();
        }
        // Cannot fail on the way down; there is nothing left to do if it did.
        let _ = self.0.set_state(gst::State::Null);
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
