//! The page's connections.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rtc_host::core::{DataChannelId, DataChannelState, TransceiverId};
use rtc_host::{Connection, ConnectionEvent, ConnectionHandle, Picture, TrackNumbers};
use serde_json::Value;

use super::Session;
use super::convert;
use super::outbox::Outbox;
use super::rendering::Rendering;
use super::reply::unknown_track;
use crate::wire::binary::{self, DataMessage};
use crate::wire::{self, DataChannelInit, Event, WireError};

/// Names of one page's connections, remote tracks and data channels.
#[derive(Default)]
pub(super) struct Connections {
    handles: Mutex<HashMap<u32, Arc<ConnectionHandle>>>,
    registry: Arc<Mutex<Registry>>,
}

#[derive(Default)]
struct Registry {
    /// Remote tracks: connection and transceiver.
    tracks: HashMap<u32, (u32, TransceiverId)>,
    /// Data channels of the page: connection, and the id there.
    channels: HashMap<u32, (u32, DataChannelId)>,
    /// The other way round.
    names: HashMap<(u32, DataChannelId), u32>,
}

impl Registry {
    /// A connection has these remote tracks, by number. The numbers of those that it has no more.
    fn keep_tracks(&mut self, pc: u32, present: &HashMap<u32, TransceiverId>) -> Vec<u32> {
        let gone = |track: &u32, of: u32| of == pc && !present.contains_key(track);
        let gone = self.tracks.extract_if(|track, (of, _)| gone(track, *of));
        let gone = gone.map(|(track, _)| track).collect();
        let present = present.iter().map(|(track, id)| (*track, (pc, *id)));
        self.tracks.extend(present);
        gone
    }

    fn add_channel(&mut self, pc: u32, channel: DataChannelId, name: u32) {
        self.channels.insert(name, (pc, channel));
        self.names.insert((pc, channel), name);
    }

    fn remove_channel(&mut self, pc: u32, channel: DataChannelId) {
        if let Some(name) = self.names.remove(&(pc, channel)) {
            self.channels.remove(&name);
        }
    }
}

impl Connections {
    pub(super) fn close(&self) {
        self.handles.lock().clear();
    }

    pub(super) fn connection(&self, pc: u32) -> Option<Arc<ConnectionHandle>> {
        self.handles.lock().get(&pc).cloned()
    }

    /// The connection and transceiver of a remote track.
    pub(super) fn remote(&self, track: u32) -> Option<(Arc<ConnectionHandle>, TransceiverId)> {
        let (pc, id) = self.registry.lock().tracks.get(&track).copied()?;
        Some((self.connection(pc)?, id))
    }
}

impl Session {
    pub(super) fn create_connection(
        &self,
        pc: u32,
        configuration: wire::Configuration,
    ) -> Result<Value, WireError> {
        let reporter = Reporter {
            pc,
            outbox: self.outbox.clone(),
            registry: self.connections.registry.clone(),
            numbers: self.numbers.clone(),
            rendering: self.rendering.clone(),
        };
        let handle =
            self.host
                .connect(configuration.into(), self.numbers.clone(), move |event| {
                    reporter.report(event)
                })?;
        let outbox = self.outbox.clone();
        handle.post(move |connection| connection.hold_data_while(move || outbox.is_full_of_data()));
        let replaced = self.connections.handles.lock().insert(pc, Arc::new(handle));
        if replaced.is_some() {
            tracing::warn!(pc, "the page reused the number of a connection");
        }
        Ok(Value::Null)
    }

    pub(super) fn close_connection(&self, request: u32, pc: u32) {
        let Some(connection) = self.connections.handles.lock().remove(&pc) else {
            return self.outbox.reply(request, Ok(Value::Null));
        };
        let registry = self.connections.registry.clone();
        let (outbox, rendering) = (self.outbox.clone(), self.rendering.clone());
        connection.post(move |connection| {
            connection.close();
            outbox.reply(request, Ok(Value::Null));
            let mut registry = registry.lock();
            let gone = registry.keep_tracks(pc, &HashMap::new());
            registry.channels.retain(|_, (of, _)| *of != pc);
            registry.names.retain(|(of, _), _| *of != pc);
            drop(registry);
            gone.into_iter().for_each(|track| rendering.forget(track));
        });
    }

    /// Runs on a connection and replies with what comes of it.
    pub(super) fn on_connection(
        &self,
        request: u32,
        pc: u32,
        run: impl FnOnce(&mut Connection) -> Result<Value, WireError> + Send + 'static,
    ) {
        let outbox = self.outbox.clone();
        match self.connections.connection(pc) {
            Some(connection) => connection.post(move |connection| {
                let result = run(connection);
                outbox.reply(request, result);
            }),
            None => {
                let error = WireError::new("InvalidStateError", "the connection is closed");
                outbox.reply(request, Err(error));
            }
        }
    }

    /// The same for the connection that has a remote track.
    pub(super) fn with_remote(
        &self,
        request: u32,
        track: u32,
        run: impl FnOnce(&mut Connection, TransceiverId) -> Result<Value, WireError> + Send + 'static,
    ) {
        let outbox = self.outbox.clone();
        match self.connections.remote(track) {
            Some((connection, id)) => connection.post(move |connection| {
                let result = run(connection, id);
                outbox.reply(request, result);
            }),
            None => outbox.reply(request, Err(unknown_track())),
        }
    }

    /// The same where a track that is gone is as good as done.
    pub(super) fn with_remote_or_nothing(
        &self,
        request: u32,
        track: u32,
        run: impl FnOnce(&mut Connection, TransceiverId) + Send + 'static,
    ) {
        if let Some((connection, id)) = self.connections.remote(track) {
            connection.post(move |connection| run(connection, id));
        }
        self.outbox.reply(request, Ok(Value::Null));
    }

    pub(super) fn create_data_channel(
        &self,
        request: u32,
        pc: u32,
        channel: u32,
        label: String,
        init: DataChannelInit,
    ) {
        self.connections
            .registry
            .lock()
            .add_channel(pc, DataChannelId(channel), channel);
        self.on_connection(request, pc, move |connection| {
            connection.create_data_channel(DataChannelId(channel), &label, init.into())?;
            Ok(Value::Null)
        });
    }

    pub(super) fn close_data_channel(&self, request: u32, channel: u32) {
        let known = self
            .connections
            .registry
            .lock()
            .channels
            .get(&channel)
            .copied();
        let Some((pc, id)) = known else {
            return self.outbox.reply(request, Ok(Value::Null));
        };
        self.on_connection(request, pc, move |connection| {
            connection.close_data_channel(id)?;
            Ok(Value::Null)
        });
    }

    pub(super) fn send_data(&self, message: &DataMessage<'_>) {
        let known = self
            .connections
            .registry
            .lock()
            .channels
            .get(&message.channel)
            .copied();
        let Some((pc, id)) = known else { return };
        let Some(connection) = self.connections.connection(pc) else {
            return;
        };
        let (binary, data) = (message.binary, message.data.to_vec());
        connection.post(move |connection| {
            if let Err(error) = connection.send_data(id, binary, &data) {
                tracing::debug!(%error, "a data-channel message was not sent");
            }
        });
    }
}

/// Tells the page what happens on one connection. Runs on the network thread.
struct Reporter {
    pc: u32,
    outbox: Outbox,
    registry: Arc<Mutex<Registry>>,
    numbers: TrackNumbers,
    rendering: Arc<Rendering>,
}

impl Reporter {
    fn report(&self, event: ConnectionEvent) {
        let pc = self.pc;
        let event = match event {
            ConnectionEvent::State(snapshot) => {
                let present = snapshot.transceivers.iter();
                let present =
                    present.map(|transceiver| (transceiver.receiver_track, transceiver.info.id));
                let gone = self.registry.lock().keep_tracks(pc, &present.collect());
                gone.into_iter()
                    .for_each(|track| self.rendering.forget(track));
                Event::PcState {
                    pc,
                    state: (*snapshot).into(),
                }
            }
            ConnectionEvent::IceCandidate(candidate) => Event::PcIceCandidate {
                pc,
                candidate: candidate.map(Into::into),
            },
            ConnectionEvent::NegotiationNeeded => Event::PcNegotiationNeeded { pc },
            ConnectionEvent::TrackMuted { track, muted } => Event::TrackMuted { track, muted },
            ConnectionEvent::Picture(picture) => return self.picture(&picture),
            ConnectionEvent::DataChannel {
                channel,
                label,
                init,
            } => {
                let name = self.numbers.next();
                self.registry.lock().add_channel(pc, channel, name);
                Event::PcDataChannel {
                    pc,
                    channel: name,
                    label,
                    init: init.into(),
                }
            }
            ConnectionEvent::DataChannelState {
                channel,
                state,
                stream_id,
            } => {
                let name = self.name(channel);
                if state == DataChannelState::Closed {
                    self.registry.lock().remove_channel(self.pc, channel);
                }
                let Some(channel) = name else {
                    return;
                };
                Event::DataChannelState {
                    channel,
                    state: state.into(),
                    stream_id,
                }
            }
            ConnectionEvent::DataChannelFailed { channel, reason } => {
                let Some(channel) = self.name(channel) else {
                    return;
                };
                Event::DataChannelFailed { channel, reason }
            }
            ConnectionEvent::DataChannelSent { channel, sent } => {
                let Some(channel) = self.name(channel) else {
                    return;
                };
                Event::DataChannelSent { channel, sent }
            }
            ConnectionEvent::DataChannelMessage {
                channel,
                binary,
                data,
            } => {
                if let Some(channel) = self.name(channel) {
                    let message = DataMessage {
                        channel,
                        binary,
                        data: &data,
                    };
                    self.outbox.data(message.encode());
                }
                return;
            }
        };
        self.outbox.event(&event);
    }

    fn name(&self, channel: DataChannelId) -> Option<u32> {
        self.registry.lock().names.get(&(self.pc, channel)).copied()
    }

    /// One that finds no room is lost; the page sees the gap in the counter and asks for a key
    /// frame.
    fn picture(&self, picture: &Picture) {
        if !self.outbox.has_room() {
            return;
        }
        let arrival = convert::unix_ms(picture.arrival);
        let message = binary::Picture {
            track: picture.track,
            key_frame: picture.key_frame,
            codec: convert::picture_codec(picture.codec),
            rtp_timestamp: picture.rtp_timestamp,
            counter: picture.counter,
            arrival,
            data: &picture.data,
        };
        self.outbox.picture(message.encode());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rtc_host::core::{Configuration, Kind, PeerConnection, TransceiverInit};
    use rtc_host::{Snapshot, TransceiverSnapshot};

    use super::*;
    use crate::session::outbox;
    use crate::wire::DecodeReport;

    /// What a connection with so many participants says, whose tracks are numbered from there on.
    fn state(participants: u32, first: u32) -> ConnectionEvent {
        let mut peer = PeerConnection::new(Configuration::default(), &[], Instant::now()).unwrap();
        for id in 0..participants {
            let init = TransceiverInit::default();
            peer.add_transceiver(TransceiverId(id), Kind::Video, init)
                .unwrap();
        }
        let numbered = |info: rtc_host::core::TransceiverInfo| TransceiverSnapshot {
            receiver_track: first + info.id.0,
            info,
        };
        ConnectionEvent::State(Box::new(Snapshot {
            signaling: peer.signaling_state(),
            ice_gathering: peer.ice_gathering_state(),
            ice_connection: peer.ice_connection_state(),
            connection: peer.connection_state(),
            dtls: peer.dtls_state(),
            sctp: None,
            descriptions: None,
            transceivers: peer.transceivers().into_iter().map(numbered).collect(),
        }))
    }

    #[tokio::test]
    async fn two_hundred_participants_who_come_and_go_leave_nothing_behind() {
        let (outbox, _outgoing) = outbox::channel();
        let reporter = Reporter {
            pc: 1,
            outbox,
            registry: Arc::default(),
            numbers: TrackNumbers::default(),
            rendering: Arc::default(),
        };
        for first in (0..200).step_by(10) {
            reporter.report(state(10, first));
            let tracks = reporter.registry.lock().tracks.len();
            assert_eq!((tracks, reporter.rendering.kept()), (10, 0));
            for track in first..first + 10 {
                reporter.rendering.measures(track, DecodeReport::default());
            }
            assert_eq!(reporter.rendering.kept(), 20);
        }
        reporter.report(state(0, 0));
        assert!(reporter.registry.lock().tracks.is_empty());
        assert_eq!(reporter.rendering.kept(), 0);
    }
}
