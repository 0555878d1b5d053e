//! Whether there is room for what a task builds, said before it begins: a disk that is full ends a build after minutes, in the
//! middle of some crate.

use std::path::Path;

use anyhow::{Result, bail};

use crate::build::target;

/// Bytes.
const GB: u64 = 1_000_000_000;
/// Bytes below which nothing is begun, unless what it fills is there already.
const LEAST: u64 = 2 * GB;

/// What fills a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Demo,
    Test,
    #[cfg(unix)]
    Package,
    #[cfg(unix)]
    ComparePackages,
    PackageWindows,
}

impl Work {
    fn command(self) -> &'static str {
        match self {
            Self::Demo => "./x demo",
            Self::Test => "./x test",
            #[cfg(unix)]
            Self::Package => "./x package",
            #[cfg(unix)]
            Self::ComparePackages => "./x package --compare",
            Self::PackageWindows => "./x package-windows",
        }
    }

    /// What it takes in a new clone, in bytes, as docs/decisions/one-build.md has it; `incremental`: with what makes cargo
    /// quicker the second time.
    fn fills(self, incremental: bool) -> u64 {
        match (self, incremental) {
            (Self::Demo, true) => 5 * GB,
            (Self::Demo, false) => 4 * GB,
            (Self::Test, true) => 13 * GB,
            (Self::Test, false) => 8 * GB,
            // Nothing that is shipped is built for a second time.
            #[cfg(unix)]
            (Self::Package, _) => 5 * GB,
            #[cfg(unix)]
            (Self::ComparePackages, _) => 10 * GB,
            (Self::PackageWindows, _) => 4 * GB,
        }
    }
}

/// How much room there is, with what is told of it.
#[derive(Debug, PartialEq, Eq)]
enum Room {
    Enough,
    Little(String),
    TooLittle(String),
}

/// For a command that `fills` so many bytes of a folder, of which `there` were built already, and `free` are left.
fn room(command: &str, fills: u64, folder: &Path, free: u64, there: u64) -> Room {
    let needed = fills.saturating_sub(there);
    if free >= needed {
        return Room::Enough;
    }
    let said = format!(
        "`{command}` fills about {} in a new clone, and {} has {} free ({} are built there)",
        gigabytes(fills),
        folder.display(),
        gigabytes(free),
        gigabytes(there),
    );
    if free < LEAST {
        return Room::TooLittle(format!(
            "{said}: make room, or have CARGO_TARGET_DIR name a folder on another disk"
        ));
    }
    Room::Little(format!("The disk may become full: {said}"))
}

/// Rounded down, so that little does not look like enough.
fn gigabytes(bytes: u64) -> String {
    format!("{}.{} GB", bytes / GB, bytes % GB / (GB / 10))
}

/// Warns where there may be too little room.
///
/// # Errors
/// If there is hardly any.
pub(crate) fn has_room_for(work: Work) -> Result<()> {
    let folder = std::path::absolute(target())?;
    // Where it cannot be told, the work itself tells.
    let Some(free) = free(&folder) else {
        return Ok(());
    };
    // As cargo has it.
    let incremental = std::env::var_os("CARGO_INCREMENTAL").is_none_or(|value| value != "0");
    let fills = work.fills(incremental);
    // What is there is only counted where it matters.
    let there = if free < fills { below(&folder) } else { 0 };
    match room(work.command(), fills, &folder, free, there) {
        Room::Enough => Ok(()),
        Room::Little(said) => {
            println!("{said}");
            Ok(())
        }
        Room::TooLittle(said) => bail!("{said}"),
    }
}

/// Bytes that whoever asks may still write where a folder is, or will be.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}

/// Bytes of all files below a folder, as far as they can be looked at; cargo gives many of them two names.
fn below(folder: &Path) -> u64 {
    let (mut bytes, mut next) = (0, vec![folder.to_owned()]);
    #[cfg(unix)]
    let mut seen = std::collections::HashSet::new();
    while let Some(folder) = next.pop() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            // Of a link itself.
            let Ok(about) = entry.metadata() else {
                continue;
            };
            if about.is_dir() {
                next.push(entry.path());
                continue;
            }
            #[cfg(unix)]
            if !seen.insert(std::os::unix::fs::MetadataExt::ino(&about)) {
                continue;
            }
            bytes += about.len();
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    const FILLS: u64 = 9 * GB;

    fn told(free: u64, there: u64) -> Room {
        room("./x test", FILLS, Path::new("/home/a/target"), free, there)
    }

    #[test]
    fn only_where_there_is_hardly_any_room_a_task_does_not_begin() {
        assert_eq!(told(FILLS, 0), Room::Enough);
        assert!(matches!(told(FILLS - 1, 0), Room::Little(_)));
        assert!(matches!(told(LEAST, 0), Room::Little(_)));
        assert!(matches!(told(LEAST - 1, 0), Room::TooLittle(_)));
        assert!(matches!(told(0, 0), Room::TooLittle(_)));
    }

    #[test]
    fn what_was_built_already_needs_no_room() {
        assert_eq!(told(0, FILLS), Room::Enough);
        assert_eq!(told(0, u64::MAX), Room::Enough);
        assert_eq!(told(GB, FILLS - GB), Room::Enough);
        assert!(matches!(told(GB - 1, FILLS - GB), Room::TooLittle(_)));
        assert!(matches!(told(2 * GB, FILLS - 3 * GB), Room::Little(_)));
    }

    #[test]
    fn what_is_needed_and_what_is_there_is_told() {
        assert_eq!(
            told(1_990_000_000, 250_000_000),
            Room::TooLittle(
                "`./x test` fills about 9.0 GB in a new clone, and /home/a/target has 1.9 GB free (0.2 GB are \
                 built there): make room, or have CARGO_TARGET_DIR name a folder on another disk"
                    .to_owned()
            )
        );
        assert_eq!(
            told(2_500_000_000, 0),
            Room::Little(
                "The disk may become full: `./x test` fills about 9.0 GB in a new clone, and /home/a/target has \
                 2.5 GB free (0.0 GB are built there)"
                    .to_owned()
            )
        );
    }

    #[test]
    fn what_makes_cargo_quicker_the_second_time_takes_room() {
        for work in [Work::Demo, Work::Test] {
            assert!(work.fills(false) < work.fills(true), "{work:?}");
        }
        assert_eq!(
            Work::PackageWindows.fills(false),
            Work::PackageWindows.fills(true)
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_disk_of_a_folder_that_is_not_there_yet_is_that_of_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        let free = free(&folder.path().join("target/debug")).unwrap();
        let all = rustix::fs::statvfs(folder.path()).unwrap();
        let all = all.f_blocks * all.f_frsize;
        assert!(0 < free && free <= all, "{free} of {all}");
    }

    #[test]
    fn a_file_with_two_names_takes_its_room_once() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(below(&folder.path().join("none")), 0);
        let deep = folder.path().join("debug/deps");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(deep.join("salon-1"), [0; 3000]).unwrap();
        std::fs::write(folder.path().join("note"), [0; 20]).unwrap();
        assert_eq!(below(folder.path()), 3020);
        std::fs::hard_link(deep.join("salon-1"), folder.path().join("debug/salon")).unwrap();
        let counted = below(folder.path());
        assert_eq!(counted, if cfg!(unix) { 3020 } else { 6020 });
    }
}
