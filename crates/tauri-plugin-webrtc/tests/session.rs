//! What a page posts, and what comes of it on the network and back in the page.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Instant;

use common::{PC, Page, Remote, VIDEO, invitation, server};
use rtc_host::core::{
    ConnectionState, Direction, EncodedVideo, Kind, MediaCodec, TransceiverId, TransceiverInit,
};
use serde_json::{Value, json};
use tauri_plugin_webrtc::wire::binary::{
    DATA, DataMessage, PICTURE, PICTURE_HEADER, RAW_PICTURE, RAW_PICTURE_HEADER,
};
use tokio_tungstenite::tungstenite::Message;

const CHANNEL: u32 = 9;

#[test]
fn only_an_invited_page_of_the_app_comes_in_and_only_once() {
    let server = server();
    let (url, secret) = invitation(&server);
    let wrong = "0".repeat(secret.len());
    assert!(Page::try_open(&(url.clone(), wrong), "tauri://localhost").is_none());
    let invited = (url, secret);
    let mut page = Page::try_open(&invited, "tauri://localhost").unwrap();
    assert!(Page::try_open(&invited, "tauri://localhost").is_none());
    // The first one has not lost anything by that.
    assert!(page.request(json!({ "op": "enumerateDevices" })).is_ok());
    let elsewhere = Page::try_open(&invitation(&server), "https://elsewhere.example");
    assert!(elsewhere.is_none());
}

#[test]
fn what_is_not_understood_is_answered_and_the_page_goes_on() {
    let server = server();
    let mut page = Page::open(&server);
    assert_eq!(
        page.request(json!({ "op": "noSuchThing" })),
        Err("TypeError".into())
    );
    assert_eq!(
        page.request(json!({ "op": "stopTrack" })),
        Err("TypeError".into())
    );
    page.send(Message::text("not even JSON"));
    page.send(Message::binary(vec![DATA, 0]));
    let offer = json!({ "op": "pcCreateOffer", "pc": PC, "iceRestart": false });
    assert_eq!(page.request(offer), Err("InvalidStateError".into()));
    // Things that never were are as good as gone.
    for op in [
        json!({ "op": "stopTrack", "track": 5 }),
        json!({ "op": "setTrackEnabled", "track": 5, "enabled": true }),
        json!({ "op": "detachVideo", "sink": 5 }),
        json!({ "op": "dataChannelClose", "channel": 5 }),
        json!({ "op": "pcClose", "pc": 5 }),
    ] {
        assert_eq!(page.request(op), Ok(Value::Null));
    }
    let devices = page.request(json!({ "op": "enumerateDevices" })).unwrap();
    let labels = devices
        .as_array()
        .unwrap()
        .iter()
        .map(|each| &each["label"]);
    assert!(labels.clone().any(|label| label == "Fake camera"));
    assert!(labels.clone().any(|label| label == "Fake microphone"));
}

#[test]
fn messages_cross_a_data_channel_both_ways_whole_and_in_order() {
    let server = server();
    let (mut page, mut remote) = (Page::open(&server), Remote::start());
    page.connect();
    let init = json!({ "ordered": true, "protocol": "", "negotiated": false });
    page.request(json!({
        "op": "pcCreateDataChannel", "pc": PC, "channel": CHANNEL, "label": "chat", "init": init,
    }))
    .unwrap();
    page.negotiate(&mut remote);
    remote.run_until("an open data channel", |_| {
        page.has_event(|event| {
            event["event"] == "dataChannelState"
                && event["channel"] == json!(CHANNEL)
                && event["state"] == "open"
        })
    });
    let sent: Vec<Vec<u8>> = (0..20_u8)
        .map(|n| vec![n; 1 + 700 * usize::from(n)])
        .collect();
    for data in &sent {
        let message = DataMessage {
            channel: CHANNEL,
            binary: true,
            data,
        };
        page.send(Message::binary(message.encode()));
    }
    remote.run_until("all messages", |remote| remote.messages.len() == sent.len());
    let came: Vec<_> = remote
        .messages
        .iter()
        .map(|(_, data)| data.clone())
        .collect();
    assert!(came == sent);
    // All that was handed over has left.
    let total: usize = sent.iter().map(Vec::len).sum();
    remote.run_until("all bytes told as sent", |_| {
        page.has_event(|event| {
            event["event"] == "dataChannelSent" && event["sent"].as_u64() == Some(total as u64)
        })
    });
    let channel = remote.channels[0];
    remote.pc.send(channel, false, "back".as_bytes()).unwrap();
    remote.run_until("a message back", |_| page.has_binary(DATA));
    let message = page.binary(DATA);
    let message = DataMessage::decode(&message).unwrap();
    assert_eq!(
        (message.channel, message.binary, message.data),
        (CHANNEL, false, &b"back"[..])
    );
}

#[test]
fn the_own_camera_is_shown_in_the_page_as_large_as_its_tile() {
    let server = server();
    let mut page = Page::open(&server);
    let camera = page.get_user_media(false, true).unwrap()[0];
    page.request(json!({
        "op": "attachVideo", "sink": 1, "track": camera, "width": 320, "height": 240,
    }))
    .unwrap();
    let picture = page.binary(RAW_PICTURE);
    assert_eq!(picture.len(), RAW_PICTURE_HEADER + 320 * 240 * 3 / 2);
    assert_eq!(picture[8..12], (camera as u32).to_be_bytes());
}

#[test]
fn pictures_of_the_other_side_reach_the_page_that_shows_them_and_no_other() {
    let server = server();
    let (mut page, mut remote) = (Page::open(&server), Remote::start());
    page.connect();
    let init = json!({
        "track": null, "trackId": null, "direction": "recvonly", "streams": [],
        "sendEncodings": [], "byAddTrack": false,
    });
    page.request(json!({
        "op": "pcAddTransceiver", "pc": PC, "transceiver": VIDEO, "kind": "video", "init": init,
    }))
    .unwrap();
    let sender = TransceiverId(1);
    let sending = TransceiverInit {
        direction: Direction::SendOnly,
        track_id: Some("theirs".into()),
        by_add_track: true,
        ..TransceiverInit::default()
    };
    remote
        .pc
        .add_transceiver(sender, Kind::Video, sending)
        .unwrap();
    page.negotiate(&mut remote);
    remote.run_until("a connection", |remote| {
        remote.pc.connection_state() == ConnectionState::Connected
    });
    let state = page.event(|event| {
        event["event"] == "pcState" && event["state"]["connectionState"] == "connected"
    });
    let track = &state["state"]["transceivers"][0]["receiverTrack"];
    page.request(json!({
        "op": "attachVideo", "sink": 1, "track": track, "width": 320, "height": 180,
    }))
    .unwrap();
    // A VP8 key frame, as far as packetisation looks at it.
    let mut data = vec![0x55; 3000];
    data[..10].copy_from_slice(&[0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0]);
    let video = EncodedVideo {
        codec: MediaCodec::Vp8,
        rtp_time: 9000,
        key_frame: true,
        captured: Instant::now(),
        width: 320,
        height: 180,
        data: data.clone().into(),
    };
    remote.pc.write_video(sender, None, video).unwrap();
    remote.run_until("a picture in the page", |_| page.has_binary(PICTURE));
    let picture = page.binary(PICTURE);
    assert_eq!(picture[PICTURE_HEADER..], data);
    assert_eq!(picture[1], 1, "a key frame");
}
