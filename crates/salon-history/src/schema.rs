//! The table, how it came about, and how it is read.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

const STEPS: &[M<'static>] = &[M::up(include_str!("0001_first.sql"))];

/// Version of the file's format, SQLite's `user_version`.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Newest first. Words (a JSON list), place (two), and how many.
pub(super) const LIST: &str = "
    SELECT id, uid, title, room, provider, profile, session_id, participants, started_at,
           last_seen_at, ended_at, end_reason, quality
    FROM meetings
    WHERE (started_at, id) < (?2, ?3)
      AND NOT EXISTS (SELECT 1 FROM json_each(?1) WHERE instr(meetings.searched, value) = 0)
    ORDER BY started_at DESC, id DESC
    LIMIT ?4";

/// Brings the file to the present format.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    Migrations::from_slice(STEPS).to_latest(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_well_formed() {
        Migrations::from_slice(STEPS).validate().unwrap();
    }
}
