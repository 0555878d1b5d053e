//! One of a client's two media connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use str0m::format::Codec;
use str0m::media::{Mid, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;

/// ICE, DTLS, RTP and a socket.
pub(super) struct Half {
    pub(super) rtc: Rtc,
    pub(super) socket: UdpSocket,
    local: SocketAddr,
}

impl Half {
    pub(super) async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let mut rtc = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, Protocol::Udp).unwrap());
        Self { rtc, socket, local }
    }

    pub(super) fn receive(&mut self, datagram: &[u8], source: SocketAddr) {
        let Ok(contents) = datagram.try_into() else {
            return;
        };
        let receive = Receive {
            proto: Protocol::Udp,
            source,
            destination: self.local,
            contents,
        };
        let _ = self
            .rtc
            .handle_input(Input::Receive(Instant::now(), receive));
    }

    /// Until when it can wait, and what has happened.
    pub(super) async fn pump(&mut self) -> (Instant, Vec<Event>) {
        let mut events = Vec::new();
        self.rtc
            .handle_input(Input::Timeout(Instant::now()))
            .unwrap();
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return (at, events),
                Output::Transmit(out) => {
                    let _ = self.socket.send_to(&out.contents, out.destination).await;
                }
                Output::Event(event) => events.push(event),
            }
        }
    }
}

pub(super) fn write(half: &mut Half, mid: Mid, rid: Option<&str>, count: u64, payload: Vec<u8>) {
    let codec = match rid {
        Some(_) => Codec::Vp8,
        None => Codec::Opus,
    };
    let mut params = half.rtc.codec_config().params().iter();
    let payload_type = params
        .find(|params| params.spec().codec == codec)
        .unwrap()
        .pt();
    let time = count as u32 * if rid.is_some() { 1800 } else { 960 };
    let mut direct = half.rtc.direct_api();
    let Some(stream) = direct.stream_tx_by_mid(mid, rid.map(Rid::from)) else {
        return;
    };
    let extensions = ExtensionValues {
        audio_level: rid.is_none().then_some(-10),
        voice_activity: rid.is_none().then_some(true),
        ..ExtensionValues::default()
    };
    let payload = Arc::<[u8]>::from(payload);
    let packet = RtpWrite::new(
        payload_type,
        (100 + count).into(),
        time,
        Instant::now(),
        payload,
    );
    stream.write_rtp(packet.ext_vals(extensions).nackable(rid.is_some()));
}
