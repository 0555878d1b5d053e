//! A host with fake devices, and somebody at the other end of its connection.
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]
#![allow(
    dead_code,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "each test uses its part of this"
)]

mod remote;
pub mod tcp;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rtc_host::core::{
    Configuration, Direction, Kind, OfferOptions, TransceiverId, TransceiverInit,
};
use rtc_host::media::{
    DeviceKind, DeviceOptions, FakeDevices, MediaError, SoundSwitches, VideoConstraints,
};
use rtc_host::{
    Connection, ConnectionEvent, ConnectionHandle, Host, LocalTrack, Source, TrackNumbers,
};

pub use remote::{LIMIT, Remote};

pub const AUDIO: TransceiverId = TransceiverId(1);
pub const VIDEO: TransceiverId = TransceiverId(2);

pub fn host() -> Host {
    let options = DeviceOptions {
        fake: FakeDevices::Only,
        ..DeviceOptions::default()
    };
    Host::new(options).unwrap()
}

/// Asks for the camera or the microphone; the answer.
pub fn capture(host: &Host, kind: Kind) -> Result<Arc<LocalTrack>, MediaError> {
    let opening = host.capture(kind, move |devices| match kind {
        Kind::Audio => devices
            .open_microphone(None, SoundSwitches::NONE)
            .map(Source::Microphone),
        Kind::Video => devices
            .open_camera(None, &VideoConstraints::default())
            .map(Source::Camera),
    });
    opening.blocking_recv().unwrap()
}

pub fn device(kind: Kind) -> DeviceKind {
    match kind {
        Kind::Audio => DeviceKind::AudioInput,
        Kind::Video => DeviceKind::VideoInput,
    }
}

/// Waits until the device has been closed as often as opened.
pub fn wait_closed(host: &Host, kind: Kind) {
    let (send, closed) = channel();
    let devices = host.devices();
    let subscription = devices.on_fake_usage(device(kind), move |usage| {
        if !usage.is_open() {
            let _ = send.send(());
        }
    });
    if devices.fake_usage(device(kind)).is_open() {
        closed.recv_timeout(LIMIT).unwrap();
    }
    drop(subscription);
}

/// A call: sound and pictures go from here to the other side.
pub struct Call {
    pub connection: ConnectionHandle,
    pub remote: Remote,
    events: Receiver<ConnectionEvent>,
}

impl Call {
    pub fn new(host: &Host) -> Self {
        Self::with(host, Configuration::default())
    }

    pub fn with(host: &Host, configuration: Configuration) -> Self {
        let (send, events) = channel();
        let emit = move |event| drop(send.send(event));
        let connection = host
            .connect(configuration, TrackNumbers::default(), emit)
            .unwrap();
        Self {
            connection,
            remote: Remote::start(),
            events,
        }
    }

    /// Runs something on the connection; what it gives.
    pub fn ask<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> T {
        let (send, answer) = channel();
        self.connection
            .post(move |connection| drop(send.send(run(connection))));
        answer.recv().unwrap()
    }

    /// Adds a sender with this track.
    pub fn send(&self, id: TransceiverId, kind: Kind, track: Option<Arc<LocalTrack>>) {
        self.ask(move |connection| {
            let init = TransceiverInit {
                direction: Direction::SendOnly,
                track_id: Some("track".into()),
                ..TransceiverInit::default()
            };
            connection.add_transceiver(id, kind, init).unwrap();
            connection.set_sender_track(id, track, Some("track".into()))
        })
        .unwrap();
    }

    /// `replaceTrack`
    pub fn replace(&self, id: TransceiverId, track: Option<Arc<LocalTrack>>) {
        self.ask(move |connection| connection.set_sender_track(id, track, Some("other".into())))
            .unwrap();
    }

    /// Offer and answer.
    pub fn negotiate(&mut self) {
        self.offer();
        self.answer();
    }

    /// The candidates of the offer.
    pub fn offer(&self) -> Vec<String> {
        self.ask(|connection| {
            let offer = connection.create_offer(OfferOptions::default())?;
            connection.set_local_description(Some(offer))
        })
        .unwrap();
        let mut candidates = Vec::new();
        loop {
            match self.events.recv().unwrap() {
                ConnectionEvent::IceCandidate(Some(one)) => candidates.push(one.candidate),
                ConnectionEvent::IceCandidate(None) => return candidates,
                _ => {}
            }
        }
    }

    /// The same once all candidates are known.
    pub fn negotiate_again(&mut self) {
        self.ask(|connection| connection.set_local_description(None))
            .unwrap();
        self.answer();
    }

    pub fn answer(&mut self) {
        self.answer_through(|sdp| sdp, |sdp| sdp);
    }

    /// With offer and answer as who is in between leaves them.
    fn answer_through(
        &mut self,
        there: impl FnOnce(String) -> String,
        back: impl FnOnce(String) -> String,
    ) {
        let offer = self.ask(|connection| connection.peer().pending_local_description());
        let mut offer = offer.unwrap();
        offer.sdp = there(offer.sdp);
        let mut answer = self.remote.answer(offer);
        answer.sdp = back(answer.sdp);
        self.ask(move |connection| connection.set_remote_description(answer))
            .unwrap();
    }

    /// Offer and answer, of which no address arrives but this one of the remote side's, and that over TCP.
    pub fn negotiate_over_tcp(&mut self, passive: SocketAddr) {
        self.offer();
        let (ip, port) = (passive.ip(), passive.port());
        let line = format!(
            "a=candidate:1 1 tcp 1518280447 {ip} {port} typ host tcptype passive\r\na=ice-ufrag:"
        );
        self.answer_through(
            |offer| without_candidates(&offer),
            |answer| without_candidates(&answer).replacen("a=ice-ufrag:", &line, 1),
        );
    }
}

fn without_candidates(sdp: &str) -> String {
    let lines = sdp.split_inclusive("\r\n");
    lines
        .filter(|line| !line.starts_with("a=candidate:"))
        .collect()
}
