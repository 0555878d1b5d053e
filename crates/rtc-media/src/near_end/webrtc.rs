//! WebRTC's own echo canceller (AEC3), noise suppression and gain control (AGC2), ported to Rust.

use std::time::Duration;

use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, MaxProcessingRate,
    NoiseSuppression, NoiseSuppressionLevel, Pipeline,
};
use sonora::{AudioProcessing as Sonora, Config, StreamConfig};

use super::{AudioProcessing, SoundSwitches};
use crate::audio_block::{BLOCK_SAMPLES, SAMPLE_RATE};

/// What comes out was captured so much earlier than what goes in, measured by a test: the split into
/// three bands, the echo canceller's blocks of 4 ms, and the windows of the noise suppression.
pub(super) fn delay(switches: SoundSwitches) -> Duration {
    let echo = 8_000 * u64::from(switches.echo_cancellation);
    let noise = 6_000 * u64::from(switches.noise_suppression);
    Duration::from_micros(960 + echo + noise)
}

pub(super) fn make(switches: SoundSwitches) -> Box<dyn AudioProcessing> {
    let processing = Sonora::builder()
        .config(config(switches))
        .capture_config(StreamConfig::new(SAMPLE_RATE, 1))
        .render_config(StreamConfig::new(SAMPLE_RATE, 2))
        .build();
    Box::new(processing)
}

/// As Chromium sets it.
fn config(switches: SoundSwitches) -> Config {
    let SoundSwitches {
        echo_cancellation,
        noise_suppression,
        auto_gain_control,
    } = switches;
    Config {
        pipeline: Pipeline {
            maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz,
            ..Pipeline::default()
        },
        // Rumble and a device's bias are no voice.
        high_pass_filter: Some(HighPassFilter::default()),
        echo_canceller: echo_cancellation.then(EchoCanceller::default),
        noise_suppression: noise_suppression.then(|| NoiseSuppression {
            level: NoiseSuppressionLevel::High,
            ..NoiseSuppression::default()
        }),
        gain_controller2: auto_gain_control.then(|| GainController2 {
            adaptive_digital: Some(AdaptiveDigital::default()),
            ..GainController2::default()
        }),
        ..Config::default()
    }
}

impl AudioProcessing for Sonora {
    fn switch(&mut self, switches: SoundSwitches) {
        self.apply_config(config(switches));
    }

    fn played(&mut self, block: &[[f32; BLOCK_SAMPLES]; 2]) {
        let [left, right] = block;
        let mut unused = [[0.0; BLOCK_SAMPLES]; 2];
        let [unused_left, unused_right] = &mut unused;
        let done = self.process_render_f32(&[left, right], &mut [unused_left, unused_right]);
        debug_assert!(done.is_ok(), "{done:?}");
    }

    fn captured(&mut self, block: &mut [f32; BLOCK_SAMPLES]) {
        let heard = *block;
        let done = self.process_capture_f32(&[&heard], &mut [block]);
        debug_assert!(done.is_ok(), "{done:?}");
    }
}
