//! What a page gets while a camera does not answer, and when it has gone.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

#[path = "../../rtc-host/tests/held_up/cameras.rs"]
mod cameras;
mod common;
#[path = "../../rtc-host/tests/held_up/gate.rs"]
mod gate;

use std::sync::mpsc::channel;

use common::{AUDIO, LIMIT, PC, Page, Remote, VIDEO};
use serde_json::{Value, json};
use tauri_plugin_webrtc::FakeDevices;

/// `getUserMedia` for the device with this label; the track's number.
fn open(page: &mut Page, kind: &str, label: &str) -> u64 {
    let mut op = json!({ "op": "getUserMedia", "audio": null, "video": null });
    op[kind] = page.only(label);
    let tracks = page.request(op).unwrap();
    tracks[0]["track"].as_u64().unwrap()
}

#[test]
fn a_page_is_answered_and_heard_while_a_camera_is_opened_anew_and_told_when_it_goes() {
    let (done, finished) = channel();
    std::thread::spawn(move || {
        camera_that_does_not_answer();
        done.send(())
    });
    // A page that gets no answer waits for ever.
    finished.recv_timeout(LIMIT).unwrap();
}

fn camera_that_does_not_answer() {
    cameras::install();
    cameras::plug("Slow");
    let server = common::server_with(FakeDevices::Also);
    let (mut page, mut remote) = (Page::open(&server), Remote::start());
    let microphone = open(&mut page, "audio", "Fake microphone");
    let camera = open(&mut page, "video", "Slow");
    page.connect();
    page.add_transceiver(AUDIO, microphone).unwrap();
    page.add_transceiver(VIDEO, camera).unwrap();
    page.negotiate(&mut remote);
    remote.see(2);
    remote.hear(5);
    let opening = cameras::OPENING.close();
    let constraints = json!({ "width": { "exact": 320.0 } });
    let applied =
        page.post(json!({ "op": "applyConstraints", "track": camera, "constraints": constraints }));
    opening.wait();
    let width = |page: &mut Page| {
        let op = json!({ "op": "pcGetStats", "pc": PC, "transceiver": VIDEO, "side": null });
        let report = page.request(op).unwrap();
        let source = |entry: &&Value| entry["type"] == "media-source";
        let mut entries = report.as_object().unwrap().values();
        entries.find(source).unwrap()["width"].as_u64().unwrap()
    };
    for clone in 100..103 {
        assert_eq!(width(&mut page), 640, "what it delivered last");
        page.request(json!({ "op": "cloneTrack", "track": camera, "clone": clone }))
            .unwrap();
        page.request(json!({ "op": "stopTrack", "track": clone }))
            .unwrap();
        let off = json!({ "op": "setTrackEnabled", "track": camera, "enabled": false });
        page.request(off).unwrap();
        remote.hear(25);
    }
    drop(opening);
    page.reply(applied).unwrap();
    assert_eq!(width(&mut page), 320);
    cameras::pull("Slow");
    page.event(|event| event["event"] == "trackEnded" && event["track"] == camera);
}
