//! The profiles that come with Salon. What the contracts P1 to P5 are that code and
//! files speak of, `crates/reference-backend/src/contracts.rs` says.

use std::sync::LazyLock;

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
    let files = FILES.iter().map(|(_, text)| *text);
    let own = salon_product::PROFILE.into_iter();
    own.chain(files)
        .filter_map(|text| parse(text, Format::Toml).ok())
}

/// Whether one that Salon comes with is called so.
pub fn is_built_in(name: &str) -> bool {
    FILES.iter().any(|(built_in, _)| *built_in == name)
}

/// The name of the one that this build comes with, where it does.
static OWN: LazyLock<Option<String>> = LazyLock::new(|| {
    let profile = parse(salon_product::PROFILE?, Format::Toml).ok()?;
    Some(profile.name)
});

/// The profile of the product that this build is for; absent: it has none of its own.
pub fn own_profile() -> Option<&'static str> {
    OWN.as_deref()
}

/// The profile of a backend that is set without one.
pub fn default_profile() -> &'static str {
    own_profile().unwrap_or("livekit-meetings")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

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

    /// Of whatever brand the tests are built with.
    #[test]
    fn the_products_own_can_be_read_and_is_the_one_that_is_taken() {
        match salon_product::PROFILE {
            Some(text) => {
                let profile = parse(text, Format::Toml).unwrap();
                assert_eq!(own_profile(), Some(profile.name.as_str()));
                assert_eq!(default_profile(), profile.name);
            }
            None => assert_eq!(own_profile(), None),
        }
        assert!(all().any(|profile| profile.name == default_profile()));
    }
}
