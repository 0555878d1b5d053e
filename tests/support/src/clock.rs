//! What the doubles take for the time.

use std::time::{Duration, SystemTime};

pub(crate) fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// Now, as the Stream service writes it (RFC 3339, milliseconds).
pub(crate) fn stamp() -> String {
    let now = jiff::Timestamp::now();
    // Only a clock beyond the year 9999 could fail, and then any time is as good.
    let whole = jiff::Timestamp::from_millisecond(now.as_millisecond());
    whole.unwrap_or(now).to_string()
}
