//! The profiles that come with Salon. What the contracts P1 to P5 are that code and
//! files speak of, `crates/reference-backend/src/contracts.rs` says.

use crate::parse::parse;
use crate::position::Format;
use crate::profile::Profile;

const FILES: [(&str, &str); 6] = [
    ("convex", include_str!("../profiles/convex.toml")),
    (
        "convex-livekit",
        include_str!("../profiles/convex-livekit.toml"),
    ),
    (
        "livekit-meetings",
        include_str!("../profiles/livekit-meetings.toml"),
    ),
    (
        "next-video-call",
        include_str!("../profiles/next-video-call.toml"),
    ),
    ("salon", include_str!("../profiles/salon.toml")),
    ("stream-rest", include_str!("../profiles/stream-rest.toml")),
];

/// All of them. A test reads each, so that none is left out.
pub(super) fn all() -> impl Iterator<Item = Profile> {
    FILES
        .iter()
        .filter_map(|(_, text)| parse(text, Format::Toml).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_can_be_read() {
        for (name, text) in FILES {
            match parse(text, Format::Toml) {
                Ok(profile) => assert_eq!(profile.name, name),
                Err(mistake) => panic!("{name}, {mistake}"),
            }
        }
    }
}
