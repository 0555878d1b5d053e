//! `getStats`, put together from what the stack counts and what passed by here.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use str0m::media::{Mid, Rid};
use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};

use super::PeerConnection;
use super::losses::Losses;
use super::receiving::linear_level;
use super::transceiver::Transceiver;
use crate::candidate::{CandidateKind, Protocol, RemoteCandidate};
use crate::kind::Kind;
use crate::stack::generation_rid;
use crate::state::{DtlsState, IceConnectionState};
use crate::stats::{
    CandidatePairStats, CandidateStats, CertificateStats, CodecStats, DataChannelStats,
    InboundRtpStats, MediaSourceStats, OutboundRtpStats, PeerConnectionStats,
    QualityLimitationReason, RemoteInboundRtpStats, RemoteOutboundRtpStats, Stats, StatsReport,
    TransportStats,
};

const TRANSPORT: &str = "T0";

/// Names a stream: mid and rid.
type Key = (String, Option<String>);

/// What the stack told last.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) peer: Option<PeerStats>,
    ingress: HashMap<Key, MediaIngressStats>,
    egress: HashMap<Key, MediaEgressStats>,
    losses: HashMap<Key, Losses>,
    pub(super) packets_sent: u64,
    pub(super) packets_received: u64,
    pub(super) last_sent: Option<Instant>,
    pub(super) last_received: Option<Instant>,
    selected: Option<String>,
    selected_changes: u32,
}

impl Collected {
    /// `interval` is that of receiver reports.
    pub(super) fn ingress(&mut self, stats: MediaIngressStats, interval: Duration) {
        let key = (stats.mid.to_string(), stats.rid.map(|r| r.to_string()));
        let losses = self.losses.entry(key.clone()).or_default();
        losses.reported(stats.loss, stats.jitter, interval, stats.timestamp);
        self.ingress.insert(key, stats);
    }

    /// Media with these extended sequence numbers came.
    pub(super) fn received(
        &mut self,
        mid: Mid,
        rid: Option<Rid>,
        ssrc: Option<u32>,
        numbers: RangeInclusive<u64>,
    ) {
        let key = (mid.to_string(), rid.map(|r| r.to_string()));
        let losses = self.losses.entry(key).or_default();
        losses.received(ssrc, *numbers.start(), *numbers.end());
    }

    /// What comes in a section is something else from now on.
    pub(super) fn forget_received(&mut self, mid: &str) {
        self.ingress.retain(|(of, _), _| of != mid);
        self.losses.retain(|(of, _), _| of != mid);
    }

    /// Streams of which something is kept.
    pub(super) fn len(&self) -> usize {
        self.ingress.len() + self.egress.len() + self.losses.len()
    }

    /// There are no other sections any more.
    pub(super) fn forget_all_but(&mut self, mids: &[&str]) {
        let negotiated = |(mid, _): &Key| mids.contains(&mid.as_str());
        self.ingress.retain(|key, _| negotiated(key));
        self.egress.retain(|key, _| negotiated(key));
        self.losses.retain(|key, _| negotiated(key));
    }

    pub(super) fn egress(&mut self, stats: MediaEgressStats) {
        self.egress.insert(
            (stats.mid.to_string(), stats.rid.map(|r| r.to_string())),
            stats,
        );
    }
}

impl PeerConnection {
    /// `getStats`. Counters of the network are at most half a second old. The statistics of one
    /// sender or receiver are those whose `transceiver` it is, and what their ids lead to.
    pub fn get_stats(&mut self, now: Instant) -> StatsReport {
        let mut entries = vec![Stats::PeerConnection(PeerConnectionStats {
            id: "P".to_owned(),
            data_channels_opened: self.channels.opened,
            data_channels_closed: self.channels.closed,
        })];
        for transceiver in &self.transceivers {
            self.codec_stats(transceiver, &mut entries);
            self.outbound(transceiver, now, &mut entries);
        }
        self.inbound(&mut entries);
        self.data_channel_stats(&mut entries);
        if self.first_offerer.is_some() {
            self.transport_stats(&mut entries);
        }
        StatsReport {
            timestamp: now,
            entries,
        }
    }

    fn codec_stats(&self, transceiver: &Transceiver, entries: &mut Vec<Stats>) {
        let Some(negotiated) = &transceiver.negotiated else {
            return;
        };
        for codec in &negotiated.codecs {
            let id = codec_id(codec.payload_type);
            if entries.iter().any(|e| e.id() == id) {
                continue;
            }
            let described = codec.describe(None);
            entries.push(Stats::Codec(CodecStats {
                id,
                payload_type: codec.payload_type,
                transport_id: TRANSPORT.to_owned(),
                mime_type: described.mime_type,
                clock_rate: codec.clock_rate,
                channels: codec.channels,
                sdp_fmtp_line: described.sdp_fmtp_line,
            }));
        }
    }

    fn outbound(&self, transceiver: &Transceiver, now: Instant, entries: &mut Vec<Stats>) {
        let (Some(mid), true) = (&transceiver.mid, transceiver.sends()) else {
            return;
        };
        let sender = &transceiver.sender;
        let source_id = sender
            .track_id
            .as_ref()
            .map(|_| format!("S{}", transceiver.id));
        if let (Some(id), Some(track)) = (&source_id, &sender.track_id) {
            entries.push(Stats::MediaSource(MediaSourceStats {
                id: id.clone(),
                transceiver: transceiver.id,
                track_identifier: track.clone(),
                kind: transceiver.kind,
            }));
        }
        let codec_id = transceiver
            .sending_codec()
            .map(|c| codec_id(c.payload_type));
        for layer in transceiver.accepted_layers() {
            let Some((ssrc, _)) = sender.ssrcs.get(layer).copied() else {
                continue;
            };
            let encoding = &sender.encodings[layer];
            let state = &sender.layers[layer];
            let rid = transceiver.stack_rid(layer).map(str::to_owned);
            let network = self.collected.egress.get(&(mid.clone(), rid));
            let id = format!("O{}.{layer}", transceiver.id);
            let remote = network.and_then(|n| n.remote.as_ref());
            let remote_id = remote.map(|_| format!("RI{}.{layer}", transceiver.id));
            let limit = encoding.max_bitrate.unwrap_or(state.target_bitrate);
            let starved = encoding.active && state.target_bitrate < limit;
            let video = transceiver.kind == Kind::Video;
            let recent = state
                .recent
                .iter()
                .filter(|at| now <= **at + Duration::from_secs(1))
                .count();
            entries.push(Stats::OutboundRtp(OutboundRtpStats {
                id: id.clone(),
                transceiver: transceiver.id,
                ssrc,
                kind: transceiver.kind,
                transport_id: TRANSPORT.to_owned(),
                codec_id: codec_id.clone(),
                mid: mid.clone(),
                rid: encoding.rid.clone(),
                media_source_id: source_id.clone(),
                remote_id: remote_id.clone(),
                active: encoding.active,
                packets_sent: network.map_or(0, |n| n.packets),
                bytes_sent: network.map_or(0, |n| n.bytes),
                target_bitrate: state.target_bitrate as f64,
                frames_encoded: if video { state.frames } else { 0 },
                key_frames_encoded: state.key_frames,
                frames_sent: if video { state.frames } else { 0 },
                total_encoded_frame_bytes: state.frame_bytes,
                frame_width: state.size.map(|s| s.0),
                frame_height: state.size.map(|s| s.1),
                frames_per_second: video.then_some(recent as f64),
                nack_count: network.map_or(0, |n| n.nacks),
                pli_count: network.map_or(0, |n| n.plis),
                fir_count: network.map_or(0, |n| n.firs),
                quality_limitation_reason: if video && starved {
                    QualityLimitationReason::Bandwidth
                } else {
                    QualityLimitationReason::None
                },
                scalability_mode: encoding.scalability_mode.clone(),
            }));
            if let (Some(network), Some(remote), Some(remote_id)) = (network, remote, remote_id) {
                let clock = transceiver.sending_codec().map_or(90_000, |c| c.clock_rate);
                entries.push(Stats::RemoteInboundRtp(RemoteInboundRtpStats {
                    id: remote_id,
                    transceiver: transceiver.id,
                    ssrc,
                    kind: transceiver.kind,
                    transport_id: TRANSPORT.to_owned(),
                    codec_id: codec_id.clone(),
                    local_id: id,
                    packets_lost: signed(remote.packets_lost),
                    jitter: f64::from(remote.jitter) / f64::from(clock),
                    fraction_lost: network.loss.map(f64::from),
                    round_trip_time: network.rtt.map(|r| r.as_secs_f64()),
                }));
            }
        }
    }

    fn inbound(&mut self, entries: &mut Vec<Stats>) {
        for (key, network) in &self.collected.ingress {
            let (mid, rid) = key;
            let found = self
                .transceivers
                .iter()
                .find(|t| t.mid.as_ref() == Some(mid));
            let Some(transceiver) = found.filter(|t| t.receives()) else {
                continue;
            };
            let receiver = &transceiver.receiver;
            let stack_mid = network.mid;
            let ssrc = receiver.last_ssrc.or_else(|| {
                let mut direct = self.rtc.direct_api();
                direct
                    .stream_rx_by_mid(stack_mid, network.rid)
                    .map(|s| *s.ssrc())
            });
            let codecs = transceiver.negotiated.as_ref().map(|n| &n.codecs);
            let coming = receiver.last_payload_type;
            let codec = codecs.and_then(|codecs| {
                let named = codecs.iter().find(|c| Some(c.payload_type) == coming);
                named.or(codecs.first())
            });
            let suffix = rid.as_ref().map(|r| format!(".{r}")).unwrap_or_default();
            // It is the name of ours for what came after another SSRC, not a layer's.
            let own = generation_rid(receiver.generation).map(|r| r.to_string());
            let rid = rid.as_ref().filter(|rid| own.as_ref() != Some(*rid));
            let id = format!("I{}{suffix}", transceiver.id);
            let remote_id = network
                .remote
                .as_ref()
                .map(|_| format!("RO{}{suffix}", transceiver.id));
            let codec_id = codec.map(|c| codec_id(c.payload_type));
            let clock = codec.map_or(90_000, |c| c.clock_rate);
            let losses = self.collected.losses.get(key);
            entries.push(Stats::InboundRtp(InboundRtpStats {
                id: id.clone(),
                transceiver: transceiver.id,
                ssrc: ssrc.unwrap_or_default(),
                kind: transceiver.kind,
                transport_id: TRANSPORT.to_owned(),
                codec_id: codec_id.clone(),
                mid: mid.clone(),
                rid: rid.cloned(),
                track_identifier: receiver.track_id.clone(),
                remote_id: remote_id.clone(),
                packets_received: network.packets,
                bytes_received: network.bytes,
                packets_lost: losses.map_or(0, Losses::count),
                jitter: f64::from(network.jitter) / f64::from(clock),
                last_packet_received: receiver.last_media,
                frames_received: receiver.frames,
                key_frames_received: receiver.key_frames,
                nack_count: network.nacks,
                pli_count: network.plis,
                fir_count: network.firs,
                audio_level: linear_level(receiver),
            }));
            if let (Some(remote), Some(remote_id)) = (&network.remote, remote_id) {
                entries.push(Stats::RemoteOutboundRtp(RemoteOutboundRtpStats {
                    id: remote_id,
                    transceiver: transceiver.id,
                    ssrc: ssrc.unwrap_or_default(),
                    kind: transceiver.kind,
                    transport_id: TRANSPORT.to_owned(),
                    codec_id,
                    local_id: id,
                    packets_sent: remote.packets,
                    bytes_sent: remote.bytes,
                }));
            }
        }
    }

    fn data_channel_stats(&self, entries: &mut Vec<Stats>) {
        for channel in &self.channels.all {
            entries.push(Stats::DataChannel(DataChannelStats {
                id: format!("D{}", channel.info.id),
                label: channel.info.label.clone(),
                protocol: channel.info.init.protocol.clone(),
                data_channel_identifier: channel.info.init.id,
                state: channel.info.state,
                messages_sent: channel.sent.0,
                bytes_sent: channel.sent.1,
                messages_received: channel.received.0,
                bytes_received: channel.received.1,
            }));
        }
    }

    fn transport_stats(&mut self, entries: &mut Vec<Stats>) {
        for (index, known) in self.ice.known.iter().enumerate() {
            entries.push(Stats::LocalCandidate(CandidateStats {
                id: format!("L{index}"),
                transport_id: TRANSPORT.to_owned(),
                address: known.candidate.address.ip().to_string(),
                port: known.candidate.address.port(),
                protocol: protocol_name(known.candidate.protocol),
                candidate_type: known.candidate.kind.as_str(),
                priority: known.priority,
                foundation: known.foundation.clone(),
                url: known.candidate.url.clone(),
                relay_protocol: known.candidate.relay_protocol.map(|p| p.as_str()),
                username_fragment: Some(self.ice.local.ufrag.clone()),
            }));
        }
        let peer = self.collected.peer.clone();
        let pair = peer
            .as_ref()
            .and_then(|p| p.selected_candidate_pair.clone());
        let mut pair_id = None;
        if let Some(pair) = pair {
            let local = self.ice.known.iter().position(|k| {
                k.candidate.base == pair.local.addr || k.candidate.address == pair.local.addr
            });
            let local_id = local.map_or_else(|| "L0".to_owned(), |i| format!("L{i}"));
            let remote = self.remote_candidate(pair.remote.addr);
            let remote_id = remote.id.clone();
            let id = format!("CP{local_id}-{remote_id}");
            if self.collected.selected.as_ref() != Some(&id) {
                self.collected.selected = Some(id.clone());
                self.collected.selected_changes += 1;
            }
            entries.push(Stats::RemoteCandidate(remote));
            entries.push(Stats::CandidatePair(CandidatePairStats {
                id: id.clone(),
                transport_id: TRANSPORT.to_owned(),
                local_candidate_id: local_id,
                remote_candidate_id: remote_id,
                state: "succeeded",
                nominated: true,
                bytes_sent: peer.as_ref().map_or(0, |p| p.peer_bytes_tx),
                bytes_received: peer.as_ref().map_or(0, |p| p.peer_bytes_rx),
                packets_sent: self.collected.packets_sent,
                packets_received: self.collected.packets_received,
                current_round_trip_time: pair.current_round_trip_time.map(|t| t.as_secs_f64()),
                total_round_trip_time: pair.total_round_trip_time.as_secs_f64(),
                responses_received: pair.responses_received,
                available_outgoing_bitrate: self.estimate.map(|e| e as f64),
                last_packet_sent: self.collected.last_sent,
                last_packet_received: self.collected.last_received,
            }));
            pair_id = Some(id);
        }
        let remote_fingerprint = (self.dtls == DtlsState::Connected)
            .then(|| {
                self.rtc
                    .direct_api()
                    .remote_dtls_fingerprint()
                    .map(ToString::to_string)
            })
            .flatten();
        let certificate = |id: &str, text: &str| {
            let (algorithm, value) = text.split_once(' ').unwrap_or(("sha-256", text));
            Stats::Certificate(CertificateStats {
                id: id.to_owned(),
                fingerprint: value.to_owned(),
                fingerprint_algorithm: algorithm.to_owned(),
            })
        };
        entries.push(certificate("CFL", &self.fingerprint));
        if let Some(remote) = &remote_fingerprint {
            entries.push(certificate("CFR", remote));
        }
        entries.push(Stats::Transport(TransportStats {
            id: TRANSPORT.to_owned(),
            bytes_sent: peer.as_ref().map_or(0, |p| p.peer_bytes_tx),
            bytes_received: peer.as_ref().map_or(0, |p| p.peer_bytes_rx),
            packets_sent: self.collected.packets_sent,
            packets_received: self.collected.packets_received,
            dtls_state: self.dtls,
            ice_role: if self.ice.controlling {
                "controlling"
            } else {
                "controlled"
            },
            ice_local_username_fragment: self.ice.local.ufrag.clone(),
            ice_state: match self.ice.state {
                // The transport goes straight on where the connection is only disconnected.
                IceConnectionState::Closed => "closed",
                state => state.as_str(),
            },
            selected_candidate_pair_id: pair_id,
            selected_candidate_pair_changes: self.collected.selected_changes,
            local_certificate_id: "CFL".to_owned(),
            remote_certificate_id: remote_fingerprint.map(|_| "CFR".to_owned()),
        }));
    }

    /// The announced candidate of an address, or a peer reflexive one.
    fn remote_candidate(&self, address: std::net::SocketAddr) -> CandidateStats {
        let fits =
            |c: &RemoteCandidate| c.port == address.port() && c.address.parse() == Ok(address.ip());
        let known = self.ice.remote_known.iter().position(fits);
        let candidate = known.map(|i| &self.ice.remote_known[i]);
        CandidateStats {
            id: known.map_or_else(|| format!("RP{}", address.port()), |i| format!("R{i}")),
            transport_id: TRANSPORT.to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            protocol: protocol_name(candidate.and_then(|c| c.protocol).unwrap_or(Protocol::Udp)),
            candidate_type: candidate
                .map_or(CandidateKind::PeerReflexive, |c| c.kind)
                .as_str(),
            priority: candidate.map_or(0, |c| c.priority),
            foundation: candidate.map(|c| c.foundation.clone()).unwrap_or_default(),
            url: None,
            relay_protocol: None,
            username_fragment: self.ice.remote.as_ref().map(|r| r.ufrag.clone()),
        }
    }
}

fn codec_id(payload_type: u8) -> String {
    format!("C{payload_type}")
}

fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Udp => "udp",
        Protocol::Tcp => "tcp",
    }
}

/// RFC 3550 counts lost packets as a signed number of 24 bits; the stack hands out the bits.
fn signed(lost: u64) -> i64 {
    let lost = (lost & 0x00ff_ffff) as i64;
    if lost >= 1 << 23 {
        lost - (1 << 24)
    } else {
        lost
    }
}
