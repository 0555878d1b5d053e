//! The user's own record of meetings: with whom, when, how long, why it ended, how well it went.
//!
//! One SQLite file that only the user can read. What is written is cleaned first (`text`): no
//! control characters, nothing endless, nothing that looks like a token. What is deleted is
//! overwritten in the file. Times are milliseconds since 1970 and come from whoever calls.
//!
//! Calls block; the commands make them on a thread for that.
//!
//! It may depend on `salon-base`. It must never know: a clock, tokens, what a meeting is.

#![forbid(unsafe_code)]

mod entry;
mod export;
mod file;
mod schema;
#[cfg(test)]
mod tests;
mod text;

use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use salon_base::{Code, Fault};
use serde::Serialize;

pub use entry::{HistoryCursor, HistoryEntry, HistoryPage, NewEntry, QualitySummary};
pub use export::Format;

use entry::{Record, names, provider_name};
use file::of_sqlite;

/// Why an entry ended whose meeting was still going on when app or page stopped without saying so.
pub const INTERRUPTED: &str = "interrupted";

/// Entries that one page of the list has at most.
const LARGEST_PAGE: u32 = 200;
/// Names kept with one entry.
const MOST_PARTICIPANTS: usize = 50;
/// The last millisecond of which the day is known in every time zone (`jiff::Timestamp::MAX`, in the year
/// 9999): what is later has no place in CSV and iCalendar.
const LAST_TIME: i64 = 253_402_207_200_999;

/// The open history.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    connection: Mutex<Connection>,
    set_aside: Option<PathBuf>,
}

/// Where the platform keeps such a file; absent: it does not say.
pub fn default_path() -> Option<PathBuf> {
    let folder = dirs::data_local_dir()?.join(salon_product::FOLDER);
    Some(folder.join("history.sqlite3"))
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
        ).map_err(of_sqlite)?;
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
        connection
            .execute(
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
            )
            .map_err(of_sqlite)?;
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
        let transaction = connection.transaction().map_err(of_sqlite)?;
        let known = transaction
            .query_row(
                "SELECT title, room, participants FROM meetings WHERE id = ?1",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?, names(&row.get::<_, String>(2)?))),
            )
            .optional()
            .map_err(of_sqlite)?;
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
        transaction
            .execute(
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
            )
            .map_err(of_sqlite)?;
        transaction.commit().map_err(of_sqlite)
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
        self.connection
            .lock()
            .execute(
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
            )
            .map_err(of_sqlite)?;
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
        connection
            .execute("DELETE FROM meetings WHERE id = ?1", [id])
            .map_err(of_sqlite)?;
        empty_log(&connection)
    }

    /// Takes everything away and overwrites it, also what a damaged file may still have.
    ///
    /// # Errors
    /// [`Code::HistoryUnavailable`]
    pub fn clear(&self) -> Result<(), Fault> {
        let connection = self.connection.lock();
        connection
            .execute("DELETE FROM meetings", [])
            .map_err(of_sqlite)?;
        connection.execute_batch("VACUUM").map_err(of_sqlite)?;
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
        let gone = connection
            .execute("DELETE FROM meetings WHERE ended_at < ?1", [older_than])
            .map_err(of_sqlite)?;
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
        let mut statement = connection.prepare_cached(schema::LIST).map_err(of_sqlite)?;
        let mut rows = statement
            .query(params![words, started_at, id, limit])
            .map_err(of_sqlite)?;
        while let Some(row) = rows.next().map_err(of_sqlite)? {
            take(Record::from_row(row).map_err(of_sqlite)?);
        }
        Ok(())
    }
}

fn json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::new(Code::Internal, error.to_string()))
}

fn time(at: i64) -> i64 {
    at.clamp(0, LAST_TIME)
}

/// What was deleted is overwritten in the file (`secure_delete`), but stands in the write-ahead
/// log until that is emptied.
fn empty_log(connection: &Connection) -> Result<(), Fault> {
    let busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(of_sqlite)?;
    if busy {
        tracing::warn!("another program reads the history: what was deleted is overwritten later");
    }
    Ok(())
}
