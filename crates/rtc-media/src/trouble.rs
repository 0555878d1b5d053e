//! An encoder or a loudspeaker that fails is tried again, but neither at once nor loudly each time.

use std::time::{Duration, Instant};

/// Until the first new attempt; doubled with each that fails.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// And at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What ran so long works again.
const STEADY: Duration = Duration::from_secs(10);

/// Failures in a row of one thing, which is tried again.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Option<Failed>);

#[derive(Debug)]
struct Failed {
    retry: Instant,
    wait: Duration,
}

impl Trouble {
    /// Whether an attempt at that time would be too early.
    pub(crate) fn too_early(&self, now: Instant) -> bool {
        !self.rest(now).is_zero()
    }

    /// How long to wait at that time before the next attempt.
    pub(crate) fn rest(&self, now: Instant) -> Duration {
        let retry = self.0.as_ref().map_or(now, |failed| failed.retry);
        retry.saturating_duration_since(now)
    }

    /// It failed. Whether that is news.
    pub(crate) fn failed(&mut self, now: Instant) -> bool {
        let before = self.0.take();
        let news = before.is_none();
        let wait = before.map_or(FIRST_WAIT, |failed| (failed.wait * 2).min(LONGEST_WAIT));
        self.0 = Some(Failed {
            retry: now + wait,
            wait,
        });
        news
    }

    /// What was started last works at that time. Whether it is over the trouble now.
    pub(crate) fn works(&mut self, now: Instant) -> bool {
        let steady = |failed: &mut Failed| now >= failed.retry + STEADY;
        self.0.take_if(steady).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_get_rarer_and_only_the_first_failure_is_news() {
        let (mut trouble, start) = (Trouble::default(), Instant::now());
        let (mut attempts, mut said) = (Vec::new(), 0);
        // An hour of an encoder that is missing, at one picture a second.
        for second in 0..3600 {
            let now = start + Duration::from_secs(second);
            if !trouble.too_early(now) {
                attempts.push(second);
                said += u32::from(trouble.failed(now));
            }
        }
        assert_eq!(attempts[..7], [0, 1, 3, 7, 15, 31, 63]);
        assert_eq!((attempts.len(), said), (7 + 58, 1));
    }

    #[test]
    fn an_encoder_that_ran_for_a_while_may_fail_anew() {
        let (mut trouble, start) = (Trouble::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!trouble.works(at(0)));
        assert!(trouble.failed(at(0)));
        assert!(!trouble.works(at(2)), "it only just began");
        assert!(!trouble.failed(at(3)));
        assert!(trouble.works(at(20)));
        assert!(trouble.failed(at(21)), "news again");
    }
}
