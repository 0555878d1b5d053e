//! What others send takes no more memory than it should, and nothing of it vanishes: the real
//! server, with pages that are WebSockets.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tauri_plugin_webrtc::{DeviceOptions, FakeDevices, Gestures, Server};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

const ORIGIN: &str = "tauri://localhost";
/// Bytes that a page may leave unhandled, and what comes on top of them: SCTP's window.
const HELD: usize = (8 + 2) << 20;
const SIZE: usize = 64 << 10;
const HEADER: usize = 6;

fn server() -> Server {
    let devices = DeviceOptions {
        fake: FakeDevices::Only,
        ..DeviceOptions::default()
    };
    Server::start(devices, vec![ORIGIN.into()], Gestures::default()).unwrap()
}

/// A page without a script.
struct Page {
    socket: WebSocketStream<TcpStream>,
    next: u32,
    events: VecDeque<Value>,
    data: VecDeque<Vec<u8>>,
}

impl Page {
    async fn open(server: &Server) -> Self {
        let opened = serde_json::to_value(server.invite().unwrap()).unwrap();
        let (url, secret) = (opened["url"].as_str().unwrap(), &opened["secret"]);
        let mut request = url.into_client_request().unwrap();
        let protocols = format!("webrtc.v1, {}", secret.as_str().unwrap());
        let headers = request.headers_mut();
        headers.insert("origin", ORIGIN.parse().unwrap());
        headers.insert("sec-websocket-protocol", protocols.parse().unwrap());
        let stream = TcpStream::connect(address(url)).await.unwrap();
        let (socket, _) = client_async(request, stream).await.unwrap();
        Self {
            socket,
            next: 1,
            events: VecDeque::new(),
            data: VecDeque::new(),
        }
    }

    /// Takes one message in; a reply is handed out.
    async fn read(&mut self) -> Option<Value> {
        match self.socket.next().await.unwrap().unwrap() {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message.get("reply").is_some() {
                    return Some(message);
                }
                self.events.push_back(message);
            }
            Message::Binary(data) => self.data.push_back(data.to_vec()),
            _ => {}
        }
        None
    }

    async fn post(&mut self, mut op: Value) -> u32 {
        let id = self.next;
        self.next += 1;
        op["id"] = json!(id);
        self.socket
            .send(Message::text(op.to_string()))
            .await
            .unwrap();
        id
    }

    async fn call(&mut self, op: Value) -> Value {
        let id = self.post(op).await;
        loop {
            if let Some(reply) = self.read().await
                && reply["reply"] == json!(id)
            {
                assert!(reply.get("error").is_none(), "{reply}");
                return reply["value"].clone();
            }
        }
    }

    /// The next event of this name.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            if let Some(index) = self.events.iter().position(|e| e["event"] == name) {
                return self.events.remove(index).unwrap();
            }
            self.read().await;
        }
    }

    async fn message(&mut self) -> Vec<u8> {
        loop {
            if let Some(data) = self.data.pop_front() {
                return data;
            }
            self.read().await;
        }
    }

    async fn taken(&mut self, bytes: usize) {
        self.post(json!({ "op": "dataTaken", "bytes": bytes }))
            .await;
    }

    /// Until all candidates are known; the description then has them.
    async fn described(&mut self) -> Value {
        while !self.event("pcIceCandidate").await["candidate"].is_null() {}
        loop {
            let state = self.event("pcState").await["state"].take();
            let local = &state["descriptions"];
            for name in ["pendingLocal", "currentLocal"] {
                let complete = local[name]["sdp"]
                    .as_str()
                    .is_some_and(|sdp| sdp.contains("a=end-of-candidates"));
                if complete {
                    return local[name].clone();
                }
            }
        }
    }
}

fn address(url: &str) -> String {
    url.trim_start_matches("ws://").trim_end_matches('/').into()
}

/// Two pages with a connection to each other, and what each calls its end of a reliable data channel.
async fn connected(server: &Server) -> (Page, u32, Page, u32) {
    let (mut near, mut far) = (Page::open(server).await, Page::open(server).await);
    for page in [&mut near, &mut far] {
        page.call(json!({ "op": "pcCreate", "pc": 1, "configuration": {
            "iceServers": [], "iceTransportPolicy": "all", "bundlePolicy": "max-bundle" } }))
            .await;
    }
    let init = json!({ "ordered": true, "protocol": "", "negotiated": false });
    near.call(
        json!({ "op": "pcCreateDataChannel", "pc": 1, "channel": 2, "label": "bulk",
        "init": init }),
    )
    .await;
    let set = |what: &str, description: Value| {
        json!({ "op": format!("pcSet{what}Description"), "pc": 1,
            "description": description })
    };
    near.call(set("Local", Value::Null)).await;
    let offer = near.described().await;
    far.call(set("Remote", offer)).await;
    far.call(set("Local", Value::Null)).await;
    let answer = far.described().await;
    near.call(set("Remote", answer)).await;
    let far_channel = far.event("pcDataChannel").await["channel"].as_u64();
    while near.event("dataChannelState").await["state"] != "open" {}
    (near, 2, far, far_channel.unwrap() as u32)
}

fn message(channel: u32, number: u32) -> Message {
    let mut data = vec![1];
    data.extend(channel.to_be_bytes());
    data.push(1);
    data.extend(number.to_be_bytes());
    data.resize(HEADER + SIZE, 7);
    Message::binary(data)
}

fn number(message: &[u8]) -> u32 {
    u32::from_be_bytes(message[HEADER..HEADER + 4].try_into().unwrap())
}

#[tokio::test]
async fn data_that_the_page_does_not_handle_stays_with_its_sender() {
    let server = server();
    let (mut near, channel, mut far, _) = connected(&server).await;
    // As much as may wait at the sender's.
    let count = (16 << 20) / SIZE as u32;
    for index in 0..count {
        near.socket.send(message(channel, index)).await.unwrap();
    }
    let mut arrived = vec![number(&far.message().await)];
    // The page reads, and does nothing with it. A slower machine only gets less far.
    while let Ok(message) = tokio::time::timeout(Duration::from_secs(2), far.message()).await {
        arrived.push(number(&message));
        assert!(arrived.len() * SIZE <= HELD, "all of it came");
    }
    far.taken(arrived.len() * (HEADER + SIZE)).await;
    while arrived.len() < count as usize {
        let message = far.message().await;
        arrived.push(number(&message));
        far.taken(message.len()).await;
    }
    assert_eq!(arrived, (0..count).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_that_handles_nothing_still_sends_and_sees_the_other_leave() {
    let server = server();
    let (mut near, channel, mut far, far_channel) = connected(&server).await;
    for index in 0..(16 << 20) / SIZE as u32 {
        near.socket.send(message(channel, index)).await.unwrap();
    }
    // From here on what comes has to wait.
    let mut unhandled = 0;
    while unhandled < 8 << 20 {
        unhandled += far.message().await.len();
    }
    for index in 0..100 {
        far.socket.send(message(far_channel, index)).await.unwrap();
    }
    let limit = Duration::from_secs(60);
    for index in 0..100 {
        let message = tokio::time::timeout(limit, near.message()).await;
        let message = message.expect("it is not acknowledged");
        assert_eq!(number(&message), index);
        near.taken(message.len()).await;
    }
    near.call(json!({ "op": "pcClose", "pc": 1 })).await;
    let closed = async { while far.event("dataChannelState").await["state"] != "closed" {} };
    tokio::time::timeout(limit, closed)
        .await
        .expect("it did not close");
}

#[tokio::test]
async fn a_message_that_the_channel_does_not_take_closes_it_in_sight() {
    let server = server();
    let (mut near, channel, mut far, _) = connected(&server).await;
    // A page that does not look at what waits.
    for index in 0..400 {
        near.socket.send(message(channel, index)).await.unwrap();
    }
    let failed = near.event("dataChannelFailed").await;
    assert_eq!(failed["channel"], json!(channel));
    // What was taken before arrives.
    for expected in 0..(8 << 20) / SIZE as u32 {
        let message = far.message().await;
        assert_eq!(number(&message), expected);
        far.taken(message.len()).await;
    }
}

#[tokio::test]
async fn sockets_that_say_nothing_keep_no_page_out() {
    let server = server();
    let url = serde_json::to_value(server.invite().unwrap()).unwrap();
    let url = url["url"].as_str().unwrap().to_owned();
    let mut silent = Vec::new();
    for _ in 0..60 {
        silent.push(TcpStream::connect(address(&url)).await.unwrap());
    }
    let mut page = Page::open(&server).await;
    page.call(json!({ "op": "enumerateDevices" })).await;
    // All but the last few were let go at once, long before their time was over.
    for socket in &mut silent[..40] {
        assert_eq!(socket.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }
}
