//! Whether a request is sent once more, and when.

use std::time::Duration;

use backon::{BackoffBuilder as _, ConstantBuilder};
use reqwest::StatusCode;
use salon_base::{Code, Fault};

/// Before the further try, and by chance up to twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// A server that asks to wait longer is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How an attempt ended that gave no good answer.
#[derive(Debug)]
pub(super) enum Ended {
    /// There was no answer.
    Unanswered(Fault),
    /// With this status.
    Refused {
        status: StatusCode,
        retry_after: Option<Duration>,
    },
}

/// Before each further try: there is one, if sending twice does no harm. Different for each who asks: a
/// backend that comes back is not to be run over.
pub(super) fn pauses(repeatable: bool) -> impl Iterator<Item = Duration> {
    ConstantBuilder::default()
        .with_delay(PAUSE)
        .with_jitter()
        .with_max_times(repeatable.into())
        .build()
}

/// How long the backend asks to be left alone before a further try, if that may help.
pub(super) fn wait(ended: &Ended) -> Option<Duration> {
    let wait = match ended {
        Ended::Unanswered(fault) if fault.code == Code::BackendUnreachableRefused => None,
        Ended::Refused {
            status:
                StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT,
            retry_after,
        } => *retry_after,
        // Only if it says when: who asks too often is not helped by asking again.
        Ended::Refused {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(wait),
        } => Some(*wait),
        _ => return None,
    };
    let wait = wait.unwrap_or_default();
    (wait <= LONGEST_WAIT).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, seconds: Option<u64>) -> Ended {
        Ended::Refused {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let cases = [
            (refused(503, None), Some(Duration::ZERO)),
            (refused(502, Some(0)), Some(Duration::ZERO)),
            (refused(504, Some(5)), Some(Duration::from_secs(5))),
            (refused(503, Some(6)), None),
            (refused(429, Some(1)), Some(Duration::from_secs(1))),
            (refused(429, Some(60)), None),
            (refused(429, None), None),
            (refused(500, None), None),
            (refused(401, Some(1)), None),
            (
                Ended::Unanswered(Code::BackendUnreachableRefused.into()),
                Some(Duration::ZERO),
            ),
            (Ended::Unanswered(Code::BackendTimeout.into()), None),
            (Ended::Unanswered(Code::BackendUnreachableTls.into()), None),
        ];
        for (ended, expected) in cases {
            assert_eq!(wait(&ended), expected, "{ended:?}");
        }
    }

    #[test]
    fn there_is_one_further_try_at_a_time_of_its_own() {
        assert_eq!(pauses(false).next(), None);
        let first = || {
            let mut pauses = pauses(true);
            let pause = pauses.next().unwrap();
            assert!((PAUSE..=PAUSE * 2).contains(&pause), "{pause:?}");
            assert_eq!(pauses.next(), None);
            pause
        };
        let one = first();
        assert!((0..100).any(|_| first() != one), "all at once");
    }
}
