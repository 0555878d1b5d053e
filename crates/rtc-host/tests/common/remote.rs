//! The other side of a connection: a state machine of its own behind a socket of its own, so that
//! what is counted here did cross the network.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use rtc_host::core::{
    AudioPacket, Configuration, DataChannelId, EncodedFrame, Event, Kind, LocalCandidate, Output,
    PeerConnection, Protocol, SessionDescription,
};

/// Only a test that has failed waits so long.
pub const LIMIT: Duration = Duration::from_secs(60);

/// What is waited for may also happen elsewhere: it is looked at this often.
const LOOK: Duration = Duration::from_millis(50);

pub struct Remote {
    pub pc: PeerConnection,
    socket: UdpSocket,
    pub address: SocketAddr,
    /// Where what came has come from.
    pub sources: BTreeSet<SocketAddr>,
    wake: Instant,
    /// All sound that came.
    pub sound: Vec<AudioPacket>,
    /// The network loses all pictures.
    pub loses_pictures: bool,
    /// All whole pictures that came.
    pub pictures: Vec<EncodedFrame>,
    /// Data channels that the other side opened.
    pub channels: Vec<DataChannelId>,
    /// All messages of data channels that came.
    pub messages: Vec<(DataChannelId, Vec<u8>)>,
    /// Bytes of RTP that came, by payload type, retransmissions included.
    bytes: BTreeMap<u8, usize>,
}

impl Remote {
    pub fn start() -> Self {
        let now = Instant::now();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self {
            pc: PeerConnection::new(Configuration::default(), &[], now).unwrap(),
            address: socket.local_addr().unwrap(),
            socket,
            sources: BTreeSet::new(),
            wake: now,
            sound: Vec::new(),
            loses_pictures: false,
            pictures: Vec::new(),
            channels: Vec::new(),
            messages: Vec::new(),
            bytes: BTreeMap::new(),
        }
    }

    /// Takes an offer with its candidates; the answer with the own ones.
    pub fn answer(&mut self, offer: SessionDescription) -> SessionDescription {
        self.pc.set_remote_description(offer).unwrap();
        let answer = self.pc.create_answer().unwrap();
        self.pc.set_local_description(Some(answer)).unwrap();
        self.drain();
        self.pc.current_local_description().unwrap()
    }

    /// Takes part until `done`, which is asked after everything that comes.
    pub fn run_until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + LIMIT;
        let mut buffer = vec![0; 65_535];
        self.drain();
        while !done(self) {
            let now = Instant::now();
            assert!(now < end, "this did not come: {what}");
            let wait = self.wake.min(end).saturating_duration_since(now);
            let wait = wait.clamp(Duration::from_millis(1), LOOK);
            self.socket.set_read_timeout(Some(wait)).unwrap();
            match self.socket.recv_from(&mut buffer) {
                Ok((length, source)) => self.take(source, &buffer[..length]),
                Err(_) => self.pc.handle_timeout(Instant::now()),
            }
            self.drain();
        }
    }

    /// Takes what has arrived by now.
    pub fn catch_up(&mut self) {
        let mut buffer = vec![0; 65_535];
        self.socket.set_nonblocking(true).unwrap();
        while let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
            self.take(source, &buffer[..length]);
            self.drain();
        }
        self.socket.set_nonblocking(false).unwrap();
    }

    /// Takes part until so many more packets of sound have come: a clock of the media's own.
    pub fn hear(&mut self, packets: usize) {
        let wanted = self.sound.len() + packets;
        self.run_until("sound", |remote| remote.sound.len() >= wanted);
    }

    /// Takes part until so many more pictures have come.
    pub fn see(&mut self, pictures: usize) {
        let wanted = self.pictures.len() + pictures;
        self.run_until("pictures", |remote| remote.pictures.len() >= wanted);
    }

    /// Bytes of RTP that came and were not sound.
    pub fn video_bytes(&self) -> usize {
        let audio = self.payload_types_of_sound();
        let others = self.bytes.iter().filter(|(pt, _)| !audio.contains(pt));
        others.map(|(_, bytes)| bytes).sum()
    }

    fn payload_types_of_sound(&self) -> Vec<u8> {
        let transceivers = self.pc.transceivers().into_iter();
        let audio = transceivers.filter(|transceiver| transceiver.kind == Kind::Audio);
        audio
            .flat_map(|transceiver| transceiver.codecs)
            .filter_map(|codec| codec.payload_type)
            .collect()
    }

    fn take(&mut self, source: SocketAddr, datagram: &[u8]) {
        self.sources.insert(source);
        // RFC 7983, and RFC 5761 for RTP and RTCP on one port.
        // What is padded is padding alone (RFC 3550, section 5.1): it probes the network with zeros.
        if let Some(payload_type) = payload_type(datagram)
            && datagram[0] & 0x20 == 0
        {
            *self.bytes.entry(payload_type).or_default() += datagram.len();
            if self.loses_pictures && !self.payload_types_of_sound().contains(&payload_type) {
                return;
            }
        }
        let (now, address) = (Instant::now(), self.address);
        self.pc
            .handle_receive(now, Protocol::Udp, source, address, datagram);
    }

    fn drain(&mut self) {
        loop {
            match self.pc.poll_output() {
                Output::Timeout(wake) => {
                    self.wake = wake;
                    return;
                }
                Output::Transmit(transmit) => {
                    let sent = self
                        .socket
                        .send_to(&transmit.contents, transmit.destination);
                    // An address that cannot be reached from here is one that ICE leaves out.
                    drop(sent);
                }
                Output::Event(Event::GatherCandidates { .. }) => {
                    let candidate = LocalCandidate::host(self.address);
                    self.pc.add_local_candidate(candidate).unwrap();
                    self.pc.end_of_local_candidates();
                }
                Output::Event(Event::Audio(packet)) => self.sound.push(packet),
                Output::Event(Event::Video(frame)) => self.pictures.push(frame),
                Output::Event(Event::DataChannel { channel, .. }) => self.channels.push(channel),
                Output::Event(Event::DataChannelMessage { channel, data, .. }) => {
                    self.messages.push((channel, data));
                }
                Output::Event(_) => {}
            }
        }
    }
}

/// Payload type if this is RTP: RFC 7983, and RFC 5761 for RTP and RTCP on one port.
fn payload_type(datagram: &[u8]) -> Option<u8> {
    match datagram {
        [128..=191, 192..=223, ..] => None,
        [128..=191, second, ..] => Some(second & 0x7f),
        _ => None,
    }
}
