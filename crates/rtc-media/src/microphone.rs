//! Microphones.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;
use parking_lot::Mutex;

use crate::audio_block::{AudioBlock, BLOCK_SAMPLES, SAMPLE_RATE};
use crate::capture_clock::length;
use crate::cutter::{Cutter, Pace};
use crate::device_info::{DeviceInfo, Removals};
use crate::ending::Ending;
use crate::fake::{FakeDevice, FakeSound, Tone};
use crate::fanout::Fanout;
use crate::far_end::FarEnd;
use crate::near_end::{NearEnd, SoundSwitches, Switchboard};
use crate::pipeline::{Pipeline, make, set_if_known};
use crate::ticker::Ticker;
use crate::{MediaError, Subscription};

const BLOCK: Duration = Duration::from_millis(10);

/// An open microphone. It closes when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Microphone(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    info: DeviceInfo,
    shared: Arc<Shared>,
    _source: Source,
    _removal: Option<Subscription>,
}

/// What is done to a microphone's sound before anybody gets it.
#[derive(Debug)]
pub(crate) struct Sound {
    near_end: Mutex<NearEnd>,
    switchboard: Switchboard,
}

impl Sound {
    pub(crate) fn near(far_end: &FarEnd, switches: SoundSwitches) -> Self {
        let switchboard = Switchboard::new(switches);
        Self {
            near_end: Mutex::new(NearEnd::on(far_end, switchboard.clone())),
            switchboard,
        }
    }
}

#[derive(Debug)]
struct Shared {
    sound: Sound,
    blocks: Fanout<AudioBlock>,
    ended: Ending,
    /// Bits of the latest block's level.
    level: AtomicU32,
}

impl Shared {
    fn new(sound: Sound) -> Arc<Self> {
        Arc::new(Self {
            sound,
            blocks: Fanout::default(),
            ended: Ending::default(),
            level: AtomicU32::default(),
        })
    }

    fn send(&self, mut block: AudioBlock) {
        // What a sound server gives in place of a device that has gone is another's sound.
        if self.ended.is_over() {
            return;
        }
        // Locked by the one thread that captures.
        self.sound
            .near_end
            .lock()
            .process(Instant::now(), &mut block);
        self.level.store(block.level().to_bits(), Ordering::Relaxed);
        self.blocks.send(&block);
    }
}

#[derive(Debug)]
#[allow(dead_code, reason = "held for what dropping them does")]
enum Source {
    Fake(Ticker),
    Device(Pipeline),
}

impl Microphone {
    /// The device.
    pub fn info(&self) -> &DeviceInfo {
        &self.0.info
    }

    /// Root mean square of the last 10 ms, 0.0 to 1.0.
    pub fn level(&self) -> f32 {
        f32::from_bits(self.0.shared.level.load(Ordering::Relaxed))
    }

    /// What is done to its sound.
    pub fn switches(&self) -> SoundSwitches {
        self.0.shared.sound.switchboard.get()
    }

    /// Does something else to it from the next block on, for all who share the microphone.
    pub fn switch(&self, switches: SoundSwitches) {
        self.0.shared.sound.switchboard.set(switches);
    }

    /// Calls back every 10 ms, on the capture thread.
    pub fn on_block(&self, callback: impl Fn(&AudioBlock) + Send + Sync + 'static) -> Subscription {
        self.0.shared.blocks.subscribe(callback)
    }

    /// Calls back once if the device goes away, here and now if it has already. Nothing is heard
    /// of it afterwards; when it is back it can be opened again.
    pub fn on_ended(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        self.0.shared.ended.subscribe(callback)
    }

    pub(crate) fn open_fake(
        info: DeviceInfo,
        fake: &Arc<FakeDevice>,
        fake_sound: FakeSound,
        sound: Sound,
    ) -> Result<Self, MediaError> {
        let shared = Shared::new(sound);
        let tell = shared.clone();
        let open = fake.open(move || tell.ended.end())?;
        let (out, mut tone) = (shared.clone(), Tone::new(fake_sound == FakeSound::Speech));
        let ticker = Ticker::start("fake-microphone", BLOCK, move |_| {
            if !open.delivers() {
                return;
            }
            let mut block = AudioBlock {
                samples: [0.0; BLOCK_SAMPLES],
                captured: Instant::now(),
            };
            tone.fill(&mut block.samples);
            out.send(block);
        })
        .map_err(|error| not_readable(error.to_string()))?;
        Ok(Self(Arc::new(Inner {
            info,
            shared,
            _source: Source::Fake(ticker),
            _removal: None,
        })))
    }

    pub(crate) fn open(
        info: DeviceInfo,
        device: &gst::Device,
        sound: Sound,
        removals: &Removals,
    ) -> Result<Self, MediaError> {
        let source = device
            .create_element(None)
            .map_err(|error| not_readable(error.to_string()))?;
        let shared = Shared::new(sound);
        // Sound servers let a program go on with another device when its own has gone.
        let (gone, id) = (shared.clone(), info.device_id.clone());
        let removal = removals.subscribe(move |removed| {
            if *removed == id {
                tracing::info!("the microphone was removed");
                gone.ended.end();
            }
        });
        let source = start_element(&source, &shared)?;
        Ok(Self(Arc::new(Inner {
            info,
            shared,
            _source: source,
            _removal: Some(removal),
        })))
    }
}

fn start_element(source: &gst::Element, shared: &Arc<Shared>) -> Result<Source, MediaError> {
    // PulseAudio: pieces of 10 ms instead of the 200 ms that suit a recorder, and room for those
    // of a device that gives seconds at once. What is there is fetched, so room delays nothing.
    set_if_known(source, "buffer-time", "5000000");
    set_if_known(source, "latency-time", "10000");
    let tell = shared.clone();
    let pipeline = Pipeline::new(move |reason| {
        tracing::info!(%reason, "the microphone ended");
        tell.ended.end();
    })
    .map_err(not_readable)?;
    let sink = block_sink(Arc::downgrade(shared));
    let (convert, resample) = make("audioconvert")
        .and_then(|convert| Ok((convert, make("audioresample")?)))
        .map_err(not_readable)?;
    pipeline
        .chain(&[source, &convert, &resample, sink.upcast_ref()])
        .map_err(not_readable)?;
    pipeline.start("microphone")?;
    Ok(Source::Device(pipeline))
}

fn not_readable(reason: String) -> MediaError {
    MediaError::NotReadable {
        device: "microphone",
        reason,
    }
}

/// Takes what the device gives.
fn block_sink(shared: Weak<Shared>) -> app::AppSink {
    let pace = Pace::new(Arc::new(move |block| match shared.upgrade() {
        Some(shared) => {
            shared.send(block.clone());
            true
        }
        None => false,
    }));
    let cutting = Mutex::new((Cutter::default(), pace));
    let callbacks = app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let now = Instant::now();
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let Some(map) = sample
            .buffer()
            .and_then(|buffer| buffer.map_readable().ok())
        else {
            return Ok(gst::FlowSuccess::Ok);
        };
        let samples = map
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        let (cutter, pace) = &mut *cutting.lock();
        pace.piece(now, length(samples.len()));
        cutter.cut(now, samples, |block| pace.hand_on(block));
        Ok(gst::FlowSuccess::Ok)
    });
    let caps = gst::Caps::builder("audio/x-raw")
        .field("format", "F32LE")
        .field("rate", SAMPLE_RATE as i32)
        .field("channels", 1)
        .field("layout", "interleaved")
        .build();
    app::AppSink::builder()
        .caps(&caps)
        .sync(false)
        .callbacks(callbacks.build())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn any_format_becomes_blocks_of_48_kilohertz_mono() {
        crate::pipeline::init().unwrap();
        let source: gst::Element = gst::parse::bin_from_description(
            "audiotestsrc is-live=true freq=440 volume=0.1 samplesperbuffer=317 \
             ! audio/x-raw,rate=44100,channels=2,format=S16LE ! identity",
            true,
        )
        .unwrap()
        .upcast();
        let sound = Sound::near(&FarEnd::default(), SoundSwitches::NONE);
        let shared = Shared::new(sound);
        let _source = start_element(&source, &shared).unwrap();
        let (send, receive) = channel();
        let _subscription = shared.blocks.subscribe(move |block| {
            let _ = send.send(block.level());
        });
        let level = receive
            .iter()
            .skip(20)
            .take(10)
            .fold(0.0_f32, |sum, level| sum + level / 10.0);
        assert!((level - 0.1 / 2_f32.sqrt()).abs() < 0.01, "{level}");
    }
}
