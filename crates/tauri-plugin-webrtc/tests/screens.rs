//! A page captures nothing that its user has not chosen.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use common::{ORIGIN, PC, Page, Remote, VIDEO};
use serde_json::{Value, json};
use tauri_plugin_webrtc::{DeviceOptions, Gestures, Server};

/// Set in the process that has a display of its own: the one of a process is in its environment.
const WITH_DISPLAY: &str = "WEBRTC_TEST_DISPLAY";

struct Display(Child);

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a test on an X server of its own, without a session bus.
fn with_display(test: &str, run: impl FnOnce()) {
    if std::env::var_os(WITH_DISPLAY).is_some() {
        return run();
    }
    // Without "-noreset" a server begins anew when its last client goes, and turns the next one away
    // meanwhile: what is offered has a connection that goes with it.
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "640x480x24"])
        .args(["-noreset", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is installed by `./x setup`");
    let said = server.stdout.take().unwrap();
    let _server = Display(server);
    let mut line = String::new();
    BufReader::new(said).read_line(&mut line).unwrap();
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(WITH_DISPLAY, "1")
        .env("DISPLAY", format!(":{}", line.trim()))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .env_remove("WAYLAND_DISPLAY")
        .status();
    assert!(outcome.unwrap().success());
}

fn open() -> (Page, Gestures, Server) {
    let gestures = Gestures::default();
    let server = Server::start(
        DeviceOptions::default(),
        vec![ORIGIN.into()],
        gestures.clone(),
    );
    let server = server.unwrap();
    (Page::open(&server), gestures, server)
}

fn ask(page: &mut Page) -> Result<Vec<Value>, String> {
    let answer = page.request(json!({ "op": "getDisplayMedia", "video": {} }))?;
    assert_eq!(answer["kind"], "choose");
    Ok(answer["sources"].as_array().unwrap().clone())
}

fn choose(page: &mut Page, source: &Value) -> Result<Value, String> {
    page.request(json!({ "op": "chooseDisplaySource", "source": source }))
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, String>) {
    assert_eq!(outcome.unwrap_err(), "NotAllowedError");
}

#[test]
fn nothing_is_offered_or_captured_without_the_user() {
    with_display("nothing_is_offered_or_captured_without_the_user", || {
        let (mut page, gestures, _server) = open();
        refused(ask(&mut page));
        gestures.happened();
        let sources = ask(&mut page).unwrap();
        let id = &sources[0]["id"];
        assert_eq!(sources[0]["surface"], "monitor");
        assert!(
            sources[0]["thumbnail"]
                .as_str()
                .unwrap()
                .starts_with("data:image/jpeg")
        );
        // The page makes its choice alone; then what was offered is gone.
        refused(choose(&mut page, id));
        gestures.happened();
        refused(choose(&mut page, id));
        // What was offered to nobody, what was offered before, and nothing at all. A gesture counts for
        // a few seconds only: each question has one of its own.
        gestures.happened();
        let before = ask(&mut page).unwrap()[0]["id"].clone();
        for wrong in [json!("0"), before, Value::Null] {
            gestures.happened();
            ask(&mut page).unwrap();
            gestures.happened();
            refused(choose(&mut page, &wrong));
        }
    });
}

#[test]
fn what_the_user_chose_is_sent_until_it_is_stopped() {
    with_display("what_the_user_chose_is_sent_until_it_is_stopped", || {
        let (mut page, gestures, _server) = open();
        let mut remote = Remote::start();
        gestures.happened();
        let sources = ask(&mut page).unwrap();
        gestures.happened();
        let tracks = choose(&mut page, &sources[0]["id"]).unwrap();
        let settings = &tracks[0]["settings"];
        assert_eq!(settings["displaySurface"], "monitor");
        assert_eq!(settings["cursor"], "always");
        assert_eq!([&settings["width"], &settings["height"]], [640, 480]);
        let track = tracks[0]["track"].as_u64().unwrap();
        page.connect();
        page.add_transceiver(VIDEO, track).unwrap();
        page.negotiate(&mut remote);
        // Nothing changes on this screen: what stands still is refined a few times.
        remote.see(5);
        assert!(captures());
        page.request(json!({ "op": "stopTrack", "track": track }))
            .unwrap();
        while captures() {
            std::thread::yield_now();
        }
        page.request(json!({ "op": "pcClose", "pc": PC })).unwrap();
    });
}

/// Whether any thread of this process captures a screen.
fn captures() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let names = threads.flatten().map(|thread| thread.path().join("comm"));
    names
        .filter_map(|name| std::fs::read_to_string(name).ok())
        .any(|name| name.trim() == "screen-capture")
}
