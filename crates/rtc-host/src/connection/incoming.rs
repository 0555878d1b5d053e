//! What a connection receives: sound to the loudspeaker, pictures to whoever shows them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rtc_core::{AudioPacket, EncodedFrame, KeyFrameRequest, SynchronizationSource, TransceiverId};
use rtc_media::{PlayoutSource, PlayoutStatistics};

use super::Connection;
use crate::event::{ConnectionEvent, Picture};

/// Pictures kept for a viewer yet to come: three seconds, and more bytes than those have.
const BACKLOG: usize = 90;
/// And in all so many bytes.
const BACKLOG_BYTES: usize = 2 << 20;
/// The oldest one is no older than this when the next one comes,
const BACKLOG_SPAN: Duration = Duration::from_secs(3);
/// and the newest no older than this when a viewer comes: else it shows the past.
const BACKLOG_AGE: Duration = Duration::from_secs(1);

/// The newest key frame and what builds on it, for as long as nobody looks. A page shows a track a
/// moment after it has come; by then its key frame has passed, and media servers answer the next
/// request for one only after a second.
#[derive(Debug, Default)]
struct Backlog {
    frames: Vec<EncodedFrame>,
    bytes: usize,
}

impl Backlog {
    fn keep(&mut self, frame: EncodedFrame) {
        let broken = !frame.contiguous || self.frames.is_empty();
        let begun_at = self.frames.first().map(|first| first.arrival);
        let long = begun_at.is_some_and(|at| frame.arrival > at + BACKLOG_SPAN);
        if frame.key_frame || broken || long || self.frames.len() == BACKLOG {
            *self = Self::default();
        }
        let begun = frame.key_frame || !self.frames.is_empty();
        if begun && self.bytes + frame.data.len() <= BACKLOG_BYTES {
            self.bytes += frame.data.len();
            self.frames.push(frame);
        } else {
            *self = Self::default();
        }
    }

    /// Drops what nobody should see any more.
    fn expire(&mut self, now: Instant) {
        let newest = self.frames.last().map(|newest| newest.arrival);
        if newest.is_some_and(|at| now > at + BACKLOG_AGE) {
            *self = Self::default();
        }
    }

    fn take(&mut self, now: Instant) -> Vec<EncodedFrame> {
        self.expire(now);
        std::mem::take(self).frames
    }
}

/// How an element plays a track.
#[derive(Debug)]
struct Listener {
    /// 0.0 to 1.0.
    volume: f32,
    /// The loudspeaker's id; empty: the system's default.
    device_id: String,
}

/// Receiving half of a transceiver.
#[derive(Debug)]
pub(super) struct Receiver {
    track: u32,
    /// Each place where the sound is heard.
    listeners: BTreeMap<u32, Listener>,
    source: Option<PlayoutSource>,
    /// Whether each place that shows the pictures is visible.
    viewers: BTreeMap<u32, bool>,
    /// Nothing is handed out before the next key frame.
    awaiting_key_frame: bool,
    counter: u32,
    backlog: Backlog,
}

impl Receiver {
    fn visible(&self) -> bool {
        self.viewers.values().any(|visible| *visible)
    }

    /// A track is decoded once, so it is heard at one place: that of the loudest listener, and of
    /// several the newest.
    fn loudest(&self) -> (f32, &str) {
        let loudest = self
            .listeners
            .values()
            .max_by(|a, b| a.volume.total_cmp(&b.volume));
        loudest.map_or((0.0, ""), |l| (l.volume, &l.device_id))
    }

    fn follow_listeners(&self) {
        if let Some(source) = &self.source
            && !self.listeners.is_empty()
        {
            let (volume, device_id) = self.loudest();
            source.set_output_device(device_id);
            source.set_volume(volume);
        }
    }
}

impl Connection {
    /// Number of a receiver's track.
    pub fn track_of(&mut self, id: TransceiverId) -> u32 {
        self.receiver(id).track
    }

    fn receiver(&mut self, id: TransceiverId) -> &mut Receiver {
        let numbers = &self.numbers;
        self.receivers.entry(id).or_insert_with(|| Receiver {
            track: numbers.next(),
            listeners: BTreeMap::new(),
            source: None,
            viewers: BTreeMap::new(),
            awaiting_key_frame: true,
            counter: 0,
            backlog: Backlog::default(),
        })
    }

    /// The transceiver whose receiver has this track.
    pub fn transceiver_of(&self, track: u32) -> Option<TransceiverId> {
        self.receivers
            .iter()
            .find(|(_, receiver)| receiver.track == track)
            .map(|(id, _)| *id)
    }

    /// Plays a track on behalf of one element, with a volume of 0.0 to 1.0 and on the loudspeaker
    /// of this id (empty: the system's default); again to change either.
    ///
    /// # Errors
    /// If there is no decoder.
    pub fn attach_audio(
        &mut self,
        id: TransceiverId,
        sink: u32,
        volume: f32,
        device_id: String,
    ) -> Result<(), rtc_media::MediaError> {
        if self.receiver(id).source.is_none() {
            let source = self.playout.add_source(&device_id)?;
            self.receiver(id).source = Some(source);
        }
        let receiver = self.receiver(id);
        let listener = Listener { volume, device_id };
        receiver.listeners.insert(sink, listener);
        receiver.follow_listeners();
        Ok(())
    }

    /// The element does not play the track any more.
    pub fn detach_audio(&mut self, id: TransceiverId, sink: u32) {
        let Some(receiver) = self.receivers.get_mut(&id) else {
            return;
        };
        receiver.listeners.remove(&sink);
        receiver.follow_listeners();
        if receiver.listeners.is_empty() {
            receiver.source = None;
        }
    }

    /// Least delay of the jitter buffer, in milliseconds.
    pub fn set_jitter_buffer_target(&mut self, id: TransceiverId, milliseconds: u32) {
        if let Some(source) = &self.receiver(id).source {
            source.set_minimum_delay(milliseconds);
        }
    }

    /// Hands out the pictures of a track on behalf of one element, from a key frame on.
    pub fn attach_video(&mut self, id: TransceiverId, sink: u32, visible: bool) {
        let receiver = self.receiver(id);
        let was_visible = receiver.visible();
        receiver.viewers.insert(sink, visible);
        if receiver.visible() && !was_visible {
            let backlog = receiver.backlog.take(Instant::now());
            tracing::debug!(?id, kept = backlog.len(), "a viewer came");
            if backlog.is_empty() {
                self.restart_video(id);
            }
            for frame in backlog {
                self.show(frame);
            }
        }
    }

    /// The element does not show the track any more.
    pub fn detach_video(&mut self, id: TransceiverId, sink: u32) {
        if let Some(receiver) = self.receivers.get_mut(&id) {
            receiver.viewers.remove(&sink);
        }
    }

    /// The decoder lost its footing, or begins: the next picture is a key frame.
    pub fn restart_video(&mut self, id: TransceiverId) {
        self.receiver(id).awaiting_key_frame = true;
        tracing::debug!(?id, "asking for a key frame");
        if let Err(error) = self.peer.request_key_frame(id, KeyFrameRequest::Pli) {
            tracing::debug!(%error, "a key frame could not be asked for");
        }
    }

    /// Another track, or none, is on this receiver's section: pictures kept of the old one must not
    /// be seen, and the decoder begins with a key frame of the new one.
    pub(super) fn reset_receiver(&mut self, id: TransceiverId) {
        if let Some(receiver) = self.receivers.get_mut(&id) {
            receiver.backlog = Backlog::default();
            receiver.awaiting_key_frame = true;
        }
    }

    /// Those kept for viewers yet to come.
    pub(super) fn pictures_kept(&self) -> usize {
        let receivers = self.receivers.values();
        receivers
            .map(|receiver| receiver.backlog.frames.len())
            .sum()
    }

    /// Frees pictures kept for viewers that did not come in time.
    pub(super) fn forget_old_pictures(&mut self, now: Instant) {
        for receiver in self.receivers.values_mut() {
            receiver.backlog.expire(now);
        }
    }

    /// `getSynchronizationSources`: those heard of in the last ten seconds.
    pub fn synchronization_sources(&self, id: TransceiverId) -> Vec<SynchronizationSource> {
        self.peer.synchronization_sources(id)
    }

    /// What the jitter buffer and decoder of a track did, while it is being played.
    pub fn playout_statistics(&self, id: TransceiverId) -> Option<PlayoutStatistics> {
        self.receivers
            .get(&id)?
            .source
            .as_ref()
            .map(PlayoutSource::statistics)
    }

    pub(super) fn play(&mut self, packet: &AudioPacket) {
        if let Some(source) = &self.receiver(packet.transceiver).source {
            // The low bits are what the wire has.
            source.push_packet(packet.arrival, packet.rtp_time as u32, &packet.data);
        }
    }

    pub(super) fn show(&mut self, frame: EncodedFrame) {
        let id = frame.transceiver;
        if frame.key_frame {
            tracing::debug!(?id, bytes = frame.data.len(), "a key frame came");
        }
        let receiver = self.receiver(id);
        if !receiver.visible() {
            // What comes next builds on this one.
            receiver.awaiting_key_frame = true;
            receiver.backlog.keep(frame);
            return;
        }
        if !frame.key_frame && (receiver.awaiting_key_frame || !frame.contiguous) {
            receiver.awaiting_key_frame = true;
            return;
        }
        receiver.awaiting_key_frame = false;
        receiver.counter = receiver.counter.wrapping_add(1);
        let picture = Picture {
            track: receiver.track,
            codec: frame.codec,
            rtp_timestamp: frame.rtp_time as u32,
            key_frame: frame.key_frame,
            counter: receiver.counter,
            arrival: frame.arrival,
            data: frame.data,
        };
        (self.emit)(ConnectionEvent::Picture(picture));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Backlog {
        fn take_now(&mut self) -> Vec<EncodedFrame> {
            self.take(Instant::now())
        }
    }

    fn frame(key_frame: bool, contiguous: bool, size: usize) -> EncodedFrame {
        EncodedFrame {
            transceiver: TransceiverId(1),
            codec: rtc_core::MediaCodec::Vp8,
            rtp_time: 0,
            key_frame,
            contiguous,
            arrival: Instant::now(),
            data: vec![0; size].into(),
        }
    }

    #[test]
    fn a_backlog_begins_with_a_key_frame() {
        let mut backlog = Backlog::default();
        backlog.keep(frame(false, true, 1));
        assert!(backlog.take_now().is_empty());
        for _ in 0..2 {
            backlog.keep(frame(true, true, 1));
            backlog.keep(frame(false, true, 1));
        }
        assert_eq!(backlog.take_now().len(), 2);
        assert!(backlog.take_now().is_empty());
    }

    #[test]
    fn what_does_not_build_on_it_ends_a_backlog() {
        let mut backlog = Backlog::default();
        backlog.keep(frame(true, true, 1));
        backlog.keep(frame(false, false, 1));
        backlog.keep(frame(false, true, 1));
        assert!(backlog.take_now().is_empty());
        // A key frame needs nothing before it.
        backlog.keep(frame(true, false, 1));
        assert_eq!(backlog.take_now().len(), 1);
    }

    #[test]
    fn a_backlog_is_bounded() {
        let mut backlog = Backlog::default();
        backlog.keep(frame(true, true, 1));
        for _ in 0..BACKLOG {
            backlog.keep(frame(false, true, 1));
        }
        assert!(backlog.take_now().is_empty());
        backlog.keep(frame(true, true, BACKLOG_BYTES));
        backlog.keep(frame(false, true, 1));
        assert!(backlog.take_now().is_empty());
    }

    fn at(arrival: Instant, key_frame: bool) -> EncodedFrame {
        EncodedFrame {
            arrival,
            ..frame(key_frame, true, 1)
        }
    }

    #[test]
    fn a_viewer_who_comes_late_sees_nothing_of_the_past() {
        let now = Instant::now();
        let mut backlog = Backlog::default();
        backlog.keep(at(now, true));
        backlog.keep(at(now + BACKLOG_AGE, false));
        backlog.expire(now + BACKLOG_AGE * 2);
        assert_eq!(backlog.frames.len(), 2, "the newest is not old yet");
        let later = now + BACKLOG_AGE * 2 + Duration::from_millis(1);
        assert!(backlog.take(later).is_empty());
    }

    #[test]
    fn what_is_kept_spans_a_few_seconds_however_few_pictures_those_are() {
        let now = Instant::now();
        let mut backlog = Backlog::default();
        backlog.keep(at(now, true));
        for second in 1..=3 {
            backlog.keep(at(now + Duration::from_secs(second), false));
        }
        assert_eq!(backlog.frames.len(), 4);
        backlog.keep(at(now + Duration::from_secs(4), false));
        assert!(backlog.frames.is_empty());
    }
}
