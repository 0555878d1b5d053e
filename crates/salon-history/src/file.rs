//! The file: made private, looked at before anything is written into it, set aside if damaged.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use salon_base::{Code, Fault};

use super::schema;

/// For another copy of the app that is writing.
const BUSY: Duration = Duration::from_secs(5);
/// What SQLite adds to the file's name for its log and the index of that.
const SIDE_FILES: [&str; 2] = ["-wal", "-shm"];

/// How the names of damaged files begin.
const ASIDE: &str = "history-damaged-";

/// What was found.
enum Found {
    /// Nothing, or an empty file.
    Nothing,
    Healthy,
    Damaged(String),
}

/// A connection to a healthy file of the present format, and where the damaged one went.
pub(super) fn open(path: &Path, now: i64) -> Result<(Connection, Option<PathBuf>), Fault> {
    let set_aside = match look(path)? {
        Found::Nothing | Found::Healthy => None,
        Found::Damaged(why) => {
            let aside = set_aside(path, now)?;
            tracing::warn!(%why, aside = %aside.display(), "the history is damaged");
            Some(aside)
        }
    };
    create_private(path)?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(of_sqlite)?;
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(of_sqlite)?;
    // In WAL mode this cannot corrupt; the last moments before a power cut may be lost.
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .map_err(of_sqlite)?;
    // What is deleted is overwritten, and nothing of it goes to files elsewhere.
    connection
        .pragma_update(None, "secure_delete", true)
        .map_err(of_sqlite)?;
    connection
        .pragma_update(None, "temp_store", "MEMORY")
        .map_err(of_sqlite)?;
    // A file that was made up cannot run anything.
    connection
        .pragma_update(None, "trusted_schema", false)
        .map_err(of_sqlite)?;
    schema::migrate(&mut connection)
        .map_err(|error| Fault::new(Code::HistoryUnavailable, error.to_string()))?;
    Ok((connection, set_aside))
}

/// Reads only, and so leaves a file that is not ours to write as it is.
fn look(path: &Path) -> Result<Found, Fault> {
    match fs::metadata(path) {
        Ok(file) if file.is_file() && file.len() == 0 => return Ok(Found::Nothing),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(unavailable(&error)),
    }
    match version_and_health(path) {
        Ok((version, _)) if version > schema::VERSION => Err(Fault::new(
            Code::HistoryNewer,
            format!(
                "its format is {version}, this version knows {}",
                schema::VERSION
            ),
        )),
        Ok((_, Some(why))) => Ok(Found::Damaged(why)),
        Ok((_, None)) => Ok(Found::Healthy),
        Err(error) if is_damage(&error) => Ok(Found::Damaged(error.to_string())),
        Err(error) => Err(of_sqlite(error)),
    }
}

/// The format's version and what is wrong, if anything is.
fn version_and_health(path: &Path) -> rusqlite::Result<(i64, Option<String>)> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > schema::VERSION {
        return Ok((version, None));
    }
    let health: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if health != "ok" {
        return Ok((version, Some(health)));
    }
    if version == schema::VERSION
        && let Err(error) = connection.prepare(schema::LIST)
    {
        return Ok((version, Some(error.to_string())));
    }
    Ok((version, None))
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Renames the file, with its log: something in it may still be saved by hand.
fn set_aside(path: &Path, now: i64) -> Result<PathBuf, Fault> {
    let date = Timestamp::from_millisecond(now)
        .map(|at| at.strftime("%Y-%m-%dT%H%M%SZ").to_string())
        .unwrap_or_default();
    let aside = (1..)
        .map(|count| match count {
            1 => format!("{ASIDE}{date}.sqlite3"),
            _ => format!("{ASIDE}{date}-{count}.sqlite3"),
        })
        .map(|name| path.with_file_name(name))
        .find(|candidate| !candidate.exists())
        .unwrap_or_default();
    for suffix in SIDE_FILES {
        match fs::rename(beside(path, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(unavailable(&error));
            }
            _ => {}
        }
    }
    fs::rename(path, &aside).map_err(|error| unavailable(&error))?;
    Ok(aside)
}

/// Overwrites and deletes what was set aside, with its log; `older_than`, milliseconds since 1970:
/// only what was last written before.
pub(super) fn destroy_set_aside(path: &Path, older_than: Option<i64>) -> Result<(), Fault> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let destroy = || {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            let aside = about.is_file() && entry.file_name().to_string_lossy().starts_with(ASIDE);
            if aside && older_than.is_none_or(|limit| written(&about) < limit) {
                overwrite(&entry.path(), about.len())?;
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    };
    destroy().map_err(|error: io::Error| unavailable(&error))
}

/// Milliseconds since 1970; of what does not say, now.
fn written(file: &fs::Metadata) -> i64 {
    let since = file
        .modified()
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(i64::MAX, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// As `secure_delete` does for rows: so that nothing of it is found where the file was.
fn overwrite(path: &Path, length: u64) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Whom one met is nobody else's business. SQLite gives its side files the same permissions; on Windows
/// they inherit the folder's.
fn create_private(path: &Path) -> Result<(), Fault> {
    let make = || {
        if let Some(parent) = path.parent() {
            salon_private::make_folder(parent)?;
        }
        drop(salon_private::append(path)?);
        // Of a file that was there before, too.
        salon_private::close_to_others(path)
    };
    make().map_err(|error| unavailable(&error))
}

fn unavailable(error: &io::Error) -> Fault {
    Fault::new(Code::HistoryUnavailable, error.to_string())
}

/// SQLite's error, for the user.
pub(crate) fn of_sqlite(error: rusqlite::Error) -> Fault {
    Fault::new(Code::HistoryUnavailable, error.to_string())
}
