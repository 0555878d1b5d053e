//! Media on its way out: what to encode, the guard before the pacer, key frame requests.

use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::media::{
    Direction as StackDirection, Frequency, KeyframeRequest as StackRequest, MediaTime, Mid, Pt,
    Rid,
};

use super::PeerConnection;
use super::transceiver::{Redundancy, Transceiver};
use super::transceivers::unknown;
use crate::allocator::{LayerDemand, SenderDemand, allocate, next_step};
use crate::error::Error;
use crate::event::Event;
use crate::ids::TransceiverId;
use crate::kind::{Kind, MediaCodec};
use crate::media::{EncodedAudio, EncodedVideo, OpusSettings, Outgoing, OutgoingLayer, Written};
use crate::stack::INITIAL_BITRATE;
use crate::state::DtlsState;
use crate::transceiver::{Encoding, Priority};

/// What waits in the pacer for longer than this is stale when it comes out.
const MAX_QUEUE: Duration = Duration::from_millis(300);

/// The lowest layer may wait a little longer: it is what everybody falls back to.
const MAX_QUEUE_LOWEST: Duration = Duration::from_millis(450);

/// The host is asked for a key frame of a layer no sooner after the last one than this, as in
/// libwebrtc: a flood of requests must not become a flood of key frames. Nobody else counts them.
const KEY_REQUEST_INTERVAL: Duration = Duration::from_millis(300);

/// Bits per second of a full-size picture if the parameters set no limit, as libwebrtc does it
/// for 720p.
const DEFAULT_VIDEO_BITRATE: f64 = 2_500_000.0;

/// Bits per second of Opus unless somebody says otherwise, RTP headers included.
const AUDIO_BITRATE: u64 = 48_000;

impl PeerConnection {
    /// What to encode for a transceiver now; also told by [`Event::Outgoing`] on every change.
    pub fn outgoing(&self, id: TransceiverId) -> Option<Outgoing> {
        self.by_id(id).map(|t| outgoing_of(t, self.dtls))
    }

    /// Hands over a picture of one layer. All layers of a picture share its RTP time.
    ///
    /// # Errors
    /// [`Error::InvalidState`] for an unknown transceiver, [`Error::InvalidAccess`] for an
    /// unknown rid or a codec that is not negotiated.
    pub fn write_video(
        &mut self,
        id: TransceiverId,
        rid: Option<&str>,
        video: EncodedVideo,
    ) -> Result<Written, Error> {
        let now = self.now;
        let connected = self.dtls == DtlsState::Connected;
        let estimate = self.estimate.unwrap_or(INITIAL_BITRATE);
        let transceiver = self
            .transceivers
            .iter_mut()
            .find(|t| t.id == id)
            .ok_or_else(unknown)?;
        let layer = transceiver
            .layer_of(rid)
            .ok_or_else(|| Error::InvalidAccess(format!("no layer {rid:?}")))?;
        if !connected || !transceiver.sends() || !transceiver.accepted_layers().contains(&layer) {
            return Ok(Written::NotSending);
        }
        if !transceiver.sender.encodings[layer].active {
            return Ok(Written::NotSending);
        }
        let payload_type = payload_type_of(transceiver, video.codec)?;
        let Some(mid) = transceiver.mid.clone() else {
            return Ok(Written::NotSending);
        };
        let stack_rid = transceiver.stack_rid(layer).map(Rid::from);
        let mid = Mid::from(mid.as_str());
        let lowest = lowest_layer(&transceiver.sender.encodings) == Some(layer);
        let limit = if lowest { MAX_QUEUE_LOWEST } else { MAX_QUEUE };

        let mut direct = self.rtc.direct_api();
        let queue = direct.stream_tx_by_mid(mid, stack_rid).and_then(|s| {
            s.queue_info()
                .map(|q| (q.created_at(), q.byte_size(), q.first_unsent()))
        });
        let state = &mut transceiver.sender.layers[layer];
        let (waiting, oldest) = match queue {
            Some((sampled, bytes, oldest)) => {
                if state.sampled != Some(sampled) {
                    state.sampled = Some(sampled);
                    state.written = 0;
                }
                (bytes + state.written, oldest)
            }
            None => (state.written, None),
        };
        let drains_in = Duration::from_secs_f64(waiting as f64 * 8.0 / estimate.max(1) as f64);
        let age = oldest.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let congested = drains_in.max(age) > limit;
        if congested || (state.awaiting_key && !video.key_frame) {
            let ask = !congested
                && state
                    .last_key
                    .is_none_or(|at| now >= at + KEY_REQUEST_INTERVAL);
            state.awaiting_key = true;
            if ask {
                state.last_key = Some(now);
                let rid = transceiver.sender.encodings[layer].rid.clone();
                self.events.push_back(Event::KeyFrameRequested {
                    transceiver: id,
                    rid,
                });
            }
            return Ok(if congested {
                Written::Congested
            } else {
                Written::AwaitingKeyFrame
            });
        }
        state.awaiting_key = false;
        if video.key_frame {
            // Whoever has asked meanwhile gets this one.
            state.key_due = None;
            state.last_key = Some(now);
        }
        state.written += video.data.len();
        state.frames += 1;
        state.key_frames += u64::from(video.key_frame);
        state.frame_bytes += video.data.len() as u64;
        state.size = Some((video.width, video.height));
        state.recent.push_back(now);
        while state
            .recent
            .front()
            .is_some_and(|at| now > *at + Duration::from_secs(1))
        {
            state.recent.pop_front();
        }
        let Some(mut writer) = self.rtc.writer(mid) else {
            return Ok(Written::NotSending);
        };
        if let Some(rid) = stack_rid {
            writer = writer.rid(rid);
        }
        let time = MediaTime::from_90khz(video.rtp_time);
        match writer.write(Pt::from(payload_type), video.captured, time, video.data) {
            Ok(()) => Ok(Written::Queued),
            Err(error) => Err(Error::Operation(error.to_string())),
        }
    }

    /// Hands over a packet of sound.
    ///
    /// # Errors
    /// [`Error::InvalidState`] for an unknown transceiver, [`Error::InvalidAccess`] if Opus is
    /// not negotiated.
    pub fn write_audio(
        &mut self,
        id: TransceiverId,
        audio: EncodedAudio,
    ) -> Result<Written, Error> {
        let connected = self.dtls == DtlsState::Connected;
        let transceiver = self
            .transceivers
            .iter_mut()
            .find(|t| t.id == id)
            .ok_or_else(unknown)?;
        let active = transceiver
            .sender
            .encodings
            .first()
            .is_some_and(|e| e.active);
        if !connected || !transceiver.sends() || !active {
            return Ok(Written::NotSending);
        }
        let payload_type = payload_type_of(transceiver, MediaCodec::Opus)?;
        let Some(mid) = transceiver.mid.as_deref().map(Mid::from) else {
            return Ok(Written::NotSending);
        };
        let sender = &mut transceiver.sender;
        let state = &mut sender.layers[0];
        state.frames += 1;
        state.frame_bytes += audio.data.len() as u64;
        if sender.redundancy == Redundancy::Withheld {
            sender.redundancy = Redundancy::Begun;
        }
        let Some(mut writer) = self.rtc.writer(mid) else {
            return Ok(Written::NotSending);
        };
        if let Some(level) = audio.level {
            writer = writer.audio_level(level.clamp(-127, 0), audio.voice);
        }
        let time = MediaTime::new(audio.rtp_time, Frequency::FORTY_EIGHT_KHZ);
        match writer.write(Pt::from(payload_type), audio.captured, time, audio.data) {
            Ok(()) => Ok(Written::Queued),
            Err(error) => Err(Error::Operation(error.to_string())),
        }
    }

    /// Takes back what a sender was given: what still waits for its turn is not sent, and nothing that
    /// was sent is sent again (RFC 4588, RFC 2198), neither to whoever lost it nor as padding. The next
    /// picture of each layer has to be a key frame. Done by itself when a sender's track is another one, or
    /// when nothing is to be sent any more; also needed when a track is switched off.
    pub fn take_back(&mut self, id: TransceiverId) {
        let Some(transceiver) = self.transceivers.iter_mut().find(|t| t.id == id) else {
            return;
        };
        if transceiver.kind == Kind::Video {
            for layer in &mut transceiver.sender.layers {
                layer.awaiting_key = true;
                layer.sampled = None;
                layer.written = 0;
            }
        }
        let mid = transceiver.mid.as_deref().map(Mid::from);
        let Some((mid, now)) = mid.and_then(|mid| Some((mid, self.rtc.media(mid)?.direction())))
        else {
            return;
        };
        // The stack empties its queues when a section ceases to send. Nobody is told of it, and
        // nothing goes out in between.
        let (sends, ceases) = match now {
            StackDirection::SendRecv | StackDirection::RecvOnly => {
                (StackDirection::SendRecv, StackDirection::RecvOnly)
            }
            StackDirection::SendOnly | StackDirection::Inactive => {
                (StackDirection::SendOnly, StackDirection::Inactive)
            }
        };
        let mut sdp = self.rtc.sdp_api();
        for direction in [sends, ceases, now] {
            sdp.set_direction(mid, direction);
        }
        if transceiver.kind == Kind::Audio {
            transceiver.sender.redundancy = Redundancy::Withheld;
            self.set_redundancy();
        }
    }

    /// Tells the stack which sound goes out with the packets before. It forgets those when it makes a
    /// packet without.
    pub(super) fn set_redundancy(&mut self) {
        for transceiver in self.transceivers.iter().filter(|t| t.kind == Kind::Audio) {
            let Some(mid) = transceiver.mid.as_deref().map(Mid::from) else {
                continue;
            };
            // As other browsers do: if the remote side names it first.
            let codecs = transceiver.negotiated.as_ref().map(|n| &n.codecs);
            let wanted = codecs.is_some_and(|c| c.first().is_some_and(|c| c.red_first));
            let now = wanted && transceiver.sender.redundancy == Redundancy::Before;
            self.rtc.direct_api().set_red_send(mid, now);
        }
    }

    /// All that was handed over was made packets of.
    pub(super) fn packets_were_made(&mut self) {
        let mut begun = false;
        for transceiver in &mut self.transceivers {
            if transceiver.sender.redundancy == Redundancy::Begun {
                transceiver.sender.redundancy = Redundancy::Before;
                begun = true;
            }
        }
        if begun {
            self.set_redundancy();
        }
    }

    pub(super) fn key_frame_requested(&mut self, request: &StackRequest) {
        let mid = request.mid.to_string();
        let Some(index) = self.by_mid(&mid) else {
            return;
        };
        let rid = request.rid.map(|rid| rid.to_string());
        let transceiver = &mut self.transceivers[index];
        let Some(layer) = transceiver.layer_of(rid.as_deref()) else {
            return;
        };
        let state = &mut transceiver.sender.layers[layer];
        let free = state.last_key.map(|at| at + KEY_REQUEST_INTERVAL);
        state.key_due = Some(free.unwrap_or(self.now));
        self.ask_for_due_key_frames();
    }

    /// Asks the host for the key frames whose time has come.
    pub(super) fn ask_for_due_key_frames(&mut self) {
        let now = self.now;
        for transceiver in &mut self.transceivers {
            let sender = &mut transceiver.sender;
            for (state, encoding) in sender.layers.iter_mut().zip(&sender.encodings) {
                if state.key_due.is_some_and(|due| now >= due) {
                    state.key_due = None;
                    state.last_key = Some(now);
                    self.events.push_back(Event::KeyFrameRequested {
                        transceiver: transceiver.id,
                        rid: encoding.rid.clone(),
                    });
                }
            }
        }
    }

    pub(super) fn estimate_changed(&mut self, bits_per_second: u64) {
        self.estimate = Some(bits_per_second);
        self.refresh_outgoing();
    }

    /// Shares the estimate out anew and tells the host what changed.
    pub(super) fn refresh_outgoing(&mut self) {
        self.allocate_layers();
        let mut ceased = Vec::new();
        for transceiver in &mut self.transceivers {
            let outgoing = outgoing_of(transceiver, self.dtls);
            let reported = transceiver.sender.reported.as_ref();
            if reported.is_some_and(|reported| reported.sending) && !outgoing.sending {
                ceased.push(transceiver.id);
            }
            if reported != Some(&outgoing) {
                transceiver.sender.reported = Some(outgoing.clone());
                self.events.push_back(Event::Outgoing(outgoing));
            }
        }
        for id in ceased {
            self.take_back(id);
        }
    }

    fn allocate_layers(&mut self) {
        let mut audio = 0;
        let mut wanted = 0;
        let mut demands = Vec::new();
        let mut owners: Vec<(usize, Vec<usize>)> = Vec::new();
        for (index, transceiver) in self.transceivers.iter_mut().enumerate() {
            for layer in &mut transceiver.sender.layers {
                if transceiver.kind == Kind::Audio {
                    layer.target_bitrate = 0;
                }
            }
            if !transceiver.sends() || transceiver.sender.track_id.is_none() {
                continue;
            }
            let encodings = &transceiver.sender.encodings;
            let mut layers: Vec<usize> = transceiver
                .accepted_layers()
                .into_iter()
                .filter(|l| encodings[*l].active)
                .collect();
            if layers.is_empty() {
                continue;
            }
            if transceiver.kind == Kind::Audio {
                let opus = transceiver
                    .negotiated
                    .as_ref()
                    .map(|n| n.opus)
                    .unwrap_or_default();
                let rate = audio_bitrate(&encodings[0], &opus);
                transceiver.sender.layers[0].target_bitrate = rate;
                audio += rate;
                continue;
            }
            layers.sort_by(|a, b| scale(&encodings[*b]).total_cmp(&scale(&encodings[*a])));
            let demand = |l: &usize| {
                let max = max_bitrate(&encodings[*l]);
                let running = transceiver.sender.layers[*l].target_bitrate > 0;
                LayerDemand {
                    min: (max / 4).max(30_000).min(max),
                    max,
                    running,
                }
            };
            let layer_demands: Vec<LayerDemand> = layers.iter().map(demand).collect();
            wanted += layer_demands.iter().map(|d| d.max).sum::<u64>();
            let weight = layers
                .iter()
                .map(|l| weight(encodings[*l].priority))
                .max()
                .unwrap_or(2);
            demands.push(SenderDemand {
                weight,
                layers: layer_demands,
            });
            owners.push((index, layers));
        }
        let estimate = self.estimate.unwrap_or(INITIAL_BITRATE);
        let shares = allocate(estimate.saturating_sub(audio), &demands);
        let step = next_step(&demands, &shares);
        for transceiver in self
            .transceivers
            .iter_mut()
            .filter(|t| t.kind == Kind::Video)
        {
            for layer in &mut transceiver.sender.layers {
                layer.target_bitrate = 0;
            }
        }
        for ((index, layers), shares) in owners.into_iter().zip(shares) {
            for (layer, share) in layers.into_iter().zip(shares) {
                self.transceivers[index].sender.layers[layer].target_bitrate = share;
            }
        }
        // A little more than what is used, so that probing can show that all of it fits.
        let desired = Bitrate::from((wanted + audio) * 11 / 10);
        let padded = if step == 0 { 0 } else { step + audio };
        self.rtc.bwe().set_bitrate(Bitrate::from(padded), desired);
    }
}

fn payload_type_of(transceiver: &Transceiver, codec: MediaCodec) -> Result<u8, Error> {
    let codecs = transceiver
        .negotiated
        .as_ref()
        .map(|n| n.codecs.as_slice())
        .unwrap_or(&[]);
    let found = codecs.iter().find(|c| c.codec == codec);
    found
        .map(|c| c.payload_type)
        .ok_or_else(|| Error::InvalidAccess(format!("{codec:?} is not negotiated")))
}

fn scale(encoding: &Encoding) -> f64 {
    encoding.scale_resolution_down_by.unwrap_or(1.0).max(1.0)
}

fn lowest_layer(encodings: &[Encoding]) -> Option<usize> {
    let active = encodings.iter().enumerate().filter(|(_, e)| e.active);
    active
        .max_by(|(_, a), (_, b)| scale(a).total_cmp(&scale(b)))
        .map(|(index, _)| index)
}

fn max_bitrate(encoding: &Encoding) -> u64 {
    let by_size = DEFAULT_VIDEO_BITRATE / scale(encoding).powf(1.6);
    encoding
        .max_bitrate
        .unwrap_or(by_size as u64)
        .clamp(30_000, 50_000_000)
}

fn audio_bitrate(encoding: &Encoding, opus: &OpusSettings) -> u64 {
    let limit = opus.max_average_bitrate.map(u64::from);
    let wanted = encoding.max_bitrate.or(limit).unwrap_or(AUDIO_BITRATE);
    limit
        .map_or(wanted, |limit| wanted.min(limit))
        .clamp(6_000, 510_000)
}

fn weight(priority: Priority) -> u64 {
    match priority {
        Priority::VeryLow => 1,
        Priority::Low => 2,
        Priority::Medium => 4,
        Priority::High => 8,
    }
}

fn outgoing_of(transceiver: &Transceiver, dtls: DtlsState) -> Outgoing {
    let sender = &transceiver.sender;
    let sending = transceiver.sends() && sender.track_id.is_some() && dtls == DtlsState::Connected;
    let accepted = transceiver.accepted_layers();
    let layers = sender
        .encodings
        .iter()
        .enumerate()
        .map(|(index, encoding)| {
            let target_bitrate = sender.layers[index].target_bitrate;
            let active =
                sending && encoding.active && accepted.contains(&index) && target_bitrate > 0;
            OutgoingLayer {
                rid: encoding.rid.clone(),
                active,
                target_bitrate: if active { target_bitrate } else { 0 },
                max_framerate: encoding.max_framerate,
                scale_resolution_down_by: scale(encoding),
            }
        });
    Outgoing {
        transceiver: transceiver.id,
        kind: transceiver.kind,
        sending,
        codec: transceiver.sending_codec().map(|c| c.codec),
        layers: layers.collect(),
        degradation: sender.degradation,
        opus: transceiver
            .negotiated
            .as_ref()
            .map(|n| n.opus)
            .unwrap_or_default(),
    }
}

impl PeerConnection {
    /// When media has something to do next.
    pub(super) fn next_media_timeout(&self) -> Option<Instant> {
        let senders = self.transceivers.iter().filter(|t| t.live());
        let layers = senders.flat_map(|t| &t.sender.layers);
        let due = layers.filter_map(|layer| layer.key_due).min();
        self.next_receiver_timeout().into_iter().chain(due).min()
    }
}
