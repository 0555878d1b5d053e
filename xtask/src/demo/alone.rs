//! `./x demo --alone`: the door of a meeting in which a guest is waiting. Tokens are signed by the app.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, bail};

use super::children::{Owned, program};
use super::input;
use super::media_server::MediaServer;

const ROOM: &str = "demo";
const TICK: Duration = Duration::from_millis(100);

/// Runs until the app's window is closed or Ctrl-C. `built`: the folder with the programs.
pub(super) fn run(built: &Path) -> Result<()> {
    let app = built.join(format!("salon{}", std::env::consts::EXE_SUFFIX));
    let (_sender, inputs) = input::ends()?;
    let server = MediaServer::start()?;
    println!("A guest joins the meeting \"{ROOM}\"");
    let guest = ["guest", "--dev", "--server", &server.url, "--room", ROOM];
    let _guest = Owned::start(
        server
            .trust(&mut program(&app))
            .args(guest)
            .args(["--name", "Guest", "--fake-sound", "speech"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    )?;
    println!("Opening the app. Close its window, or press Ctrl-C here, to end everything.");
    let mut window = Owned::start(
        server
            .trust(&mut program(&app))
            .args(["--dev", "--server", &server.url, "--room", ROOM, "--lobby"])
            .stdin(Stdio::null()),
    )?;
    loop {
        if let Some(status) = window.0.try_wait()? {
            if !status.success() {
                bail!("the app ended: {status}");
            }
            return Ok(());
        }
        if inputs.recv_timeout(TICK).is_ok() {
            println!("Ending.");
            return Ok(());
        }
    }
}
