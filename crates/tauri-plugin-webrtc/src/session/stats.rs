//! Statistics as the page gets them (W3C webrtc-stats): those of the transport joined with those
//! of encoders, jitter buffers and the page's decoders.

use std::collections::HashMap;
use std::time::Instant;

use rtc_host::core::{self, Kind, Side, Stats, TransceiverId};
use rtc_host::{Connection, Source};
use serde_json::{Map, Value, json};

use super::convert::unix_ms;
use crate::wire::DecodeReport;

/// Object of id to dictionary. `only` narrows it to what concerns one transceiver, or one side of
/// it.
pub(super) fn report(
    connection: &mut Connection,
    decoded: &HashMap<u32, DecodeReport>,
    only: Option<(TransceiverId, Option<Side>)>,
) -> Value {
    let report = connection.get_stats(Instant::now());
    let timestamp = unix_ms(report.timestamp);
    let mut all = Map::new();
    for entry in report.entries {
        let (of, side) = place(&entry);
        if let (Some((wanted, wanted_side)), Some(of)) = (only, of)
            && (wanted != of || wanted_side.is_some_and(|wanted| side != Some(wanted)))
        {
            continue;
        }
        let (id, kind) = (entry.id().to_owned(), entry.kind());
        let mut fields = dictionary(&entry);
        match &entry {
            Stats::InboundRtp(s) if s.kind == Kind::Audio => playout(connection, s, &mut fields),
            Stats::InboundRtp(s) => {
                let track = connection.track_of(s.transceiver);
                pictures(decoded.get(&track), &mut fields);
            }
            Stats::OutboundRtp(s) if s.kind == Kind::Video => encoding(connection, s, &mut fields),
            Stats::MediaSource(s) => source(connection, s, &mut fields),
            _ => {}
        }
        fields.insert("id".into(), json!(id));
        fields.insert("type".into(), json!(kind));
        fields.insert("timestamp".into(), json!(timestamp));
        // Members without a value are absent, not null.
        fields.retain(|_, value| !value.is_null());
        all.insert(id, Value::Object(fields));
    }
    Value::Object(all)
}

/// Which transceiver, and which half of it, an entry belongs to.
fn place(entry: &Stats) -> (Option<TransceiverId>, Option<Side>) {
    match entry {
        Stats::InboundRtp(s) => (Some(s.transceiver), Some(Side::Receiver)),
        Stats::RemoteOutboundRtp(s) => (Some(s.transceiver), Some(Side::Receiver)),
        Stats::OutboundRtp(s) => (Some(s.transceiver), Some(Side::Sender)),
        Stats::RemoteInboundRtp(s) => (Some(s.transceiver), Some(Side::Sender)),
        Stats::MediaSource(s) => (Some(s.transceiver), Some(Side::Sender)),
        _ => (None, None),
    }
}

fn time(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, |at| json!(unix_ms(at)))
}

fn dictionary(entry: &Stats) -> Map<String, Value> {
    let value = match entry {
        Stats::Codec(s) => json!({
            "payloadType": s.payload_type, "transportId": s.transport_id,
            "mimeType": s.mime_type, "clockRate": s.clock_rate, "channels": s.channels,
            "sdpFmtpLine": s.sdp_fmtp_line,
        }),
        Stats::InboundRtp(s) => json!({
            "ssrc": s.ssrc, "kind": s.kind.as_str(), "transportId": s.transport_id,
            "codecId": s.codec_id, "mid": s.mid, "rid": s.rid,
            "trackIdentifier": s.track_identifier, "remoteId": s.remote_id,
            "packetsReceived": s.packets_received, "bytesReceived": s.bytes_received,
            "packetsLost": s.packets_lost, "jitter": s.jitter,
            "lastPacketReceivedTimestamp": time(s.last_packet_received),
            "framesReceived": video_only(s.kind, s.frames_received),
            "nackCount": s.nack_count,
            "pliCount": video_only(s.kind, s.pli_count),
            "firCount": video_only(s.kind, s.fir_count),
            "audioLevel": s.audio_level,
        }),
        Stats::OutboundRtp(s) => json!({
            "ssrc": s.ssrc, "kind": s.kind.as_str(), "transportId": s.transport_id,
            "codecId": s.codec_id, "mid": s.mid, "rid": s.rid,
            "mediaSourceId": s.media_source_id, "remoteId": s.remote_id, "active": s.active,
            "packetsSent": s.packets_sent, "bytesSent": s.bytes_sent,
            "targetBitrate": s.target_bitrate,
            "framesEncoded": video_only(s.kind, s.frames_encoded),
            "keyFramesEncoded": video_only(s.kind, s.key_frames_encoded),
            "framesSent": video_only(s.kind, s.frames_sent),
            "totalEncodedBytesTarget": s.total_encoded_frame_bytes,
            "frameWidth": s.frame_width, "frameHeight": s.frame_height,
            "framesPerSecond": s.frames_per_second, "nackCount": s.nack_count,
            "pliCount": video_only(s.kind, s.pli_count),
            "firCount": video_only(s.kind, s.fir_count),
            "qualityLimitationReason": s.quality_limitation_reason.as_str(),
            "scalabilityMode": s.scalability_mode,
        }),
        Stats::RemoteInboundRtp(s) => json!({
            "ssrc": s.ssrc, "kind": s.kind.as_str(), "transportId": s.transport_id,
            "codecId": s.codec_id, "localId": s.local_id, "packetsLost": s.packets_lost,
            "jitter": s.jitter, "fractionLost": s.fraction_lost,
            "roundTripTime": s.round_trip_time,
        }),
        Stats::RemoteOutboundRtp(s) => json!({
            "ssrc": s.ssrc, "kind": s.kind.as_str(), "transportId": s.transport_id,
            "codecId": s.codec_id, "localId": s.local_id, "packetsSent": s.packets_sent,
            "bytesSent": s.bytes_sent,
        }),
        Stats::MediaSource(s) => json!({
            "trackIdentifier": s.track_identifier, "kind": s.kind.as_str(),
        }),
        Stats::PeerConnection(s) => json!({
            "dataChannelsOpened": s.data_channels_opened,
            "dataChannelsClosed": s.data_channels_closed,
        }),
        Stats::DataChannel(s) => json!({
            "label": s.label, "protocol": s.protocol,
            "dataChannelIdentifier": s.data_channel_identifier, "state": s.state.as_str(),
            "messagesSent": s.messages_sent, "bytesSent": s.bytes_sent,
            "messagesReceived": s.messages_received, "bytesReceived": s.bytes_received,
        }),
        _ => return network(entry),
    };
    object(value)
}

fn network(entry: &Stats) -> Map<String, Value> {
    let value = match entry {
        Stats::Transport(s) => json!({
            "bytesSent": s.bytes_sent, "bytesReceived": s.bytes_received,
            "packetsSent": s.packets_sent, "packetsReceived": s.packets_received,
            "dtlsState": s.dtls_state.as_str(), "iceRole": s.ice_role,
            "iceLocalUsernameFragment": s.ice_local_username_fragment, "iceState": s.ice_state,
            "selectedCandidatePairId": s.selected_candidate_pair_id,
            "selectedCandidatePairChanges": s.selected_candidate_pair_changes,
            "localCertificateId": s.local_certificate_id,
            "remoteCertificateId": s.remote_certificate_id,
        }),
        Stats::CandidatePair(s) => json!({
            "transportId": s.transport_id, "localCandidateId": s.local_candidate_id,
            "remoteCandidateId": s.remote_candidate_id, "state": s.state,
            "nominated": s.nominated, "bytesSent": s.bytes_sent,
            "bytesReceived": s.bytes_received, "packetsSent": s.packets_sent,
            "packetsReceived": s.packets_received,
            "currentRoundTripTime": s.current_round_trip_time,
            "totalRoundTripTime": s.total_round_trip_time,
            "responsesReceived": s.responses_received,
            "availableOutgoingBitrate": s.available_outgoing_bitrate,
            "lastPacketSentTimestamp": time(s.last_packet_sent),
            "lastPacketReceivedTimestamp": time(s.last_packet_received),
        }),
        Stats::LocalCandidate(s) | Stats::RemoteCandidate(s) => json!({
            "transportId": s.transport_id, "address": s.address, "port": s.port,
            "protocol": s.protocol, "candidateType": s.candidate_type, "priority": s.priority,
            "foundation": s.foundation, "url": s.url, "relayProtocol": s.relay_protocol,
            "usernameFragment": s.username_fragment,
        }),
        Stats::Certificate(s) => json!({
            "fingerprint": s.fingerprint, "fingerprintAlgorithm": s.fingerprint_algorithm,
        }),
        _ => Value::Null,
    };
    object(value)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn video_only(kind: Kind, count: u64) -> Value {
    if kind == Kind::Video {
        json!(count)
    } else {
        Value::Null
    }
}

fn extend(fields: &mut Map<String, Value>, more: Value) {
    fields.extend(object(more));
}

fn playout(connection: &Connection, s: &core::InboundRtpStats, fields: &mut Map<String, Value>) {
    let Some(played) = connection.playout_statistics(s.transceiver) else {
        return;
    };
    extend(
        fields,
        json!({
            "audioLevel": played.level, "totalAudioEnergy": played.total_energy,
            "totalSamplesDuration": played.total_duration,
            "totalSamplesReceived": played.total_samples,
            "concealedSamples": played.concealed_samples,
            "concealmentEvents": played.concealment_events,
            "insertedSamplesForDeceleration": played.inserted_samples,
            "removedSamplesForAcceleration": played.removed_samples,
            "jitterBufferDelay": played.jitter_buffer_delay,
            "jitterBufferEmittedCount": played.jitter_buffer_emitted,
            "packetsDiscarded": played.packets_discarded,
        }),
    );
}

fn pictures(decoded: Option<&DecodeReport>, fields: &mut Map<String, Value>) {
    let Some(decoded) = decoded else { return };
    extend(
        fields,
        json!({
            "framesDecoded": decoded.frames_decoded,
            "keyFramesDecoded": decoded.key_frames_decoded,
            "framesDropped": decoded.frames_dropped,
            "totalDecodeTime": decoded.total_decode_time,
            "frameWidth": decoded.frame_width, "frameHeight": decoded.frame_height,
            "framesPerSecond": decoded.frames_per_second,
            "freezeCount": decoded.freeze_count,
            "totalFreezesDuration": decoded.total_freezes_duration,
            "pauseCount": decoded.pause_count,
            "totalPausesDuration": decoded.total_pauses_duration,
            "decoderImplementation": "WebCodecs",
        }),
    );
}

fn encoding(connection: &Connection, s: &core::OutboundRtpStats, fields: &mut Map<String, Value>) {
    let statistics = connection.sender_statistics(s.transceiver);
    let rid = s.rid.as_deref().unwrap_or_default();
    let Some(layer) = statistics.layers.iter().find(|layer| layer.rid == rid) else {
        return;
    };
    extend(
        fields,
        json!({
            "totalEncodeTime": layer.total_encode_time.as_secs_f64(),
            "encoderImplementation": "libvpx",
        }),
    );
    // Before what the network gives: larger pictures would not help.
    if layer.limited_by_processor {
        extend(fields, json!({ "qualityLimitationReason": "cpu" }));
    }
}

fn source(connection: &Connection, s: &core::MediaSourceStats, fields: &mut Map<String, Value>) {
    let Some(track) = connection.sender_statistics(s.transceiver).track else {
        return;
    };
    let more = track.with_source(|source| match source {
        Source::Camera(camera) => {
            let settings = camera.settings();
            json!({
                "width": settings.width, "height": settings.height,
                "framesPerSecond": settings.frame_rate,
            })
        }
        Source::Screen(screen) => {
            let settings = screen.settings();
            json!({ "width": settings.width, "height": settings.height })
        }
        Source::Microphone(_) => json!({}),
    });
    extend(fields, more.unwrap_or_default());
    if track.kind() == Kind::Audio {
        fields.insert("audioLevel".into(), json!(track.level()));
    }
}
