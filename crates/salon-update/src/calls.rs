//! Whether a Salon of this user is in a call, whichever process it is: one beside another, or one that was started
//! from another copy.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use salon_base::{Code, Fault};

/// What whoever looks holds meanwhile, beside the file of the calls: two that looked at once would take each other for
/// a call.
const TURN: &str = "look.lock";

/// A file that whoever is in a call holds a lock on. The system lets go of it when a process ends, however it ends.
#[derive(Clone, Debug)]
pub struct Calls(Option<PathBuf>);

/// As long as it is there, others know of a call.
#[derive(Debug)]
pub struct Mark(#[expect(dead_code, reason = "the lock is held by the open file")] File);

/// What was found, as long as others wait for their turn. The lock of the calls goes before that.
#[derive(Debug)]
struct Look {
    found: bool,
    _calls: File,
    _turn: File,
}

impl Calls {
    /// By this file, which is made when it is needed. All that are to know of each other name the same; without
    /// one, nobody knows of anybody.
    pub fn at(file: Option<PathBuf>) -> Self {
        Self(file)
    }

    /// Tells others of a call. May wait for the moment in which one of them looks.
    ///
    /// # Errors
    /// If the file cannot be made or locked.
    pub fn mark(&self) -> io::Result<Mark> {
        let file = open(self.file()?)?;
        // Shared: several may be in calls.
        file.lock_shared()?;
        Ok(Mark(file))
    }

    /// Whether somebody is in a call. Where that cannot be known, new versions do not wait for ever.
    pub async fn any(&self) -> bool {
        let calls = self.clone();
        // The folder may be on another computer.
        let looking = tokio::task::spawn_blocking(move || calls.is_any());
        looking.await.unwrap_or(false)
    }

    /// # Errors
    /// [`Code::UpdateInCall`] if somebody is in one.
    pub(crate) async fn none(&self) -> Result<(), Fault> {
        if self.any().await {
            return Err(Code::UpdateInCall.into());
        }
        Ok(())
    }

    fn is_any(&self) -> bool {
        match self.look() {
            Ok(look) => look.found,
            Err(error) => {
                tracing::debug!(%error, "nothing is known of other calls");
                false
            }
        }
    }

    fn look(&self) -> io::Result<Look> {
        let calls = self.file()?;
        let turn = open(&calls.with_file_name(TURN))?;
        // Nobody keeps it for longer than a look takes.
        turn.lock()?;
        let calls = open(calls)?;
        let found = match calls.try_lock() {
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => false,
        };
        Ok(Look {
            found,
            _calls: calls,
            _turn: turn,
        })
    }

    /// Waits until nobody is in a call.
    pub async fn over(&self) {
        let calls = self.clone();
        // The system wakes it. Given up, it waits on by itself, and then changes nothing.
        let waiting = tokio::task::spawn_blocking(move || open(calls.file()?)?.lock());
        if let Err(error) = waiting.await.map_err(io::Error::from).flatten() {
            tracing::debug!(%error, "nothing is known of other calls");
        }
    }

    fn file(&self) -> io::Result<&Path> {
        Ok(self.0.as_deref().ok_or(io::ErrorKind::NotFound)?)
    }
}

/// Nothing is written into it.
fn open(file: &Path) -> io::Result<File> {
    if let Some(folder) = file.parent() {
        salon_private::make_folder(folder)?;
    }
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    options.open(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls() -> (tempfile::TempDir, Calls) {
        let folder = tempfile::tempdir().unwrap();
        let calls = Calls::at(Some(folder.path().join("of").join("call.lock")));
        (folder, calls)
    }

    #[tokio::test]
    async fn a_call_is_known_as_long_as_somebody_is_in_one() {
        let (_folder, calls) = calls();
        assert!(!calls.any().await);
        let (one, other) = (calls.mark().unwrap(), calls.mark().unwrap());
        assert!(calls.any().await);
        drop(one);
        assert!(calls.any().await);
        drop(other);
        assert!(!calls.any().await);
    }

    #[test]
    fn those_who_look_at_once_do_not_take_each_other_for_a_call() {
        let (_folder, calls) = calls();
        let first = calls.look().unwrap();
        assert!(!first.found);
        let (begins, began) = std::sync::mpsc::channel();
        std::thread::scope(|threads| {
            let second = threads.spawn(|| {
                begins.send(()).unwrap();
                calls.is_any()
            });
            began.recv().unwrap();
            // It finds the first at it, now or in a moment.
            let turn = open(&calls.file().unwrap().with_file_name(TURN)).unwrap();
            assert!(matches!(turn.try_lock(), Err(TryLockError::WouldBlock)));
            assert!(!second.is_finished());
            drop(first);
            assert!(!second.join().unwrap());
        });
        let mark = calls.mark().unwrap();
        assert!(calls.is_any());
        drop(mark);
    }

    #[tokio::test]
    async fn the_end_of_the_last_call_is_told() {
        let (_folder, calls) = calls();
        calls.over().await;
        let mark = calls.mark().unwrap();
        let waits = calls.clone();
        let mut over = tokio::spawn(async move { waits.over().await });
        assert!(!over.is_finished());
        tokio::select! {
            biased;
            _ = &mut over => panic!("the call goes on"),
            () = tokio::task::yield_now() => {}
        }
        drop(mark);
        over.await.unwrap();
    }
}
