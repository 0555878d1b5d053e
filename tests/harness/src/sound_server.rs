//! A sound server without a sound card.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::Owned;

/// The sink that the app plays to.
pub const APP_SINK: &str = "app";
/// The sink that Chromium plays to.
pub const CHROMIUM_SINK: &str = "chromium";
/// The sink that a second app plays to.
pub const SECOND_SINK: &str = "second";

/// Starts one of our own, with one silent sink for each side.
///
/// # Errors
/// If it does not start in time.
pub(crate) fn start(folder: &Path) -> Result<Owned> {
    let socket = folder.join("pulse");
    for needed in ["runtime", "home"] {
        std::fs::create_dir_all(folder.join(needed))?;
    }
    let load = |module: &str| format!("--load={module}");
    let mut command = Command::new("pulseaudio");
    command
        .args([
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--disallow-exit",
            "--use-pid-file=no",
        ])
        .arg(load(&format!(
            "module-native-protocol-unix socket={} auth-anonymous=1",
            socket.display()
        )))
        .arg(load(&format!(
            "module-null-sink sink_name={APP_SINK} rate=48000"
        )))
        .arg(load(&format!(
            "module-null-sink sink_name={CHROMIUM_SINK} rate=48000"
        )))
        .arg(load(&format!(
            "module-null-sink sink_name={SECOND_SINK} rate=48000"
        )))
        .env("HOME", folder.join("home"))
        .env("XDG_RUNTIME_DIR", folder.join("runtime"));
    let sound = Owned::start(&mut command, &folder.join("pulse.log"))?;
    let deadline = Instant::now() + Duration::from_secs(60);
    while !socket.exists() {
        if Instant::now() > deadline {
            bail!("PulseAudio does not start: {}", sound.log());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(sound)
}
