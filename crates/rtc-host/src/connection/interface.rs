//! What `RTCPeerConnection` offers and the state machine answers by itself. Everything else of it
//! belongs to the connection: time, datagrams, encoded media and its outputs.

use std::time::Instant;

use rtc_core::{
    Codec, Configuration, DataChannelId, DataChannelInit, DescriptionOutcome, Direction, Error,
    IceCandidate, Kind, OfferOptions, PeerConnection, SessionDescription, StatsReport,
    TransceiverId, TransceiverInit,
};

use super::Connection;

impl Connection {
    /// The state machine, to be looked at.
    pub fn peer(&self) -> &PeerConnection {
        &self.peer
    }

    /// `setConfiguration`.
    ///
    /// # Errors
    /// As [`PeerConnection::set_configuration`].
    pub fn set_configuration(&mut self, configuration: Configuration) -> Result<(), Error> {
        self.peer.set_configuration(configuration)
    }

    /// `createOffer`.
    ///
    /// # Errors
    /// As [`PeerConnection::create_offer`].
    pub fn create_offer(&mut self, options: OfferOptions) -> Result<SessionDescription, Error> {
        self.peer.create_offer(options)
    }

    /// `createAnswer`.
    ///
    /// # Errors
    /// As [`PeerConnection::create_answer`].
    pub fn create_answer(&mut self) -> Result<SessionDescription, Error> {
        self.peer.create_answer()
    }

    /// `setLocalDescription`.
    ///
    /// # Errors
    /// As [`PeerConnection::set_local_description`].
    pub fn set_local_description(
        &mut self,
        description: Option<SessionDescription>,
    ) -> Result<DescriptionOutcome, Error> {
        self.peer.set_local_description(description)
    }

    /// `setRemoteDescription`.
    ///
    /// # Errors
    /// As [`PeerConnection::set_remote_description`].
    pub fn set_remote_description(
        &mut self,
        description: SessionDescription,
    ) -> Result<DescriptionOutcome, Error> {
        self.peer.set_remote_description(description)
    }

    /// `addIceCandidate`; `None` is the end of candidates.
    ///
    /// # Errors
    /// As [`PeerConnection::add_ice_candidate`].
    pub fn add_ice_candidate(&mut self, candidate: Option<IceCandidate>) -> Result<(), Error> {
        self.peer.add_ice_candidate(candidate)
    }

    /// `restartIce`.
    pub fn restart_ice(&mut self) {
        self.peer.restart_ice();
    }

    /// `addTransceiver`. A track for it is set by [`set_sender_track`](Self::set_sender_track).
    ///
    /// # Errors
    /// As [`PeerConnection::add_transceiver`].
    pub fn add_transceiver(
        &mut self,
        id: TransceiverId,
        kind: Kind,
        init: TransceiverInit,
    ) -> Result<(), Error> {
        self.peer.add_transceiver(id, kind, init)
    }

    /// `direction` of a transceiver.
    ///
    /// # Errors
    /// As [`PeerConnection::set_direction`].
    pub fn set_direction(&mut self, id: TransceiverId, direction: Direction) -> Result<(), Error> {
        self.peer.set_direction(id, direction)
    }

    /// `stop` of a transceiver.
    ///
    /// # Errors
    /// As [`PeerConnection::stop`].
    pub fn stop(&mut self, id: TransceiverId) -> Result<(), Error> {
        self.peer.stop(id)
    }

    /// `setCodecPreferences` of a transceiver.
    ///
    /// # Errors
    /// As [`PeerConnection::set_codec_preferences`].
    pub fn set_codec_preferences(
        &mut self,
        id: TransceiverId,
        codecs: Vec<Codec>,
    ) -> Result<(), Error> {
        self.peer.set_codec_preferences(id, codecs)
    }

    /// `setStreams` of a sender.
    ///
    /// # Errors
    /// As [`PeerConnection::set_sender_streams`].
    pub fn set_sender_streams(
        &mut self,
        id: TransceiverId,
        stream_ids: Vec<String>,
    ) -> Result<(), Error> {
        self.peer.set_sender_streams(id, stream_ids)
    }

    /// `createDataChannel`.
    ///
    /// # Errors
    /// As [`PeerConnection::create_data_channel`].
    pub fn create_data_channel(
        &mut self,
        id: DataChannelId,
        label: &str,
        init: DataChannelInit,
    ) -> Result<(), Error> {
        self.peer.create_data_channel(id, label, init)
    }

    /// `close` of a data channel.
    ///
    /// # Errors
    /// As [`PeerConnection::close_data_channel`].
    pub fn close_data_channel(&mut self, id: DataChannelId) -> Result<(), Error> {
        self.peer.close_data_channel(id)
    }

    /// `getStats`, as far as the transport knows; the rest is in
    /// [`sender_statistics`](Self::sender_statistics) and
    /// [`playout_statistics`](Self::playout_statistics).
    pub fn get_stats(&mut self, now: Instant) -> StatsReport {
        self.peer.get_stats(now)
    }
}
