//! What a page's switches do to the devices and to what arrives at the other side.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use common::{AUDIO, PC, Page, Remote, VIDEO, server, wait_closed, wait_used};
use rtc_host::media::DeviceKind::{AudioInput, VideoInput};
use serde_json::json;
use tauri_plugin_webrtc::Server;

/// What is on its way, 200 ms of it, has arrived after so many packets of sound.
const IN_FLIGHT: usize = 10;

/// A page in a call with camera and microphone, both of which have arrived.
fn call(server: &Server) -> (Page, Remote, u64) {
    let (mut page, mut remote) = (Page::open(server), Remote::start());
    let tracks = page.get_user_media(true, true).unwrap();
    page.connect();
    page.add_transceiver(AUDIO, tracks[0]).unwrap();
    page.add_transceiver(VIDEO, tracks[1]).unwrap();
    page.negotiate(&mut remote);
    remote.see(5);
    remote.hear(5);
    (page, remote, tracks[1])
}

fn nothing_of_a_camera_arrives(remote: &mut Remote) {
    remote.hear(IN_FLIGHT);
    let before = remote.video_bytes();
    remote.hear(100);
    assert_eq!(remote.video_bytes(), before);
}

#[test]
fn camera_off_closes_the_camera_and_sends_no_byte_of_it() {
    let server = server();
    let (mut page, mut remote, camera) = call(&server);
    // As LiveKit's SDK does it: stop, then disable.
    page.post(json!({ "op": "stopTrack", "track": camera }));
    page.request(json!({ "op": "setTrackEnabled", "track": camera, "enabled": false }))
        .unwrap();
    wait_closed(&server, VideoInput);
    nothing_of_a_camera_arrives(&mut remote);
    assert!(server.devices().fake_usage(AudioInput).is_open());
}

#[test]
fn camera_off_and_on_in_one_breath_does_not_find_it_busy() {
    let server = server();
    let (mut page, mut remote, mut camera) = call(&server);
    for _ in 0..3 {
        page.post(json!({ "op": "stopTrack", "track": camera }));
        camera = page.get_user_media(false, true).unwrap()[0];
        page.replace_track(VIDEO, camera).unwrap();
        remote.see(2);
    }
    assert_eq!(server.devices().fake_usage(VideoInput).opened, 4);
}

#[test]
fn publishing_a_camera_that_is_off_succeeds_and_shows_it_once_it_is_on() {
    let server = server();
    let (mut page, mut remote) = (Page::open(&server), Remote::start());
    let tracks = page.get_user_media(true, true).unwrap();
    let stopped = tracks[1];
    page.request(json!({ "op": "stopTrack", "track": stopped }))
        .unwrap();
    page.connect();
    page.add_transceiver(AUDIO, tracks[0]).unwrap();
    page.add_transceiver(VIDEO, stopped).unwrap();
    page.negotiate(&mut remote);
    assert_eq!(remote.pc.transceivers().len(), 2);
    remote.hear(50);
    assert_eq!(remote.video_bytes(), 0);
    let camera = page.get_user_media(false, true).unwrap()[0];
    page.replace_track(VIDEO, camera).unwrap();
    remote.see(5);
    page.replace_track(VIDEO, stopped).unwrap();
    nothing_of_a_camera_arrives(&mut remote);
}

#[test]
fn statistics_name_the_track_that_is_sent_now() {
    let server = server();
    let (mut page, mut remote, camera) = call(&server);
    let sent = |page: &mut Page| {
        let stats = json!({ "op": "pcGetStats", "pc": PC, "transceiver": VIDEO, "side": "sender" });
        let stats = page.request(stats).unwrap();
        let mut sources = stats.as_object().unwrap().values();
        let source = sources.find(|each| each["type"] == "media-source").cloned();
        source.map(|source| source["trackIdentifier"].clone())
    };
    assert_eq!(sent(&mut page), Some(json!(format!("track-{camera}"))));
    page.post(json!({ "op": "stopTrack", "track": camera }));
    let another = page.get_user_media(false, true).unwrap()[0];
    page.replace_track(VIDEO, another).unwrap();
    remote.see(2);
    assert_eq!(sent(&mut page), Some(json!(format!("track-{another}"))));
}

#[test]
fn a_clone_lives_on_and_keeps_the_camera_until_it_is_stopped_too() {
    let server = server();
    let (mut page, mut remote, camera) = call(&server);
    let clone = 77;
    page.post(json!({ "op": "cloneTrack", "track": camera, "clone": clone }));
    page.post(json!({ "op": "stopTrack", "track": camera }));
    page.replace_track(VIDEO, clone).unwrap();
    remote.see(5);
    page.request(json!({ "op": "stopTrack", "track": clone }))
        .unwrap();
    wait_closed(&server, VideoInput);
    let late = 78;
    page.post(json!({ "op": "cloneTrack", "track": clone, "clone": late }));
    page.event(|event| event["event"] == "trackEnded" && event["track"] == json!(late));
}

#[test]
fn a_page_that_goes_away_films_nobody_and_the_next_one_can_open_the_camera() {
    let server = server();
    let (page, remote, _) = call(&server);
    drop(page);
    wait_closed(&server, VideoInput);
    wait_closed(&server, AudioInput);
    drop(remote);
    call(&server);
}

#[test]
fn a_camera_that_opens_for_a_page_that_goes_closes_again() {
    let server = server();
    let mut page = Page::open(&server);
    page.post(json!({ "op": "getUserMedia", "audio": null, "video": {} }));
    // For one that goes before that it is not even opened.
    wait_used(&server, VideoInput, |usage| usage.opened == 1);
    drop(page);
    wait_used(&server, VideoInput, |usage| {
        usage.opened == 1 && usage.closed == 1
    });
}

#[test]
fn a_camera_that_is_pulled_out_ends_in_the_page_and_closes() {
    let server = server();
    let (mut page, mut remote, camera) = call(&server);
    server.devices().plug_fake(VideoInput, false);
    page.event(|event| event["event"] == "trackEnded" && event["track"] == json!(camera));
    page.event(|event| event["event"] == "deviceChange");
    wait_closed(&server, VideoInput);
    nothing_of_a_camera_arrives(&mut remote);
    assert_eq!(
        page.get_user_media(false, true),
        Err("NotFoundError".into())
    );
    server.devices().plug_fake(VideoInput, true);
    let again = page.get_user_media(false, true).unwrap()[0];
    page.replace_track(VIDEO, again).unwrap();
    remote.see(5);
}

#[test]
fn a_microphone_that_was_opened_with_a_camera_that_failed_closes_again() {
    let server = server();
    let mut page = Page::open(&server);
    server.devices().plug_fake(VideoInput, false);
    assert_eq!(page.get_user_media(true, true), Err("NotFoundError".into()));
    wait_closed(&server, AudioInput);
    assert_eq!(server.devices().fake_usage(AudioInput).opened, 1);
}
