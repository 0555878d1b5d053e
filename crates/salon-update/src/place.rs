//! Putting a file where the old one is, so that at any moment one of the two is there, whole.

use std::io::Write as _;
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
    pub(crate) async fn begin(place: PathBuf) -> Result<Self, Fault> {
        on_disk(move || {
            let (folder, prefix) = beside(&place)?;
            let mut new = tempfile::Builder::new();
            let file = new.prefix(&prefix).tempfile_in(folder)?;
            Ok(Self { file, place })
        })
        .await
    }

    /// With some more of it.
    pub(crate) async fn write(
        mut self,
        part: impl AsRef<[u8]> + Send + 'static,
    ) -> Result<Self, Fault> {
        on_disk(move || {
            self.file.write_all(part.as_ref())?;
            Ok(self)
        })
        .await
    }

    /// Replaces the old version, which goes on running where it runs.
    ///
    /// # Errors
    /// [`Code::UpdateNotInstalled`]; the old version is still there.
    pub async fn put_in_place(self) -> Result<(), Fault> {
        let place = self.place.clone();
        let settled = on_disk(move || self.settled()).await?;
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

fn not_written(error: std::io::Error) -> Fault {
    Fault::new(Code::UpdateNotInstalled, error.to_string())
}

/// Where nobody else waits for it: a slow disk, or one of another computer, takes seconds. Given up, it is done all the
/// same, and what comes of it is dropped, which takes the file away.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(std::io::Error::from)
        .flatten()
        .map_err(not_written)
}

/// Where the new one waits, and what its name begins with.
fn beside(place: &Path) -> std::io::Result<(&Path, String)> {
    let nowhere = std::io::ErrorKind::NotFound;
    let folder = place.parent().ok_or(nowhere)?;
    let name = place.file_name().ok_or(nowhere)?;
    Ok((folder, format!(".{}.update-", name.to_string_lossy())))
}

/// Takes away what was never finished. What fails is only untidy.
fn sweep(place: &Path) {
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
    /// Of a place, with what was left behind there swept away.
    pub(crate) async fn swept(place: PathBuf) -> Result<Self, Fault> {
        on_disk(move || {
            sweep(&place);
            Ok(Self::of(&place))
        })
        .await
    }

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
