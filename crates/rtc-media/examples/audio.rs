//! Echo cancellation and noise suppression beside libwebrtc's own, in rooms without a clock
//! (`./x bench audio`). Arguments: a Python that has the package `livekit`, and how many pairs of voices.

#![allow(clippy::print_stdout, reason = "its purpose")]

#[cfg(target_os = "linux")]
#[path = "../tests/room/scene.rs"]
mod scene;
#[cfg(target_os = "linux")]
#[path = "../tests/room/spectrum.rs"]
mod spectrum;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    bench::run()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("Only on Linux is sound processed here.");
}

#[cfg(target_os = "linux")]
mod bench {
    use std::io::{Error, Result};
    use std::path::Path;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use rtc_media::{BLOCK_SAMPLES, FarEnd, NearEnd, SoundSwitches};

    use crate::scene::{Dice, SECOND, Scene, Step, level, noise, room, speech, understood};

    /// Each room with so many pairs of voices, unless another number is named; their medians count.
    const VOICES: u64 = 3;
    /// Seconds in which only the far end speaks, from when on it counts, and until both have spoken.
    const FAR: usize = 8;
    const SETTLED: f32 = 3.0;
    const WHOLE: usize = 16;

    struct Row {
        name: &'static str,
        scene: fn(&mut Dice) -> Scene,
        suppression: bool,
    }

    /// Two voices in a room, and how both are heard.
    fn scene(dice: &mut Dice, response: Vec<f32>, delay: u32) -> Scene {
        let mut near = vec![0.0; FAR * SECOND];
        near.extend(speech(dice, (WHOLE - FAR) * SECOND, 210.0, 0.08));
        Scene {
            far: speech(dice, WHOLE * SECOND, 120.0, 0.1),
            near,
            noise: noise(dice, WHOLE * SECOND, 0.0003),
            response,
            delay,
            ..Scene::default()
        }
    }

    const ROWS: [Row; 11] = [
        Row {
            name: "one path, 20 ms",
            scene: |dice| scene(dice, vec![0.5], 20),
            suppression: false,
        },
        Row {
            name: "one path, 300 ms",
            scene: |dice| scene(dice, vec![0.5], 300),
            suppression: false,
        },
        Row {
            name: "small room (0.2 s), 40 ms",
            scene: |dice| {
                let response = room(dice, 0.2, 0.5);
                scene(dice, response, 40)
            },
            suppression: false,
        },
        Row {
            name: "room (0.4 s), 100 ms",
            scene: |dice| {
                let response = room(dice, 0.4, 0.5);
                scene(dice, response, 100)
            },
            suppression: false,
        },
        Row {
            name: "room (0.4 s), 300 ms",
            scene: |dice| {
                let response = room(dice, 0.4, 0.5);
                scene(dice, response, 300)
            },
            suppression: false,
        },
        Row {
            name: "hall (0.9 s), 150 ms",
            scene: |dice| {
                let response = room(dice, 0.9, 0.5);
                scene(dice, response, 150)
            },
            suppression: false,
        },
        Row {
            name: "loud echo, 60 ms",
            scene: |dice| {
                let response = room(dice, 0.3, 1.5);
                scene(dice, response, 60)
            },
            suppression: false,
        },
        Row {
            name: "drift of +100 ppm",
            scene: |dice| {
                let response = room(dice, 0.3, 0.5);
                let scene = scene(dice, response, 60);
                let drift = 100.0;
                Scene { drift, ..scene }
            },
            suppression: false,
        },
        Row {
            name: "drift of -100 ppm",
            scene: |dice| {
                let response = room(dice, 0.3, 0.5);
                let scene = scene(dice, response, 60);
                let drift = -100.0;
                Scene { drift, ..scene }
            },
            suppression: false,
        },
        Row {
            name: "noise, suppressed",
            scene: |dice| {
                let response = room(dice, 0.3, 0.5);
                let noise = noise(dice, WHOLE * SECOND, 0.01);
                let scene = scene(dice, response, 60);
                Scene { noise, ..scene }
            },
            suppression: true,
        },
        Row {
            name: "loudspeaker that clips",
            scene: |dice| {
                let response = room(dice, 0.3, 0.5);
                let scene = scene(dice, response, 60);
                let far = scene.far.iter().map(|value| (value * 3.0).clamp(-1.0, 1.0));
                let (far, clips_at) = (far.collect(), 0.3);
                Scene {
                    far,
                    clips_at,
                    ..scene
                }
            },
            suppression: false,
        },
    ];

    /// Of one way to process it.
    #[derive(Clone, Copy)]
    struct Figures {
        /// Echo return loss enhancement while only the far end speaks, in dB.
        erle: f32,
        /// The same from the first to the third second.
        begin: f32,
        /// How much of the near voice is understood while both speak.
        near: f32,
    }

    pub(super) fn run() -> Result<()> {
        let python = std::env::args()
            .nth(1)
            .ok_or_else(|| Error::other("no Python is named"))?;
        let voices = std::env::args()
            .nth(2)
            .and_then(|number| number.parse().ok());
        let voices: u64 = voices.unwrap_or(VOICES);
        let folder = std::env::temp_dir().join(format!("audio-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let titles = [
            "ERLE from 3 s on, dB",
            "ERLE from 1 to 3 s, dB",
            "near voice",
        ];
        println!(
            "{:28}{}",
            "",
            titles.map(|title| format!("{title:>29}")).concat()
        );
        let heads = ["here", "libwebrtc", "ratio"].map(|head| format!("{head:>9}"));
        println!("{:28}{}", "", format!("  {}", heads.concat()).repeat(3));
        let (mut took, mut seconds) = (Duration::ZERO, 0);
        for row in &ROWS {
            let mut ours = Vec::new();
            let mut theirs = Vec::new();
            for seed in 1..=voices {
                let scene = (row.scene)(&mut Dice::new(seed));
                let heard = scene.heard();
                let start = Instant::now();
                ours.push(figures(&scene, &heard, &here(row, &scene, &heard)));
                took += start.elapsed();
                seconds += WHOLE;
                let out = libwebrtc(Path::new(&python), &folder, row, &scene, &heard)?;
                theirs.push(figures(&scene, &heard, &out));
            }
            let (here, there) = (median(&ours), median(&theirs));
            let columns = [
                (here.erle, there.erle, 1),
                (here.begin, there.begin, 1),
                (here.near, there.near, 3),
            ];
            let column = |(here, there, places): (f32, f32, usize)| {
                format!("  {here:9.places$}{there:9.places$}{:9.2}", here / there)
            };
            println!("{:28}{}", row.name, columns.map(column).concat());
        }
        println!(
            "\nA ratio above 1 is better than libwebrtc. {seconds} s of sound took {:.1} s here, its rooms and \
             figures included.",
            took.as_secs_f32()
        );
        std::fs::remove_dir_all(&folder)
    }

    fn median(figures: &[Figures]) -> Figures {
        let middle = |of: fn(&Figures) -> f32| {
            let mut all: Vec<f32> = figures.iter().map(of).collect();
            all.sort_by(f32::total_cmp);
            all[all.len() / 2]
        };
        Figures {
            erle: middle(|figures| figures.erle),
            begin: middle(|figures| figures.begin),
            near: middle(|figures| figures.near),
        }
    }

    fn figures(scene: &Scene, heard: &[f32], out: &[f32]) -> Figures {
        let (far, end) = (FAR as f32, WHOLE as f32 - 0.2);
        Figures {
            erle: level(heard, SETTLED, far) - level(out, SETTLED, far),
            begin: level(heard, 1.0, SETTLED) - level(out, 1.0, SETTLED),
            near: understood(&scene.near, out, far, end),
        }
    }

    fn here(row: &Row, scene: &Scene, heard: &[f32]) -> Vec<f32> {
        let switches = SoundSwitches {
            echo_cancellation: true,
            noise_suppression: row.suppression,
            auto_gain_control: false,
        };
        let far_end = FarEnd::default();
        let out = scene.run(heard, &far_end, &mut NearEnd::new(&far_end, switches));
        // As coarse as what it is compared with.
        let coarse = out.iter().map(|value| f32::from(sample(*value)) / 32_768.0);
        coarse.collect()
    }

    fn sample(value: f32) -> i16 {
        (value * 32_767.0).round() as i16
    }

    fn libwebrtc(
        python: &Path,
        folder: &Path,
        row: &Row,
        scene: &Scene,
        heard: &[f32],
    ) -> Result<Vec<f32>> {
        let bytes = |signal: &[f32]| -> Vec<u8> {
            signal
                .iter()
                .flat_map(|value| sample(*value).to_le_bytes())
                .collect()
        };
        let file = |name: &str| folder.join(name);
        std::fs::write(file("far"), bytes(&scene.far))?;
        std::fs::write(file("near"), bytes(heard))?;
        let order: String = scene
            .steps()
            .iter()
            .map(|step| match step {
                Step::Play(..) => 'p',
                Step::Capture(..) => 'c',
            })
            .collect();
        std::fs::write(file("order"), order)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/libwebrtc.py");
        let status = Command::new(python)
            .arg(script)
            .arg(if row.suppression { "1" } else { "0" })
            .args(["far", "near", "order", "out"].map(file))
            .status()?;
        if !status.success() {
            return Err(Error::other("libwebrtc failed"));
        }
        let out = std::fs::read(file("out"))?;
        debug_assert_eq!(out.len() % (2 * BLOCK_SAMPLES), 0, "whole blocks");
        let samples = out.chunks_exact(2);
        Ok(samples
            .map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])) / 32_768.0)
            .collect())
    }
}
