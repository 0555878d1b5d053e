use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{AudioBlock, AudioEncoder};

const PACKET: usize = 2 * BLOCK_SAMPLES;

/// Radians a sample of a tone of 440 Hz.
const STEP: f32 = std::f32::consts::TAU * 440.0 / SAMPLE_RATE as f32;
/// And how loud it is.
const AMPLITUDE: f32 = 0.3;

fn ms(milliseconds: i64) -> Duration {
    Duration::from_millis(milliseconds.max(0).unsigned_abs())
}

fn tone(packets: usize) -> Vec<Vec<u8>> {
    sound(packets, |sample| AMPLITUDE * (STEP * sample as f32).sin())
}

/// Packets of 20 ms of a sound that is given by its samples.
fn sound(packets: usize, value: impl Fn(usize) -> f32) -> Vec<Vec<u8>> {
    let (start, mut encoder) = (Instant::now(), AudioEncoder::new(32_000).unwrap());
    (0..2 * packets)
        .filter_map(|number| {
            let mut block = AudioBlock {
                samples: [0.0; BLOCK_SAMPLES],
                captured: start + Duration::from_millis(10) * number as u32,
            };
            for (index, sample) in block.samples.iter_mut().enumerate() {
                *sample = value(number * BLOCK_SAMPLES + index);
            }
            Some(encoder.push(&block, false).unwrap()?.data)
        })
        .collect()
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    /// Below `most`.
    fn roll(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A packet on its way: when it comes, in milliseconds, and which it is.
type Arrival = (i64, usize);

/// One packet every 20 ms, each as late as the network says, in milliseconds; none: lost.
fn network(packets: usize, mut late: impl FnMut(usize) -> Option<i64>) -> Vec<Arrival> {
    let mut arrivals: Vec<Arrival> = (0..packets)
        .filter_map(|number| Some((20 * number as i64 + late(number)?, number)))
        .collect();
    arrivals.sort_unstable();
    arrivals
}

struct Heard {
    /// Left channel.
    samples: Vec<f32>,
    buffer: JitterBuffer,
}

/// Lets packets arrive while a loudspeaker fetches `burst` blocks at a time, from `from` to `until`
/// milliseconds.
fn play(packets: &[Vec<u8>], arrivals: &[Arrival], (from, until): (i64, i64), burst: i64) -> Heard {
    let epoch = Instant::now() + Duration::from_secs(60);
    let mut buffer = JitterBuffer::new(epoch).unwrap();
    let mut arrivals = arrivals.iter().peekable();
    let mut samples = Vec::new();
    for now in 0..until {
        while let Some((at, number)) = arrivals.next_if(|(at, _)| *at <= now) {
            // Soon to wrap around.
            let time = (number * PACKET) as u32;
            let time = time.wrapping_sub(10_000);
            buffer.insert(epoch + ms(*at), time, &packets[*number]);
        }
        if now >= from && (now - from) % (10 * burst) == 0 {
            for _ in 0..burst {
                let block = buffer.fetch(epoch + ms(now)).unwrap_or([0.0; MIX_SAMPLES]);
                samples.extend(block.iter().step_by(CHANNELS));
            }
        }
    }
    Heard { samples, buffer }
}

impl Heard {
    /// Left out: what was heard before this many milliseconds.
    fn after(&self, milliseconds: usize) -> &[f32] {
        &self.samples[milliseconds * SAMPLES_PER_MS as usize..]
    }

    /// How loud what is not the tone is beside the tone, in dB, after a second.
    fn noise(&self) -> f32 {
        let (mut tone, mut all) = (0.0, 0.0);
        // Short pieces, since the phase jumps where time was stretched, of eleven whole periods.
        for piece in self.after(1_000).chunks_exact(1_200) {
            let (mut re, mut im) = (0.0, 0.0);
            for (index, value) in piece.iter().enumerate() {
                let (sin, cos) = (f64::from(STEP) * index as f64).sin_cos();
                let value = f64::from(*value);
                re += value * cos;
                im += value * sin;
                all += value * value;
            }
            tone += 2.0 * (re * re + im * im) / piece.len() as f64;
        }
        (10.0 * ((all - tone).max(1e-9) / tone).log10()) as f32
    }

    /// Share of the time in which next to nothing is heard, after a second.
    fn holes(&self) -> f32 {
        let pieces = self.after(1_000).chunks_exact(240);
        let count = pieces.len() as f32;
        let quiet = pieces.filter(|piece| {
            let energy = piece.iter().map(|value| value * value).sum::<f32>() / 240.0;
            energy.sqrt() < 0.1 * AMPLITUDE
        });
        quiet.count() as f32 / count
    }
}

/// Plays half a minute of the tone.
fn half_a_minute(late: impl FnMut(usize) -> Option<i64>) -> Heard {
    play(&tone(1_500), &network(1_500, late), (0, 30_000), 1)
}

#[test]
fn what_comes_in_time_is_heard_as_it_was_and_soon() {
    let heard = half_a_minute(|_| Some(0));
    assert_eq!(heard.holes(), 0.0);
    assert!(heard.noise() < -35.0, "{} dB", heard.noise());
    assert_eq!(heard.buffer.statistics().concealed, 0);
    assert_eq!(heard.buffer.target_ms(), 20);
    assert!(heard.buffer.excess() <= SLACK);
}

#[test]
fn lost_packets_leave_no_hole() {
    for (per_cent, most_holes, most) in [
        (2, 0.0, -30.0),
        (5, 0.001, -26.0),
        (10, 0.004, -22.0),
        (20, 0.02, -18.0),
    ] {
        let mut dice = Dice(7);
        let heard = half_a_minute(|_| (dice.roll(100) >= per_cent).then_some(0));
        let (holes, noise) = (heard.holes(), heard.noise());
        println!(
            "{per_cent} %: {holes} holes, {noise} dB, {:?}",
            heard.buffer.statistics()
        );
        assert!(holes <= most_holes, "{per_cent} %: {holes}");
        assert!(noise < most, "{per_cent} %: {noise} dB");
    }
}

#[test]
fn jitter_is_waited_for() {
    let mut dice = Dice(7);
    let heard = half_a_minute(|_| Some(dice.roll(60) as i64));
    let later = heard.buffer.statistics();
    println!("{later:?} {} {}", heard.noise(), heard.buffer.target_ms());
    assert!(heard.holes() < 0.001);
    assert!((60..=80).contains(&heard.buffer.target_ms()));
    // A hundredth of the time.
    assert!(later.concealed < 30 * 480, "{later:?}");
}

#[test]
fn the_delay_falls_again_after_the_jitter() {
    let mut dice = Dice(7);
    let late = |number| {
        Some(if number < 1_000 {
            dice.roll(150) as i64
        } else {
            0
        })
    };
    let packets = tone(5_000);
    let heard = play(&packets, &network(5_000, late), (0, 100_000), 1);
    assert_eq!(heard.buffer.target_ms(), 20);
    assert!(heard.buffer.excess() <= SLACK, "{}", heard.buffer.excess());
    assert!(heard.buffer.statistics().removed > 0);
}

#[test]
fn a_loudspeaker_may_fetch_in_bursts_and_run_a_little_too_fast() {
    for burst in [1, 2, 4, 8] {
        let packets = tone(1_500);
        let arrivals = network(1_500, |number| {
            // Two hundred millionths slower than the sender.
            Some(number as i64 / 250)
        });
        let heard = play(&packets, &arrivals, (0, 30_000), burst);
        let statistics = heard.buffer.statistics();
        println!("{burst}: {statistics:?} {} dB", heard.noise());
        assert!(heard.holes() < 0.002, "{burst}: {}", heard.holes());
        assert!(heard.noise() < -25.0, "{burst}: {} dB", heard.noise());
    }
}

#[test]
fn an_outage_is_caught_up_with() {
    // Half a second in which packets wait, and then they all come.
    let late = |number: usize| {
        let sent = 20 * number as i64;
        Some(if (10_000..10_500).contains(&sent) {
            10_500 - sent
        } else {
            0
        })
    };
    let heard = half_a_minute(late);
    assert!(heard.buffer.excess() <= SLACK, "{}", heard.buffer.excess());
    // All of it was heard, a little faster.
    assert_eq!(heard.buffer.statistics().discarded, 0);
    // And half a minute is not.
    let late = |number: usize| {
        let sent = 20 * number as i64;
        Some(if (5_000..25_000).contains(&sent) {
            25_000 - sent
        } else {
            0
        })
    };
    let heard = half_a_minute(late);
    assert!(heard.buffer.excess() <= SLACK, "{}", heard.buffer.excess());
    assert!(heard.buffer.statistics().discarded > 500);
}

#[test]
fn sound_begins_soon_whenever_the_loudspeaker_does() {
    let packets = tone(200);
    let arrivals = network(200, |_| Some(0));
    for (late, burst) in [(0, 1), (0, 4), (30, 1), (100, 4), (300, 8), (1_500, 4)] {
        let heard = play(&packets, &arrivals, (late, 4_000), burst);
        let silent = heard.samples.iter().take_while(|value| value.abs() < 0.02);
        let waited = silent.count() as i64 / SAMPLES_PER_MS;
        assert!(
            waited <= 120,
            "{waited} ms, {late} ms late, {burst} at once"
        );
        assert!(heard.buffer.excess() <= SLACK);
    }
}

#[test]
fn a_sender_that_pauses_is_heard_in_time_when_it_goes_on() {
    let packets = tone(1_000);
    let arrivals = network(1_000, |number| (!(200..600).contains(&number)).then_some(0));
    let heard = play(&packets, &arrivals, (0, 20_000), 1);
    let silence = heard.after(6_000)[..48_000].iter();
    assert!(silence.map(|value| value.abs()).fold(0.0, f32::max) < 0.001);
    let begins = heard
        .after(11_000)
        .iter()
        .take_while(|value| value.abs() < 0.02);
    let begins = 11_000 + begins.count() as i64 / SAMPLES_PER_MS;
    // 12 s and the delay.
    assert!((12_000..12_080).contains(&begins), "{begins}");
}

#[test]
fn what_is_lost_alone_is_recovered_from_the_next_packet_if_that_has_it() {
    // What sounds like a voice: libopus gives only such to the codec that can.
    let voice = sound(500, |sample| {
        let at = sample as f32 / SAMPLE_RATE as f32;
        let open = (at * 3.0 * std::f32::consts::PI).sin().max(0.0);
        let buzz: f32 = (1..20)
            .map(|n| (n as f32 * 130.0 * std::f32::consts::TAU * at).sin() / n as f32)
            .sum();
        0.2 * open * buzz
    });
    assert!(
        voice
            .iter()
            .any(|packet| AudioDecoder::has_previous(packet))
    );
    let arrivals = network(500, |number| (number % 5 != 3).then_some(0));
    let heard = play(&voice, &arrivals, (0, 10_000), 1);
    let lost: Vec<usize> = (1..499).filter(|number| number % 5 == 3).collect();
    let could = lost
        .iter()
        .filter(|number| AudioDecoder::has_previous(&voice[**number + 1]))
        .count();
    let recovered = heard.buffer.statistics().recovered_packets as usize;
    println!("{recovered} of {could} of {}", lost.len());
    assert!(could > 20 && recovered.abs_diff(could) <= 2);
}

#[test]
fn what_was_said_before_a_pause_is_not_heard_after_it() {
    let epoch = Instant::now();
    let mut buffer = JitterBuffer::new(epoch).unwrap();
    for (number, packet) in tone(4).iter().enumerate() {
        buffer.insert(
            epoch + ms(20 * number as i64),
            (number * PACKET) as u32,
            packet,
        );
    }
    for fetch in 0..20 {
        let block = buffer.fetch(epoch + ms(10_000 + 10 * fetch)).unwrap();
        assert!(block.iter().all(|value| *value == 0.0));
    }
}

#[test]
fn both_channels_are_heard_where_two_are_sent() {
    let mut encoder = opus::Encoder::new(
        SAMPLE_RATE,
        opus::Channels::Stereo,
        opus::Application::Audio,
    )
    .unwrap();
    let packets: Vec<Vec<u8>> = (0..100)
        .map(|number| {
            let samples: Vec<f32> = (number * PACKET..(number + 1) * PACKET)
                .flat_map(|sample| [AMPLITUDE * (STEP * sample as f32).sin(), 0.0])
                .collect();
            encoder.encode_vec_float(&samples, 1_275).unwrap()
        })
        .collect();
    let epoch = Instant::now();
    let mut buffer = JitterBuffer::new(epoch).unwrap();
    let mut energy = [0.0_f32; CHANNELS];
    for (number, packet) in packets.iter().enumerate() {
        let now = epoch + ms(20 * number as i64);
        buffer.insert(now, (number * PACKET) as u32, packet);
        for half in 0..2 {
            let block = buffer.fetch(now + ms(10 * half)).unwrap();
            for (index, value) in block.iter().enumerate() {
                energy[index % CHANNELS] += value * value;
            }
        }
    }
    assert!(energy[0] > 1_000.0 * energy[1], "{energy:?}");
}

#[test]
fn packets_that_are_far_from_each_other_do_not_end_the_sound() {
    let epoch = Instant::now();
    let mut buffer = JitterBuffer::new(epoch).unwrap();
    buffer.set_minimum_delay(2_000);
    // 2.5 ms each, without sound in it: many of them may wait.
    for number in 0..150 {
        buffer.insert(epoch, number * 400_000, &[0x80]);
    }
    buffer.set_minimum_delay(0);
    let mut loudest = 0.0_f32;
    for (number, packet) in tone(200).iter().enumerate() {
        let now = epoch + ms(20 * number as i64);
        buffer.insert(now, 150 * 400_000 + (number * PACKET) as u32, packet);
        for half in 0..2 {
            let block = buffer.fetch(now + ms(10 * half)).unwrap();
            loudest = block
                .iter()
                .fold(loudest, |most, value| most.max(value.abs()));
        }
    }
    assert!(loudest > 0.2);
}

#[test]
fn what_waits_is_bounded() {
    let epoch = Instant::now();
    let mut buffer = JitterBuffer::new(epoch).unwrap();
    // 120 ms each, from a sender whose clock almost stands.
    for number in 0..300 {
        buffer.insert(epoch, number * 20, &[0x1b, 2]);
        assert!(buffer.buffered_ms() <= 6_120, "{} ms", buffer.buffered_ms());
    }
    let mut buffer = JitterBuffer::new(epoch).unwrap();
    for number in 0..3_000 {
        buffer.insert(epoch, number * 120, &[0x80]);
        assert!(buffer.packets.len() <= 612);
    }
}

proptest! {
    #[test]
    fn whatever_comes_each_fetch_gives_ten_milliseconds(
        packets in proptest::collection::vec(
            (0..200_u64, any::<u32>(), proptest::collection::vec(any::<u8>(), 0..80), 0..4_u8), 0..80,
        ),
    ) {
        let epoch = Instant::now();
        let mut buffer = JitterBuffer::new(epoch).unwrap();
        let mut now = epoch;
        for (later, time, payload, fetches) in packets {
            now += Duration::from_millis(later);
            // Half of them near each other.
            let time = if time & 1 == 0 { time } else { time % 20_000 };
            buffer.insert(now, time, &payload);
            for _ in 0..fetches {
                if let Some(block) = buffer.fetch(now) {
                    prop_assert!(block.iter().all(|value| value.abs() <= 1.0));
                }
            }
        }
    }
}
