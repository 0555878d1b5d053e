//! The beginning of something that is told of late.

use crate::audio_block::SAMPLE_RATE;

/// What was seen counts for once to twice this time, in samples: 2 s.
const REMEMBERED: f64 = 2.0 * SAMPLE_RATE as f64;

/// When something began, by pieces of it that were told of late, each by another time: the earliest
/// is nearest to the truth. In samples; follows a clock that is off, within four seconds.
#[derive(Debug, Default)]
pub(super) struct Earliest {
    since: f64,
    now: Option<f64>,
    before: Option<f64>,
}

impl Earliest {
    /// At that time, it seemed to have begun then.
    pub(super) fn see(&mut self, at: f64, beginning: f64) {
        if self.now.is_none() {
            self.since = at;
        } else if at - self.since >= REMEMBERED {
            self.before = self.now.take();
            self.since = at;
        }
        self.now = Some(self.now.map_or(beginning, |now| now.min(beginning)));
    }

    /// None: nothing was seen.
    pub(super) fn get(&self) -> Option<f64> {
        match (self.now, self.before) {
            (Some(now), Some(before)) => Some(now.min(before)),
            (now, before) => now.or(before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_does_not_count_and_a_later_beginning_does_after_a_while() {
        let mut earliest = Earliest::default();
        assert_eq!(earliest.get(), None);
        for (number, late) in [900.0, 0.0, 400.0, 30.0]
            .into_iter()
            .cycle()
            .take(40)
            .enumerate()
        {
            earliest.see(480.0 * number as f64, 100.0 + late);
        }
        assert_eq!(earliest.get(), Some(100.0));
        for number in 40..440 {
            earliest.see(480.0 * f64::from(number), 700.0);
        }
        assert_eq!(earliest.get(), Some(700.0));
    }
}
