//! `packetsLost` of what is received: packets that were expected and did not come (RFC 3550,
//! section 6.4.1 and appendix A.3).
//!
//! The stack counts them, and tells of each interval between two receiver reports only the fraction,
//! in 256ths. How many were expected meanwhile is seen from the sequence numbers of the media, so
//! both together give the number, and their sum is the cumulative one. A packet that was sent again
//! in time is not lost.

use std::time::{Duration, Instant};

/// How much later than its time a report may show: the stack's statistics come every 100 ms.
const LATE: Duration = Duration::from_millis(150);
/// More than that at a time is another numbering, not a gap (RFC 3550, appendix A.1).
const LARGEST_STEP: u64 = 3_000;

/// Of one receiver.
#[derive(Debug, Default)]
pub(super) struct Losses {
    ssrc: Option<u32>,
    /// The highest sequence number heard, and the one at the last report, both extended.
    highest: u64,
    at_report: u64,
    /// What the last report said: the fraction and, to tell reports apart, the jitter.
    last_report: Option<(f32, u32)>,
    since: Option<Instant>,
    lost: u64,
}

impl Losses {
    /// Media came, up to the extended sequence number `last`.
    pub(super) fn received(&mut self, ssrc: Option<u32>, first: u64, last: u64) {
        let begins = self.ssrc != ssrc || self.highest == 0;
        if begins || last.abs_diff(self.highest) > LARGEST_STEP {
            self.ssrc = ssrc;
            self.highest = last;
            // The first one is expected, too.
            self.at_report = first.saturating_sub(1);
        }
        self.highest = self.highest.max(last);
    }

    /// The stack told its statistics: the `fraction` that was lost before its last receiver report,
    /// 0.0 to 1.0, and the `jitter` in that. `interval` is between two reports.
    pub(super) fn reported(
        &mut self,
        fraction: Option<f32>,
        jitter: u32,
        interval: Duration,
        now: Instant,
    ) {
        let Some(fraction) = fraction else {
            return;
        };
        let report = (fraction, jitter);
        let since = *self.since.get_or_insert(now);
        // One that says the same as that before it is known by its time.
        if self.last_report == Some(report) && now < since + interval + LATE {
            return;
        }
        self.last_report = Some(report);
        self.since = Some(now);
        let expected = self.highest.saturating_sub(self.at_report);
        self.at_report = self.highest;
        self.lost += lost_of(fraction, expected);
    }

    /// Since the beginning.
    pub(super) fn count(&self) -> i64 {
        i64::try_from(self.lost).unwrap_or(i64::MAX)
    }
}

/// How many of `expected` were lost. On the wire the fraction is in 256ths, rounded down, of which
/// the stack makes 255ths. Exact for fewer than 256; of more, the middle of what it may have been.
/// Nothing is made up for a fraction of zero, so less than four in a thousand of very many is not
/// seen.
fn lost_of(fraction: f32, expected: u64) -> u64 {
    if fraction <= 0.0 {
        return 0;
    }
    let middle = (f64::from(fraction) * 255.0 + 0.5) / 256.0;
    ((middle * expected as f64).round() as u64).min(expected)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "where the virtual clock begins")]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What appendix A.3 puts into a report, as the stack hands it out.
    fn fraction(expected: u64, lost: u64) -> f32 {
        let in_256ths = ((lost << 8) / expected).min(255);
        in_256ths as f32 / 255.0
    }

    #[test]
    fn the_fraction_of_a_few_packets_is_an_exact_number() {
        for expected in 1..256 {
            for lost in 0..=expected {
                let found = lost_of(fraction(expected, lost), expected);
                assert_eq!(found, lost, "{lost} of {expected}");
            }
        }
    }

    #[test]
    fn of_many_packets_it_is_as_exact_as_the_fraction() {
        for (expected, lost) in [(1000, 20), (3000, 1500), (10_000, 10_000)] {
            let found = lost_of(fraction(expected, lost), expected);
            assert!(found.abs_diff(lost) <= expected / 512 + 1, "{found} {lost}");
        }
        assert_eq!(lost_of(0.0, 10_000), 0);
    }

    #[test]
    fn each_interval_counts_with_its_own_packets_and_the_sum_stays() {
        let start = Instant::now();
        let mut losses = Losses::default();
        losses.received(Some(7), 1001, 1001);
        losses.reported(None, 0, SECOND, start);
        assert_eq!(losses.count(), 0);
        losses.received(Some(7), 1002, 1100);
        // 10 of 100, then none of 900, then 1 of 50.
        losses.reported(Some(fraction(100, 10)), 5, SECOND, start + SECOND);
        assert_eq!(losses.count(), 10);
        losses.received(Some(7), 1101, 2000);
        losses.reported(Some(fraction(900, 0)), 6, SECOND, start + 2 * SECOND);
        assert_eq!(
            losses.count(),
            10,
            "not ten per cent of all that came since"
        );
        losses.received(Some(7), 2001, 2050);
        losses.reported(Some(fraction(50, 1)), 7, SECOND, start + 3 * SECOND);
        assert_eq!(losses.count(), 11);
    }

    #[test]
    fn a_report_is_counted_once_however_often_it_is_told() {
        let start = Instant::now();
        let mut losses = Losses::default();
        losses.received(Some(7), 1, 100);
        for tenth in 0..10 {
            let now = start + tenth * SECOND / 10;
            losses.reported(Some(fraction(100, 50)), 5, SECOND, now);
            losses.received(Some(7), 101, 101 + u64::from(tenth));
        }
        assert_eq!(losses.count(), 50);
    }

    #[test]
    fn a_report_like_the_one_before_it_is_known_by_its_time() {
        let start = Instant::now();
        let mut losses = Losses::default();
        for second in 0..5 {
            losses.received(Some(7), 1, (second + 1) * 100);
            let now = start + SECOND.mul_f64(1.2) * second as u32;
            losses.reported(Some(fraction(100, 25)), 0, SECOND, now);
        }
        assert_eq!(losses.count(), 125);
    }

    #[test]
    fn another_numbering_is_no_gap() {
        let start = Instant::now();
        let mut losses = Losses::default();
        losses.received(Some(7), 60_000, 60_099);
        losses.reported(Some(fraction(100, 10)), 1, SECOND, start);
        losses.received(Some(8), 5, 104);
        losses.reported(Some(fraction(100, 10)), 2, SECOND, start + SECOND);
        assert_eq!(losses.count(), 20);
        losses.received(Some(8), 900_001, 900_100);
        losses.reported(Some(fraction(100, 10)), 3, SECOND, start + 2 * SECOND);
        assert_eq!(losses.count(), 30);
        // Late ones change nothing.
        losses.received(Some(8), 900_050, 900_051);
        losses.reported(Some(fraction(1, 1)), 4, SECOND, start + 3 * SECOND);
        assert_eq!(losses.count(), 30);
    }
}
