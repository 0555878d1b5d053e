//! The plugin's server without Tauri, for trying the script in other browsers.
//!
//! Prints `{"url": ..., "secret": ...}` for each line on standard input, and ends with it.
//! Arguments: the origins to admit.

#![allow(clippy::print_stdout, reason = "its purpose")]

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    use std::io::BufRead as _;
    use tauri_plugin_webrtc::{DeviceOptions, FakeDevices, Gestures, Server};

    let devices = DeviceOptions {
        fake: FakeDevices::Only,
        ..DeviceOptions::default()
    };
    let server = Server::start(
        devices,
        std::env::args().skip(1).collect(),
        Gestures::default(),
    )?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let opened = server.invite()?;
        println!("{}", serde_json::to_string(&opened)?);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("Only Linux needs the server.");
}
