//! The time of day, which tests move.

use std::fmt;
use std::time::{Duration, SystemTime};

use salon_base::Later;

/// Longest time that is slept at once: a computer that was suspended wakes up late, and its
/// sleeping tasks do not notice.
const NAP: Duration = Duration::from_secs(20);

/// The time of day.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> SystemTime;

    /// Returns at this time or soon after it; at once if it is past.
    fn until(&self, time: SystemTime) -> Later<'_, ()>;
}

/// The system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn until(&self, time: SystemTime) -> Later<'_, ()> {
        Box::pin(async move {
            while let Ok(left) = time.duration_since(SystemTime::now()) {
                if left.is_zero() {
                    break;
                }
                tokio::time::sleep(left.min(NAP)).await;
            }
        })
    }
}
