//! CHANGELOG.md in the words of package managers.

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use salon_brand::Brand;

use super::filled;
use crate::release::section;

/// Characters of a line in a Debian changelog.
const WIDTH: usize = 78;

/// What is new in the version that is packaged.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// As the workspace has it (SemVer).
    pub(crate) semver: String,
    /// As `2026-01-31`.
    pub(crate) day: String,
    /// As `Sat, 31 Jan 2026 00:00:00 +0000`.
    pub(crate) moment: String,
    /// Headings, and what stands below each.
    pub(crate) parts: Vec<(String, Vec<String>)>,
}

impl Entry {
    /// Of `version`, or of what is not released yet, out of a changelog's text, made at `moment`.
    ///
    /// # Errors
    /// If there is neither.
    pub(crate) fn of(text: &str, version: &str, moment: Timestamp) -> Result<Self> {
        let section = section(text, version)
            .or_else(|| section(text, "Unreleased"))
            .with_context(|| format!("CHANGELOG.md says nothing of {version}"))?;
        Ok(Self {
            semver: version.into(),
            day: moment.strftime("%Y-%m-%d").to_string(),
            moment: moment.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
            parts: parts(&section),
        })
    }

    /// As package managers compare it: what stands after a tilde is before the version itself.
    pub(crate) fn version(&self) -> String {
        match self.semver.split_once('-') {
            Some((version, early)) => format!("{version}~{}", early.replace('-', ".")),
            None => self.semver.clone(),
        }
    }

    /// Whether it is one to be tried.
    pub(crate) fn is_early(&self) -> bool {
        self.semver.contains('-')
    }

    /// As Debian reads it (deb-changelog(5)).
    pub(crate) fn debian(&self, brand: &Brand) -> String {
        let mut text = format!(
            "{} ({}) unstable; urgency=medium\n",
            brand.program,
            self.version()
        );
        for (heading, points) in &self.parts {
            text += &format!("\n  [ {heading} ]\n");
            for point in points {
                text += &wrapped(point, "  * ", "    ");
            }
        }
        text + &format!("\n -- {}  {}\n", brand.maintainer, self.moment)
    }

    /// As the `%changelog` of a spec has it.
    pub(crate) fn rpm(&self, brand: &Brand) -> String {
        // Weekday, month and day as in the moment, in rpm's order.
        let word = |index: usize| {
            self.moment
                .split([' ', ','])
                .filter(|word| !word.is_empty())
                .nth(index)
        };
        let [weekday, day, month, year] = [0, 1, 2, 3].map(|index| word(index).unwrap_or_default());
        let mut text = format!(
            "* {weekday} {month} {day} {year} {} - {}-1\n",
            brand.maintainer.replace('%', "%%"),
            self.version()
        );
        for point in self.parts.iter().flat_map(|(_, points)| points) {
            // A per cent sign would begin a macro.
            text += &wrapped(&point.replace('%', "%%"), "- ", "  ");
        }
        text
    }
}

fn parts(section: &str) -> Vec<(String, Vec<String>)> {
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for line in section.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            parts.push((heading.trim().into(), Vec::new()));
        } else if let Some(point) = line.strip_prefix("- ") {
            if parts.is_empty() {
                parts.push(("Changed".into(), Vec::new()));
            }
            if let Some((_, points)) = parts.last_mut() {
                points.push(point.trim().replace('`', ""));
            }
        } else if let Some(point) = parts.last_mut().and_then(|(_, points)| points.last_mut())
            && !line.trim().is_empty()
        {
            point.push(' ');
            point.push_str(&line.trim().replace('`', ""));
        }
    }
    parts
}

/// The words in lines that are not too long; what the lines begin with is of one length.
fn wrapped(text: &str, first: &str, others: &str) -> String {
    let lines = filled(text, WIDTH - others.len());
    format!("{first}{}\n", lines.replace('\n', &format!("\n{others}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::own_brand;

    const TEXT: &str = "# Changelog\n\n## Unreleased\n\n### Added\n- What is\n  new: `x`.\n- 5 % more.\n\n\
                        ## [0.1.0] - 2026-01-02\n\n### Fixed\n- A fault.\n";

    fn entry(version: &str) -> Entry {
        let moment = "2026-01-31T00:00:00Z".parse().unwrap();
        Entry::of(TEXT, version, moment).unwrap()
    }

    #[test]
    fn a_version_that_is_not_released_has_what_is_new() {
        let entry = entry("0.2.0");
        assert_eq!(entry.day, "2026-01-31");
        let debian = entry.debian(&own_brand().unwrap());
        assert!(debian.starts_with(
            "salon (0.2.0) unstable; urgency=medium\n\n  [ Added ]\n  * What is new: x.\n  * 5 % more.\n\n -- "
        ));
        assert!(
            debian.ends_with(">  Sat, 31 Jan 2026 00:00:00 +0000\n"),
            "{debian}"
        );
    }

    #[test]
    fn a_released_one_has_its_own() {
        let brand = own_brand().unwrap();
        let rpm = entry("0.1.0").rpm(&brand);
        assert!(rpm.starts_with("* Sat Jan 31 2026 Salon"), "{rpm}");
        assert!(rpm.ends_with(" - 0.1.0-1\n- A fault.\n"), "{rpm}");
        assert!(entry("0.2.0").rpm(&brand).contains("5 %% more"));
        assert!(Entry::of("# Changelog\n", "0.1.0", Timestamp::UNIX_EPOCH).is_err());
    }

    /// What `dpkg` and `rpm` themselves say is tried where there are packages (`./x test-packages`).
    #[test]
    fn a_beta_is_sorted_before_its_version_and_has_no_dash() {
        let version = |version| entry(version).version();
        assert_eq!(version("0.2.0"), "0.2.0");
        assert_eq!(version("0.2.0-beta.1"), "0.2.0~beta.1");
        assert_eq!(version("0.2.0-rc-1.2"), "0.2.0~rc.1.2");
        assert!(entry("0.2.0-beta.1").is_early() && !entry("0.2.0").is_early());
        let brand = own_brand().unwrap();
        let debian = entry("0.2.0-beta.1").debian(&brand);
        assert!(debian.starts_with("salon (0.2.0~beta.1) "), "{debian}");
    }

    #[test]
    fn lines_are_short() {
        let text = wrapped(&"word ".repeat(60), "  * ", "    ");
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(
            text.split_whitespace()
                .filter(|word| *word == "word")
                .count(),
            60
        );
    }
}
