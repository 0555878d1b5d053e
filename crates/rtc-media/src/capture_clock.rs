//! When samples were captured.

use std::time::{Duration, Instant};

use crate::audio_block::SAMPLE_RATE;

/// A device that gave nothing for longer than this paused; less is jitter.
pub(crate) const GAP: Duration = Duration::from_millis(200);
/// Share of a deviation that is corrected with each piece: the device's clock is not ours.
const CORRECTION: u32 = 64;
/// And at most so much of the piece's length: no clock is farther off.
const MOST: u32 = 100;

/// Length of so many samples.
pub(crate) fn length(samples: usize) -> Duration {
    Duration::from_nanos(samples as u64 * 1_000_000_000 / u64::from(SAMPLE_RATE))
}

/// Samples in that time.
pub(crate) fn samples_in(time: Duration) -> usize {
    (time.as_nanos() * u128::from(SAMPLE_RATE) / 1_000_000_000) as usize
}

/// Tells from when pieces of sound arrive when they were captured. A piece that arrives late
/// because nobody fetched it follows the one before without a gap all the same; one of a device
/// that paused does not.
#[derive(Debug, Default)]
pub(crate) struct CaptureClock {
    /// When the sample after the last one was captured, if all went on.
    next: Option<Instant>,
    arrived: Option<Instant>,
    /// The last piece was late by more than jitter.
    was_late: bool,
}

/// Where a piece of sound belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// When the first sample after `surplus` was captured.
    pub(crate) first: Instant,
    /// Samples at the beginning that are too many: those before took up that time already, as when
    /// a device first gives what it had kept.
    pub(crate) surplus: usize,
}

impl CaptureClock {
    /// Places a piece that arrives now.
    pub(crate) fn place(&mut self, now: Instant, samples: usize) -> Place {
        let whole = length(samples);
        // No later than this: the last one has arrived.
        let latest = now.checked_sub(whole).unwrap_or(now);
        let since = self
            .arrived
            .map_or(whole, |before| now.saturating_duration_since(before));
        let correction = |off: Duration| (off / CORRECTION).min(whole / MOST);
        let mut surplus = 0;
        let first = match self.next {
            None => latest,
            Some(next) if latest < next => {
                let early = next - latest;
                if early > GAP {
                    surplus = samples_in(early).min(samples);
                    next
                } else {
                    next - correction(early)
                }
            }
            Some(next) => {
                let late = latest - next;
                let is_late = late > GAP;
                // What was held up comes in a rush; what comes at its own pace and is late for
                // the second time will stay so.
                let paused = is_late && self.was_late && since >= whole / 2;
                self.was_late = is_late && !paused;
                match (paused, is_late) {
                    (true, _) => latest,
                    (false, true) => next,
                    (false, false) => next + correction(late),
                }
            }
        };
        self.arrived = Some(now);
        self.next = Some(first + length(samples - surplus));
        Place { first, surplus }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: usize = 480;
    const MS: Duration = Duration::from_millis(1);

    /// Pieces of 10 ms, by when they arrive (milliseconds); when they were captured.
    fn captured(arrivals: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let (mut clock, start) = (CaptureClock::default(), Instant::now());
        let at = |arrival| clock.place(start + MS * arrival, PIECE).first;
        let times: Vec<_> = arrivals.into_iter().map(at).collect();
        let since = |at: Instant| at.saturating_duration_since(start).as_millis() as u32;
        times.into_iter().map(since).collect()
    }

    fn steps(times: &[u32]) -> Vec<u32> {
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    fn what_comes_in_a_rush_after_a_hold_up_has_no_gap() {
        // Half a second in which nobody fetched, then all of it at once.
        let arrivals = (10..20).map(|piece| piece * 10);
        let rush = (20..70).map(|_| 700);
        let after = (70..90).map(|piece| (piece + 1) * 10);
        let times = captured(arrivals.chain(rush).chain(after));
        assert!(
            steps(&times).iter().all(|step| (9..=11).contains(step)),
            "{times:?}"
        );
    }

    #[test]
    fn a_device_that_paused_shows_it() {
        let times = captured((10..20).chain(120..150).map(|piece| piece * 10));
        let gaps: Vec<_> = steps(&times)
            .into_iter()
            .filter(|step| *step > 20)
            .collect();
        assert_eq!(gaps.len(), 1, "{times:?}");
        assert!(gaps[0].abs_diff(1010) <= 11, "{gaps:?}");
        assert!(times.last().unwrap().abs_diff(1480) <= 5, "{times:?}");
    }

    #[test]
    fn a_clock_that_is_a_little_off_is_followed_without_steps() {
        for slow in [1000_u64, 999, 1001] {
            let (mut clock, start) = (CaptureClock::default(), Instant::now());
            let mut last = None;
            // Ten minutes at a thousandth too slow or too fast: over half a second.
            for piece in 1..60_000 {
                let arrival = start + Duration::from_micros(piece * 10 * slow);
                let first = clock.place(arrival, PIECE).first;
                let truth = arrival - Duration::from_millis(10);
                let off = truth.max(first) - truth.min(first);
                assert!(off < 2 * MS, "{off:?} after {piece} at {slow}");
                if let Some(last) = last.replace(first) {
                    assert!((first - last).abs_diff(10 * MS) < MS / 2);
                }
            }
        }
    }

    #[test]
    fn coarse_pieces_follow_one_another() {
        let (mut clock, start) = (CaptureClock::default(), Instant::now());
        for (second, tremble) in [(2, 15), (4, 0), (6, 30), (8, 7)] {
            let arrival = start + Duration::from_secs(second) + MS * tremble;
            let first = clock.place(arrival, 2 * SAMPLE_RATE as usize).first;
            let truth = start + Duration::from_secs(second - 2);
            assert!(first.max(truth) - first.min(truth) < 20 * MS, "{second}");
        }
    }

    #[test]
    fn what_a_device_had_kept_before_it_was_opened_is_left_out() {
        let (mut clock, start) = (CaptureClock::default(), Instant::now());
        let two = 2 * SAMPLE_RATE as usize;
        let times = [(2, 0), (2, two), (4, 0)].map(|(second, surplus)| {
            let place = clock.place(start + Duration::from_secs(second), two);
            assert_eq!(place.surplus, surplus, "at {second}");
            place.first - start
        });
        assert_eq!(times.map(|time| time.as_secs()), [0, 2, 2]);
    }
}
