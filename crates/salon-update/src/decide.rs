//! Whether what is offered is taken. Without I/O and clock.

use jiff::{SignedDuration, Timestamp};
use salon_base::Fault;
use semver::Version;
use url::Url;

use crate::manifest::{Artifact, Manifest, Release};

/// What the settings say of updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Why nothing is looked for: [`salon_base::Code::UpdateOff`] if that is not wanted, or what keeps from
    /// knowing what is.
    pub refused: Option<Fault>,
    /// The folder with a manifest for each channel, if there is one.
    pub folder: Option<Url>,
    /// Whose versions are taken, such as "stable".
    pub channel: String,
    /// Days after its publication that a version is left to others.
    pub delay_days: u32,
}

/// What becomes of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The newest version is there, or there is none for this system.
    Current,
    /// Everything is older than what is there: it is refused.
    Older,
    /// What is newer is taken later.
    NotBefore(Timestamp),
    /// It is taken.
    Take(Version, Artifact),
}

/// What becomes of an offer where `installed` is there: the newest version counts that was published long
/// enough ago. `target` is the system, such as [`crate::TARGET`].
pub fn judge(
    offered: &Manifest,
    installed: &Version,
    target: &str,
    policy: &Policy,
    now: Timestamp,
) -> Verdict {
    // Build metadata makes no version newer (Semantic Versioning 2.0.0, section 10).
    let than_installed = |release: &Release| release.version.cmp_precedence(installed);
    let all = || std::iter::once(&offered.newest).chain(&offered.earlier);
    if all().all(|release| than_installed(release).is_lt()) {
        return Verdict::Older;
    }
    // Later than there are days: never.
    let delay = SignedDuration::from_hours(i64::from(policy.delay_days) * 24);
    let from = |release: &Release| {
        release
            .published
            .checked_add(delay)
            .unwrap_or(Timestamp::MAX)
    };
    let newer = || {
        let newer = all().filter(|release| than_installed(release).is_gt());
        newer.filter_map(|release| Some((release, release.files.get(target)?)))
    };
    let taken = newer()
        .filter(|(release, _)| from(release) <= now)
        .max_by(|(one, _), (other, _)| one.version.cmp_precedence(&other.version));
    if let Some((release, artifact)) = taken {
        return Verdict::Take(release.version.clone(), artifact.clone());
    }
    let first = newer().map(|(release, _)| from(release)).min();
    first.map_or(Verdict::Current, Verdict::NotBefore)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn release(version: &str, published: &str) -> Release {
        let artifact = Artifact {
            url: format!("Salon-{version}.AppImage"),
            sha256: "00".repeat(32),
            size: 1,
        };
        Release {
            version: version.parse().unwrap(),
            published: published.parse().unwrap(),
            files: BTreeMap::from([("linux-x86_64".to_owned(), artifact)]),
        }
    }

    fn offer(version: &str) -> Manifest {
        Manifest {
            channel: "stable".to_owned(),
            signed: "2026-11-01T00:00:00Z".parse().unwrap(),
            newest: release(version, "2026-11-01T00:00:00Z"),
            earlier: Vec::new(),
        }
    }

    fn on(delay_days: u32) -> Policy {
        Policy {
            refused: None,
            folder: None,
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
            assert_eq!(matches!(verdict, Verdict::Take(..)), taken, "{version}");
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
        assert!(matches!(verdict, Verdict::Take(..)));
        let never = judged("0.3.0", "linux-x86_64", u32::MAX, early);
        assert!(matches!(never, Verdict::NotBefore(_)), "{never:?}");
    }

    #[test]
    fn releases_that_come_faster_than_the_delay_do_not_keep_an_administrator_waiting_for_ever() {
        // One a day, and they are to be a week old.
        let weekly = |installed: &str, now: &str| {
            let day = |day: u32| {
                release(
                    &format!("0.3.{day}"),
                    &format!("2026-11-{day:02}T00:00:00Z"),
                )
            };
            let offered = Manifest {
                channel: "stable".to_owned(),
                signed: "2026-11-20T00:00:00Z".parse().unwrap(),
                newest: day(20),
                earlier: (1..20).map(day).collect(),
            };
            let installed = installed.parse().unwrap();
            judge(
                &offered,
                &installed,
                "linux-x86_64",
                &on(7),
                now.parse().unwrap(),
            )
        };
        let taken = |verdict| match verdict {
            Verdict::Take(version, artifact) => (version.to_string(), artifact.url),
            other => panic!("{other:?}"),
        };
        let noon = "2026-11-20T12:00:00Z";
        let expected = ("0.3.13".to_owned(), "Salon-0.3.13.AppImage".to_owned());
        assert_eq!(taken(weekly("0.2.0", noon)), expected);
        assert_eq!(taken(weekly("0.3.12", noon)), expected);
        // The next one is old enough at midnight.
        let midnight = "2026-11-21T00:00:00Z".parse().unwrap();
        assert_eq!(weekly("0.3.13", noon), Verdict::NotBefore(midnight));
        // What is there is never replaced by what is older, however long ago that was published.
        assert_eq!(weekly("0.3.20", "2027-01-01T00:00:00Z"), Verdict::Current);
        assert_eq!(weekly("0.4.0", "2027-01-01T00:00:00Z"), Verdict::Older);
    }

    #[test]
    fn the_newest_one_that_there_is_for_this_system_is_taken() {
        let mut offered = offer("0.4.0");
        offered.earlier = vec![release("0.3.0", "2026-10-01T00:00:00Z")];
        offered.newest.files = BTreeMap::new();
        let (installed, now) = (
            "0.2.0".parse().unwrap(),
            "2026-11-02T00:00:00Z".parse().unwrap(),
        );
        let verdict = judge(&offered, &installed, "linux-x86_64", &on(0), now);
        let Verdict::Take(version, _) = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(version.to_string(), "0.3.0");
    }
}
