//! Between the wire and what it stands for.

use std::time::{Instant, SystemTime};

use rtc_host::core::{self, DegradationPreference, MediaCodec};
use rtc_host::media::{MediaDevices, MediaError};
use rtc_host::{Connection, Snapshot};

use crate::wire::{self, WireError, binary::PictureCodec};

impl From<core::Error> for WireError {
    fn from(error: core::Error) -> Self {
        Self {
            name: error.name().into(),
            message: error.to_string(),
            detail: error.detail().map(String::from),
            sdp_line: error.sdp_line(),
        }
    }
}

impl From<MediaError> for WireError {
    fn from(error: MediaError) -> Self {
        let detail = match &error {
            MediaError::Overconstrained(constraint) => Some((*constraint).into()),
            _ => None,
        };
        Self {
            name: error.w3c_name().into(),
            message: error.to_string(),
            detail,
            sdp_line: None,
        }
    }
}

/// Milliseconds since 1970 of an instant.
pub(super) fn unix_ms(at: Instant) -> f64 {
    let wall = SystemTime::now() - at.elapsed();
    wall.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
        * 1000.0
}

pub(super) fn devices(devices: &MediaDevices) -> Vec<wire::DeviceInfo> {
    let convert = |info: rtc_host::media::DeviceInfo| wire::DeviceInfo {
        device_id: info.device_id,
        group_id: info.group_id,
        kind: info.kind.as_str().into(),
        label: info.label,
    };
    devices.enumerate().into_iter().map(convert).collect()
}

pub(super) fn kind(kind: wire::Kind) -> core::Kind {
    match kind {
        wire::Kind::Audio => core::Kind::Audio,
        wire::Kind::Video => core::Kind::Video,
    }
}

fn kind_to_wire(kind: core::Kind) -> wire::Kind {
    match kind {
        core::Kind::Audio => wire::Kind::Audio,
        core::Kind::Video => wire::Kind::Video,
    }
}

pub(super) fn side(side: wire::Side) -> core::Side {
    match side {
        wire::Side::Sender => core::Side::Sender,
        wire::Side::Receiver => core::Side::Receiver,
    }
}

pub(super) fn direction_from_wire(direction: wire::Direction) -> core::Direction {
    match direction {
        wire::Direction::Sendrecv => core::Direction::SendRecv,
        wire::Direction::Sendonly => core::Direction::SendOnly,
        wire::Direction::Recvonly => core::Direction::RecvOnly,
        wire::Direction::Inactive => core::Direction::Inactive,
        wire::Direction::Stopped => core::Direction::Stopped,
    }
}

fn direction(direction: core::Direction) -> wire::Direction {
    match direction {
        core::Direction::SendRecv => wire::Direction::Sendrecv,
        core::Direction::SendOnly => wire::Direction::Sendonly,
        core::Direction::RecvOnly => wire::Direction::Recvonly,
        core::Direction::Inactive => wire::Direction::Inactive,
        core::Direction::Stopped => wire::Direction::Stopped,
    }
}

pub(super) fn picture_codec(codec: MediaCodec) -> PictureCodec {
    match codec {
        // Sound never comes this way.
        MediaCodec::Vp8 | MediaCodec::Opus => PictureCodec::Vp8,
        MediaCodec::Vp9 => PictureCodec::Vp9,
        MediaCodec::H264 => PictureCodec::H264,
    }
}

pub(super) fn configuration(configuration: wire::Configuration) -> core::Configuration {
    let server = |server: wire::IceServer| core::IceServer {
        urls: server.urls,
        username: server.username,
        credential: server.credential,
    };
    core::Configuration {
        ice_servers: configuration.ice_servers.into_iter().map(server).collect(),
        ice_transport_policy: match configuration.ice_transport_policy.as_str() {
            "relay" => core::IceTransportPolicy::Relay,
            _ => core::IceTransportPolicy::All,
        },
        bundle_policy: match configuration.bundle_policy.as_str() {
            "max-bundle" => core::BundlePolicy::MaxBundle,
            "max-compat" => core::BundlePolicy::MaxCompat,
            _ => core::BundlePolicy::Balanced,
        },
    }
}

pub(super) fn description(description: core::SessionDescription) -> wire::SessionDescription {
    let kind = match description.kind {
        core::SdpType::Offer => wire::SdpType::Offer,
        core::SdpType::Pranswer => wire::SdpType::Pranswer,
        core::SdpType::Answer => wire::SdpType::Answer,
        core::SdpType::Rollback => wire::SdpType::Rollback,
    };
    wire::SessionDescription {
        kind,
        sdp: description.sdp,
    }
}

pub(super) fn description_from_wire(
    description: wire::SessionDescription,
) -> core::SessionDescription {
    let kind = match description.kind {
        wire::SdpType::Offer => core::SdpType::Offer,
        wire::SdpType::Pranswer => core::SdpType::Pranswer,
        wire::SdpType::Answer => core::SdpType::Answer,
        wire::SdpType::Rollback => core::SdpType::Rollback,
    };
    core::SessionDescription {
        kind,
        sdp: description.sdp,
    }
}

pub(super) fn candidate(candidate: core::IceCandidate) -> wire::IceCandidate {
    wire::IceCandidate {
        candidate: candidate.candidate,
        sdp_mid: candidate.sdp_mid,
        sdp_m_line_index: candidate.sdp_m_line_index,
        username_fragment: candidate.username_fragment,
    }
}

pub(super) fn candidate_from_wire(candidate: wire::IceCandidate) -> core::IceCandidate {
    core::IceCandidate {
        candidate: candidate.candidate,
        sdp_mid: candidate.sdp_mid,
        sdp_m_line_index: candidate.sdp_m_line_index,
        username_fragment: candidate.username_fragment,
    }
}

pub(super) fn transceiver_init(init: wire::TransceiverInit) -> core::TransceiverInit {
    core::TransceiverInit {
        direction: direction_from_wire(init.direction),
        track_id: init.track_id,
        stream_ids: init.streams,
        send_encodings: encodings_from_wire(init.send_encodings),
        by_add_track: init.by_add_track,
    }
}

pub(super) fn encodings_from_wire(encodings: Vec<wire::Encoding>) -> Vec<core::Encoding> {
    let priority = |name: Option<String>| match name.as_deref() {
        Some("very-low") => core::Priority::VeryLow,
        Some("medium") => core::Priority::Medium,
        Some("high") => core::Priority::High,
        _ => core::Priority::Low,
    };
    let convert = |encoding: wire::Encoding| core::Encoding {
        rid: encoding.rid,
        active: encoding.active.unwrap_or(true),
        max_bitrate: encoding
            .max_bitrate
            .filter(|rate| *rate >= 0.0)
            .map(|rate| rate as u64),
        max_framerate: encoding.max_framerate,
        scale_resolution_down_by: encoding.scale_resolution_down_by,
        scalability_mode: encoding.scalability_mode,
        priority: priority(encoding.priority),
        network_priority: priority(encoding.network_priority),
    };
    encodings.into_iter().map(convert).collect()
}

pub(super) fn degradation_from_wire(preference: Option<&str>) -> Option<DegradationPreference> {
    match preference? {
        "maintain-framerate" => Some(DegradationPreference::MaintainFramerate),
        "maintain-resolution" => Some(DegradationPreference::MaintainResolution),
        "balanced" => Some(DegradationPreference::Balanced),
        _ => None,
    }
}

pub(super) fn codec_from_wire(codec: wire::Codec) -> core::Codec {
    core::Codec {
        mime_type: codec.mime_type,
        clock_rate: codec.clock_rate,
        channels: codec.channels,
        sdp_fmtp_line: codec.sdp_fmtp_line,
        payload_type: codec.payload_type,
    }
}

fn codec(codec: core::Codec) -> wire::Codec {
    wire::Codec {
        mime_type: codec.mime_type,
        clock_rate: codec.clock_rate,
        channels: codec.channels,
        sdp_fmtp_line: codec.sdp_fmtp_line,
        payload_type: codec.payload_type,
    }
}

fn header_extension(extension: core::HeaderExtension) -> wire::HeaderExtension {
    wire::HeaderExtension {
        uri: extension.uri,
        id: extension.id,
    }
}

/// For the polyfill's build: `getCapabilities` is synchronous, so it is not asked for.
#[cfg(test)]
pub(super) fn capabilities(capabilities: core::Capabilities) -> wire::Capabilities {
    wire::Capabilities {
        codecs: capabilities.codecs.into_iter().map(codec).collect(),
        header_extensions: capabilities
            .header_extensions
            .into_iter()
            .map(header_extension)
            .collect(),
    }
}

pub(super) fn data_channel_init(init: wire::DataChannelInit) -> core::DataChannelInit {
    core::DataChannelInit {
        ordered: init.ordered,
        max_packet_life_time: init.max_packet_life_time,
        max_retransmits: init.max_retransmits,
        protocol: init.protocol,
        negotiated: init.negotiated,
        id: init.id,
    }
}

pub(super) fn data_channel_init_to_wire(init: core::DataChannelInit) -> wire::DataChannelInit {
    wire::DataChannelInit {
        ordered: init.ordered,
        max_packet_life_time: init.max_packet_life_time,
        max_retransmits: init.max_retransmits,
        protocol: init.protocol,
        negotiated: init.negotiated,
        id: init.id,
    }
}

pub(super) fn data_channel_state(state: core::DataChannelState) -> wire::DataChannelState {
    match state {
        core::DataChannelState::Connecting => wire::DataChannelState::Connecting,
        core::DataChannelState::Open => wire::DataChannelState::Open,
        core::DataChannelState::Closing => wire::DataChannelState::Closing,
        core::DataChannelState::Closed => wire::DataChannelState::Closed,
    }
}

pub(super) fn state(snapshot: Snapshot) -> wire::PcState {
    let descriptions = snapshot.descriptions.map(|all| wire::Descriptions {
        current_local: all.current_local.map(description),
        pending_local: all.pending_local.map(description),
        current_remote: all.current_remote.map(description),
        pending_remote: all.pending_remote.map(description),
    });
    let sctp = snapshot.sctp.map(|sctp| wire::SctpState {
        state: sctp.state.as_str().into(),
        max_message_size: sctp.max_message_size,
        max_channels: sctp.max_channels,
    });
    let transceivers = snapshot.transceivers.into_iter().map(|transceiver| {
        let info = transceiver.info;
        wire::TransceiverState {
            id: info.id.0,
            kind: kind_to_wire(info.kind),
            mid: info.mid,
            direction: direction(info.direction),
            current_direction: info.current_direction.map(direction),
            receiver_track: transceiver.receiver_track,
            codecs: info.codecs.into_iter().map(codec).collect(),
            header_extensions: info
                .header_extensions
                .into_iter()
                .map(header_extension)
                .collect(),
        }
    });
    wire::PcState {
        signaling_state: snapshot.signaling.as_str().into(),
        ice_gathering_state: snapshot.ice_gathering.as_str().into(),
        ice_connection_state: snapshot.ice_connection.as_str().into(),
        connection_state: snapshot.connection.as_str().into(),
        dtls_state: snapshot.dtls.as_str().into(),
        sctp,
        descriptions,
        transceivers: transceivers.collect(),
    }
}

/// What a description brought, with the state right after it.
pub(super) fn outcome(
    connection: &mut Connection,
    outcome: core::DescriptionOutcome,
) -> wire::DescriptionSet {
    let snapshot = connection.snapshot();
    let number = |id: core::TransceiverId| {
        let of = snapshot
            .transceivers
            .iter()
            .find(|transceiver| transceiver.info.id == id)?;
        Some(of.receiver_track)
    };
    let track = |track: core::RemoteTrack| {
        Some(wire::RemoteTrack {
            transceiver: track.transceiver.0,
            track: number(track.transceiver)?,
            track_id: track.track_id,
            streams: track.stream_ids,
        })
    };
    let added = outcome.added.into_iter().filter_map(track).collect();
    let removed = outcome.removed.into_iter().filter_map(track).collect();
    // The reply's snapshot is the page's, but the registry of tracks learns from events.
    connection.report_state();
    wire::DescriptionSet {
        state: state(snapshot),
        added,
        removed,
    }
}
