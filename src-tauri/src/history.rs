//! The user's own record of meetings: with whom, when, how long, why it ended, how well it went.
//!
//! One SQLite file that only the user can read. What is written is cleaned first (`text`): no
//! control characters, nothing endless, nothing that looks like a token. What is deleted is
//! overwritten in the file. Times are milliseconds since 1970 and come from whoever calls.
//!
//! Calls block; the commands make them on a thread for that.

mod export;
mod file;
mod schema;
#[cfg(test)]
mod tests;
mod text;

use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::{Deserialize, Serialize};

use crate::meeting::Provider;
use crate::{Code, Fault};

pub use export::Format;

/// Why an entry ended whose meeting was still going on when app or page stopped without saying so.
pub const INTERRUPTED: &str = "interrupted";

/// Entries that one page of the list has at most.
const LARGEST_PAGE: u32 = 200;
/// Names kept with one entry.
const MOST_PARTICIPANTS: usize = 50;
/// The last millisecond of the year 9999: what is later has no place in CSV and iCalendar.
const LAST_TIME: i64 = 253_402_300_799_999;

/// How well a call went, over all of it. What was not measured is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct QualitySummary {
    /// How often the connection broke and came back.
    pub reconnections: u32,
    /// Median of the round-trip time to the media server, milliseconds.
    pub round_trip_ms: Option<f64>,
    /// Of the packets that were to be received, those lost, percent.
    pub loss_percent: Option<f64>,
    /// Height of the largest picture received, pixels.
    pub received_height: Option<u32>,
    /// How often a received picture froze (W3C webrtc-stats `freezeCount`).
    pub freezes: Option<u32>,
    /// How long all of that took, milliseconds (`totalFreezesDuration`).
    pub frozen_ms: Option<f64>,
}

impl QualitySummary {
    /// Without what cannot have been measured.
    fn cleaned(&self) -> Self {
        let sane = |value: Option<f64>| value.filter(|v| v.is_finite() && *v >= 0.0);
        Self {
            round_trip_ms: sane(self.round_trip_ms),
            loss_percent: sane(self.loss_percent).map(|percent| percent.min(100.0)),
            frozen_ms: sane(self.frozen_ms),
            ..*self
        }
    }
}

/// A meeting that begins.
#[derive(Clone, Debug, PartialEq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct NewEntry {
    /// What the meeting is called.
    pub title: String,
    /// The media server's room.
    pub room: String,
    /// Whose call it is.
    pub provider: Provider,
    /// Name of the backend's profile.
    pub profile: Option<String>,
    /// The backend's meeting session.
    pub session_id: Option<String>,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub started_at: i64,
}

/// One meeting of the past, or the one that is going on.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Never given twice.
    #[ts(type = "number")]
    pub id: i64,
    /// What the meeting was called.
    pub title: String,
    /// The media server's room.
    pub room: String,
    /// Whose call it was.
    pub provider: Provider,
    /// Name of the backend's profile.
    pub profile: Option<String>,
    /// The backend's meeting session.
    pub session_id: Option<String>,
    /// Names of the others, in the order of their coming.
    pub participants: Vec<String>,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub started_at: i64,
    /// Milliseconds since 1970; absent: it is going on.
    #[ts(type = "number | null")]
    pub ended_at: Option<i64>,
    /// A code of the page's table, such as `left`; absent: it is going on.
    pub end_reason: Option<String>,
    /// Absent: nothing was measured.
    pub quality: Option<QualitySummary>,
}

/// A place in the list, which stays the same whatever is added or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryCursor {
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub started_at: i64,
    /// Of the entry.
    #[ts(type = "number")]
    pub id: i64,
}

/// A part of the list, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// Newest first.
    pub entries: Vec<HistoryEntry>,
    /// Where to go on; absent: that was all.
    pub next: Option<HistoryCursor>,
    /// What happened to the history when it was opened.
    pub notice: Option<Fault>,
}

/// The open history.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    connection: Mutex<Connection>,
    set_aside: Option<PathBuf>,
}

/// Where the platform keeps such a file; absent: it does not say.
pub fn default_path() -> Option<PathBuf> {
    let folder = if cfg!(any(target_os = "windows", target_os = "macos")) {
        "Salon"
    } else {
        "salon"
    };
    Some(dirs::data_local_dir()?.join(folder).join("history.sqlite3"))
}

impl History {
    /// Opens the file, or makes it, readable for the user only, and brings it to the present
    /// format. Entries that a crash left open are closed at the last time they were heard of.
    ///
    /// A damaged file is renamed, never deleted, and an empty one takes its place: see
    /// [`History::set_aside`]. `now` names it.
    ///
    /// # Errors
    /// [`Code::HistoryNewer`] if a later version of the app wrote it: it is left as it is.
    /// [`Code::HistoryUnavailable`] if it cannot be read or written.
    pub fn open(path: &Path, now: i64) -> Result<Self, Fault> {
        let (connection, set_aside) = file::open(path, now)?;
        let history = Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
            set_aside,
        };
        history.interrupt()?;
        Ok(history)
    }

    /// Closes the entries of meetings whose end nobody will tell any more, at the last time they
    /// were heard of.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn interrupt(&self) -> Result<(), Fault> {
        self.connection.lock().execute(
            "UPDATE meetings SET ended_at = last_seen_at, end_reason = ?1 WHERE ended_at IS NULL",
            [INTERRUPTED],
        )?;
        Ok(())
    }

    /// Where the former file is, if it was damaged and is still there.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref().filter(|path| path.exists())
    }

    /// A meeting begins. The answer names its entry from now on.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn begin(&self, new: &NewEntry) -> Result<i64, Fault> {
        let title = text::clean(&new.title, text::LONGEST_TITLE);
        let room = text::clean(&new.room, text::LONGEST_ROOM);
        let label = |text: &Option<String>| {
            let text = text.as_deref()?;
            Some(text::clean(text, text::LONGEST_LABEL)).filter(|text| !text.is_empty())
        };
        let connection = self.connection.lock();
        connection.execute(
            "INSERT INTO meetings
                 (title, room, provider, profile, session_id, participants, searched,
                  started_at, last_seen_at)
             VALUES (:title, :room, :provider, :profile, :session, '[]', :searched, :at, :at)",
            named_params! {
                ":searched": text::searched(&title, &room, &[]),
                ":title": title,
                ":room": room,
                ":provider": provider_name(new.provider),
                ":profile": label(&new.profile),
                ":session": label(&new.session_id),
                ":at": time(new.started_at),
            },
        )?;
        Ok(connection.last_insert_rowid())
    }

    /// The meeting still goes on: who has been seen in it (names are added to those before), and
    /// how it is going. `at` is where it ends should the app not live to say so.
    ///
    /// Nothing happens to an entry that has ended or was deleted meanwhile; one that another copy
    /// of the app took for interrupted goes on.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn update(
        &self,
        id: i64,
        at: i64,
        participants: &[String],
        quality: Option<&QualitySummary>,
    ) -> Result<(), Fault> {
        let mut connection = self.connection.lock();
        let transaction = connection.transaction()?;
        let known = transaction
            .query_row(
                "SELECT title, room, participants FROM meetings WHERE id = ?1",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?, names(&row.get::<_, String>(2)?))),
            )
            .optional()?;
        let Some((title, room, mut all)) = known else {
            return Ok(());
        };
        let (title, room): (String, String) = (title, room);
        for name in participants {
            let name = text::clean(name, text::LONGEST_NAME);
            if all.len() < MOST_PARTICIPANTS && !name.is_empty() && !all.contains(&name) {
                all.push(name);
            }
        }
        transaction.execute(
            "UPDATE meetings SET
                 participants = :participants,
                 searched = :searched,
                 quality = coalesce(:quality, quality),
                 last_seen_at = max(last_seen_at, :at),
                 ended_at = iif(ended_at IS NULL, NULL, max(last_seen_at, :at))
             WHERE id = :id AND (ended_at IS NULL OR end_reason = :interrupted)",
            named_params! {
                ":participants": json(&all)?,
                ":searched": text::searched(&title, &room, &all),
                ":quality": quality.map(|quality| json(&quality.cleaned())).transpose()?,
                ":at": time(at),
                ":id": id,
                ":interrupted": INTERRUPTED,
            },
        )?;
        Ok(transaction.commit()?)
    }

    /// The meeting is over. `reason` is a code of the page's table. The first end counts, unless
    /// that was another copy of the app taking the entry for interrupted.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn finish(
        &self,
        id: i64,
        ended_at: i64,
        reason: &str,
        quality: Option<&QualitySummary>,
    ) -> Result<(), Fault> {
        self.connection.lock().execute(
            "UPDATE meetings SET
                 ended_at = max(started_at, :at),
                 last_seen_at = max(started_at, :at),
                 end_reason = :reason,
                 quality = coalesce(:quality, quality)
             WHERE id = :id AND (ended_at IS NULL OR end_reason = :interrupted)",
            named_params! {
                ":at": time(ended_at),
                ":reason": text::code(reason),
                ":quality": quality.map(|quality| json(&quality.cleaned())).transpose()?,
                ":id": id,
                ":interrupted": INTERRUPTED,
            },
        )?;
        Ok(())
    }

    /// Up to `limit` entries, newest first, from `before` on. `search` is words, each of which has
    /// to occur in title, room or a participant's name; none: all entries.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn list(
        &self,
        search: &str,
        before: Option<HistoryCursor>,
        limit: u32,
    ) -> Result<HistoryPage, Fault> {
        let limit = limit.clamp(1, LARGEST_PAGE) as usize;
        let mut entries: Vec<HistoryEntry> = Vec::new();
        let mut more = false;
        self.each(search, before, limit + 1, |record| {
            more = entries.len() == limit;
            if !more {
                entries.push(record.entry);
            }
        })?;
        let next = entries.last().filter(|_| more).map(|last| HistoryCursor {
            started_at: last.started_at,
            id: last.id,
        });
        let notice = self
            .set_aside()
            .map(|path| Fault::new(Code::HistoryDamaged, path.display().to_string()));
        Ok(HistoryPage {
            entries,
            next,
            notice,
        })
    }

    /// Takes one entry away and overwrites what it said. It may be gone already.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn delete(&self, id: i64) -> Result<(), Fault> {
        let connection = self.connection.lock();
        connection.execute("DELETE FROM meetings WHERE id = ?1", [id])?;
        empty_log(&connection)
    }

    /// Takes everything away and overwrites it, also what a damaged file may still have.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn clear(&self) -> Result<(), Fault> {
        let connection = self.connection.lock();
        connection.execute("DELETE FROM meetings", [])?;
        connection.execute_batch("VACUUM")?;
        empty_log(&connection)?;
        file::destroy_set_aside(&self.path, None)
    }

    /// Takes away what ended before `older_than`, milliseconds since 1970, and overwrites it; says
    /// how many. Damaged files that were last written before go, too.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn prune(&self, older_than: i64) -> Result<usize, Fault> {
        let connection = self.connection.lock();
        let gone = connection.execute("DELETE FROM meetings WHERE ended_at < ?1", [older_than])?;
        if gone > 0 {
            empty_log(&connection)?;
        }
        file::destroy_set_aside(&self.path, Some(older_than))?;
        Ok(gone)
    }

    /// Writes what `search` finds, newest first; see [`History::list`].
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]; [`Code::HistoryExportFailed`] if it cannot be written.
    pub fn export(
        &self,
        format: Format,
        search: &str,
        writer: impl io::Write,
    ) -> Result<(), Fault> {
        let mut records = Vec::new();
        self.each(search, None, usize::MAX, |record| records.push(record))?;
        format.write(&records, writer)
    }

    /// As CSV (RFC 4180); see [`History::export`].
    ///
    /// # Errors
    /// As [`History::export`].
    pub fn export_csv(&self, search: &str, writer: impl io::Write) -> Result<(), Fault> {
        self.export(Format::Csv, search, writer)
    }

    /// As iCalendar (RFC 5545), one event for each meeting; see [`History::export`].
    ///
    /// # Errors
    /// As [`History::export`].
    pub fn export_ics(&self, search: &str, writer: impl io::Write) -> Result<(), Fault> {
        self.export(Format::Ics, search, writer)
    }

    fn each(
        &self,
        search: &str,
        before: Option<HistoryCursor>,
        limit: usize,
        mut take: impl FnMut(Record),
    ) -> Result<(), Fault> {
        let words = json(&text::words(search))?;
        let (started_at, id) = before.map_or((i64::MAX, i64::MAX), |at| (at.started_at, at.id));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let connection = self.connection.lock();
        let mut statement = connection.prepare_cached(schema::LIST)?;
        let mut rows = statement.query(params![words, started_at, id, limit])?;
        while let Some(row) = rows.next()? {
            take(Record::from_row(row)?);
        }
        Ok(())
    }
}

/// An entry with what only the file and exports have.
#[derive(Debug)]
struct Record {
    entry: HistoryEntry,
    /// Unique in the world, for calendars.
    uid: String,
    /// When it was last heard of, milliseconds since 1970.
    last_seen_at: i64,
}

impl Record {
    /// From a row of [`schema::LIST`].
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let provider: String = row.get("provider")?;
        let quality: Option<String> = row.get("quality")?;
        Ok(Self {
            uid: row.get("uid")?,
            last_seen_at: row.get("last_seen_at")?,
            entry: HistoryEntry {
                id: row.get("id")?,
                title: row.get("title")?,
                room: row.get("room")?,
                provider: serde_json::from_value(provider.into()).map_err(|error| {
                    rusqlite::Error::FromSqlConversionFailure(
                        0,
                        rusqlite::types::Type::Text,
                        error.into(),
                    )
                })?,
                profile: row.get("profile")?,
                session_id: row.get("session_id")?,
                participants: names(&row.get::<_, String>("participants")?),
                started_at: row.get("started_at")?,
                ended_at: row.get("ended_at")?,
                end_reason: row.get("end_reason")?,
                quality: quality.and_then(|text| serde_json::from_str(&text).ok()),
            },
        })
    }
}

/// Participants as a row has them; what cannot be read is as good as nobody.
fn names(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

fn json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::new(Code::Internal, error.to_string()))
}

fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Livekit => "livekit",
        Provider::Stream => "stream",
    }
}

fn time(at: i64) -> i64 {
    at.clamp(0, LAST_TIME)
}

/// What was deleted is overwritten in the file (`secure_delete`), but stands in the write-ahead
/// log until that is emptied.
fn empty_log(connection: &Connection) -> Result<(), Fault> {
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        tracing::warn!("another program reads the history: what was deleted is overwritten later");
    }
    Ok(())
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(Code::HistoryUnavailable, error.to_string())
    }
}
