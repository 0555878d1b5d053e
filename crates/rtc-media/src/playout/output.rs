//! The loudspeaker, or what stands in for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;

use super::Speaker;
use crate::MediaDevices;
use crate::audio_block::{CHANNELS, MIX_SAMPLES, SAMPLE_RATE};
use crate::pipeline::{Pipeline, make, set_if_known};
use crate::ticker::Ticker;

const BLOCK: gst::ClockTime = gst::ClockTime::from_mseconds(10);

#[derive(Debug)]
pub(super) struct Output {
    failed: Arc<AtomicBool>,
    /// The loudspeaker that it plays on; none: whichever the system chooses.
    device_id: Option<String>,
    _kind: Kind,
}

#[derive(Debug)]
#[allow(dead_code, reason = "held for what dropping them does")]
enum Kind {
    Device(Pipeline),
    /// Consumes in real time, plays nothing.
    Null(Option<Ticker>),
}

impl Output {
    pub(super) fn open(devices: &MediaDevices, speaker: Speaker) -> Self {
        let failed = Arc::new(AtomicBool::new(false));
        match open_device(devices, speaker.clone(), failed.clone()) {
            Ok((pipeline, device_id)) => Self {
                failed,
                device_id,
                _kind: Kind::Device(pipeline),
            },
            Err(reason) => {
                tracing::warn!(%reason, "no loudspeaker: sound is not heard");
                Self::stand_in(speaker)
            }
        }
    }

    /// Consumes what would be played.
    pub(super) fn stand_in(speaker: Speaker) -> Self {
        let ticker = Ticker::start("no-loudspeaker", Duration::from_millis(10), move |_| {
            speaker.consume();
        });
        Self {
            failed: Arc::new(AtomicBool::new(true)),
            device_id: None,
            _kind: Kind::Null(ticker.ok()),
        }
    }

    /// One that the test has in its hands: it failed when the flag says so.
    #[cfg(test)]
    pub(super) fn for_tests(device_id: &str, failed: Arc<AtomicBool>) -> Self {
        Self {
            failed,
            device_id: Some(device_id.into()),
            _kind: Kind::Null(None),
        }
    }

    /// Whether a loudspeaker plays.
    pub(super) fn audible(&self) -> bool {
        !self.failed.load(Ordering::Acquire)
    }

    /// Whether it plays on this loudspeaker; with an empty id: on any.
    pub(super) fn is_on(&self, device_id: &str) -> bool {
        device_id.is_empty() || self.device_id.as_deref() == Some(device_id)
    }

    /// A loudspeaker has gone.
    pub(super) fn removed(&mut self, device_id: &str) {
        self.device_id.take_if(|own| own == device_id);
    }
}

fn open_device(
    devices: &MediaDevices,
    speaker: Speaker,
    failed: Arc<AtomicBool>,
) -> Result<(Pipeline, Option<String>), String> {
    let owner = speaker.clone();
    let pipeline = Pipeline::new(move |reason| {
        tracing::info!(%reason, "the loudspeaker ended");
        failed.store(true, Ordering::Release);
        owner.lost();
    })?;
    let (sink, device_id) = devices.output_element(&speaker.device_id)?;
    // Pieces of 10 ms and little in stock: what waits here is heard late.
    set_if_known(&sink, "buffer-time", "40000");
    set_if_known(&sink, "latency-time", "10000");
    let source = mixed_source(speaker);
    let (convert, resample) = (make("audioconvert")?, make("audioresample")?);
    pipeline.chain(&[source.upcast_ref(), &convert, &resample, &sink])?;
    pipeline
        .start("loudspeaker")
        .map_err(|error| error.to_string())?;
    Ok((pipeline, device_id))
}

/// Mixes whenever the loudspeaker is about to run dry.
fn mixed_source(speaker: Speaker) -> app::AppSrc {
    let caps = gst::Caps::builder("audio/x-raw")
        .field("format", "F32LE")
        .field("rate", SAMPLE_RATE as i32)
        .field("channels", CHANNELS as i32)
        .field("layout", "interleaved")
        .build();
    let (mut mixed, mut position) = ([0.0; MIX_SAMPLES], gst::ClockTime::ZERO);
    let callbacks = app::AppSrcCallbacks::builder().need_data(move |source, _| {
        speaker.mix(&mut mixed);
        let bytes: Vec<u8> = mixed.iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(position);
            buffer.set_duration(BLOCK);
        }
        position += BLOCK;
        // Refused only while the pipeline shuts down.
        let _ = source.push_buffer(buffer);
    });
    app::AppSrc::builder()
        .caps(&caps)
        .format(gst::Format::Time)
        .max_bytes((MIX_SAMPLES * 4) as u64)
        .callbacks(callbacks.build())
        .build()
}
