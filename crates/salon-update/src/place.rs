//! Putting a file where the old one is, so that at any moment one of the two is there, whole.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use salon_base::{Code, Fault};
use tempfile::NamedTempFile;

/// What an app that was killed has left behind is older than any download takes.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

/// A new version beside the old one.
#[derive(Debug)]
pub struct Fetched {
    file: NamedTempFile,
    place: PathBuf,
}

impl Fetched {
    /// In the same folder, as only a renaming there is done at once.
    pub(crate) fn begin(place: &Path) -> Result<Self, Fault> {
        let (folder, prefix) = beside(place)?;
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .tempfile_in(folder)
            .map_err(not_written)?;
        Ok(Self {
            file,
            place: place.to_owned(),
        })
    }

    /// Replaces the old version, which goes on running where it runs.
    ///
    /// # Errors
    /// [`Code::UpdateNotInstalled`]; the old version is still there.
    pub async fn put_in_place(self) -> Result<(), Fault> {
        let place = self.place.clone();
        // A slow disk takes seconds for it, which nobody else is to wait for.
        let settled = tokio::task::spawn_blocking(move || self.settled());
        let settled = settled.await.map_err(std::io::Error::from).flatten();
        let settled = settled.map_err(not_written)?;
        // Only this changes anything, at once: who gives up before it has the old version, whole.
        settled
            .persist(place)
            .map_err(|failed| not_written(failed.error))?;
        Ok(())
    }

    /// As the old one may be used, and on the disk: else a power failure may leave the name with nothing
    /// behind it.
    fn settled(self) -> std::io::Result<NamedTempFile> {
        let permissions = std::fs::metadata(&self.place)?.permissions();
        self.file.as_file().set_permissions(permissions)?;
        self.file.as_file().sync_all()?;
        Ok(self.file)
    }
}

impl Write for Fetched {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

pub(crate) fn not_written(error: std::io::Error) -> Fault {
    Fault::new(Code::UpdateNotInstalled, error.to_string())
}

/// Where the new one waits, and what its name begins with.
fn beside(place: &Path) -> Result<(&Path, String), Fault> {
    let nowhere = || not_written(std::io::ErrorKind::NotFound.into());
    let folder = place.parent().ok_or_else(nowhere)?;
    let name = place.file_name().ok_or_else(nowhere)?;
    Ok((folder, format!(".{}.update-", name.to_string_lossy())))
}

/// Takes away what was never finished. What fails is only untidy.
pub(crate) fn sweep(place: &Path) {
    let Ok((folder, prefix)) = beside(place) else {
        return;
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(&prefix);
        let old = || {
            let modified = entry.metadata().ok()?.modified().ok()?;
            SystemTime::now().duration_since(modified).ok()
        };
        if ours && old().is_some_and(|age| age > LEFT_BEHIND) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Which file is in a place, as far as that can be told from outside; none: there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity(Option<(u64, u64, SystemTime)>);

impl Identity {
    pub(crate) fn of(place: &Path) -> Self {
        let told = || {
            let found = std::fs::metadata(place).ok()?;
            Some((number(&found), found.len(), found.modified().ok()?))
        };
        Self(told())
    }
}

/// Another file that is renamed into the place has another one.
#[cfg(unix)]
fn number(found: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn number(_found: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_app_left_behind_is_taken_away_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("Salon.AppImage");
        std::fs::write(&place, "old").unwrap();
        let left = |name: &str, age: Duration| {
            let path = folder.path().join(name);
            let file = std::fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
            path
        };
        let old = left(".Salon.AppImage.update-old", LEFT_BEHIND * 2);
        let another = left(".Salon.AppImage.update-new", Duration::ZERO);
        let foreign = left("foreign", LEFT_BEHIND * 2);
        sweep(&place);
        assert!(!old.exists() && another.exists() && foreign.exists());
        assert_eq!(std::fs::read(&place).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
