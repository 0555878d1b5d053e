//! What others hear of a change of microphone.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Instant;

use common::{AUDIO, Call, capture, host};
use rtc_host::core::Kind;

/// Samples of a packet, 20 ms at 48 kHz.
const PACKET: u64 = 960;

#[test]
fn a_new_microphone_is_heard_where_the_old_one_stopped() {
    let host = host();
    let start = Instant::now();
    let first = capture(&host, Kind::Audio).unwrap();
    let mut call = Call::new(&host);
    call.send(AUDIO, Kind::Audio, Some(first.clone()));
    call.negotiate();
    call.remote.hear(30);
    for _ in 0..3 {
        let next = capture(&host, Kind::Audio).unwrap();
        call.replace(AUDIO, Some(next));
        call.remote.hear(30);
    }
    let sound = &mut call.remote.sound;
    sound.sort_by_key(|packet| packet.sequence_number);
    let times: Vec<_> = sound.iter().map(|packet| packet.rtp_time).collect();
    // Time never goes back, nor faster than it passes: other clients throw such sound away.
    let passed = u64::try_from(start.elapsed().as_millis()).unwrap() * 48;
    let steps = times.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let total = steps.fold(0_u64, |total, step| {
        assert!((PACKET..=passed).contains(&step), "{times:?}");
        total + step
    });
    assert!(total <= passed, "{times:?}");
}
