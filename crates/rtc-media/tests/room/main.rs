//! What comes out of a microphone in a room with a loudspeaker.
#![cfg(target_os = "linux")]

mod scene;
mod spectrum;

use rtc_media::{FarEnd, NearEnd, SoundSwitches};
use scene::{Dice, SECOND, Scene, level, noise, room, speech, understood};

const ECHO: SoundSwitches = SoundSwitches {
    echo_cancellation: true,
    ..SoundSwitches::NONE
};

/// What the microphone gives, and what comes out.
fn run(scene: &Scene, switches: SoundSwitches) -> (Vec<f32>, Vec<f32>) {
    let far_end = FarEnd::default();
    let mut near_end = NearEnd::new(&far_end, switches);
    let heard = scene.heard();
    let out = scene.run(&heard, &far_end, &mut near_end);
    (heard, out)
}

/// Somebody far away speaks for so many seconds in this room.
fn far(seconds: usize) -> Scene {
    let mut dice = Dice::new(5);
    Scene {
        far: speech(&mut dice, seconds * SECOND, 120.0, 0.1),
        response: room(&mut dice, 0.3, 0.5),
        noise: noise(&mut dice, seconds * SECOND, 0.0005),
        ..Scene::default()
    }
}

/// Somebody speaks in the room, from second to second.
fn near(from: usize, to: usize) -> Vec<f32> {
    let mut near = vec![0.0; from * SECOND];
    near.extend(speech(&mut Dice::new(9), (to - from) * SECOND, 210.0, 0.1));
    near
}

/// Nobody is heard from afar.
fn quiet(seconds: usize) -> Scene {
    Scene {
        far: vec![0.0; seconds * SECOND],
        ..Scene::default()
    }
}

#[test]
fn an_echo_is_taken_out_whatever_its_delay() {
    for delay in [20, 60, 150, 300] {
        let scene = Scene { delay, ..far(8) };
        let (heard, out) = run(&scene, ECHO);
        let (before, after) = (level(&heard, 4.0, 8.0), level(&out, 4.0, 8.0));
        assert!(before > -30.0, "{before} dB is no echo");
        assert!(before - after > 25.0, "{delay} ms: {before} to {after} dB");
    }
}

#[test]
fn clocks_that_differ_by_100_ppm_are_followed() {
    for drift in [100.0, -100.0] {
        let scene = Scene { drift, ..far(24) };
        let (heard, out) = run(&scene, ECHO);
        for from in [4.0, 10.0, 17.0] {
            let to = from + 7.0;
            let (before, after) = (level(&heard, from, to), level(&out, from, to));
            assert!(
                before - after > 15.0,
                "{drift} ppm, {from} s: {before} to {after} dB"
            );
        }
    }
}

#[test]
fn devices_that_are_late_by_chance_disturb_nothing() {
    let scene = Scene {
        jitter: 12.0,
        ..far(12)
    };
    let (heard, out) = run(&scene, ECHO);
    let (before, after) = (level(&heard, 5.0, 12.0), level(&out, 5.0, 12.0));
    assert!(before - after > 25.0, "{before} to {after} dB");
}

#[test]
fn a_voice_stays_while_the_other_side_speaks_too() {
    let scene = Scene {
        near: near(5, 11),
        ..far(11)
    };
    let (_, out) = run(&scene, ECHO);
    // About what libwebrtc leaves of such a voice (`./x bench audio`); silence has 0.
    let figure = understood(&scene.near, &out, 5.0, 10.9);
    assert!(figure > 0.45, "{figure}");
    let (spoken, left) = (level(&scene.near, 5.0, 11.0), level(&out, 5.0, 11.0));
    assert!((spoken - left).abs() < 7.0, "{spoken} to {left} dB");
}

#[test]
fn noise_becomes_quiet_and_a_voice_in_it_stays() {
    let scene = Scene {
        noise: noise(&mut Dice::new(3), 12 * SECOND, 0.01),
        near: near(6, 12),
        ..quiet(12)
    };
    let switches = SoundSwitches {
        noise_suppression: true,
        ..SoundSwitches::NONE
    };
    let (heard, out) = run(&scene, switches);
    let (before, after) = (level(&heard, 3.0, 6.0), level(&out, 3.0, 6.0));
    assert!(before - after > 10.0, "{before} to {after} dB");
    let (spoken, left) = (level(&scene.near, 6.0, 12.0), level(&out, 6.0, 12.0));
    assert!((spoken - left).abs() < 3.0, "{spoken} to {left} dB");
    let figure = understood(&scene.near, &out, 6.0, 11.9);
    assert!(figure > 0.8, "{figure}");
}

#[test]
fn a_voice_that_is_far_from_the_microphone_becomes_louder_and_a_loud_one_never_distorts() {
    let switches = SoundSwitches {
        auto_gain_control: true,
        ..SoundSwitches::NONE
    };
    let mut spoken = near(0, 20);
    for value in &mut spoken {
        *value *= 0.1;
    }
    let scene = Scene {
        near: spoken,
        ..quiet(20)
    };
    let (heard, out) = run(&scene, switches);
    let (before, after) = (level(&heard, 12.0, 20.0), level(&out, 12.0, 20.0));
    assert!(
        after - before > 10.0 && after < -12.0,
        "{before} to {after} dB"
    );
    let scene = Scene {
        near: near(0, 12).iter().map(|value| value * 6.0).collect(),
        ..quiet(12)
    };
    let (_, out) = run(&scene, switches);
    let clipped = out.iter().filter(|value| value.abs() >= 0.999).count();
    assert!(clipped < out.len() / 1000, "{clipped} samples");
}

#[test]
fn what_is_off_leaves_each_sample_as_it_is() {
    let scene = Scene {
        near: near(1, 3),
        ..far(3)
    };
    let (heard, out) = run(&scene, SoundSwitches::NONE);
    assert_eq!(heard, out);
}
