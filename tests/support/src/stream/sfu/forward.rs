//! The way of one track to one subscriber: which of the layers is passed on, and how its packets are
//! numbered so that they look like one that never changes.

use std::time::{Duration, Instant};

use str0m::media::{Pt, Rid};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, SeqNo, Vp8Descriptor};

use super::link::LegId;

/// A layer that says nothing for this long is not waited for.
const STALE: Duration = Duration::from_millis(700);
/// Between two requests for the same key frame.
const ASK_AGAIN: Duration = Duration::from_millis(300);

/// Where packets come from: a publisher's connection, and the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) leg: LegId,
    pub(crate) rid: Option<Rid>,
}

/// What becomes of a packet.
#[derive(Debug)]
pub(crate) enum Passed {
    /// It is to be written.
    On(Box<RtpWrite>),
    /// Not before there is a key frame of its layer, which is to be asked for.
    KeyFrameWanted,
    Not,
}

#[derive(Debug)]
pub(crate) struct Forward {
    /// What is passed on.
    current: Option<Current>,
    /// What is to be passed on.
    wanted: Option<Origin>,
    /// The number that the next packet gets after a change.
    next: u64,
    /// RTP time of the last packet, and when that was.
    last: Option<(u32, Instant)>,
    last_picture: u16,
    last_tl0: u8,
    asked: Option<Instant>,
}

#[derive(Debug)]
struct Current {
    origin: Origin,
    /// Packets before this one belong to what was there before.
    first: u64,
    number_shift: u64,
    time_shift: u32,
    picture_shift: u16,
    tl0_shift: u8,
    heard: Instant,
}

impl Default for Forward {
    fn default() -> Self {
        Self {
            current: None,
            wanted: None,
            next: *SeqNo::default(),
            last: None,
            last_picture: 0,
            last_tl0: 0,
            asked: None,
        }
    }
}

impl Forward {
    pub(crate) fn want(&mut self, origin: Option<Origin>) {
        if self.wanted != origin {
            self.wanted = origin;
            self.asked = None;
        }
    }

    pub(crate) fn wanted(&self) -> Option<Origin> {
        self.wanted
    }

    pub(crate) fn current(&self) -> Option<Origin> {
        self.current.as_ref().map(|current| current.origin)
    }

    /// Where a key frame is to come from when the subscriber asks for one.
    pub(crate) fn source(&self) -> Option<Origin> {
        self.current().or(self.wanted)
    }

    /// A packet has come from `origin`, which publishes the track.
    pub(crate) fn pass(
        &mut self,
        packet: &RtpPacket,
        origin: Origin,
        payload_type: Pt,
        picture: bool,
        now: Instant,
    ) -> Passed {
        let descriptor = picture.then(|| Vp8Descriptor::parse(&packet.payload).ok());
        let descriptor = descriptor.flatten();
        let is_current = self.current() == Some(origin);
        if !is_current {
            let stale = self
                .current
                .as_ref()
                .is_none_or(|current| now.saturating_duration_since(current.heard) > STALE);
            if self.wanted != Some(origin) && !stale {
                return Passed::Not;
            }
            let starts =
                !picture || descriptor.is_some_and(|found| found.starts_keyframe(&packet.payload));
            if !starts {
                return self.ask(now);
            }
            self.change(packet, origin, descriptor.as_ref(), now, picture);
        }
        self.rewritten(packet, descriptor.as_ref(), payload_type, picture, now)
    }

    fn ask(&mut self, now: Instant) -> Passed {
        let recently = |asked: Instant| now.saturating_duration_since(asked) < ASK_AGAIN;
        if self.asked.is_some_and(recently) {
            return Passed::Not;
        }
        self.asked = Some(now);
        Passed::KeyFrameWanted
    }

    fn change(
        &mut self,
        packet: &RtpPacket,
        origin: Origin,
        descriptor: Option<&Vp8Descriptor>,
        now: Instant,
        picture: bool,
    ) {
        let first = *packet.seq_no;
        let rate = if picture { 90_000 } else { 48_000 };
        let time = match self.last {
            // At least one tick later, so that it is another frame.
            Some((time, at)) => {
                let passed = now.saturating_duration_since(at).as_secs_f64() * f64::from(rate);
                time.wrapping_add((passed as u32).max(1))
            }
            None => packet.header.timestamp,
        };
        let picture_id = descriptor.and_then(Vp8Descriptor::picture_id);
        let tl0 = descriptor.and_then(Vp8Descriptor::tl0_pic_idx);
        let started = self.last.is_some();
        let following = |last: u16| last.wrapping_add(1) & 0x7fff;
        let picture_shift = match picture_id {
            Some(id) if started => following(self.last_picture).wrapping_sub(id) & 0x7fff,
            _ => 0,
        };
        let tl0_shift = match tl0 {
            Some(index) if started => self.last_tl0.wrapping_add(1).wrapping_sub(index),
            _ => 0,
        };
        self.asked = None;
        self.current = Some(Current {
            origin,
            first,
            number_shift: self.next.wrapping_sub(first),
            time_shift: time.wrapping_sub(packet.header.timestamp),
            picture_shift,
            tl0_shift,
            heard: now,
        });
    }

    fn rewritten(
        &mut self,
        packet: &RtpPacket,
        descriptor: Option<&Vp8Descriptor>,
        payload_type: Pt,
        picture: bool,
        now: Instant,
    ) -> Passed {
        let Some(current) = &mut self.current else {
            return Passed::Not;
        };
        current.heard = now;
        if *packet.seq_no < current.first {
            return Passed::Not;
        }
        let number = packet.seq_no.wrapping_add(current.number_shift);
        let time = packet.header.timestamp.wrapping_add(current.time_shift);
        if number >= self.next {
            self.next = number + 1;
            self.last = Some((time, now));
        }
        let received = &packet.header.ext_vals;
        let extensions = ExtensionValues {
            audio_level: received.audio_level,
            voice_activity: received.voice_activity,
            video_orientation: received.video_orientation,
            ..ExtensionValues::default()
        };
        let mut write = RtpWrite::new(
            payload_type,
            number.into(),
            time,
            packet.timestamp,
            packet.payload.clone(),
        )
        .marker(packet.header.marker)
        .nackable(picture)
        .ext_vals(extensions);
        if let Some(descriptor) = descriptor {
            let mut patch = descriptor.patch();
            if let Some(id) = descriptor.picture_id() {
                let id = id.wrapping_add(current.picture_shift) & 0x7fff;
                self.last_picture = id;
                patch = patch.picture_id(id);
            }
            if let Some(index) = descriptor.tl0_pic_idx() {
                let index = index.wrapping_add(current.tl0_shift);
                self.last_tl0 = index;
                patch = patch.tl0_pic_idx(index);
            }
            if let Ok(patch) = patch.build() {
                write = write.vp8_patch(patch);
            }
        }
        Passed::On(Box::new(write))
    }
}
