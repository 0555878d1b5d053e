//! Whose calls there are.

use serde::{Deserialize, Serialize};

/// Characters of a name at Stream.
const LONGEST_NAME: usize = 64;

/// Provider of a call.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema, ts_rs::TS,
)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// LiveKit.
    Livekit,
    /// Stream (getstream.io).
    Stream,
}

/// Whether Stream could have an app or a type of calls of this name.
pub fn is_stream_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_stream_cannot_lead_anywhere() {
        for good in ["default", "audio_room", "mmhfdzb5evj2", "A-1"] {
            assert!(is_stream_name(good), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "a:b", "ü", &"x".repeat(65)] {
            assert!(!is_stream_name(bad), "{bad}");
        }
    }
}
