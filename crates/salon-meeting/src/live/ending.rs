//! Ending a meeting session, with patience where nobody waits.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use salon_base::{Code, Fault};

use super::{Ending, LiveBackend};
use crate::session::Status;

/// How it ended, if that is known, and what to answer.
pub(super) async fn end(
    backend: &dyn LiveBackend,
    id: &str,
    ending: Ending,
    attempts: usize,
) -> (Option<Status>, Result<(), Fault>) {
    let ask = || match ending {
        Ending::Complete => backend.end(id),
        Ending::Cancel => backend.cancel(id),
    };
    let waits = ExponentialBuilder::default()
        .with_min_delay(Duration::from_secs(1))
        .with_max_delay(Duration::from_secs(15))
        .with_jitter()
        .with_max_times(attempts);
    // Ending twice is as good as once, so that it may be asked for again.
    let asked = ask.retry(waits).when(may_pass).await;
    let wanted = match ending {
        Ending::Complete => Status::Completed,
        Ending::Cancel => Status::Cancelled,
    };
    let status = match asked.as_ref().map_err(|fault| fault.code) {
        Ok(()) => Some(wanted),
        Err(Code::MeetingCompleted) => Some(Status::Completed),
        Err(Code::MeetingCancelled) => Some(Status::Cancelled),
        Err(_) => None,
    };
    match status {
        Some(status) if status == wanted => (Some(status), Ok(())),
        status => (status, asked),
    }
}

/// Whether a fault may be over by the next attempt.
fn may_pass(fault: &Fault) -> bool {
    matches!(
        fault.code,
        Code::BackendUnreachableDns
            | Code::BackendUnreachableRefused
            | Code::BackendUnreachableTls
            | Code::BackendTimeout
            | Code::BackendError
            | Code::BackendRateLimited
    )
}
