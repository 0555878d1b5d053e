//! A page's end of the WebSocket, without a page: what the script posts is posted here.
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]
#![allow(
    dead_code,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "each test uses its part of this"
)]

#[path = "../../../rtc-host/tests/common/remote.rs"]
mod remote;

use std::collections::VecDeque;
use std::sync::mpsc::channel;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rtc_host::core::{SdpType, SessionDescription};
use rtc_host::media::{DeviceKind, FakeUsage};
use serde_json::{Value, json};
use tauri_plugin_webrtc::{DeviceOptions, FakeDevices, Gestures, Server};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

pub use remote::{LIMIT, Remote};

pub const ORIGIN: &str = "tauri://localhost";
/// The page's numbers of its connection and of what it sends.
pub const PC: u32 = 1;
pub const AUDIO: u32 = 2;
pub const VIDEO: u32 = 3;

pub fn server() -> Server {
    server_with(FakeDevices::Only)
}

/// The same with these fake devices, beside the system's or instead of them.
pub fn server_with(fake: FakeDevices) -> Server {
    let devices = DeviceOptions {
        fake,
        ..DeviceOptions::default()
    };
    Server::start(devices, vec![ORIGIN.into()], Gestures::default()).unwrap()
}

/// Waits until a device has been closed as often as opened.
pub fn wait_closed(server: &Server, kind: DeviceKind) {
    wait_used(server, kind, |usage| !usage.is_open());
}

/// Waits until a device has been opened and closed as often as `done` wants.
pub fn wait_used(server: &Server, kind: DeviceKind, done: fn(FakeUsage) -> bool) {
    let (send, used) = channel();
    let subscription = server.devices().on_fake_usage(kind, move |usage| {
        if done(usage) {
            let _ = send.send(());
        }
    });
    if !done(server.devices().fake_usage(kind)) {
        used.recv_timeout(LIMIT).unwrap();
    }
    drop(subscription);
}

/// Where to connect to, and the secret that admits once.
pub fn invitation(server: &Server) -> (String, String) {
    let opened = serde_json::to_value(server.invite().unwrap()).unwrap();
    let text = |name: &str| opened[name].as_str().unwrap().to_owned();
    (text("url"), text("secret"))
}

pub struct Page {
    runtime: Runtime,
    socket: WebSocketStream<TcpStream>,
    last: u32,
    /// Events that nobody asked for yet.
    events: VecDeque<Value>,
    /// Binary messages that nobody asked for yet.
    binaries: VecDeque<Vec<u8>>,
}

impl Page {
    /// Constraints that only the device with this label meets.
    pub fn only(&mut self, label: &str) -> Value {
        let devices = self.request(json!({ "op": "enumerateDevices" })).unwrap();
        let mut devices = devices.as_array().unwrap().iter();
        let device = devices.find(|device| device["label"] == label).unwrap();
        json!({ "deviceId": { "exact": [device["deviceId"]] } })
    }

    pub fn open(server: &Server) -> Self {
        Self::try_open(&invitation(server), ORIGIN).unwrap()
    }

    /// Connects as a page of that origin does; without an answer it was turned away.
    pub fn try_open((url, secret): &(String, String), origin: &'static str) -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut request = url.as_str().into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", HeaderValue::from_static(origin));
        let offered = HeaderValue::from_str(&format!("webrtc.v1, {secret}")).unwrap();
        headers.insert("sec-websocket-protocol", offered);
        let opened = runtime.block_on(async {
            let address = request.uri().authority().unwrap().to_string();
            let stream = TcpStream::connect(address).await.unwrap();
            tokio_tungstenite::client_async(request, stream).await
        });
        let (socket, _) = opened.ok()?;
        Some(Self {
            runtime,
            socket,
            last: 0,
            events: VecDeque::new(),
            binaries: VecDeque::new(),
        })
    }

    /// Sends a message as it is.
    pub fn send(&mut self, message: Message) {
        self.runtime.block_on(self.socket.send(message)).unwrap();
    }

    /// Posts a request; its number.
    pub fn post(&mut self, mut op: Value) -> u32 {
        self.last += 1;
        op["id"] = json!(self.last);
        self.send(Message::text(op.to_string()));
        self.last
    }

    /// The answer to a request: its value, or the error's name.
    pub fn reply(&mut self, request: u32) -> Result<Value, String> {
        loop {
            let message = self.next();
            if message["reply"] == json!(request) {
                return match message["error"]["name"].as_str() {
                    Some(name) => Err(name.into()),
                    None => Ok(message["value"].clone()),
                };
            }
            if message.get("event").is_some() {
                self.events.push_back(message);
            }
        }
    }

    pub fn request(&mut self, op: Value) -> Result<Value, String> {
        let request = self.post(op);
        self.reply(request)
    }

    /// Waits for an event, and forgets those before it.
    pub fn event(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        while let Some(event) = self.events.pop_front() {
            if wanted(&event) {
                return event;
            }
        }
        loop {
            let message = self.next();
            if message.get("event").is_some() && wanted(&message) {
                return message;
            }
        }
    }

    /// Waits for a binary message of this type (its first byte).
    pub fn binary(&mut self, kind: u8) -> Vec<u8> {
        loop {
            while let Some(message) = self.binaries.pop_front() {
                if message[0] == kind {
                    return message;
                }
            }
            let message = self.runtime.block_on(self.socket.next()).unwrap().unwrap();
            match message {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message.get("event").is_some() {
                        self.events.push_back(message);
                    }
                }
                Message::Binary(data) => self.binaries.push_back(data.to_vec()),
                _ => {}
            }
        }
    }

    /// Whether an event has come by now; takes it, and those before it.
    pub fn has_event(&mut self, wanted: impl Fn(&Value) -> bool) -> bool {
        self.look();
        while let Some(event) = self.events.pop_front() {
            if wanted(&event) {
                return true;
            }
        }
        false
    }

    /// Whether a binary message of this type has come by now.
    pub fn has_binary(&mut self, kind: u8) -> bool {
        self.look();
        self.binaries.iter().any(|message| message[0] == kind)
    }

    /// Takes in one message, if one has come by now.
    fn look(&mut self) {
        let socket = &mut self.socket;
        let waiting = async { tokio::time::timeout(Duration::ZERO, socket.next()).await };
        match self.runtime.block_on(waiting) {
            Ok(Some(Ok(Message::Text(text)))) => {
                self.events.push_back(serde_json::from_str(&text).unwrap());
            }
            Ok(Some(Ok(Message::Binary(data)))) => self.binaries.push_back(data.to_vec()),
            _ => {}
        }
    }

    fn next(&mut self) -> Value {
        loop {
            let message = self.runtime.block_on(self.socket.next()).unwrap().unwrap();
            match message {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Binary(data) => self.binaries.push_back(data.to_vec()),
                _ => {}
            }
        }
    }

    /// `getUserMedia`; the tracks' numbers.
    pub fn get_user_media(&mut self, audio: bool, video: bool) -> Result<Vec<u64>, String> {
        let wanted = |wanted: bool| if wanted { json!({}) } else { Value::Null };
        let op = json!({ "op": "getUserMedia", "audio": wanted(audio), "video": wanted(video) });
        let tracks = self.request(op)?;
        let numbers = tracks.as_array().unwrap().iter();
        Ok(numbers
            .map(|track| track["track"].as_u64().unwrap())
            .collect())
    }

    pub fn connect(&mut self) {
        let configuration =
            json!({ "iceServers": [], "iceTransportPolicy": "all", "bundlePolicy": "balanced" });
        let op = json!({ "op": "pcCreate", "pc": PC, "configuration": configuration });
        self.request(op).unwrap();
    }

    pub fn add_transceiver(&mut self, transceiver: u32, track: u64) -> Result<Value, String> {
        let kind = if transceiver == AUDIO {
            "audio"
        } else {
            "video"
        };
        let init = json!({
            "track": track, "trackId": format!("track-{track}"), "direction": "sendonly",
            "streams": ["own"], "sendEncodings": [], "byAddTrack": false,
        });
        self.request(json!({
            "op": "pcAddTransceiver", "pc": PC, "transceiver": transceiver, "kind": kind,
            "init": init,
        }))
    }

    pub fn replace_track(&mut self, transceiver: u32, track: u64) -> Result<Value, String> {
        self.request(json!({
            "op": "senderReplaceTrack", "pc": PC, "transceiver": transceiver, "track": track,
            "trackId": format!("track-{track}"),
        }))
    }

    /// Offer and answer.
    pub fn negotiate(&mut self, remote: &mut Remote) {
        let set = json!({ "op": "pcSetLocalDescription", "pc": PC, "description": null });
        self.request(set).unwrap();
        let complete = self.event(|event| {
            event["event"] == "pcState" && event["state"]["iceGatheringState"] == "complete"
        });
        let offer = complete["state"]["descriptions"]["pendingLocal"]["sdp"]
            .as_str()
            .unwrap();
        let answer = remote.answer(SessionDescription {
            kind: SdpType::Offer,
            sdp: offer.into(),
        });
        let description = json!({ "type": "answer", "sdp": answer.sdp });
        let set = json!({ "op": "pcSetRemoteDescription", "pc": PC, "description": description });
        self.request(set).unwrap();
    }
}
