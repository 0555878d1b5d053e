//! Between the wire and what it stands for, where the two differ in shape. Where they do not, [`wire`] has
//! the conversion with the declaration.

use std::time::{Instant, SystemTime};

use rtc_host::core::{self, DegradationPreference, MediaCodec};
use rtc_host::media::{DeviceInfo, MediaError};
use rtc_host::{Connection, Descriptions, Snapshot, TransceiverSnapshot};

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

impl From<DeviceInfo> for wire::DeviceInfo {
    fn from(info: DeviceInfo) -> Self {
        Self {
            device_id: info.device_id,
            group_id: info.group_id,
            kind: info.kind.as_str().into(),
            label: info.label,
        }
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

pub(super) fn list<Below, Wire: From<Below>>(below: Vec<Below>) -> Vec<Wire> {
    below.into_iter().map(Wire::from).collect()
}

impl From<wire::Configuration> for core::Configuration {
    fn from(configuration: wire::Configuration) -> Self {
        Self {
            ice_servers: list(configuration.ice_servers),
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
}

impl From<wire::TransceiverInit> for core::TransceiverInit {
    fn from(init: wire::TransceiverInit) -> Self {
        Self {
            direction: init.direction.into(),
            track_id: init.track_id,
            stream_ids: init.streams,
            send_encodings: list(init.send_encodings),
            by_add_track: init.by_add_track,
        }
    }
}

impl From<wire::Encoding> for core::Encoding {
    fn from(encoding: wire::Encoding) -> Self {
        let priority = |name: Option<String>| match name.as_deref() {
            Some("very-low") => core::Priority::VeryLow,
            Some("medium") => core::Priority::Medium,
            Some("high") => core::Priority::High,
            _ => core::Priority::Low,
        };
        let max_bitrate = encoding.max_bitrate.filter(|rate| *rate >= 0.0);
        Self {
            rid: encoding.rid,
            active: encoding.active.unwrap_or(true),
            max_bitrate: max_bitrate.map(|rate| rate as u64),
            max_framerate: encoding.max_framerate,
            scale_resolution_down_by: encoding.scale_resolution_down_by,
            scalability_mode: encoding.scalability_mode,
            priority: priority(encoding.priority),
            network_priority: priority(encoding.network_priority),
        }
    }
}

pub(super) fn degradation(preference: Option<&str>) -> Option<DegradationPreference> {
    match preference? {
        "maintain-framerate" => Some(DegradationPreference::MaintainFramerate),
        "maintain-resolution" => Some(DegradationPreference::MaintainResolution),
        "balanced" => Some(DegradationPreference::Balanced),
        _ => None,
    }
}

impl From<Descriptions> for wire::Descriptions {
    fn from(all: Descriptions) -> Self {
        Self {
            current_local: all.current_local.map(Into::into),
            pending_local: all.pending_local.map(Into::into),
            current_remote: all.current_remote.map(Into::into),
            pending_remote: all.pending_remote.map(Into::into),
        }
    }
}

impl From<core::SctpTransport> for wire::SctpState {
    fn from(sctp: core::SctpTransport) -> Self {
        Self {
            state: sctp.state.as_str().into(),
            max_message_size: sctp.max_message_size,
            max_channels: sctp.max_channels,
        }
    }
}

impl From<TransceiverSnapshot> for wire::TransceiverState {
    fn from(transceiver: TransceiverSnapshot) -> Self {
        let info = transceiver.info;
        Self {
            id: info.id.0,
            kind: info.kind.into(),
            mid: info.mid,
            direction: info.direction.into(),
            current_direction: info.current_direction.map(Into::into),
            receiver_track: transceiver.receiver_track,
            codecs: list(info.codecs),
            header_extensions: list(info.header_extensions),
        }
    }
}

impl From<Snapshot> for wire::PcState {
    fn from(snapshot: Snapshot) -> Self {
        Self {
            signaling_state: snapshot.signaling.as_str().into(),
            ice_gathering_state: snapshot.ice_gathering.as_str().into(),
            ice_connection_state: snapshot.ice_connection.as_str().into(),
            connection_state: snapshot.connection.as_str().into(),
            dtls_state: snapshot.dtls.as_str().into(),
            sctp: snapshot.sctp.map(Into::into),
            descriptions: snapshot.descriptions.map(Into::into),
            transceivers: list(snapshot.transceivers),
        }
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
        state: snapshot.into(),
        added,
        removed,
    }
}
