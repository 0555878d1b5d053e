//! Listening to what a sink plays.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// Samples a second.
const RATE: usize = 48_000;
/// Silence is anything below this.
pub const SILENCE_DBFS: f64 = -60.0;

/// What was heard.
#[derive(Clone, Copy, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Heard {
    /// Root mean square of everything, dBFS.
    pub level_dbfs: f64,
    /// Of the tone looked for alone, dBFS.
    pub tone_dbfs: f64,
}

/// Listens to a sink without end, so that it works in small steps, as real ones do: one without
/// listeners looks for new sound only every two seconds. Ends when dropped.
///
/// # Errors
/// If `parec` does not start.
pub fn keep_awake(server: &str, sink: &str) -> Result<tokio::process::Child> {
    let mut recorder = Command::new("parec");
    recorder
        .args(["--raw", "--rate=8000", "--channels=1", "--latency-msec=20"])
        .arg(format!("--device={sink}.monitor"))
        .env("PULSE_SERVER", server)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("parec does not start")
}

/// Records the monitor of a sink and looks for a tone.
///
/// # Errors
/// If `parec` does not give what was asked.
pub async fn listen(server: &str, sink: &str, hertz: f64, duration: Duration) -> Result<Heard> {
    Ok(analyse(&record(server, sink, duration).await?, hertz))
}

/// Records the monitor of a sink: one channel at 48 kHz, -1.0 to 1.0.
///
/// # Errors
/// If `parec` does not give what was asked.
pub async fn record(server: &str, sink: &str, duration: Duration) -> Result<Vec<f64>> {
    let mut recorder = Command::new("parec")
        .args([
            "--raw",
            "--format=float32le",
            "--channels=1",
            "--latency-msec=50",
        ])
        .arg(format!("--rate={RATE}"))
        .arg(format!("--device={sink}.monitor"))
        .env("PULSE_SERVER", server)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("parec does not start")?;
    let mut output = recorder.stdout.take().context("parec has no output")?;
    let mut bytes = vec![0; (RATE as f64 * duration.as_secs_f64()) as usize * 4];
    tokio::time::timeout(
        duration + Duration::from_secs(10),
        output.read_exact(&mut bytes),
    )
    .await
    .context("the sink gives no sound, not even silence")??;
    let samples = bytes.chunks_exact(4);
    Ok(samples
        .map(|four| f64::from(f32::from_le_bytes([four[0], four[1], four[2], four[3]])))
        .collect())
}

/// How whole a tone is that should never stop.
#[derive(Clone, Copy, Debug)]
pub struct Tone {
    /// Share of the time in which it is less than a tenth as loud as it mostly is.
    pub holes: f64,
    /// How loud what is not the tone is beside it, in dB.
    pub noise: f64,
}

impl Tone {
    /// Of samples at 48 kHz.
    pub fn of(samples: &[f64], hertz: f64) -> Self {
        // 5 ms: shorter than anything that is lost.
        let mut levels: Vec<f64> = samples
            .chunks_exact(RATE / 200)
            .map(|piece| piece.iter().map(|value| value * value).sum::<f64>().sqrt())
            .collect();
        levels.sort_by(f64::total_cmp);
        let usual = levels.get(levels.len() / 2).copied().unwrap_or(0.0);
        // Where next to nothing is heard, all of it is a hole.
        let most = (0.1 * usual).max(1e-4);
        let holes = levels.iter().filter(|level| **level < most).count();
        // In whole periods, and short, since the phase may jump in between.
        let periods = (hertz / 40.0).round();
        let length = ((periods * RATE as f64) / hertz).round() as usize;
        let (mut tone, mut all) = (0.0, 0.0);
        for piece in samples.chunks_exact(length.max(1)) {
            let step = std::f64::consts::TAU * periods / length as f64;
            let (mut re, mut im) = (0.0, 0.0);
            for (index, value) in piece.iter().enumerate() {
                let (sin, cos) = (step * index as f64).sin_cos();
                re += value * cos;
                im += value * sin;
                all += value * value;
            }
            tone += 2.0 * (re * re + im * im) / piece.len() as f64;
        }
        Self {
            holes: holes as f64 / levels.len().max(1) as f64,
            noise: 10.0 * ((all - tone).max(1e-12) / tone.max(1e-12)).log10(),
        }
    }
}

/// Listens piece by piece until one is right, or `limit` is over: what comes and goes takes as long as
/// the machine needs. The last piece.
///
/// # Errors
/// As [`listen`].
pub async fn listen_until(
    server: &str,
    sink: &str,
    hertz: f64,
    piece: Duration,
    limit: Duration,
    right: impl Fn(Heard) -> bool,
) -> Result<Heard> {
    let deadline = tokio::time::Instant::now() + limit;
    loop {
        let heard = listen(server, sink, hertz, piece).await?;
        if right(heard) || tokio::time::Instant::now() > deadline {
            return Ok(heard);
        }
    }
}

/// Level of everything, and of one tone in pieces of 100 ms (its phase may jump in between).
fn analyse(samples: &[f64], hertz: f64) -> Heard {
    let decibels = |power: f64| 10.0 * power.max(1e-12).log10();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let power: Vec<_> = samples.iter().map(|value| value * value).collect();
    let tones: Vec<_> = samples
        .chunks_exact(RATE / 10)
        .map(|piece| {
            let step = std::f64::consts::TAU * hertz / RATE as f64;
            let (mut re, mut im) = (0.0, 0.0);
            for (index, value) in piece.iter().enumerate() {
                let (sin, cos) = (step * index as f64).sin_cos();
                re += value * cos;
                im += value * sin;
            }
            let count = piece.len() as f64;
            2.0 * (re * re + im * im) / (count * count)
        })
        .collect();
    Heard {
        level_dbfs: decibels(mean(&power)),
        tone_dbfs: decibels(mean(&tones)),
    }
}

/// A microphone that hears one tone for ever, and can be pulled out. Ends with its sound server.
#[derive(Debug)]
pub struct Microphone {
    server: String,
    name: &'static str,
    /// The module that it is, while it is plugged in.
    module: Option<String>,
}

impl Microphone {
    /// Plugs in one with this name, which is its label, too.
    ///
    /// # Errors
    /// If the sound server does not take it.
    pub async fn plug_in(server: &str, name: &'static str, hertz: u32) -> Result<Self> {
        let mut microphone = Self {
            server: server.to_owned(),
            name,
            module: None,
        };
        let rate = format!("rate={RATE}");
        let room = microphone.room();
        let sink = format!("sink_name={room}");
        microphone.load(&["module-null-sink", &sink, &rate]).await?;
        let (sink, tone) = (format!("sink={room}"), format!("frequency={hertz}"));
        microphone.load(&["module-sine", &sink, &tone]).await?;
        microphone.plug().await?;
        Ok(microphone)
    }

    /// Plugs it in again.
    ///
    /// # Errors
    /// If the sound server does not take it.
    pub async fn plug(&mut self) -> Result<()> {
        let source = format!("source_name={}", self.name);
        let master = format!("master={}.monitor", self.room());
        let label = format!("source_properties=device.description={}", self.name);
        let module = ["module-remap-source", &source, &master, &label];
        self.module = Some(self.load(&module).await?);
        Ok(())
    }

    /// Pulls it out.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn pull(&mut self) -> Result<()> {
        let module = self.module.take().context("it is not plugged in")?;
        self.pactl(&["unload-module", &module]).await.map(drop)
    }

    /// Makes it the system's default.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn be_default(&self) -> Result<()> {
        let command = ["set-default-source", self.name];
        self.pactl(&command).await.map(drop)
    }

    /// Where its tone is played.
    fn room(&self) -> String {
        format!("around-{}", self.name)
    }

    async fn load(&self, module: &[&str]) -> Result<String> {
        self.pactl(&[&["load-module"], module].concat()).await
    }

    async fn pactl(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("pactl")
            .args(arguments)
            .env("PULSE_SERVER", &self.server)
            .stderr(Stdio::inherit())
            .output()
            .await
            .context("pactl does not start")?;
        anyhow::ensure!(output.status.success(), "pactl {arguments:?}");
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_in_a_tone_and_what_is_beside_it_are_measured() {
        let mut tone: Vec<_> = (0..2 * RATE)
            .map(|n| 0.1 * (std::f64::consts::TAU * 440.0 * n as f64 / RATE as f64).sin())
            .collect();
        assert_eq!(Tone::of(&vec![0.0; RATE], 440.0).holes, 1.0);
        let whole = Tone::of(&tone, 440.0);
        assert!(whole.holes == 0.0 && whole.noise < -60.0, "{whole:?}");
        for hole in tone.chunks_exact_mut(RATE / 10) {
            hole[..RATE / 100].fill(0.0);
        }
        let Tone { holes, noise } = Tone::of(&tone, 440.0);
        assert!((0.08..=0.1).contains(&holes), "{holes}");
        assert!((-15.0..-8.0).contains(&noise), "{noise}");
    }

    #[test]
    fn a_tone_is_told_from_another_and_from_silence() {
        let tone: Vec<_> = (0..RATE)
            .map(|n| 0.1 * (std::f64::consts::TAU * 440.0 * n as f64 / RATE as f64).sin())
            .collect();
        let heard = analyse(&tone, 440.0);
        assert!((heard.tone_dbfs + 23.0).abs() < 0.1 && (heard.level_dbfs + 23.0).abs() < 0.1);
        assert!(analyse(&tone, 660.0).tone_dbfs < -60.0);
        assert!(analyse(&vec![0.0; RATE], 440.0).level_dbfs < SILENCE_DBFS);
    }
}
