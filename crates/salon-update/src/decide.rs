//! Whether what is offered is taken. Without I/O and clock.

use jiff::{SignedDuration, Timestamp};
use semver::Version;

use crate::manifest::{Artifact, Manifest};

/// What the settings say of updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether the app updates itself at all.
    pub on: bool,
    /// Whose versions are taken, such as "stable".
    pub channel: String,
    /// Days after its publication that a version is left to others.
    pub delay_days: u32,
}

/// What becomes of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the version that is there, or there is none for this system.
    Current,
    /// It is older than what is there: it is refused.
    Older,
    /// It is taken later.
    NotBefore(Timestamp),
    /// It is taken.
    Take(Artifact),
}

/// What becomes of an offer where `installed` is there. `target` is the system, such as
/// [`crate::TARGET`].
pub fn judge(
    offered: &Manifest,
    installed: &Version,
    target: &str,
    policy: &Policy,
    now: Timestamp,
) -> Verdict {
    // Build metadata makes no version newer (Semantic Versioning 2.0.0, section 10).
    match offered.version.cmp_precedence(installed) {
        std::cmp::Ordering::Less => return Verdict::Older,
        std::cmp::Ordering::Equal => return Verdict::Current,
        std::cmp::Ordering::Greater => {}
    }
    let Some(artifact) = offered.files.get(target) else {
        return Verdict::Current;
    };
    let delay = SignedDuration::from_hours(i64::from(policy.delay_days) * 24);
    // Later than there are days: never.
    let from = offered
        .published
        .checked_add(delay)
        .unwrap_or(Timestamp::MAX);
    if now < from {
        return Verdict::NotBefore(from);
    }
    Verdict::Take(artifact.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn offer(version: &str) -> Manifest {
        let artifact = Artifact {
            url: "Salon.AppImage".to_owned(),
            sha256: "00".repeat(32),
            size: 1,
        };
        Manifest {
            channel: "stable".to_owned(),
            version: version.parse().unwrap(),
            published: "2026-11-01T00:00:00Z".parse().unwrap(),
            files: BTreeMap::from([("linux-x86_64".to_owned(), artifact)]),
        }
    }

    fn on(delay_days: u32) -> Policy {
        Policy {
            on: true,
            channel: "stable".to_owned(),
            delay_days,
        }
    }

    fn judged(version: &str, target: &str, delay_days: u32, now: &str) -> Verdict {
        let installed = "0.2.0".parse().unwrap();
        judge(
            &offer(version),
            &installed,
            target,
            &on(delay_days),
            now.parse().unwrap(),
        )
    }

    #[test]
    fn only_what_is_newer_is_taken() {
        let now = "2026-11-02T00:00:00Z";
        for (version, taken) in [("0.2.1", true), ("1.0.0", true), ("0.2.1-beta.1", true)] {
            let verdict = judged(version, "linux-x86_64", 0, now);
            assert_eq!(matches!(verdict, Verdict::Take(_)), taken, "{version}");
        }
        for version in ["0.1.9", "0.2.0-beta.9"] {
            assert_eq!(judged(version, "linux-x86_64", 0, now), Verdict::Older);
        }
        for version in ["0.2.0", "0.2.0+again"] {
            assert_eq!(judged(version, "linux-x86_64", 0, now), Verdict::Current);
        }
        assert_eq!(judged("0.3.0", "linux-riscv64", 0, now), Verdict::Current);
    }

    #[test]
    fn an_administrator_lets_others_go_first() {
        let ripe: Timestamp = "2026-11-08T00:00:00Z".parse().unwrap();
        let early = "2026-11-07T23:59:59Z";
        let waiting = judged("0.3.0", "linux-x86_64", 7, early);
        assert_eq!(waiting, Verdict::NotBefore(ripe));
        let verdict = judged("0.3.0", "linux-x86_64", 7, "2026-11-08T00:00:00Z");
        assert!(matches!(verdict, Verdict::Take(_)));
        let never = judged("0.3.0", "linux-x86_64", u32::MAX, early);
        assert!(matches!(never, Verdict::NotBefore(_)), "{never:?}");
    }
}
