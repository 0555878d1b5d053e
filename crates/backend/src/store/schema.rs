//! The tables and how they came about.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

const STEPS: &[M<'static>] = &[M::up(include_str!("../../migrations/0001_first.sql"))];

/// Brings the database to the present schema.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    Migrations::from_slice(STEPS).to_latest(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
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
            "INSERT INTO meeting_sessions VALUES ('m2', 'o', 'a', 'b', 'c2', 'active', 0, NULL, 2)",
            (),
        );
        assert!(again.is_err());
    }
}
