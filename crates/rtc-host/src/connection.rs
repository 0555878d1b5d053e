//! One connection: its loop and its media.

mod incoming;
mod interface;
mod outgoing;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

use rtc_core::{
    DataChannelId, DataChannelState, Error, Event, IceGatheringState, LocalCandidate, Output,
    PeerConnection, Protocol, TransceiverId, TransceiverInfo,
};
use rtc_media::Playout;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

pub(crate) use self::outgoing::ENCODERS;
pub use self::outgoing::SenderStatistics;
use crate::connection::incoming::Receiver;
use crate::connection::outgoing::{Encoded, Sender};
use crate::event::{ConnectionEvent, Descriptions, Snapshot, TransceiverSnapshot};
use crate::network::{BATCH, Network, News};
use crate::track_numbers::TrackNumbers;

/// Largest UDP payload.
const MAX_DATAGRAM: usize = 65_535;

type Post = Box<dyn FnOnce(&mut Connection) + Send>;
type Emit = Box<dyn FnMut(ConnectionEvent) + Send>;

/// Reaches a connection from anywhere. The connection closes when the handle is dropped.
pub struct ConnectionHandle(UnboundedSender<Post>);

impl fmt::Debug for ConnectionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectionHandle")
    }
}

impl ConnectionHandle {
    pub(crate) fn new(posts: UnboundedSender<Post>) -> Self {
        Self(posts)
    }

    /// Runs a closure on the connection, in the order of posting. What it causes is reported
    /// after it has returned. Dropped without being run if the connection is gone.
    pub fn post(&self, run: impl FnOnce(&mut Connection) + Send + 'static) {
        // A connection that is gone has nothing to do.
        let _ = self.0.send(Box::new(run));
    }
}

/// A connection on its thread.
pub struct Connection {
    peer: PeerConnection,
    playout: Playout,
    numbers: TrackNumbers,
    network: Network,
    senders: BTreeMap<TransceiverId, Sender>,
    receivers: BTreeMap<TransceiverId, Receiver>,
    /// Whether what comes on data channels has to wait.
    data_waits: Box<dyn Fn() -> bool + Send>,
    /// Payload bytes handed to each data channel.
    handed: BTreeMap<DataChannelId, u64>,
    encoded: UnboundedSender<Encoded>,
    encoded_out: Option<UnboundedReceiver<Encoded>>,
    /// The descriptions of the last snapshot.
    reported: Descriptions,
    changed: bool,
    emit: Emit,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.peer)
            .field("senders", &self.senders.len())
            .field("receivers", &self.receivers.len())
            .field("pictures", &self.pictures_kept())
            .finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(
        peer: PeerConnection,
        playout: Playout,
        numbers: TrackNumbers,
        emit: Emit,
    ) -> Self {
        let (encoded, encoded_out) = mpsc::unbounded_channel();
        Self {
            peer,
            playout,
            numbers,
            network: Network::default(),
            senders: BTreeMap::new(),
            receivers: BTreeMap::new(),
            data_waits: Box::new(|| false),
            handed: BTreeMap::new(),
            encoded,
            encoded_out: Some(encoded_out),
            reported: Descriptions::default(),
            changed: false,
            emit,
        }
    }

    pub(crate) async fn run(mut self, mut posts: UnboundedReceiver<Post>) {
        let Some(mut encoded) = self.encoded_out.take() else {
            return;
        };
        let mut buffer = vec![0; MAX_DATAGRAM];
        loop {
            let wake = self.drain();
            tokio::select! {
                biased;
                post = posts.recv() => match post {
                    Some(run) => run(&mut self),
                    None => break,
                },
                Some(media) = encoded.recv() => {
                    self.send_encoded(media);
                    // Several layers, or sound and picture, are often ready together.
                    while let Ok(media) = encoded.try_recv() {
                        self.send_encoded(media);
                    }
                }
                news = self.network.next() => self.hear(news, &mut buffer),
                () = tokio::time::sleep_until(wake.into()) => {
                    let now = Instant::now();
                    self.peer.handle_timeout(now);
                    self.forget_old_pictures(now);
                }
            }
        }
        self.close();
        self.drain();
        tracing::debug!("a connection ended");
    }

    /// Closes the connection and everything that belongs to it.
    pub fn close(&mut self) {
        self.peer.close();
        for sender in std::mem::take(&mut self.senders).into_values() {
            sender.retire();
        }
        self.receivers.clear();
        self.changed = true;
        // The goodbye first.
        self.drain_now();
        self.network = Network::default();
    }

    /// Sends on a data channel. What an open channel does not take closes it, and
    /// [`ConnectionEvent::DataChannelFailed`] says so: whoever sent it was promised that it arrives.
    ///
    /// # Errors
    /// As [`PeerConnection::send`].
    pub fn send_data(
        &mut self,
        channel: DataChannelId,
        binary: bool,
        data: &[u8],
    ) -> Result<(), Error> {
        let sent = self.peer.send(channel, binary, data);
        match &sent {
            Ok(()) => *self.handed.entry(channel).or_default() += data.len() as u64,
            Err(error) => {
                let info = self.peer.data_channel(channel);
                if info.is_some_and(|info| info.state == DataChannelState::Open) {
                    let reason = error.to_string();
                    (self.emit)(ConnectionEvent::DataChannelFailed { channel, reason });
                    self.peer.close_data_channel(channel)?;
                }
            }
        }
        sent
    }

    /// Lets what comes on data channels wait for as long as `waits` says so, as
    /// [`PeerConnection::hold_data`] has it.
    pub fn hold_data_while(&mut self, waits: impl Fn() -> bool + Send + 'static) {
        self.data_waits = Box::new(waits);
    }

    /// All states. The descriptions come along if they changed since the last snapshot.
    pub fn snapshot(&mut self) -> Snapshot {
        let descriptions = Descriptions {
            current_local: self.peer.current_local_description(),
            pending_local: self.peer.pending_local_description(),
            current_remote: self.peer.current_remote_description(),
            pending_remote: self.peer.pending_remote_description(),
        };
        let news = (descriptions != self.reported).then(|| descriptions.clone());
        self.reported = descriptions;
        self.changed = false;
        let transceivers = self.peer.transceivers();
        self.forget_gone(&transceivers);
        let transceivers = transceivers
            .into_iter()
            .map(|info| TransceiverSnapshot {
                receiver_track: self.track_of(info.id),
                info,
            })
            .collect();
        Snapshot {
            signaling: self.peer.signaling_state(),
            ice_gathering: self.peer.ice_gathering_state(),
            ice_connection: self.peer.ice_connection_state(),
            connection: self.peer.connection_state(),
            dtls: self.peer.dtls_state(),
            sctp: self.peer.sctp(),
            descriptions: news,
            transceivers,
        }
    }

    fn forget_gone(&mut self, present: &[TransceiverInfo]) {
        let gone = |id: &TransceiverId| present.iter().all(|info| info.id != *id);
        self.receivers.retain(|id, _| !gone(id));
        for (_, sender) in self.senders.extract_if(.., |id, _| gone(id)) {
            sender.retire();
        }
    }

    /// Asks for a snapshot to be reported although no state may have changed.
    pub fn report_state(&mut self) {
        self.changed = true;
    }

    /// News of the network.
    fn hear(&mut self, news: News, buffer: &mut [u8]) {
        match news {
            News::Readable(index) => self.receive(index, buffer),
            News::Packet {
                protocol,
                source,
                local,
                contents,
            } => self.arrived(protocol, source, local, &contents),
            News::Candidate(candidate) => self.add_candidate(candidate),
            News::Gathered => self.peer.end_of_local_candidates(),
            News::Connected { local, remote } => {
                if !self.peer.add_connection(local, remote).unwrap_or_default() {
                    tracing::debug!(%remote, "a connection is of no use");
                    self.network.disconnect(local, remote);
                }
            }
            News::Gone(candidate) => self.peer.remove_local_candidate(&candidate),
            News::Resolved { candidate, address } => {
                if let Err(error) = self.peer.add_resolved_candidate(&candidate, address) {
                    tracing::debug!(%error, "a candidate with a local name is of no use");
                }
            }
        }
    }

    fn receive(&mut self, index: usize, buffer: &mut [u8]) {
        for _ in 0..BATCH {
            match self.network.receive(index, buffer) {
                Some(Ok((length, source, local))) => {
                    self.arrived(Protocol::Udp, source, local, &buffer[..length]);
                }
                Some(Err(candidate)) => self.add_candidate(candidate),
                None => return,
            }
        }
    }

    fn arrived(
        &mut self,
        protocol: Protocol,
        source: SocketAddr,
        local: SocketAddr,
        packet: &[u8],
    ) {
        self.peer.hold_data((self.data_waits)());
        self.peer
            .handle_receive(Instant::now(), protocol, source, local, packet);
        self.drain_now();
    }

    /// Hands out all that the state machine has to say; when it wants to be woken.
    fn drain(&mut self) -> Instant {
        let wake = self.drain_now();
        if self.changed {
            let snapshot = Box::new(self.snapshot());
            (self.emit)(ConnectionEvent::State(snapshot));
        }
        wake
    }

    fn drain_now(&mut self) -> Instant {
        loop {
            match self.peer.poll_output() {
                Output::Timeout(wake) => return wake,
                Output::Transmit(transmit) => self.network.send(transmit),
                Output::Event(event) => self.handle(event),
            }
        }
    }

    fn handle(&mut self, event: Event) {
        let report = match event {
            Event::SignalingState(_)
            | Event::IceGatheringState(_)
            | Event::DtlsState(_)
            | Event::Sctp(_) => {
                self.changed = true;
                return;
            }
            Event::IceConnectionState(state) => {
                tracing::info!(state = state.as_str(), "ICE");
                self.changed = true;
                return;
            }
            Event::ConnectionState(state) => {
                tracing::info!(state = state.as_str(), "connection");
                self.changed = true;
                return;
            }
            Event::GatherCandidates { restart } => return self.gather(restart),
            Event::ResolveCandidate { candidate, host } => {
                return self.network.resolve(candidate, host);
            }
            Event::ConnectCandidate { remote } => return self.network.connect(remote),
            Event::Outgoing(outgoing) => return self.configure_sender(outgoing),
            Event::KeyFrameRequested { transceiver, rid } => {
                return self.encode_key_frame(transceiver, rid.as_deref());
            }
            Event::ReceiverReset { transceiver } => return self.reset_receiver(transceiver),
            Event::Audio(packet) => return self.play(&packet),
            Event::Video(frame) => return self.show(frame),
            Event::NegotiationNeeded => ConnectionEvent::NegotiationNeeded,
            Event::IceCandidate(candidate) => {
                // The description has grown by it.
                self.changed = true;
                ConnectionEvent::IceCandidate(candidate)
            }
            Event::TrackMuted { transceiver, muted } => ConnectionEvent::TrackMuted {
                track: self.track_of(transceiver),
                muted,
            },
            Event::DataChannel {
                channel,
                label,
                init,
            } => ConnectionEvent::DataChannel {
                channel,
                label,
                init,
            },
            Event::DataChannelState {
                channel,
                state,
                stream_id,
            } => {
                if state == DataChannelState::Closed {
                    self.handed.remove(&channel);
                }
                ConnectionEvent::DataChannelState {
                    channel,
                    state,
                    stream_id,
                }
            }
            Event::DataChannelMessage {
                channel,
                binary,
                data,
            } => ConnectionEvent::DataChannelMessage {
                channel,
                binary,
                data,
            },
            Event::DataChannelBuffered { channel, amount } => {
                let handed = self.handed.get(&channel).copied().unwrap_or_default();
                ConnectionEvent::DataChannelSent {
                    channel,
                    sent: handed.saturating_sub(amount as u64),
                }
            }
        };
        (self.emit)(report);
    }

    /// Host candidates are known at once; servers are asked for others.
    fn gather(&mut self, restart: bool) {
        let (candidates, more) = self.network.gather(self.peer.configuration(), restart);
        for candidate in candidates {
            self.add_candidate(candidate);
        }
        if !more {
            self.peer.end_of_local_candidates();
        }
    }

    fn add_candidate(&mut self, candidate: LocalCandidate) {
        let address = candidate.address;
        // What comes later, since an address has come, is nothing that the page has asked for.
        let added = match self.peer.ice_gathering_state() {
            IceGatheringState::Complete => self.peer.add_late_candidate(candidate),
            IceGatheringState::New | IceGatheringState::Gathering => {
                self.peer.add_local_candidate(candidate)
            }
        };
        if let Err(error) = added {
            tracing::debug!(%address, %error, "a candidate was refused");
        }
    }
}
