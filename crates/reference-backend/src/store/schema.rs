//! The tables and how they came about.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

const STEPS: &[M<'static>] = &[
    M::up(include_str!("../../migrations/0001_first.sql")),
    M::up(include_str!("../../migrations/0002_answers.sql")),
];

/// Brings the database to the present schema.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    Migrations::from_slice(STEPS).to_latest(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the first version had it, with a session.
    fn of_the_first_version() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        Migrations::from_slice(STEPS)
            .to_version(&mut connection, 1)
            .unwrap();
        connection
            .execute_batch(
                "INSERT INTO accounts VALUES ('a', 'a', 'a@x', 'A', '', 0), ('b', 'b', 'b@x', 'B', '', 0);
                 INSERT INTO requests VALUES ('r', 'a', 'title', 0);
                 INSERT INTO offers VALUES ('o', 'r', 'b', '', 'accepted', 0, 0);
                 INSERT INTO meeting_sessions VALUES ('m', 'o', 'a', 'b', 'c', 'active', 0, NULL, 1);",
            )
            .unwrap();
        connection
    }

    fn fresh() -> Connection {
        let mut connection = of_the_first_version();
        migrate(&mut connection).unwrap();
        connection
    }

    #[test]
    fn a_session_of_an_older_version_is_kept_and_nobody_has_answered_it() {
        let (status, answered): (String, Option<i64>) = fresh()
            .query_row(
                "SELECT status, offerer_answered_at FROM meeting_sessions WHERE id = 'm'",
                (),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!((status.as_str(), answered), ("active", None));
    }

    #[test]
    fn the_steps_are_well_formed() {
        Migrations::from_slice(STEPS).validate().unwrap();
    }

    #[test]
    fn nothing_leads_back_from_an_ended_session() {
        for ended in ["completed", "cancelled"] {
            let connection = fresh();
            let set = |status: &str, at: Option<i64>| {
                connection.execute(
                    "UPDATE meeting_sessions SET status = ?1, ended_at = ?2 WHERE id = 'm'",
                    (status, at),
                )
            };
            set(ended, Some(5)).unwrap();
            assert!(set("active", None).is_err());
            assert!(set("completed", Some(6)).is_err());
            assert!(set("cancelled", Some(6)).is_err());
        }
    }

    #[test]
    fn an_ended_session_has_an_end_and_an_active_one_has_none() {
        let connection = fresh();
        for wrong in [
            "UPDATE meeting_sessions SET status = 'completed'",
            "UPDATE meeting_sessions SET ended_at = 5",
            "UPDATE meeting_sessions SET status = 'paused', ended_at = 5",
        ] {
            assert!(connection.execute(wrong, ()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_offer_gives_one_session() {
        let again = fresh().execute(
            "INSERT INTO meeting_sessions
             (id, offer_id, requester_id, offerer_id, call_id, status, created_at, revision)
             VALUES ('m2', 'o', 'a', 'b', 'c2', 'active', 0, 2)",
            (),
        );
        let again = again.unwrap_err().to_string();
        assert!(again.contains("meeting_sessions.offer_id"), "{again}");
    }
}
