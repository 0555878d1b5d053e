//! Whether a request is sent once more, and when.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use salon_base::{Code, Fault};

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

/// How long to wait before the one further try, if there is to be one. `now` is for the jitter.
pub(super) fn wait(ended: &Ended, now: SystemTime) -> Option<Duration> {
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
    // Different for each who asks: a backend that comes back is not to be run over.
    let nanos = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let jitter = Duration::from_millis(u64::from(nanos.subsec_micros() % 400));
    let wait = wait.unwrap_or(Duration::from_millis(200));
    (wait <= LONGEST_WAIT).then_some(wait + jitter)
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
        let now = SystemTime::UNIX_EPOCH + Duration::from_nanos(123_456_789);
        let jitter = Duration::from_millis(123_456 % 400);
        let cases = [
            (refused(503, None), Some(Duration::from_millis(200))),
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
                Some(Duration::from_millis(200)),
            ),
            (Ended::Unanswered(Code::BackendTimeout.into()), None),
            (Ended::Unanswered(Code::BackendUnreachableTls.into()), None),
        ];
        for (ended, expected) in cases {
            assert_eq!(
                wait(&ended, now),
                expected.map(|wait| wait + jitter),
                "{ended:?}"
            );
        }
    }
}
