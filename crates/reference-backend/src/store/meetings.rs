//! Requests, offers and meeting sessions.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::records::{Answer, MeetingSession, Offer, OfferStatus, Request};
use super::state::{Ending, Over, State};
use crate::id::{AccountId, CallId, FamilyId, MeetingSessionId, OfferId, RequestId};

/// How many requests or offers a list shows.
const LISTED: u32 = 200;
/// How many active sessions an account can have.
const MOST_ACTIVE: u32 = 100;

pub(crate) fn insert_request(
    store: &Connection,
    requester: &AccountId,
    title: &str,
    now_ms: i64,
) -> rusqlite::Result<RequestId> {
    let id = RequestId::fresh();
    store.execute(
        "INSERT INTO requests (id, requester_id, title, created_at) VALUES (?1, ?2, ?3, ?4)",
        (&id, requester, title, now_ms),
    )?;
    Ok(id)
}

const REQUEST: &str = "SELECT r.id, r.title, r.requester_id, a.name, r.created_at
    FROM requests r JOIN accounts a ON a.id = r.requester_id";

fn request(row: &Row<'_>) -> rusqlite::Result<Request> {
    Ok(Request {
        id: row.get(0)?,
        title: row.get(1)?,
        requester: row.get(2)?,
        requester_name: row.get(3)?,
        created_ms: row.get(4)?,
    })
}

pub(crate) fn request_by_id(
    store: &Connection,
    id: &RequestId,
) -> rusqlite::Result<Option<Request>> {
    store
        .prepare_cached(&format!("{REQUEST} WHERE r.id = ?1"))?
        .query_row([id], request)
        .optional()
}

/// The newest first.
pub(crate) fn requests(store: &Connection) -> rusqlite::Result<Vec<Request>> {
    store
        .prepare_cached(&format!(
            "{REQUEST} ORDER BY r.created_at DESC, r.rowid DESC LIMIT {LISTED}"
        ))?
        .query_map((), request)?
        .collect()
}

/// `None` if the offerer has an offer pending there already.
pub(crate) fn insert_offer(
    store: &Connection,
    request: &RequestId,
    offerer: &AccountId,
    message: &str,
    now_ms: i64,
) -> rusqlite::Result<Option<OfferId>> {
    let id = OfferId::fresh();
    let inserted = store.execute(
        "INSERT INTO offers (id, request_id, offerer_id, message, status, created_at)
         VALUES (?1, ?2, ?3, ?4, 'pending', ?5) ON CONFLICT DO NOTHING",
        (&id, request, offerer, message, now_ms),
    )?;
    Ok((inserted == 1).then_some(id))
}

const OFFER: &str = "SELECT o.id, o.request_id, r.title, r.requester_id, o.offerer_id, a.name,
    o.message, o.status, o.created_at
    FROM offers o JOIN requests r ON r.id = o.request_id JOIN accounts a ON a.id = o.offerer_id";

fn offer(row: &Row<'_>) -> rusqlite::Result<Offer> {
    Ok(Offer {
        id: row.get(0)?,
        request: row.get(1)?,
        title: row.get(2)?,
        requester: row.get(3)?,
        offerer: row.get(4)?,
        offerer_name: row.get(5)?,
        message: row.get(6)?,
        status: row.get(7)?,
        created_ms: row.get(8)?,
    })
}

pub(crate) fn offer_by_id(store: &Connection, id: &OfferId) -> rusqlite::Result<Option<Offer>> {
    store
        .prepare_cached(&format!("{OFFER} WHERE o.id = ?1"))?
        .query_row([id], offer)
        .optional()
}

/// Offers that `account` made or got, the newest first.
pub(crate) fn offers(store: &Connection, account: &AccountId) -> rusqlite::Result<Vec<Offer>> {
    store
        .prepare_cached(&format!(
            "{OFFER} WHERE o.offerer_id = ?1 OR r.requester_id = ?1
             ORDER BY o.created_at DESC, o.rowid DESC LIMIT {LISTED}"
        ))?
        .query_map([account], offer)?
        .collect()
}

/// `false` if the offer was decided already.
pub(crate) fn decide_offer(
    store: &Connection,
    id: &OfferId,
    status: OfferStatus,
    now_ms: i64,
) -> rusqlite::Result<bool> {
    let changed = store.execute(
        "UPDATE offers SET status = ?2, decided_at = ?3 WHERE id = ?1 AND status = 'pending'",
        (id, status, now_ms),
    )?;
    Ok(changed == 1)
}

/// Creates the session that an accepted offer leads to.
pub(crate) fn insert_session(
    store: &Transaction<'_>,
    offer: &Offer,
    now_ms: i64,
) -> rusqlite::Result<MeetingSessionId> {
    let id = MeetingSessionId::fresh();
    store.execute(
        "INSERT INTO meeting_sessions
         (id, offer_id, requester_id, offerer_id, call_id, status, created_at, revision)
         VALUES (:id, :offer, :requester, :offerer, :call, 'active', :now, :revision)",
        named_params! {
            ":id": &id,
            ":offer": &offer.id,
            ":requester": &offer.requester,
            ":offerer": &offer.offerer,
            ":call": CallId::fresh(),
            ":now": now_ms,
            ":revision": revision(store)? + 1,
        },
    )?;
    Ok(id)
}

const SESSION: &str = "SELECT m.id, m.offer_id, o.request_id, r.title,
    m.requester_id, ra.name, m.offerer_id, oa.name,
    m.call_id, m.status, m.created_at, m.ended_at, m.revision,
    m.requester_answered_at, m.requester_answered_by, m.offerer_answered_at, m.offerer_answered_by
    FROM meeting_sessions m
    JOIN offers o ON o.id = m.offer_id
    JOIN requests r ON r.id = o.request_id
    JOIN accounts ra ON ra.id = m.requester_id
    JOIN accounts oa ON oa.id = m.offerer_id";

fn session(row: &Row<'_>) -> rusqlite::Result<MeetingSession> {
    let status: String = row.get(9)?;
    let ended: Option<i64> = row.get(11)?;
    let answer = |at: usize| -> rusqlite::Result<Option<Answer>> {
        let (at_ms, by): (Option<i64>, Option<FamilyId>) = (row.get(at)?, row.get(at + 1)?);
        Ok(at_ms.zip(by).map(|(at_ms, by)| Answer { at_ms, by }))
    };
    Ok(MeetingSession {
        id: row.get(0)?,
        offer: row.get(1)?,
        request: row.get(2)?,
        title: row.get(3)?,
        requester: row.get(4)?,
        requester_name: row.get(5)?,
        offerer: row.get(6)?,
        offerer_name: row.get(7)?,
        call: row.get(8)?,
        state: State::from_columns(&status, ended)
            .ok_or_else(|| rusqlite::Error::InvalidColumnName("status".into()))?,
        created_ms: row.get(10)?,
        revision: row.get(12)?,
        requester_answer: answer(13)?,
        offerer_answer: answer(15)?,
    })
}

pub(crate) fn session_by_id(
    store: &Connection,
    id: &MeetingSessionId,
) -> rusqlite::Result<Option<MeetingSession>> {
    store
        .prepare_cached(&format!("{SESSION} WHERE m.id = ?1"))?
        .query_row([id], session)
        .optional()
}

pub(crate) fn session_of_offer(
    store: &Connection,
    offer: &OfferId,
) -> rusqlite::Result<Option<MeetingSession>> {
    store
        .prepare_cached(&format!("{SESSION} WHERE m.offer_id = ?1"))?
        .query_row([offer], session)
        .optional()
}

/// Whether one of them has as many active sessions as an account can have: lists hold all of them.
pub(crate) fn have_too_many(
    store: &Connection,
    accounts: [&AccountId; 2],
) -> rusqlite::Result<bool> {
    for account in accounts {
        let active: u32 = store
            .prepare_cached(
                "SELECT (SELECT COUNT(*) FROM meeting_sessions
                         WHERE requester_id = ?1 AND status = 'active')
                      + (SELECT COUNT(*) FROM meeting_sessions
                         WHERE offerer_id = ?1 AND status = 'active')",
            )?
            .query_row([account], |row| row.get(0))?;
        if active >= MOST_ACTIVE {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The active sessions of `account`, the newest first.
pub(crate) fn active_sessions(
    store: &Connection,
    account: &AccountId,
) -> rusqlite::Result<Vec<MeetingSession>> {
    // Two lookups in an index each; `OR` over two columns would not use both.
    store
        .prepare_cached(&format!(
            "{SESSION} WHERE m.id IN (
                SELECT id FROM meeting_sessions WHERE requester_id = ?1 AND status = 'active'
                UNION SELECT id FROM meeting_sessions WHERE offerer_id = ?1 AND status = 'active')
             ORDER BY m.created_at DESC, m.rowid DESC LIMIT {MOST_ACTIVE}"
        ))?
        .query_map([account], session)?
        .collect()
}

/// The sessions of `account` that ended after `revision`, at most `most`, the oldest first.
pub(crate) fn ended_since(
    store: &Connection,
    account: &AccountId,
    revision: i64,
    most: usize,
) -> rusqlite::Result<Vec<MeetingSession>> {
    let mut ended: Vec<MeetingSession> = store
        .prepare_cached(&format!(
            "{SESSION} WHERE m.status <> 'active' AND m.id IN (
                SELECT id FROM meeting_sessions WHERE requester_id = ?1 AND revision > ?2
                UNION SELECT id FROM meeting_sessions WHERE offerer_id = ?1 AND revision > ?2)
             ORDER BY m.revision DESC LIMIT ?3"
        ))?
        .query_map((account, revision, most as i64), session)?
        .collect::<Result<_, _>>()?;
    ended.reverse();
    Ok(ended)
}

/// How many changes there have been.
pub(crate) fn revision(store: &Connection) -> rusqlite::Result<i64> {
    store
        .prepare_cached("SELECT COALESCE(MAX(revision), 0) FROM meeting_sessions")?
        .query_row((), |row| row.get(0))
}

/// What came of an attempt to end a session.
#[derive(Debug)]
pub(crate) enum Ended {
    Now(Box<MeetingSession>),
    Already(Over),
    /// There is none, or it is not `account`'s.
    NotFound,
}

pub(crate) fn end_session(
    store: &Transaction<'_>,
    id: &MeetingSessionId,
    account: &AccountId,
    ending: Ending,
    now_ms: i64,
) -> rusqlite::Result<Ended> {
    let Some(mut session) = session_by_id(store, id)?.filter(|found| found.is_party(account))
    else {
        return Ok(Ended::NotFound);
    };
    session.state = match session.state.end(ending, now_ms) {
        Ok(state) => state,
        Err(over) => return Ok(Ended::Already(over)),
    };
    session.revision = revision(store)? + 1;
    store.execute(
        "UPDATE meeting_sessions SET status = ?2, ended_at = ?3, revision = ?4 WHERE id = ?1",
        (
            id,
            session.state.name(),
            session.state.ended_ms(),
            session.revision,
        ),
    )?;
    Ok(Ended::Now(Box::new(session)))
}

/// Keeps that `account` answered with the sign-in `by`. `None` if the session is over, if it is not
/// the account's, or if the account has answered before: the first answer stays.
pub(crate) fn answer_session(
    store: &Transaction<'_>,
    id: &MeetingSessionId,
    account: &AccountId,
    by: &FamilyId,
    now_ms: i64,
) -> rusqlite::Result<Option<MeetingSession>> {
    let Some(mut session) = session_by_id(store, id)?
        .filter(|found| found.is_party(account) && found.state == State::Active)
    else {
        return Ok(None);
    };
    let is_requester = session.requester == *account;
    let answer = if is_requester {
        &mut session.requester_answer
    } else {
        &mut session.offerer_answer
    };
    if answer.is_some() {
        return Ok(None);
    }
    *answer = Some(Answer {
        at_ms: now_ms,
        by: by.clone(),
    });
    session.revision = revision(store)? + 1;
    let set = if is_requester {
        "requester_answered_at = ?2, requester_answered_by = ?3"
    } else {
        "offerer_answered_at = ?2, offerer_answered_by = ?3"
    };
    store
        .prepare_cached(&format!(
            "UPDATE meeting_sessions SET {set}, revision = ?4 WHERE id = ?1"
        ))?
        .execute((id, now_ms, by, session.revision))?;
    Ok(Some(session))
}
