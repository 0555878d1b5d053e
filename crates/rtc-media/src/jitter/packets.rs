//! Packets that wait to be decoded, in the order of their sound.

use std::collections::BTreeMap;

use super::Samples;

/// Packets that wait at most: 6 s of those of 10 ms.
const MOST: usize = 612;
/// Samples that wait at most: 6 s and the longest packet.
const LONGEST: Samples = 6_120 * super::SAMPLES_PER_MS;

#[derive(Debug)]
pub(super) struct Packet {
    /// When its first sample is, on the sender's clock.
    pub(super) time: Samples,
    /// Samples in it, as its first bytes tell.
    pub(super) duration: Samples,
    pub(super) payload: Vec<u8>,
}

#[derive(Debug, Default)]
pub(super) struct Packets {
    by_time: BTreeMap<Samples, Packet>,
    /// Sum of the durations.
    held: Samples,
}

impl Packets {
    /// Takes a packet if there is none of its time, and says how many of the oldest had to go for it.
    pub(super) fn insert(&mut self, packet: Packet) -> u64 {
        if self.by_time.contains_key(&packet.time) {
            return 0;
        }
        let mut gone = 0;
        self.held += packet.duration;
        self.by_time.insert(packet.time, packet);
        while self.by_time.len() > MOST || self.held > LONGEST {
            self.pop();
            gone += 1;
        }
        gone
    }

    pub(super) fn first(&self) -> Option<&Packet> {
        self.by_time.values().next()
    }

    pub(super) fn pop(&mut self) -> Option<Packet> {
        let (_, packet) = self.by_time.pop_first()?;
        self.held -= packet.duration;
        Some(packet)
    }

    /// Takes those away that begin before this time, and says how many.
    pub(super) fn forget_before(&mut self, time: Samples) -> u64 {
        let mut count = 0;
        while self.first().is_some_and(|first| first.time < time) {
            self.pop();
            count += 1;
        }
        count
    }

    /// Takes those away that ended by this time, the last one only if it ended by `last`, and says how
    /// many.
    pub(super) fn forget_ended(&mut self, by: Samples, last: Samples) -> u64 {
        let mut count = 0;
        while let Some(first) = self.first() {
            let limit = if self.len() > 1 { by } else { last };
            if first.time + first.duration > limit {
                break;
            }
            self.pop();
            count += 1;
        }
        count
    }

    pub(super) fn len(&self) -> usize {
        self.by_time.len()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Samples that wait.
    pub(super) fn held(&self) -> Samples {
        self.held
    }
}
