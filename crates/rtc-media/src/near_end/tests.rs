use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::*;
use crate::audio_block::MIX_SAMPLES;
use crate::fake::Tone;

/// Halves what it is given, as often as it is told to; then it breaks.
struct Brittle {
    blocks: u32,
    breaks_by: fn(&mut [f32; BLOCK_SAMPLES]),
}

impl AudioProcessing for Brittle {
    fn switch(&mut self, _: SoundSwitches) {}

    fn played(&mut self, _: &[[f32; BLOCK_SAMPLES]; 2]) {}

    fn captured(&mut self, block: &mut [f32; BLOCK_SAMPLES]) {
        if self.blocks == 0 {
            (self.breaks_by)(block);
        }
        self.blocks = self.blocks.saturating_sub(1);
        for value in block {
            *value /= 2.0;
        }
    }
}

fn block(captured: Instant) -> AudioBlock {
    AudioBlock {
        samples: [0.5; BLOCK_SAMPLES],
        captured,
    }
}

/// Peaks of a second's blocks, and how often it was made.
fn peaks(breaks_by: fn(&mut [f32; BLOCK_SAMPLES])) -> (Vec<f32>, u32) {
    let made: Arc<AtomicU32> = Arc::default();
    let count = made.clone();
    let switchboard = Switchboard::new(SoundSwitches::ALL);
    let mut near_end = NearEnd::with(&FarEnd::default(), switchboard, move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        let blocks = 30;
        Box::new(Brittle { blocks, breaks_by })
    });
    let start = Instant::now();
    let peaks = (0..200).map(|number| {
        let now = start + Duration::from_millis(10) * number;
        let mut block = block(now);
        near_end.process(now, &mut block);
        block.samples[0]
    });
    (peaks.collect(), made.load(Ordering::Relaxed))
}

#[test]
fn what_breaks_is_made_anew_and_the_call_goes_on() {
    let panics: fn(&mut [f32; BLOCK_SAMPLES]) = |_| panic!("this test wants it");
    let no_number: fn(&mut [f32; BLOCK_SAMPLES]) = |block| block[17] = f32::NAN;
    for breaks_by in [panics, no_number] {
        let (peaks, made) = peaks(breaks_by);
        assert!(peaks[..30].iter().all(|peak| *peak == 0.25));
        // Nobody knows what is in it.
        assert_eq!(peaks[30], 0.0);
        // The sound goes on as it is, until it is tried again a second later.
        assert!(peaks[31..130].iter().all(|peak| *peak == 0.5));
        assert!(peaks[130..160].iter().all(|peak| *peak == 0.25));
        assert_eq!((peaks[160], made), (0.0, 2));
    }
}

#[test]
fn nothing_is_made_or_kept_of_what_is_played_while_all_is_off() {
    let far_end = FarEnd::default();
    let switchboard = Switchboard::new(SoundSwitches::NONE);
    let mut near_end = NearEnd::on(&far_end, switchboard.clone());
    let now = Instant::now();
    near_end.process(now, &mut block(now));
    assert!(near_end.work.is_none());
    assert!(!far_end.is_listened_to());
    switchboard.set(SoundSwitches::ALL);
    near_end.process(now, &mut block(now));
    assert!(near_end.work.is_some() && far_end.is_listened_to());
    switchboard.set(SoundSwitches {
        echo_cancellation: false,
        ..SoundSwitches::ALL
    });
    near_end.process(now, &mut block(now));
    assert!(near_end.work.is_some() && !far_end.is_listened_to());
    switchboard.set(SoundSwitches::NONE);
    near_end.process(now, &mut block(now));
    assert!(near_end.work.is_none());
}

#[test]
fn switches_that_change_are_obeyed_at_once_and_break_nothing() {
    let far_end = FarEnd::default();
    let switchboard = Switchboard::new(SoundSwitches::NONE);
    let mut near_end = NearEnd::on(&far_end, switchboard.clone());
    let (start, mut tone) = (Instant::now(), Tone::new(true));
    for number in 0..800_u32 {
        let now = start + Duration::from_millis(10) * number;
        switchboard.set(SoundSwitches::of_bits((number / 7 % 8) as u8));
        far_end.played("", now, &[0.01; MIX_SAMPLES]);
        let mut block = block(now);
        tone.fill(&mut block.samples);
        near_end.process(now, &mut block);
        assert!(block.samples.iter().all(|value| value.abs() <= 1.0));
    }
    assert!(!near_end.trouble.too_early(start));
}

#[test]
fn what_comes_out_is_as_old_as_it_says() {
    for bits in 1..8 {
        let switches = SoundSwitches::of_bits(bits);
        let mut near_end = NearEnd::new(&FarEnd::default(), switches);
        let start = Instant::now();
        // A click after a second, and when it comes out.
        let (mut loudest, mut at) = (0.0, Duration::ZERO);
        for number in 0..120_u32 {
            let now = start + Duration::from_millis(10) * number;
            let mut block = AudioBlock {
                samples: [0.0; BLOCK_SAMPLES],
                captured: now,
            };
            if number == 100 {
                block.samples[0] = 0.9;
            }
            near_end.process(now, &mut block);
            for (index, value) in block.samples.iter().enumerate() {
                if value.abs() > loudest {
                    loudest = value.abs();
                    at = block.captured.saturating_duration_since(start)
                        + crate::capture_clock::length(index);
                }
            }
        }
        let truth = Duration::from_secs(1);
        assert!(
            at.abs_diff(truth) < Duration::from_millis(1),
            "{switches:?}: {at:?}"
        );
    }
}
