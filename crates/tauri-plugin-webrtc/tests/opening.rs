//! What becomes of devices when the page goes while one of them is still being opened.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

#[path = "../../rtc-host/tests/held_up/cameras.rs"]
mod cameras;
mod common;
#[path = "../../rtc-host/tests/held_up/gate.rs"]
mod gate;

use common::Page;
use rtc_host::media::DeviceKind;
use serde_json::json;
use tauri_plugin_webrtc::FakeDevices;

#[test]
fn a_microphone_closes_with_its_page_though_a_camera_does_not_answer() {
    cameras::install();
    cameras::plug("Slow");
    let server = common::server_with(FakeDevices::Also);
    let mut page = Page::open(&server);
    let (audio, video) = (page.only("Fake microphone"), page.only("Slow"));
    let opening = cameras::OPENING.close();
    page.post(json!({ "op": "getUserMedia", "audio": audio, "video": video }));
    opening.wait();
    // It opens whatever the camera does.
    common::wait_used(&server, DeviceKind::AudioInput, |usage| usage.opened == 1);
    drop(page);
    common::wait_closed(&server, DeviceKind::AudioInput);
    drop(opening);
    cameras::pull("Slow");
}
