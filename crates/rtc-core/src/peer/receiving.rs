//! Media on its way in.

use std::time::{Duration, Instant};

use str0m::media::{KeyframeRequestKind, MediaData, Mid};

use super::PeerConnection;
use super::transceiver::{Receiver, Transceiver};
use super::transceivers::unknown;
use crate::error::Error;
use crate::event::Event;
use crate::ids::TransceiverId;
use crate::kind::Kind;
use crate::media::{AudioPacket, EncodedFrame, KeyFrameRequest, SynchronizationSource};
use crate::stack::{AUDIO_REPORT_INTERVAL, VIDEO_REPORT_INTERVAL, generation_rid};

/// Between two key frame requests for the same track; a round trip or two.
const KEY_REQUEST_INTERVAL: Duration = Duration::from_millis(300);

/// How often a needed key frame is asked for again while pictures still come.
const KEY_REPEAT_INTERVAL: Duration = Duration::from_millis(1000);

impl PeerConnection {
    /// Asks the remote side for a key frame of a video track, at most every 300 ms.
    ///
    /// # Errors
    /// [`Error::InvalidState`] for an unknown transceiver or one that is not video.
    pub fn request_key_frame(
        &mut self,
        id: TransceiverId,
        kind: KeyFrameRequest,
    ) -> Result<(), Error> {
        let transceiver = self.by_id(id).ok_or_else(unknown)?;
        if transceiver.kind != Kind::Video {
            return Err(Error::InvalidState("only video has key frames".into()));
        }
        self.ask_for_key_frame(id, kind);
        Ok(())
    }

    /// `getSynchronizationSources` (webrtc-pc section 5.3): those heard of in the last ten seconds.
    pub fn synchronization_sources(&self, id: TransceiverId) -> Vec<SynchronizationSource> {
        let Some(transceiver) = self.by_id(id) else {
            return Vec::new();
        };
        let receiver = &transceiver.receiver;
        let (Some(arrival), Some(source)) = (receiver.last_media, receiver.last_ssrc) else {
            return Vec::new();
        };
        if self.now > arrival + Duration::from_secs(10) {
            return Vec::new();
        }
        vec![SynchronizationSource {
            source,
            arrival,
            rtp_timestamp: receiver.last_rtp,
            audio_level: linear_level(receiver),
        }]
    }

    pub(super) fn media_arrived(&mut self, data: MediaData) {
        let mid = data.mid;
        let Some(index) = self.by_mid(&mid.to_string()) else {
            return;
        };
        let ssrc = self
            .rtc
            .direct_api()
            .stream_rx_by_mid(mid, data.rid)
            .map(|s| *s.ssrc());
        let now = self.now;
        let numbers = **data.seq_range.start()..=**data.seq_range.end();
        self.collected.received(mid, data.rid, ssrc, numbers);
        let transceiver = &mut self.transceivers[index];
        if !transceiver.receives() {
            return;
        }
        let Some(codec) = transceiver.codec_by_payload(*data.pt) else {
            return;
        };
        let id = transceiver.id;
        let receiver = &mut transceiver.receiver;
        receiver.last_media = Some(data.network_time.max(now));
        let rtp = data.time.numer() as u32;
        // What was overtaken says nothing of now.
        let newest =
            receiver.last_ssrc != ssrc || rtp.wrapping_sub(receiver.last_rtp) < u32::MAX / 2;
        if newest {
            receiver.last_rtp = rtp;
            receiver.last_ssrc = ssrc;
            receiver.last_payload_type = Some(*data.pt);
        }
        if receiver.announced.is_empty() {
            // Found by its mid; what is announced later may be another one.
            receiver.announced.extend(ssrc);
        }
        if newest && data.ext_vals.audio_level.is_some() {
            receiver.level = data.ext_vals.audio_level;
        }
        if receiver.muted {
            receiver.muted = false;
            self.events.push_back(Event::TrackMuted {
                transceiver: id,
                muted: false,
            });
        }
        if transceiver.kind == Kind::Audio {
            self.events.push_back(Event::Audio(AudioPacket {
                transceiver: id,
                rtp_time: data.time.numer(),
                sequence_number: **data.seq_range.end(),
                ssrc: ssrc.unwrap_or_default(),
                arrival: data.network_time,
                level: data.ext_vals.audio_level,
                voice: data.ext_vals.voice_activity,
                start_of_talk_spurt: data.audio_start_of_talk_spurt,
                data: data.data,
            }));
            return;
        }
        let key_frame = data.is_keyframe();
        receiver.frames += 1;
        receiver.key_frames += u64::from(key_frame);
        if key_frame {
            receiver.awaiting_key = false;
        } else if !data.contiguous {
            receiver.awaiting_key = true;
        }
        let ask = receiver.awaiting_key;
        // Before the first key frame nothing can be decoded.
        if receiver.key_frames > 0 {
            self.events.push_back(Event::Video(EncodedFrame {
                transceiver: id,
                codec,
                rtp_time: data.time.numer(),
                key_frame,
                contiguous: data.contiguous,
                arrival: data.network_time,
                data: data.data,
            }));
        }
        if ask {
            self.ask_for_key_frame(id, KeyFrameRequest::Pli);
        }
    }

    /// Between two receiver reports of what comes with this mid.
    pub(super) fn receiver_reports_every(&self, mid: Mid) -> Duration {
        let index = self.by_mid(&mid.to_string());
        match index.map(|index| self.transceivers[index].kind) {
            Some(Kind::Audio) => AUDIO_REPORT_INTERVAL,
            _ => VIDEO_REPORT_INTERVAL,
        }
    }

    fn ask_for_key_frame(&mut self, id: TransceiverId, kind: KeyFrameRequest) {
        let now = self.now;
        let Some(transceiver) = self.by_id_mut(id) else {
            return;
        };
        let receiver = &mut transceiver.receiver;
        if receiver
            .key_requested
            .is_some_and(|at| now < at + KEY_REQUEST_INTERVAL)
        {
            // The one on its way serves this purpose too; repeated if it does not come.
            receiver.awaiting_key = true;
            return;
        }
        let rid = generation_rid(transceiver.receiver.generation);
        let Some(mid) = transceiver.mid.as_deref().map(Mid::from) else {
            return;
        };
        let Some(mut writer) = self.rtc.writer(mid) else {
            return;
        };
        let wanted = match kind {
            KeyFrameRequest::Pli => KeyframeRequestKind::Pli,
            KeyFrameRequest::Fir => KeyframeRequestKind::Fir,
        };
        let sent = writer.request_keyframe(rid, wanted);
        if let Some(transceiver) = self.by_id_mut(id) {
            transceiver.receiver.awaiting_key = true;
            // Before anything came there is nobody to ask, and the next picture asks again.
            if sent.is_ok() || transceiver.receiver.last_media.is_some() {
                transceiver.receiver.key_requested = Some(now);
            }
        }
    }

    /// Repeats requests that were not answered while the sender does send.
    pub(super) fn ask_again_for_key_frames(&mut self) {
        let now = self.now;
        let due: Vec<TransceiverId> = self
            .transceivers
            .iter()
            .filter(|t| t.receives() && t.kind == Kind::Video)
            .filter(|t| repeat_at(&t.receiver).is_some_and(|at| now >= at))
            .map(|t| t.id)
            .collect();
        for id in due {
            self.ask_for_key_frame(id, KeyFrameRequest::Pli);
        }
    }

    pub(super) fn next_receiver_timeout(&self) -> Option<Instant> {
        let video = |t: &&Transceiver| t.receives() && t.kind == Kind::Video;
        let receivers = self.transceivers.iter().filter(video);
        receivers.filter_map(|t| repeat_at(&t.receiver)).min()
    }
}

/// When an unanswered request is due again; `None` if none is, or nothing is being sent.
fn repeat_at(receiver: &Receiver) -> Option<Instant> {
    let (requested, media) = (receiver.key_requested?, receiver.last_media?);
    let answered = !receiver.awaiting_key || media < requested;
    (!answered).then(|| requested + KEY_REPEAT_INTERVAL)
}

/// Linear level of the last packet that told one.
pub(super) fn linear_level(receiver: &Receiver) -> Option<f64> {
    let level = receiver.level?;
    Some(if level <= -127 {
        0.0
    } else {
        10f64.powf(f64::from(level) / 20.0)
    })
}
