//! The history of meetings, opened when it is first asked for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use salon_base::{Code, Fault};
use salon_history::{History, NewEntry, QualitySummary, default_path};
use salon_settings::Settings;
use tokio::sync::watch;

/// The history, opened when it is first asked for. If that fails, the app works without, and the
/// next command tries again.
#[derive(Clone, Debug)]
pub struct KeptHistory(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    path: Option<PathBuf>,
    open: Mutex<Option<Arc<History>>>,
    /// Entries of meetings that go on. Also keeps a beginning and a forgetting apart.
    begun: Mutex<Vec<i64>>,
}

impl KeptHistory {
    /// In the file where the platform keeps such, or in the folder of a Salon that runs beside
    /// others. A guest is no user and has none: every command answers
    /// [`Code::HistoryUnavailable`].
    pub fn of(settings: &Settings) -> Self {
        match (settings.guest, &settings.beside) {
            (true, _) => Self::at(None),
            (false, Some(beside)) => Self::at(Some(beside.history())),
            (false, None) => Self::at(default_path()),
        }
    }

    /// Whether anything is remembered.
    pub(crate) fn is_there(&self) -> bool {
        self.0.path.as_ref().is_some_and(|path| path.exists())
    }

    pub(crate) fn at(path: Option<PathBuf>) -> Self {
        Self(Arc::new(Kept {
            path,
            open: Mutex::default(),
            begun: Mutex::default(),
        }))
    }

    fn get(&self) -> Result<Arc<History>, Fault> {
        let mut open = self.0.open.lock();
        if let Some(history) = &*open {
            return Ok(history.clone());
        }
        let Some(path) = &self.0.path else {
            return Err(Fault::new(
                Code::HistoryUnavailable,
                "there is no place for it",
            ));
        };
        let history = Arc::new(History::open(path, now())?);
        *open = Some(history.clone());
        Ok(history)
    }

    /// Does something that blocks.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&History) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let kept = self.clone();
        tauri::async_runtime::spawn_blocking(move || work(&*kept.get()?))
            .await
            .map_err(|error| Fault::new(Code::Internal, error.to_string()))?
            .inspect_err(|fault| tracing::warn!(%fault, "the history"))
    }

    /// A meeting begins; the answer is its entry's id. Refused where the settings do not want it kept,
    /// whatever the page knows of them.
    pub(crate) async fn begin(
        &self,
        entry: NewEntry,
        settings: watch::Receiver<Arc<Settings>>,
    ) -> Result<i64, Fault> {
        let kept = self.clone();
        self.with(move |history| {
            let mut begun = kept.0.begun.lock();
            if !settings.borrow().history {
                let detail = "past meetings are not remembered";
                return Err(Fault::new(Code::HistoryUnavailable, detail));
            }
            let id = history.begin(&entry)?;
            begun.push(id);
            Ok(id)
        })
        .await
    }

    /// A meeting is over; see [`History::finish`].
    pub(crate) async fn finish(
        &self,
        id: i64,
        reason: String,
        quality: Option<QualitySummary>,
    ) -> Result<(), Fault> {
        let kept = self.clone();
        self.with(move |history| {
            kept.0.begun.lock().retain(|begun| *begun != id);
            history.finish(id, now(), &reason, quality.as_ref())
        })
        .await
    }

    /// Takes away what is known of meetings that go on; what the page still says of them is not kept.
    pub(crate) async fn forget_begun(&self) {
        if self.0.begun.lock().is_empty() {
            return;
        }
        let kept = self.clone();
        let forgotten = self.with(move |history| {
            let mut begun = kept.0.begun.lock();
            while let Some(id) = begun.last() {
                history.delete(*id)?;
                begun.pop();
            }
            Ok(())
        });
        // What failed was logged, and there is nobody to tell.
        let _ = forgotten.await;
    }

    /// Ends what the page had begun and can no longer end.
    pub(crate) fn interrupted(&self) {
        let kept = self.clone();
        tauri::async_runtime::spawn(async move {
            // What failed was logged, and there is nobody to tell.
            let ended = kept.clone();
            let interrupt = move |history: &History| {
                ended.0.begun.lock().clear();
                history.interrupt()
            };
            let _ = kept.with(interrupt).await;
        });
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use salon_base::Provider;

    use super::*;

    /// 21 November 2026, 10:00 UTC.
    pub(crate) const TEN: i64 = 1_795_255_200_000;

    pub(crate) fn tea() -> NewEntry {
        NewEntry {
            title: "Thé".into(),
            room: "tea".into(),
            provider: Provider::Livekit,
            profile: None,
            session_id: None,
            started_at: TEN,
        }
    }

    #[test]
    fn beside_another_salon_it_is_another_file_and_guests_have_none() {
        use clap::Parser as _;

        use salon_settings::Arguments;

        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("Bruno");
        let of = |words: &[&str]| {
            let words = [&["salon", "--beside", own.to_str().unwrap()], words].concat();
            let settings = Settings::from(Arguments::try_parse_from(words).unwrap());
            KeptHistory::of(&settings)
        };
        let guest = of(&["guest"]).get();
        assert_eq!(guest.unwrap_err().code, Code::HistoryUnavailable);
        assert!(!own.exists());
        of(&[]).get().unwrap().begin(&tea()).unwrap();
        let history = History::open(&own.join("history.sqlite3"), TEN).unwrap();
        let page = history.list("", None, 10).unwrap();
        assert_eq!(page.entries[0].room, "tea");
        let usual = KeptHistory::of(&Settings::default());
        assert_eq!(usual.0.path, default_path());
    }

    #[test]
    fn what_could_not_be_opened_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::write(&taken, "").unwrap();
        let kept = KeptHistory::at(Some(taken.join("h.sqlite3")));
        assert_eq!(kept.get().unwrap_err().code, Code::HistoryUnavailable);
        fs::remove_file(&taken).unwrap();
        let id = kept.get().unwrap().begin(&tea()).unwrap();
        // Asked again it is the same, or this would have been taken for interrupted.
        let page = kept.get().unwrap().list("", None, 1).unwrap();
        assert_eq!((page.entries[0].id, page.entries[0].ended_at), (id, None));
        assert_eq!(
            KeptHistory::at(None).get().unwrap_err().code,
            Code::HistoryUnavailable
        );
    }
}
