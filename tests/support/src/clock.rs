//! What the doubles take for the time.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

pub(crate) fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// Now, as the Stream service writes it.
pub(crate) fn stamp() -> String {
    written(Timestamp::now())
}

/// RFC 3339 with three digits of a second, always: the SDK refuses the whole message for a time with
/// fewer (protobuf's JSON has none, three, six or nine).
fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_whatever_the_millisecond() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (120, "1970-01-01T00:00:00.120Z"),
            (500, "1970-01-01T00:00:00.500Z"),
            (1_123, "1970-01-01T00:00:01.123Z"),
            (1_764_280_800_005, "2025-11-27T22:00:00.005Z"),
        ] {
            let time = Timestamp::from_millisecond(milliseconds).expect("in range");
            assert_eq!(written(time), expected);
        }
    }
}
