//! The history of meetings, for the page.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use parking_lot::Mutex;
use tauri::{AppHandle, Manager as _, State};

use crate::history::{
    Format, History, HistoryCursor, HistoryPage, NewEntry, QualitySummary, default_path,
};
use crate::settings::Settings;
use crate::{Code, Fault};

/// Spreadsheets take a file for UTF-8 if it begins so.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// Exports of one day that find a name.
const MOST_EXPORTS: u32 = 1_000;

/// The history, opened when it is first asked for. If that fails, the app works without, and the
/// next command tries again.
#[derive(Clone, Debug)]
pub struct KeptHistory(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    path: Option<PathBuf>,
    open: Mutex<Option<Arc<History>>>,
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
    pub(super) fn is_there(&self) -> bool {
        self.0.path.as_ref().is_some_and(|path| path.exists())
    }

    pub(super) fn at(path: Option<PathBuf>) -> Self {
        Self(Arc::new(Kept {
            path,
            open: Mutex::default(),
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
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&History) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let kept = self.clone();
        tauri::async_runtime::spawn_blocking(move || work(&*kept.get()?))
            .await
            .map_err(|error| Fault::new(Code::Internal, error.to_string()))?
            .inspect_err(|fault| tracing::warn!(%fault, "the history"))
    }

    /// Ends what the page had begun and can no longer end.
    pub(crate) fn interrupted(&self) {
        let kept = self.clone();
        tauri::async_runtime::spawn(async move {
            // What failed was logged, and there is nobody to tell.
            let _ = kept.with(History::interrupt).await;
        });
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
}

/// A meeting begins; the answer is its entry's id.
#[tauri::command]
pub async fn history_begin(history: State<'_, KeptHistory>, entry: NewEntry) -> Result<i64, Fault> {
    history.with(move |history| history.begin(&entry)).await
}

/// It still goes on, with whom and how.
#[tauri::command]
pub async fn history_update(
    history: State<'_, KeptHistory>,
    id: i64,
    participants: Vec<String>,
    quality: Option<QualitySummary>,
) -> Result<(), Fault> {
    history
        .with(move |history| history.update(id, now(), &participants, quality.as_ref()))
        .await
}

/// It is over; `reason` is a code of the page's table.
#[tauri::command]
pub async fn history_finish(
    history: State<'_, KeptHistory>,
    id: i64,
    reason: String,
    quality: Option<QualitySummary>,
) -> Result<(), Fault> {
    history
        .with(move |history| history.finish(id, now(), &reason, quality.as_ref()))
        .await
}

/// Meetings of the past, newest first.
#[tauri::command]
pub async fn history_list(
    history: State<'_, KeptHistory>,
    search: String,
    before: Option<HistoryCursor>,
    limit: u32,
) -> Result<HistoryPage, Fault> {
    history
        .with(move |history| history.list(&search, before, limit))
        .await
}

/// Forgets one meeting.
#[tauri::command]
pub async fn history_delete(history: State<'_, KeptHistory>, id: i64) -> Result<(), Fault> {
    history.with(move |history| history.delete(id)).await
}

/// Forgets all meetings.
#[tauri::command]
pub async fn history_clear(history: State<'_, KeptHistory>) -> Result<(), Fault> {
    history.with(History::clear).await
}

/// Writes what a search finds into the user's downloads folder; the answer is the file's path.
#[tauri::command]
pub async fn history_export(
    app: AppHandle,
    history: State<'_, KeptHistory>,
    format: Format,
    search: String,
) -> Result<String, Fault> {
    let places = app.path();
    // Not every system names a downloads folder.
    let folder = places
        .download_dir()
        .or_else(|_| places.document_dir())
        .or_else(|_| places.home_dir())
        .map_err(|error| Fault::new(Code::HistoryExportFailed, error.to_string()))?;
    let path = history
        .with(move |history| export_into(&folder, history, format, &search, now()))
        .await?;
    Ok(path.display().to_string())
}

/// Nothing that is there is overwritten.
fn export_into(
    folder: &Path,
    history: &History,
    format: Format,
    search: &str,
    now: i64,
) -> Result<PathBuf, Fault> {
    let mut text = match format {
        Format::Csv => UTF8_MARK.to_vec(),
        Format::Ics => Vec::new(),
    };
    history.export(format, search, &mut text)?;
    let failed = |error: io::Error| Fault::new(Code::HistoryExportFailed, error.to_string());
    fs::create_dir_all(folder).map_err(failed)?;
    let (path, mut file) = create(folder, format, now).map_err(failed)?;
    if let Err(error) = file.write_all(&text) {
        // Half an export is worse than none; that it cannot be taken away changes nothing.
        let _ = fs::remove_file(&path);
        return Err(failed(error));
    }
    Ok(path)
}

fn create(folder: &Path, format: Format, now: i64) -> io::Result<(PathBuf, fs::File)> {
    let date = DateTime::from_timestamp_millis(now)
        .map(|at| at.format("%Y-%m-%d").to_string())
        .unwrap_or_default();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for count in 1..=MOST_EXPORTS {
        let number = match count {
            1 => String::new(),
            _ => format!("-{count}"),
        };
        let path = folder.join(format!(
            "salon-history-{date}{number}.{}",
            format.extension()
        ));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return Ok((path, opened?)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::Provider;

    /// 21 November 2026, 10:00 UTC.
    const TEN: i64 = 1_795_255_200_000;

    fn tea() -> NewEntry {
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

        use crate::settings::Arguments;

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
    fn an_export_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(&folder.path().join("h.sqlite3"), TEN).unwrap();
        history.begin(&tea()).unwrap();
        let downloads = folder.path().join("Downloads");
        let names: Vec<_> = [Format::Csv, Format::Csv, Format::Ics]
            .into_iter()
            .map(|format| export_into(&downloads, &history, format, "", TEN).unwrap())
            .map(|path| path.strip_prefix(&downloads).unwrap().display().to_string())
            .collect();
        assert_eq!(
            names,
            [
                "salon-history-2026-11-21.csv",
                "salon-history-2026-11-21-2.csv",
                "salon-history-2026-11-21.ics"
            ]
        );
        let csv = fs::read(downloads.join(&names[0])).unwrap();
        assert!(csv.starts_with(UTF8_MARK));
        let mut lines = csv::Reader::from_reader(&*csv);
        assert_eq!(&lines.headers().unwrap()[0], "Title");
        assert_eq!(&lines.records().next().unwrap().unwrap()[0], "Thé");
        let ics = fs::read_to_string(downloads.join(&names[2])).unwrap();
        assert!(ics.starts_with("BEGIN:VCALENDAR"));
    }

    #[test]
    fn an_export_that_has_no_place_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h.sqlite3");
        let history = History::open(&path, TEN).unwrap();
        let fault = export_into(&path, &history, Format::Ics, "", TEN).unwrap_err();
        assert_eq!(fault.code, Code::HistoryExportFailed);
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
