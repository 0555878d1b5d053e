//! What a microphone hears, freed of what the loudspeakers play and of noise, at an even loudness.

mod webrtc;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use crate::audio_block::{AudioBlock, BLOCK_SAMPLES};
use crate::far_end::{FarEnd, Reference};
use crate::trouble::Trouble;

/// What is done to the sound of a microphone, each by itself (W3C mediacapture-main, section 4.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundSwitches {
    /// What this program plays is taken out of it.
    pub echo_cancellation: bool,
    /// Steady noise becomes quieter.
    pub noise_suppression: bool,
    /// A voice becomes as loud as others are.
    pub auto_gain_control: bool,
}

impl SoundSwitches {
    /// All on: what a page gets that does not say.
    pub const ALL: Self = Self {
        echo_cancellation: true,
        noise_suppression: true,
        auto_gain_control: true,
    };
    /// The sound is left as it is.
    pub const NONE: Self = Self {
        echo_cancellation: false,
        noise_suppression: false,
        auto_gain_control: false,
    };

    fn bits(self) -> u8 {
        u8::from(self.echo_cancellation)
            | u8::from(self.noise_suppression) << 1
            | u8::from(self.auto_gain_control) << 2
    }

    fn of_bits(bits: u8) -> Self {
        Self {
            echo_cancellation: bits & 1 != 0,
            noise_suppression: bits & 2 != 0,
            auto_gain_control: bits & 4 != 0,
        }
    }
}

/// The switches of one microphone, to be changed at any time from anywhere; nobody waits.
#[derive(Clone, Debug)]
pub(crate) struct Switchboard(Arc<AtomicU8>);

impl Switchboard {
    pub(crate) fn new(switches: SoundSwitches) -> Self {
        Self(Arc::new(AtomicU8::new(switches.bits())))
    }

    pub(crate) fn get(&self) -> SoundSwitches {
        SoundSwitches::of_bits(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn set(&self, switches: SoundSwitches) {
        self.0.store(switches.bits(), Ordering::Relaxed);
    }
}

/// Whatever does the work. It may fail at any time, also by a panic: then it is made anew.
trait AudioProcessing: Send {
    /// What is to be done from now on; what was learnt is kept.
    fn switch(&mut self, switches: SoundSwitches);

    /// The next 10 ms that were played: two channels at 48 kHz.
    fn played(&mut self, block: &[[f32; BLOCK_SAMPLES]; 2]);

    /// The next 10 ms that were captured.
    fn captured(&mut self, block: &mut [f32; BLOCK_SAMPLES]);
}

type Make = dyn Fn(SoundSwitches) -> Box<dyn AudioProcessing> + Send;

/// One microphone's sound on its way to everybody who listens to it.
pub struct NearEnd {
    far_end: FarEnd,
    switchboard: Switchboard,
    make: Box<Make>,
    /// None while nothing is to be done.
    work: Option<Work>,
    trouble: Trouble,
}

struct Work {
    switches: SoundSwitches,
    processing: Box<dyn AudioProcessing>,
    reference: Option<Reference>,
}

impl fmt::Debug for NearEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NearEnd")
            .field("switches", &self.switchboard.get())
            .finish_non_exhaustive()
    }
}

impl NearEnd {
    /// For one microphone, near the loudspeakers of `far_end`.
    pub fn new(far_end: &FarEnd, switches: SoundSwitches) -> Self {
        Self::on(far_end, Switchboard::new(switches))
    }

    pub(crate) fn on(far_end: &FarEnd, switchboard: Switchboard) -> Self {
        Self::with(far_end, switchboard, webrtc::make)
    }

    fn with(
        far_end: &FarEnd,
        switchboard: Switchboard,
        make: impl Fn(SoundSwitches) -> Box<dyn AudioProcessing> + Send + 'static,
    ) -> Self {
        Self {
            far_end: far_end.clone(),
            switchboard,
            make: Box::new(make),
            work: None,
            trouble: Trouble::default(),
        }
    }

    /// Does to the next block what the switches say. What comes out was captured a little earlier
    /// than what went in.
    pub fn process(&mut self, now: Instant, block: &mut AudioBlock) {
        let switches = self.switchboard.get();
        if switches == SoundSwitches::NONE {
            self.work = None;
            return;
        }
        if self.work.is_none() && self.trouble.too_early(now) {
            return;
        }
        let captured = block.captured;
        // What it has made of its state is thrown away with it.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.work_on(switches, now, block)));
        if matches!(outcome, Ok(true)) {
            if self.trouble.works(now) {
                tracing::info!("echo and noise are taken out again");
            }
            return;
        }
        if self.trouble.failed(now) {
            tracing::error!("taking echo and noise out failed, and begins anew");
        }
        self.work = None;
        // Half of it may have been done.
        block.captured = captured;
        block.samples.fill(0.0);
    }

    /// Whether what came out is sound.
    fn work_on(&mut self, switches: SoundSwitches, now: Instant, block: &mut AudioBlock) -> bool {
        let work = self.work.get_or_insert_with(|| Work {
            switches,
            processing: (self.make)(switches),
            reference: None,
        });
        if work.switches != switches {
            work.switches = switches;
            work.processing.switch(switches);
        }
        if !switches.echo_cancellation {
            work.reference = None;
        }
        let Work {
            processing,
            reference,
            ..
        } = work;
        if switches.echo_cancellation {
            reference
                .get_or_insert_with(|| Reference::new(&self.far_end))
                .follow(now, block, |played| processing.played(played));
        }
        for value in &mut block.samples {
            // Devices give what they like, and what is learnt of no number is lost for good.
            *value = if value.is_finite() {
                value.clamp(-1.0, 1.0)
            } else {
                0.0
            };
        }
        processing.captured(&mut block.samples);
        let earlier = block.captured.checked_sub(webrtc::delay(switches));
        block.captured = earlier.unwrap_or(block.captured);
        block.samples.iter().all(|value| value.is_finite())
    }
}

#[cfg(test)]
mod tests;
