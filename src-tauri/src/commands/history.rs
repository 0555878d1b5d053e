//! The history of meetings, for the page.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use salon_base::{Code, Fault};
use salon_history::{Format, History, HistoryCursor, HistoryPage, NewEntry, QualitySummary};
use salon_product::PROGRAM;
use salon_settings::LiveSettings;
use tauri::{AppHandle, State};

use super::downloads;
use crate::kept_history::{KeptHistory, now};

/// Spreadsheets take a file for UTF-8 if it begins so.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// A meeting begins; the answer is its entry's id.
#[tauri::command]
pub async fn history_begin(
    history: State<'_, KeptHistory>,
    settings: State<'_, LiveSettings>,
    entry: NewEntry,
) -> Result<i64, Fault> {
    history.begin(entry, settings.subscribe()).await
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
    history.finish(id, reason, quality).await
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
    let folder = downloads::folder(&app)
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
    let date = Timestamp::from_millisecond(now)
        .map(|at| at.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default();
    let stem = format!("{PROGRAM}-history-{date}");
    downloads::write_new(folder, &stem, format.extension(), &text)
        .map_err(|error| Fault::new(Code::HistoryExportFailed, error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::kept_history::tests::{TEN, tea};

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
}
