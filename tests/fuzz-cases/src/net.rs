//! Two peers, a virtual clock, and a network whose datagrams can be got at.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use rtc_core::{
    Configuration, ConnectionState, DataChannelId, Event, Kind, LocalCandidate, MediaCodec, Output,
    PeerConnection, TransceiverId, TransceiverInit, Transmit,
};

/// What a datagram takes.
const DELAY: Duration = Duration::from_millis(1);
/// More outputs than this at once, and there is no end to them.
const MOST_OUTPUTS: usize = 50_000;
/// More time-outs than this without time passing, and the host would spin.
const MOST_WAKES: usize = 1_000;

/// What the host is said to encode.
pub(crate) const ENCODERS: [MediaCodec; 2] = [MediaCodec::Opus, MediaCodec::Vp8];

/// Transceivers and data channel of [`Net::connected`], the same on both sides.
pub(crate) const AUDIO: TransceiverId = TransceiverId(1);
pub(crate) const VIDEO: TransceiverId = TransceiverId(2);
pub(crate) const CHANNEL: DataChannelId = DataChannelId(1);

#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) pc: PeerConnection,
    pub(crate) address: SocketAddr,
    wake: Instant,
    closed: bool,
}

/// A datagram on its way.
#[derive(Clone, Debug)]
pub(crate) struct Datagram {
    /// Index of the peer it is for.
    pub(crate) to: usize,
    pub(crate) transmit: Transmit,
}

#[derive(Debug)]
pub(crate) struct Net {
    pub(crate) peers: [Peer; 2],
    pub(crate) now: Instant,
    pub(crate) in_flight: VecDeque<Datagram>,
}

impl Net {
    /// Two connections that know nothing of each other.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let peer = |port| Peer {
            pc: PeerConnection::new(Configuration::default(), &ENCODERS, now).unwrap(),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            wake: now,
            closed: false,
        };
        Self {
            peers: [peer(1001), peer(1002)],
            now,
            in_flight: VecDeque::new(),
        }
    }

    /// After the handshakes, with audio, video and a data channel both ways.
    pub(crate) fn connected() -> Self {
        let mut net = Self::new();
        for peer in &mut net.peers {
            for (id, kind) in [(AUDIO, Kind::Audio), (VIDEO, Kind::Video)] {
                let init = TransceiverInit {
                    track_id: Some("t".into()),
                    by_add_track: true,
                    ..TransceiverInit::default()
                };
                peer.pc.add_transceiver(id, kind, init).unwrap();
            }
        }
        let [offerer, _] = &mut net.peers;
        offerer
            .pc
            .create_data_channel(CHANNEL, "c", Default::default())
            .unwrap();
        net.negotiate();
        let connected = |net: &Self| {
            let states = net.peers.iter().map(|p| p.pc.connection_state());
            states.into_iter().all(|s| s == ConnectionState::Connected)
        };
        for _ in 0..200 {
            if connected(&net) {
                break;
            }
            net.run(Duration::from_millis(20));
        }
        assert!(connected(&net), "no connection");
        // The data channel opens after the handshakes.
        net.run(Duration::from_millis(100));
        net
    }

    /// An exchange that the first peer begins.
    pub(crate) fn negotiate(&mut self) {
        self.peers[0].pc.set_local_description(None).unwrap();
        let offer = self.peers[0].pc.pending_local_description().unwrap();
        self.peers[1].pc.set_remote_description(offer).unwrap();
        self.peers[1].pc.set_local_description(None).unwrap();
        let answer = self.peers[1].pc.current_local_description().unwrap();
        self.peers[0].pc.set_remote_description(answer).unwrap();
        self.drain();
    }

    /// Takes out everything that is there and puts the datagrams on the wire.
    pub(crate) fn drain(&mut self) {
        for index in [0, 1] {
            let mut outputs = 0;
            loop {
                outputs += 1;
                assert!(outputs < MOST_OUTPUTS, "outputs do not end");
                match self.peers[index].pc.poll_output() {
                    Output::Timeout(at) => {
                        self.peers[index].wake = at;
                        break;
                    }
                    Output::Event(event) => self.event(index, event),
                    Output::Transmit(transmit) => self.in_flight.push_back(Datagram {
                        to: 1 - index,
                        transmit,
                    }),
                }
            }
        }
    }

    /// What a host would do. Errors are the fuzzer's making.
    fn event(&mut self, index: usize, event: Event) {
        let address = self.peers[index].address;
        assert!(!self.peers[index].closed, "{event:?} after closing");
        match event {
            Event::GatherCandidates { .. } => {
                let pc = &mut self.peers[index].pc;
                let _ = pc.add_local_candidate(LocalCandidate::host(address));
                pc.end_of_local_candidates();
            }
            Event::IceCandidate(candidate) => {
                let _ = self.peers[1 - index].pc.add_ice_candidate(candidate);
            }
            Event::ResolveCandidate { candidate, .. } => {
                let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
                let _ = self.peers[index]
                    .pc
                    .add_resolved_candidate(&candidate, here);
            }
            _ => {}
        }
    }

    /// Hands a datagram over.
    pub(crate) fn deliver(&mut self, datagram: &Datagram) {
        let Transmit {
            protocol,
            source,
            destination,
            contents,
        } = &datagram.transmit;
        let peer = &mut self.peers[datagram.to];
        peer.pc
            .handle_receive(self.now, *protocol, *source, *destination, contents);
    }

    /// Lets virtual time pass, with everything that happens in it.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        let mut wakes = 0;
        loop {
            self.drain();
            if self.in_flight.is_empty() {
                let next = self.peers[0].wake.min(self.peers[1].wake);
                if next > end {
                    break;
                }
                if next > self.now {
                    wakes = 0;
                    self.now = next;
                }
            } else {
                wakes = 0;
                self.now += DELAY;
            }
            wakes += 1;
            assert!(
                wakes < MOST_WAKES,
                "a time-out in the past, again and again"
            );
            for datagram in std::mem::take(&mut self.in_flight) {
                self.deliver(&datagram);
            }
            for peer in &mut self.peers {
                if peer.wake <= self.now {
                    peer.pc.handle_timeout(self.now);
                }
            }
            if self.now >= end {
                break;
            }
        }
        self.skip_to(end);
    }

    /// Sets the clock, without what would have happened until then.
    pub(crate) fn skip_to(&mut self, time: Instant) {
        self.now = self.now.max(time);
        for peer in &mut self.peers {
            peer.pc.handle_timeout(self.now);
        }
        self.drain();
    }

    pub(crate) fn close(&mut self, index: usize) {
        // Events from before may be left; none come from now on.
        self.drain();
        self.peers[index].pc.close();
        self.peers[index].closed = true;
    }
}
