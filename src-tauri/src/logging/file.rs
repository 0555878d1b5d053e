//! The log's files: one for each day, readable for the user only, the newest few of them.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Daily files kept.
const FILES: usize = 7;
/// Bytes of a file's end that are read at most.
const LONGEST_END: u64 = 256 << 10;
const PREFIX: &str = concat!(salon_product::program!(), ".");
const SUFFIX: &str = ".log";

/// Writes into the file of the day (UTC).
#[derive(Debug)]
pub(super) struct DailyFile {
    folder: PathBuf,
    today: fn() -> Date,
    day: Date,
    file: File,
}

impl DailyFile {
    /// In this folder, which is made, or made private, if need be.
    ///
    /// # Errors
    /// If the folder is somebody else's, or cannot be written into.
    pub(super) fn new(folder: PathBuf) -> io::Result<Self> {
        Self::with_clock(folder, today)
    }

    fn with_clock(folder: PathBuf, today: fn() -> Date) -> io::Result<Self> {
        make_private(&folder)?;
        let day = today();
        let file = open(&folder, day)?;
        Ok(Self {
            folder,
            today,
            day,
            file,
        })
    }
}

impl Write for DailyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let day = (self.today)();
        // Should there be no room for a new file, the old one goes on.
        if day != self.day
            && let Ok(file) = open(&self.folder, day)
        {
            (self.day, self.file) = (day, file);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn make_private(folder: &Path) -> io::Result<()> {
    salon_private::make_folder(folder)?;
    // Of one that was there before, and of its files, too.
    salon_private::close_to_others(folder)?;
    for file in files(folder)? {
        salon_private::close_to_others(&file)?;
    }
    Ok(())
}

/// Opens a day's file, and takes away those that are too many.
fn open(folder: &Path, day: Date) -> io::Result<File> {
    let file = salon_private::append(&folder.join(format!("{PREFIX}{day}{SUFFIX}")))?;
    let files = files(folder)?;
    for old in &files[..files.len().saturating_sub(FILES)] {
        fs::remove_file(old)?;
    }
    Ok(file)
}

/// Overwrites and empties all of them. What is open goes on at its beginning.
pub(super) fn erase(folder: &Path) -> io::Result<()> {
    let files = files(folder)?;
    for path in &files {
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        let length = file.metadata()?.len();
        io::copy(&mut io::repeat(0).take(length), &mut file)?;
        file.sync_all()?;
        file.set_len(0)?;
    }
    for old in &files[..files.len().saturating_sub(1)] {
        fs::remove_file(old)?;
    }
    Ok(())
}

/// The last lines of the newest file that has any.
pub(super) fn newest(folder: &Path, lines: usize) -> io::Result<String> {
    for path in files(folder)?.iter().rev() {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(io::SeekFrom::Start(length.saturating_sub(LONGEST_END)))?;
        let mut bytes = Vec::new();
        file.take(LONGEST_END).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = text.split_inclusive('\n').collect();
        // The first one may have been cut.
        let whole = usize::from(length > LONGEST_END);
        let from = all.len().saturating_sub(lines).max(whole).min(all.len());
        if from < all.len() {
            return Ok(all[from..].concat());
        }
    }
    Ok(String::new())
}

/// The oldest first.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI8, Ordering};

    use super::*;

    #[test]
    fn a_new_day_has_a_new_file_and_the_oldest_go() {
        static DAY: AtomicI8 = AtomicI8::new(1);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine.txt"), "stays").unwrap();
        let mut file = DailyFile::with_clock(folder.path().to_owned(), || {
            jiff::civil::date(2026, 11, DAY.load(Ordering::Relaxed))
        })
        .unwrap();
        for day in 1..=10 {
            DAY.store(day, Ordering::Relaxed);
            for part in ["a", "b"] {
                writeln!(file, "{day}{part}").unwrap();
            }
        }
        let kept = files(folder.path()).unwrap();
        assert_eq!(kept.len(), FILES);
        assert!(kept[0].ends_with("salon.2026-11-04.log"), "{kept:?}");
        assert_eq!(fs::read_to_string(&kept[6]).unwrap(), "10a\n10b\n");
        assert!(folder.path().join("mine.txt").exists());
    }

    #[test]
    fn what_is_erased_is_gone_and_the_log_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("salon.2020-01-01.log");
        fs::write(&old, "Amina was here").unwrap();
        let mut file = DailyFile::new(folder.path().to_owned()).unwrap();
        writeln!(file, "Amina is here").unwrap();
        erase(folder.path()).unwrap();
        writeln!(file, "a line").unwrap();
        let kept = files(folder.path()).unwrap();
        assert_eq!((kept.len(), old.exists()), (1, false));
        assert_eq!(fs::read_to_string(&kept[0]).unwrap(), "a line\n");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_log() {
        use std::os::unix::fs::PermissionsExt;

        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("salon");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        // As earlier versions left it.
        fs::create_dir(&folder).unwrap();
        let old = folder.join("salon.2020-01-01.log");
        fs::write(&old, "old").unwrap();
        for (path, open) in [(&folder, 0o755), (&old, 0o644)] {
            fs::set_permissions(path, PermissionsExt::from_mode(open)).unwrap();
        }
        let mut file = DailyFile::new(folder.clone()).unwrap();
        writeln!(file, "a line").unwrap();
        assert_eq!(mode(&folder), 0o700);
        let files = files(&folder).unwrap();
        assert_eq!(files.len(), 2);
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
}
