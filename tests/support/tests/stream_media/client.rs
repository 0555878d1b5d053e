//! A client of the media server, as small as it can be: it joins, publishes packets of its own making
//! in three layers, and notes what arrives.

mod half;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use salon_support::stream::sfu::MediaServer;
use serde_json::{Value, json};
use str0m::Event;
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Simulcast, SimulcastLayer};
use str0m::rtp::Vp8Descriptor;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use half::{Half, write};

/// Longer than anything here takes; a test that waits for it has failed.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
/// The layers, with the widths that are announced; heights are nine sixteenths of them.
pub(crate) const LAYERS: [(&str, u32); 3] = [("q", 320), ("h", 640), ("f", 1280)];
const PACE: Duration = Duration::from_millis(20);

/// A packet that has arrived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Packet {
    pub(crate) ssrc: u32,
    pub(crate) number: u64,
    pub(crate) time: u32,
    /// The first letter of its layer; `a`: sound.
    pub(crate) layer: char,
    pub(crate) key_frame: bool,
    pub(crate) picture_id: Option<u16>,
}

/// What a client has noted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    /// All events but answers to health checks, in order.
    pub(crate) events: Vec<Value>,
    /// By the stream's id.
    pub(crate) packets: BTreeMap<String, Vec<Packet>>,
    /// Key frames that were asked for, by layer.
    pub(crate) asked: BTreeMap<String, usize>,
    /// Layers that the media server wants.
    pub(crate) active: Option<BTreeSet<String>>,
    /// The signalling connection is gone.
    pub(crate) gone: bool,
    /// Offers that were answered.
    pub(crate) answered: usize,
    /// Media sections of the last offer, by direction.
    pub(crate) sections: Vec<String>,
    /// Errors of calls over HTTP, by code.
    pub(crate) refused: Vec<u64>,
    /// A media connection was closed by the media server.
    pub(crate) closed: bool,
}

impl Noted {
    /// Events of this name.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Value> {
        self.events.iter().filter_map(move |event| event.get(name))
    }

    /// What has come of a participant's track.
    pub(crate) fn packets_of(&self, client: &Client, kind: &str) -> &[Packet] {
        let found = self.packets.iter().find(|(stream, _)| {
            **stream == format!("{}:TRACK_TYPE_{kind}", self.prefix_of(&client.session))
        });
        found.map_or(&[], |(_, packets)| packets)
    }

    fn prefix_of(&self, session: &str) -> String {
        let joined = self.of("joinResponse");
        let listed = joined.flat_map(|joined| joined["callState"]["participants"].as_array());
        let later = self
            .of("participantJoined")
            .map(|event| &event["participant"]);
        let mut all = listed.flatten().chain(later);
        let found = all.rfind(|participant| participant["sessionId"] == session);
        let prefix = found.and_then(|participant| participant["trackLookupPrefix"].as_str());
        prefix.unwrap_or_default().to_owned()
    }
}

enum Order {
    Publish(Vec<&'static str>),
    Mute(&'static str, bool),
    Call(&'static str, Value),
    /// Connects the signalling again.
    Fast,
    Leave,
    AskKeyFrame,
    /// Offers get lost from now on, or no longer.
    Deaf(bool),
    /// Offers wait from now on, or are answered one after the other.
    Busy(bool),
}

/// How a client joins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How<'a> {
    First,
    Rejoin(&'a str),
    Migrate,
}

/// A client that runs in a task of its own.
pub(crate) struct Client {
    pub(crate) session: String,
    orders: mpsc::Sender<Order>,
    noted: watch::Receiver<Noted>,
}

impl Client {
    /// Joins; whether that is granted is among what it notes.
    pub(crate) async fn join(
        server: &MediaServer,
        token: &str,
        session: &str,
        how: How<'_>,
    ) -> Self {
        let (orders, inbox) = mpsc::channel(32);
        let (noting, noted) = watch::channel(Noted::default());
        let line = connect(&server.ws_endpoint()).await;
        let mut task = Task {
            url: server.url(),
            signalling: server.ws_endpoint(),
            token: token.to_owned(),
            session: session.to_owned(),
            http: reqwest::Client::new(),
            line,
            publisher: Half::new().await,
            subscriber: Half::new().await,
            noting,
            tracks: BTreeMap::new(),
            numbers: BTreeMap::new(),
            key_frames: BTreeSet::new(),
            streams: BTreeMap::new(),
            deaf: false,
            waiting: None,
        };
        task.introduce(how).await;
        tokio::spawn(task.run(inbox));
        Self {
            session: session.to_owned(),
            orders,
            noted,
        }
    }

    async fn order(&self, order: Order) {
        assert!(
            self.orders.send(order).await.is_ok(),
            "the client has ended"
        );
    }

    pub(crate) async fn publish(&self, kinds: &[&'static str]) {
        self.order(Order::Publish(kinds.to_vec())).await;
    }

    pub(crate) async fn mute(&self, kind: &'static str, muted: bool) {
        self.order(Order::Mute(kind, muted)).await;
    }

    /// Subscribes to others' cameras at this width.
    pub(crate) async fn watch(&self, others: &[&Client], width: u32) {
        let tracks = others.iter().map(|other| {
            json!({
                "sessionId": other.session, "trackType": "TRACK_TYPE_VIDEO",
                "dimension": { "width": width, "height": width * 9 / 16 },
            })
        });
        let tracks = tracks.collect::<Vec<_>>();
        let body = json!({ "sessionId": self.session, "tracks": tracks });
        self.order(Order::Call("UpdateSubscriptions", body)).await;
    }

    pub(crate) async fn restart_ice(&self) {
        let body = json!({ "sessionId": self.session, "peerType": "PEER_TYPE_SUBSCRIBER" });
        self.order(Order::Call("IceRestart", body)).await;
    }

    pub(crate) async fn fast(&self) {
        self.order(Order::Fast).await;
    }

    pub(crate) async fn leave(&self) {
        self.order(Order::Leave).await;
    }

    pub(crate) async fn ask_key_frame(&self) {
        self.order(Order::AskKeyFrame).await;
    }

    pub(crate) async fn deaf(&self, deaf: bool) {
        self.order(Order::Deaf(deaf)).await;
    }

    pub(crate) async fn busy(&self, busy: bool) {
        self.order(Order::Busy(busy)).await;
    }

    /// What it has noted so far.
    pub(crate) fn noted(&self) -> Noted {
        self.noted.borrow().clone()
    }

    /// Waits until it has noted such, and gives it.
    pub(crate) async fn until(&self, what: &str, such: impl Fn(&Noted) -> bool) -> Noted {
        let mut noted = self.noted.clone();
        let found = tokio::time::timeout(LIMIT, noted.wait_for(such)).await;
        match found {
            Ok(Ok(found)) => found.clone(),
            _ => panic!("{what} does not come to {}: {:#?}", self.session, {
                let mut all = self.noted();
                all.packets.values_mut().for_each(|p| p.truncate(3));
                all
            }),
        }
    }

    pub(crate) async fn until_event(&self, name: &str) -> Value {
        let noted = self
            .until(name, |noted| noted.of(name).next().is_some())
            .await;
        noted.of(name).next_back().cloned().unwrap()
    }
}

type Line = WebSocketStream<TcpStream>;

async fn connect(url: &str) -> Line {
    let host = url.trim_start_matches("ws://").trim_end_matches("/ws");
    let stream = TcpStream::connect(host).await.unwrap();
    let (line, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    line
}

/// A track of one's own.
struct Track {
    mid: Mid,
    muted: bool,
}

struct Task {
    url: String,
    signalling: String,
    token: String,
    session: String,
    http: reqwest::Client,
    line: Line,
    publisher: Half,
    subscriber: Half,
    noting: watch::Sender<Noted>,
    tracks: BTreeMap<&'static str, Track>,
    /// Packets sent, by track and layer.
    numbers: BTreeMap<(&'static str, &'static str), u64>,
    /// Layers whose next packet is a key frame.
    key_frames: BTreeSet<String>,
    /// Ids of the streams that arrive, by media section.
    streams: BTreeMap<String, String>,
    deaf: bool,
    /// Offers that are not answered yet, when they wait.
    waiting: Option<Vec<Value>>,
}

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    [&bytes, content].concat()
}

impl Task {
    async fn introduce(&mut self, how: How<'_>) {
        let details = match how {
            How::First => vec![],
            How::Rejoin(previous) => [vec![8, 3], field(7, previous.as_bytes())].concat(),
            How::Migrate => vec![8, 4],
        };
        self.send_join(&details).await;
    }

    async fn send_join(&mut self, details: &[u8]) {
        let join = [
            field(1, self.token.as_bytes()),
            field(2, self.session.as_bytes()),
            field(7, details),
        ];
        let message = Message::binary(field(1, &join.concat()));
        self.line.send(message).await.unwrap();
    }

    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let (mut first, mut second) = ([0; 2048], [0; 2048]);
        let mut pace = tokio::time::interval(PACE);
        let mut health = tokio::time::interval(Duration::from_secs(5));
        loop {
            let (one, happened) = self.publisher.pump().await;
            self.note_published(happened);
            let (other, happened) = self.subscriber.pump().await;
            self.note_received(happened);
            let gone = self.noting.borrow().gone;
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                message = self.line.next(), if !gone => match message {
                    Some(Ok(Message::Text(text))) => {
                        let event = serde_json::from_str(&text).unwrap();
                        self.hear(event).await;
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => {
                        self.noting.send_modify(|noted| noted.gone = true);
                    }
                    Some(Ok(_)) => {}
                },
                Ok((length, source)) = self.publisher.socket.recv_from(&mut first) => {
                    self.publisher.receive(&first[..length], source);
                }
                Ok((length, source)) = self.subscriber.socket.recv_from(&mut second) => {
                    self.subscriber.receive(&second[..length], source);
                }
                () = tokio::time::sleep_until(one.min(other).into()) => {}
                _ = pace.tick() => self.send_media(),
                _ = health.tick(), if !gone => {
                    let _ = self.line.send(Message::binary(vec![0x12, 0])).await;
                }
            }
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Publish(kinds) => self.publish(kinds).await,
            Order::Mute(kind, muted) => {
                self.tracks.get_mut(kind).unwrap().muted = muted;
                let states = json!([{ "trackType": format!("TRACK_TYPE_{kind}"), "muted": muted }]);
                let body = json!({ "sessionId": self.session, "muteStates": states });
                self.call("UpdateMuteStates", body).await;
            }
            Order::Call(method, body) => drop(self.call(method, body).await),
            Order::Fast => {
                self.line = connect(&self.signalling).await;
                self.noting.send_modify(|noted| noted.gone = false);
                self.send_join(&[8, 2]).await;
            }
            Order::Leave => {
                let _ = self.line.send(Message::binary(vec![0x1a, 0])).await;
            }
            Order::AskKeyFrame => {
                // What came last: a section that was reused has had another stream before.
                let noted = self.noting.borrow();
                let videos = self.streams.values().filter(|s| s.ends_with("VIDEO"));
                let last = videos.filter_map(|stream| noted.packets.get(stream)?.last());
                let mut direct = self.subscriber.rtc.direct_api();
                for packet in last {
                    if let Some(stream) = direct.stream_rx(&packet.ssrc.into()) {
                        stream.request_keyframe(KeyframeRequestKind::Pli);
                    }
                }
            }
            Order::Deaf(deaf) => self.deaf = deaf,
            Order::Busy(true) => self.waiting = Some(Vec::new()),
            Order::Busy(false) => {
                for offer in self.waiting.take().unwrap_or_default() {
                    self.answer(&offer).await;
                }
            }
        }
    }

    async fn call(&self, method: &str, body: Value) -> Value {
        let url = format!("{}/stream.video.sfu.signal.SignalServer/{method}", self.url);
        let request = self.http.post(url).bearer_auth(&self.token).json(&body);
        // The media server may be gone, as one test wants it.
        let Ok(response) = request.send().await else {
            return Value::Null;
        };
        let answer: Value = response.json().await.unwrap_or_default();
        if let Some(code) = answer["error"]["code"].as_u64() {
            self.noting.send_modify(|noted| noted.refused.push(code));
        }
        answer
    }

    async fn publish(&mut self, kinds: Vec<&'static str>) {
        let mut changes = self.publisher.rtc.sdp_api();
        for kind in kinds {
            let picture = kind == "VIDEO";
            let layer = |(rid, _): (&str, u32)| SimulcastLayer::new(rid);
            let simulcast = picture.then(|| Simulcast {
                send: LAYERS.map(layer).into(),
                recv: vec![],
            });
            let of = if picture {
                MediaKind::Video
            } else {
                MediaKind::Audio
            };
            let mid = changes.add_media(of, Direction::SendOnly, None, None, simulcast);
            self.tracks.insert(kind, Track { mid, muted: false });
        }
        let (offer, pending) = changes.apply().unwrap();
        let tracks = self.tracks.iter().map(|(kind, track)| {
            let layers = LAYERS.map(|(rid, width)| {
                json!({
                    "rid": rid, "bitrate": 100_000, "fps": 30,
                    "videoDimension": { "width": width, "height": width * 9 / 16 },
                })
            });
            json!({
                "trackType": format!("TRACK_TYPE_{kind}"), "mid": track.mid.to_string(),
                "muted": track.muted,
                "layers": if *kind == "VIDEO" { layers.to_vec() } else { vec![] },
            })
        });
        let tracks = tracks.collect::<Vec<_>>();
        let sdp = offer.to_sdp_string();
        let body = json!({ "sessionId": self.session, "sdp": sdp, "tracks": tracks });
        let answer = self.call("SetPublisher", body).await;
        let Some(sdp) = answer["sdp"].as_str() else {
            return;
        };
        let answer = SdpAnswer::from_sdp_string(sdp).unwrap();
        let api = self.publisher.rtc.sdp_api();
        api.accept_answer(pending, answer).unwrap();
    }

    async fn hear(&mut self, event: Value) {
        if let Some(offer) = event.get("subscriberOffer")
            && !self.deaf
        {
            match &mut self.waiting {
                Some(waiting) => waiting.push(offer.clone()),
                None => self.answer(offer).await,
            }
        }
        self.noting.send_modify(|noted| {
            if let Some(change) = event.get("changePublishQuality") {
                let layers = change["videoSenders"][0]["layers"].as_array().unwrap();
                let active = layers.iter().filter(|layer| layer["active"] == true);
                let names = active.map(|layer| layer["name"].as_str().unwrap().to_owned());
                noted.active = Some(names.collect());
            }
            if event.get("healthCheckResponse").is_none() {
                noted.events.push(event);
            }
        });
    }

    async fn answer(&mut self, offer: &Value) {
        let sdp = offer["sdp"].as_str().unwrap();
        let mut directions = Vec::new();
        for section in sdp.split("\r\nm=").skip(1) {
            let value = |name: &str| {
                let line = section.lines().find_map(|line| line.strip_prefix(name));
                line.unwrap_or_default().to_owned()
            };
            let mid = value("a=mid:");
            let sends = section.lines().any(|line| line == "a=sendonly");
            directions.push(if sends { "sendonly" } else { "inactive" }.to_owned());
            if sends {
                let stream = value("a=msid:");
                let stream = stream.split(' ').next().unwrap_or_default().to_owned();
                self.streams.insert(mid, stream);
            } else {
                self.streams.remove(&mid);
            }
        }
        let parsed = SdpOffer::from_sdp_string(sdp).unwrap();
        let answer = self.subscriber.rtc.sdp_api().accept_offer(parsed).unwrap();
        let sdp = answer.to_sdp_string();
        let body = json!({
            "sessionId": self.session, "sdp": sdp, "peerType": "PEER_TYPE_SUBSCRIBER",
            "negotiationId": offer["negotiationId"],
        });
        self.call("SendAnswer", body).await;
        self.noting.send_modify(|noted| {
            noted.answered += 1;
            noted.sections = directions;
        });
    }

    fn send_media(&mut self) {
        let active = self.noting.borrow().active.clone();
        for (kind, track) in &self.tracks {
            if track.muted {
                continue;
            }
            if *kind == "VIDEO" {
                let wanted = |rid: &str| active.as_ref().is_none_or(|active| active.contains(rid));
                for (rid, _) in LAYERS.into_iter().filter(|(rid, _)| wanted(rid)) {
                    let count = self.numbers.entry((*kind, rid)).or_default();
                    let key_frame = *count == 0 || self.key_frames.remove(rid);
                    let id = (*count as u16) & 0x7fff;
                    let header = u8::from(!key_frame);
                    let id = [0x80 | (id >> 8) as u8, id as u8];
                    let mark = rid.as_bytes()[0];
                    let payload = vec![0x90, 0x80, id[0], id[1], header, mark];
                    write(&mut self.publisher, track.mid, Some(rid), *count, payload);
                    *count += 1;
                }
            } else {
                let count = self.numbers.entry((*kind, "")).or_default();
                write(&mut self.publisher, track.mid, None, *count, vec![b'a'; 20]);
                *count += 1;
            }
        }
    }

    fn note_published(&mut self, happened: Vec<Event>) {
        for event in happened {
            match event {
                Event::KeyframeRequest(request) => {
                    let rid = request.rid.map(|rid| rid.to_string()).unwrap_or_default();
                    self.key_frames.insert(rid.clone());
                    self.noting
                        .send_modify(|noted| *noted.asked.entry(rid).or_default() += 1);
                }
                Event::Closed => self.noting.send_modify(|noted| noted.closed = true),
                _ => {}
            }
        }
    }

    fn note_received(&mut self, happened: Vec<Event>) {
        for event in happened {
            let Event::RtpPacket(packet) = event else {
                continue;
            };
            let mut direct = self.subscriber.rtc.direct_api();
            let Some(stream) = direct.stream_rx(&packet.header.ssrc) else {
                continue;
            };
            let Some(stream) = self.streams.get(&stream.mid().to_string()) else {
                continue;
            };
            let Some(mark) = packet.payload.last() else {
                continue;
            };
            let descriptor = Vp8Descriptor::parse(&packet.payload).ok();
            let descriptor = descriptor.filter(|_| *mark != b'a');
            let noted = Packet {
                ssrc: *packet.header.ssrc,
                number: *packet.seq_no,
                time: packet.header.timestamp,
                layer: char::from(*mark),
                key_frame: descriptor.is_some_and(|found| found.starts_keyframe(&packet.payload)),
                picture_id: descriptor.and_then(|found| found.picture_id()),
            };
            let stream = stream.clone();
            self.noting
                .send_modify(|all| all.packets.entry(stream).or_default().push(noted));
        }
    }
}
