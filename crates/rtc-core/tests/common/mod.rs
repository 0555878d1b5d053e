//! Two peers, a virtual clock and a network in memory.
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]
#![allow(clippy::disallowed_methods, reason = "where the virtual clock begins")]
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "each test uses its part of this"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc_core::{
    Codec, Configuration, DescriptionOutcome, Direction, EncodedAudio, EncodedVideo, Event, Kind,
    LocalCandidate, MediaCodec, OfferOptions, Output, PeerConnection, Protocol, Side,
    TransceiverId, TransceiverInit, Transmit, Written,
};

/// What either side encodes, as the host of the app does.
const ENCODERS: [MediaCodec; 2] = [MediaCodec::Opus, MediaCodec::Vp8];

/// What the network does to datagrams.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// 0.0 to 1.0
    pub loss: f64,
    pub delay: Duration,
    /// Up to this much more, at random: reorders.
    pub jitter: Duration,
    /// Bits per second in each direction, with a queue of [`QUEUE`] before it; none: any amount.
    pub rate: Option<u64>,
}

/// What waits longer than this for its turn is lost.
const QUEUE: Duration = Duration::from_millis(300);

impl Default for Network {
    fn default() -> Self {
        Self {
            loss: 0.0,
            delay: Duration::from_millis(50),
            jitter: Duration::ZERO,
            rate: None,
        }
    }
}

#[derive(Debug)]
pub struct Peer {
    pub pc: PeerConnection,
    pub address: SocketAddr,
    pub events: Vec<Event>,
    wake: Instant,
}

impl Peer {
    /// RTP times of the sound that came.
    pub fn heard(&self) -> BTreeSet<u64> {
        let events = self.events.iter();
        events
            .filter_map(|event| match event {
                Event::Audio(packet) => Some(packet.rtp_time),
                _ => None,
            })
            .collect()
    }

    /// Takes the events out that `pick` wants.
    pub fn count(&self, pick: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|e| pick(e)).count()
    }
}

/// RTP that left a peer, padding that only probes the network left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftRtp {
    pub at: Instant,
    pub from_a: bool,
    pub payload_type: u8,
    pub bytes: usize,
}

#[derive(Debug)]
pub struct Pair {
    pub a: Peer,
    pub b: Peer,
    pub start: Instant,
    pub now: Instant,
    pub network: Network,
    pub blocked: bool,
    /// Datagrams of UDP go nowhere.
    pub only_tcp: bool,
    /// Nothing but checks arrives at a.
    pub only_checks: bool,
    /// Addresses that nothing arrives at any more.
    pub gone: Vec<SocketAddr>,
    /// Candidates are exchanged in the descriptions only, unless this is set.
    pub trickle: bool,
    pub left: Vec<LeftRtp>,
    in_flight: BTreeMap<(Instant, u64), (bool, Transmit)>,
    /// When the last datagram of each direction will have left, from b and from a.
    free: [Instant; 2],
    sent: u64,
    random: u64,
}

impl Default for Pair {
    fn default() -> Self {
        Self::with(Network::default())
    }
}

impl Pair {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with(network: Network) -> Self {
        // The one real clock reading: everything else is counted from it.
        let now = Instant::now();
        let peer = |port| Peer {
            pc: PeerConnection::new(Configuration::default(), &ENCODERS, now).unwrap(),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            events: Vec::new(),
            wake: now,
        };
        Self {
            a: peer(1001),
            b: peer(1002),
            start: now,
            now,
            network,
            blocked: false,
            only_tcp: false,
            only_checks: false,
            gone: Vec::new(),
            trickle: true,
            left: Vec::new(),
            in_flight: BTreeMap::new(),
            free: [now; 2],
            sent: 0,
            random: 0x2545_f491_4f6c_dd1d,
        }
    }

    fn random(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Takes out everything that is there, answers gathering, and puts datagrams on the wire.
    pub fn drain(&mut self) {
        for from_a in [true, false] {
            loop {
                let peer = if from_a { &mut self.a } else { &mut self.b };
                match peer.pc.poll_output() {
                    Output::Timeout(at) => {
                        peer.wake = at;
                        break;
                    }
                    Output::Event(event) => self.event(from_a, event),
                    Output::Transmit(transmit) => self.put(from_a, transmit),
                }
            }
        }
    }

    fn event(&mut self, from_a: bool, event: Event) {
        let trickle = self.trickle;
        let (peer, other) = if from_a {
            (&mut self.a, &mut self.b)
        } else {
            (&mut self.b, &mut self.a)
        };
        match &event {
            Event::GatherCandidates { .. } => {
                peer.pc
                    .add_local_candidate(LocalCandidate::host(peer.address))
                    .unwrap();
                peer.pc.end_of_local_candidates();
            }
            Event::IceCandidate(candidate) if trickle => {
                // Before the other side has a description it refuses, as a browser does.
                let _ = other.pc.add_ice_candidate(candidate.clone());
            }
            _ => {}
        }
        peer.events.push(event);
    }

    fn put(&mut self, from_a: bool, transmit: Transmit) {
        if let Some(payload_type) = payload_type(&transmit.contents) {
            self.left.push(LeftRtp {
                at: self.now,
                from_a,
                payload_type,
                bytes: transmit.contents.len(),
            });
        }
        let lost = self.random() < self.network.loss;
        let refused = self.only_tcp && transmit.protocol == Protocol::Udp;
        let gone = self.gone.contains(&transmit.destination);
        let is_check = matches!(transmit.contents[..], [0..=3, ..]);
        let unwanted = self.only_checks && !from_a && !is_check;
        if lost || self.blocked || refused || gone || unwanted {
            return;
        }
        let jitter = self.network.jitter.mul_f64(self.random());
        let free = &mut self.free[usize::from(from_a)];
        let turn = self.now.max(*free);
        if turn - self.now > QUEUE {
            return;
        }
        let bits = transmit.contents.len() as f64 * 8.0;
        let takes = self.network.rate.map(|rate| bits / rate as f64);
        *free = turn + Duration::from_secs_f64(takes.unwrap_or_default());
        let left = *free;
        self.sent += 1;
        let at = left + self.network.delay + jitter;
        self.in_flight.insert((at, self.sent), (from_a, transmit));
    }

    /// Lets the virtual time pass, one thing after the other.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.drain();
            let arrival = self.in_flight.keys().next().map(|(at, _)| *at);
            let next = [Some(self.a.wake), Some(self.b.wake), arrival];
            let next = next.into_iter().flatten().min().unwrap();
            if next > end {
                self.now = end;
                self.a.pc.handle_timeout(end);
                self.b.pc.handle_timeout(end);
                self.drain();
                return;
            }
            self.now = self.now.max(next);
            let now = self.now;
            while let Some((key, _)) = self.in_flight.first_key_value()
                && key.0 <= now
            {
                let (_, (from_a, t)) = self.in_flight.pop_first().unwrap();
                let peer = if from_a { &mut self.b } else { &mut self.a };
                peer.pc
                    .handle_receive(now, t.protocol, t.source, t.destination, &t.contents);
            }
            if self.a.wake <= now {
                self.a.pc.handle_timeout(now);
            }
            if self.b.wake <= now {
                self.b.pc.handle_timeout(now);
            }
        }
    }

    /// Runs until `done`, at most `limit`.
    pub fn run_until(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + limit;
        while self.now < end {
            self.run(Duration::from_millis(10));
            if done(self) {
                return true;
            }
        }
        false
    }

    /// Adds a transceiver to a.
    pub fn add(&mut self, id: TransceiverId, kind: Kind, init: TransceiverInit) {
        self.a.pc.add_transceiver(id, kind, init).unwrap();
    }

    /// An exchange in which a's first offer is sent before it is set, as livekit-client does.
    pub fn negotiate_offer_set_late(&mut self) {
        let offer = self.a.pc.create_offer(OfferOptions::default()).unwrap();
        assert_eq!(
            self.a
                .count(|e| matches!(e, Event::GatherCandidates { .. })),
            0
        );
        self.b.pc.set_remote_description(offer.clone()).unwrap();
        self.b.pc.set_local_description(None).unwrap();
        self.drain();
        let answer = self.b.pc.current_local_description().unwrap();
        self.a.pc.set_local_description(Some(offer)).unwrap();
        self.a.pc.set_remote_description(answer).unwrap();
    }

    /// A whole exchange, `a` offering. Gives the outcomes of b's offer and a's answer.
    pub fn negotiate(&mut self) -> (DescriptionOutcome, DescriptionOutcome) {
        let offer = self.a.pc.create_offer(OfferOptions::default()).unwrap();
        self.a.pc.set_local_description(Some(offer)).unwrap();
        self.drain();
        let offer = self.a.pc.pending_local_description().unwrap();
        let at_b = self.b.pc.set_remote_description(offer).unwrap();
        let answer = self.b.pc.create_answer().unwrap();
        self.b.pc.set_local_description(Some(answer)).unwrap();
        self.drain();
        let answer = self.b.pc.current_local_description().unwrap();
        let at_a = self.a.pc.set_remote_description(answer).unwrap();
        self.drain();
        (at_b, at_a)
    }

    /// The same the other way round.
    pub fn negotiate_from_b(&mut self) -> (DescriptionOutcome, DescriptionOutcome) {
        std::mem::swap(&mut self.a, &mut self.b);
        // Datagrams in flight know their sender by side.
        self.in_flight
            .values_mut()
            .for_each(|(from_a, _)| *from_a = !*from_a);
        let outcomes = self.negotiate();
        std::mem::swap(&mut self.a, &mut self.b);
        self.in_flight
            .values_mut()
            .for_each(|(from_a, _)| *from_a = !*from_a);
        outcomes
    }

    pub fn connected(&self) -> bool {
        use rtc_core::ConnectionState::Connected;
        self.a.pc.connection_state() == Connected && self.b.pc.connection_state() == Connected
    }

    pub fn connect(&mut self) {
        self.negotiate();
        assert!(
            self.run_until(Duration::from_secs(10), Self::connected),
            "no connection"
        );
    }

    /// Sends `seconds` of audio every 20 ms from a.
    pub fn send_audio(&mut self, id: TransceiverId, seconds: u64) {
        let start = self.now;
        for index in 0..seconds * 50 {
            let audio = EncodedAudio {
                rtp_time: index * 960,
                captured: self.now,
                level: Some(-20),
                voice: true,
                data: Arc::from(index.to_be_bytes().as_slice()),
            };
            assert_eq!(self.a.pc.write_audio(id, audio).unwrap(), Written::Queued);
            let next = start + Duration::from_millis((index + 1) * 20);
            self.run(next - self.now);
        }
    }
}

/// Payload type if this is RTP with content: RFC 7983, RFC 5761 for RTP and RTCP on one port, and the
/// padding bit (RFC 3550 section 5.1), which the stack sets on packets of nothing else.
fn payload_type(datagram: &[u8]) -> Option<u8> {
    match datagram {
        [128..=191, 192..=223, ..] => None,
        [first @ 128..=191, second, ..] if first & 0x20 == 0 => Some(second & 0x7f),
        _ => None,
    }
}

/// RED before Opus: whoever gets this sends with the packet before in each.
pub fn red_first() -> Vec<Codec> {
    let mut codecs = PeerConnection::capabilities(Kind::Audio, Side::Receiver, &[]).codecs;
    codecs.sort_by_key(|codec| codec.mime_type != "audio/red");
    codecs
}

/// Sends a track and receives nothing.
pub fn sending(track: &str) -> TransceiverInit {
    TransceiverInit {
        direction: Direction::SendOnly,
        track_id: Some(track.into()),
        stream_ids: vec!["stream".into()],
        ..TransceiverInit::default()
    }
}

/// Receives whatever the other side will send.
pub fn receiving() -> TransceiverInit {
    TransceiverInit {
        direction: Direction::RecvOnly,
        ..TransceiverInit::default()
    }
}

/// Sends and receives.
pub fn both_ways(track: &str) -> TransceiverInit {
    TransceiverInit {
        track_id: Some(track.into()),
        ..TransceiverInit::default()
    }
}

/// A VP8 frame as far as packetisation looks at it: the first bit says key frame or not.
pub fn vp8(key_frame: bool, size: usize, mark: u64) -> Arc<[u8]> {
    let mut data = vec![0x55; size.max(20)];
    data[0] = if key_frame { 0x10 } else { 0x11 };
    data[1] = 0x02;
    data[2] = 0x00;
    if key_frame {
        data[3..6].copy_from_slice(&[0x9d, 0x01, 0x2a]);
        data[6..10].copy_from_slice(&[0x40, 0x01, 0xb4, 0x00]);
    }
    data[10..18].copy_from_slice(&mark.to_be_bytes());
    data.into()
}

pub fn picture(key_frame: bool, size: usize, index: u64, now: Instant) -> EncodedVideo {
    EncodedVideo {
        codec: MediaCodec::Vp8,
        rtp_time: index * 3000,
        key_frame,
        captured: now,
        width: 320,
        height: 180,
        data: vp8(key_frame, size, index),
    }
}
