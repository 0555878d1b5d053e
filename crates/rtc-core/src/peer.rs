//! The connection itself.
#![allow(unused_variables, missing_docs)]
use crate::*;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

/// A connection to one remote side (`RTCPeerConnection`, webrtc-pc section 4.4).
#[derive(Debug)]
pub struct PeerConnection {
    configuration: Configuration,
    now: Instant,
}

impl PeerConnection {
    pub fn new(configuration: Configuration, now: Instant) -> Result<Self, Error> {
        unimplemented!()
    }

    pub fn configuration(&self) -> &Configuration {
        unimplemented!()
    }

    pub fn set_configuration(&mut self, configuration: Configuration) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn signaling_state(&self) -> SignalingState {
        unimplemented!()
    }

    pub fn ice_gathering_state(&self) -> IceGatheringState {
        unimplemented!()
    }

    pub fn ice_connection_state(&self) -> IceConnectionState {
        unimplemented!()
    }

    pub fn connection_state(&self) -> ConnectionState {
        unimplemented!()
    }

    pub fn dtls_state(&self) -> DtlsState {
        unimplemented!()
    }

    pub fn sctp(&self) -> Option<SctpTransport> {
        unimplemented!()
    }

    pub fn negotiation_needed(&self) -> bool {
        unimplemented!()
    }

    pub fn current_local_description(&self) -> Option<SessionDescription> {
        unimplemented!()
    }

    pub fn pending_local_description(&self) -> Option<SessionDescription> {
        unimplemented!()
    }

    pub fn current_remote_description(&self) -> Option<SessionDescription> {
        unimplemented!()
    }

    pub fn pending_remote_description(&self) -> Option<SessionDescription> {
        unimplemented!()
    }

    pub fn create_offer(&mut self, options: OfferOptions) -> Result<SessionDescription, Error> {
        unimplemented!()
    }

    pub fn create_answer(&mut self) -> Result<SessionDescription, Error> {
        unimplemented!()
    }

    pub fn set_local_description(
        &mut self,
        description: Option<SessionDescription>,
    ) -> Result<DescriptionOutcome, Error> {
        unimplemented!()
    }

    pub fn set_remote_description(
        &mut self,
        description: SessionDescription,
    ) -> Result<DescriptionOutcome, Error> {
        unimplemented!()
    }

    pub fn restart_ice(&mut self) {
        unimplemented!()
    }

    pub fn add_local_candidate(&mut self, candidate: LocalCandidate) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn end_of_local_candidates(&mut self) {
        unimplemented!()
    }

    pub fn remove_local_candidate(&mut self, candidate: &LocalCandidate) {
        unimplemented!()
    }

    pub fn add_ice_candidate(&mut self, candidate: Option<IceCandidate>) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn add_resolved_candidate(
        &mut self,
        candidate: &IceCandidate,
        address: IpAddr,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn capabilities(kind: Kind, side: Side) -> Capabilities {
        unimplemented!()
    }

    pub fn transceivers(&self) -> Vec<TransceiverInfo> {
        unimplemented!()
    }

    pub fn transceiver(&self, id: TransceiverId) -> Option<TransceiverInfo> {
        unimplemented!()
    }

    pub fn add_transceiver(
        &mut self,
        id: TransceiverId,
        kind: Kind,
        init: TransceiverInit,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn transceiver_for_add_track(&self, kind: Kind) -> Option<TransceiverId> {
        unimplemented!()
    }

    pub fn set_direction(&mut self, id: TransceiverId, direction: Direction) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn stop(&mut self, id: TransceiverId) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn set_codec_preferences(
        &mut self,
        id: TransceiverId,
        codecs: Vec<Codec>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn set_sender_track(
        &mut self,
        id: TransceiverId,
        track_id: Option<String>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn set_sender_streams(
        &mut self,
        id: TransceiverId,
        stream_ids: Vec<String>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn sender_parameters(&self, id: TransceiverId) -> Result<SendParameters, Error> {
        unimplemented!()
    }

    pub fn set_sender_parameters(
        &mut self,
        id: TransceiverId,
        encodings: Vec<Encoding>,
        degradation_preference: Option<DegradationPreference>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn synchronization_sources(&self, id: TransceiverId) -> Vec<SynchronizationSource> {
        unimplemented!()
    }

    pub fn outgoing(&self, id: TransceiverId) -> Option<Outgoing> {
        unimplemented!()
    }

    pub fn write_video(
        &mut self,
        id: TransceiverId,
        rid: Option<&str>,
        video: EncodedVideo,
    ) -> Result<Written, Error> {
        unimplemented!()
    }

    pub fn write_audio(
        &mut self,
        id: TransceiverId,
        audio: EncodedAudio,
    ) -> Result<Written, Error> {
        unimplemented!()
    }

    pub fn request_key_frame(
        &mut self,
        id: TransceiverId,
        kind: KeyFrameRequest,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn create_data_channel(
        &mut self,
        id: DataChannelId,
        label: &str,
        init: DataChannelInit,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn data_channel(&self, id: DataChannelId) -> Option<DataChannelInfo> {
        unimplemented!()
    }

    pub fn send(&mut self, id: DataChannelId, binary: bool, data: &[u8]) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn set_buffered_amount_low_threshold(
        &mut self,
        id: DataChannelId,
        bytes: usize,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn close_data_channel(&mut self, id: DataChannelId) -> Result<(), Error> {
        unimplemented!()
    }

    pub fn handle_receive(
        &mut self,
        now: Instant,
        protocol: Protocol,
        source: SocketAddr,
        destination: SocketAddr,
        contents: &[u8],
    ) {
        unimplemented!()
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        unimplemented!()
    }

    pub fn poll_output(&mut self) -> Output {
        unimplemented!()
    }

    pub fn get_stats(&mut self, now: Instant) -> StatsReport {
        unimplemented!()
    }

    pub fn close(&mut self) {
        unimplemented!()
    }
}
