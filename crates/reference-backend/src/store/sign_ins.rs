//! Refresh tokens and authorisation codes, known by their hashes only.

use rusqlite::{Connection, OptionalExtension};

use crate::id::{AccountId, FamilyId};

/// SHA-256 of a secret that was handed out.
pub(crate) type Hash = [u8; 32];

/// A sign-in (a family of refresh tokens) that has ended just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndedSignIn {
    pub(crate) family: FamilyId,
    pub(crate) account: AccountId,
}

/// What a refresh token turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// Good; the next one of its family took its place.
    Rotated(AccountId, FamilyId),
    /// Had been used before: somebody else has it too, so its family was revoked.
    Reused(EndedSignIn),
    /// Unknown, expired or revoked.
    Refused,
}

/// Begins a family with its first token.
pub(crate) fn begin(
    store: &Connection,
    account: &AccountId,
    token: Hash,
    now_ms: i64,
    expires_ms: i64,
) -> rusqlite::Result<FamilyId> {
    let family = FamilyId::fresh();
    store.execute(
        "INSERT INTO refresh_families (id, account_id, created_at) VALUES (?1, ?2, ?3)",
        (&family, account, now_ms),
    )?;
    add_token(store, &family, token, expires_ms)?;
    Ok(family)
}

/// Takes `old` and puts `new` in its place, which lasts until what `until` says of the family's beginning.
pub(crate) fn rotate(
    store: &Connection,
    old: Hash,
    new: Hash,
    now_ms: i64,
    until: impl FnOnce(i64) -> i64,
) -> rusqlite::Result<Rotation> {
    type Found = (FamilyId, i64, Option<i64>, Option<i64>, AccountId, i64);
    let found: Option<Found> = store
        .prepare_cached(
            "SELECT f.id, t.expires_at, t.used_at, f.revoked_at, f.account_id, f.created_at
             FROM refresh_tokens t JOIN refresh_families f ON f.id = t.family_id
             WHERE t.hash = ?1",
        )?
        .query_row([old], |row| row.try_into())
        .optional()?;
    Ok(match found {
        None | Some((_, _, _, Some(_), _, _)) => Rotation::Refused,
        Some((family, _, Some(_), None, account, _)) => {
            revoke(store, &family, now_ms)?;
            Rotation::Reused(EndedSignIn { family, account })
        }
        Some((_, expires, None, None, _, _)) if expires <= now_ms => Rotation::Refused,
        Some((family, _, None, None, account, begun)) => {
            store.execute(
                "UPDATE refresh_tokens SET used_at = ?2 WHERE hash = ?1",
                (old, now_ms),
            )?;
            add_token(store, &family, new, until(begun))?;
            Rotation::Rotated(account, family)
        }
    })
}

/// Ends the family that a token belongs to. `None` if there is none that had not ended.
pub(crate) fn sign_out(
    store: &Connection,
    token: Hash,
    now_ms: i64,
) -> rusqlite::Result<Option<EndedSignIn>> {
    let family: Option<FamilyId> = store
        .prepare_cached("SELECT family_id FROM refresh_tokens WHERE hash = ?1")?
        .query_row([token], |row| row.get(0))
        .optional()?;
    match family {
        Some(family) => revoke(store, &family, now_ms),
        None => Ok(None),
    }
}

fn revoke(
    store: &Connection,
    family: &FamilyId,
    now_ms: i64,
) -> rusqlite::Result<Option<EndedSignIn>> {
    store
        .prepare_cached(
            "UPDATE refresh_families SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL
             RETURNING id, account_id",
        )?
        .query_row((family, now_ms), |row| {
            Ok(EndedSignIn {
                family: row.get(0)?,
                account: row.get(1)?,
            })
        })
        .optional()
}

/// The families that have ended at `since_ms` or later, and when.
pub(crate) fn ended_since(
    store: &Connection,
    since_ms: i64,
) -> rusqlite::Result<Vec<(FamilyId, i64)>> {
    store
        .prepare("SELECT id, revoked_at FROM refresh_families WHERE revoked_at >= ?1")?
        .query_map([since_ms], |row| row.try_into())?
        .collect()
}

fn add_token(
    store: &Connection,
    family: &FamilyId,
    token: Hash,
    expires_ms: i64,
) -> rusqlite::Result<()> {
    store.execute(
        "INSERT INTO refresh_tokens (hash, family_id, expires_at) VALUES (?1, ?2, ?3)",
        (token, family, expires_ms),
    )?;
    Ok(())
}

/// What an authorisation code is bound to.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) account: AccountId,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    /// Base64url of the SHA-256 of the verifier (RFC 7636, section 4.2).
    pub(crate) challenge: String,
}

/// What an authorisation code turned out to be.
#[derive(Debug)]
pub(crate) enum Code {
    Good(Grant),
    /// It had been used before; what it was exchanged for has ended.
    Reused(EndedSignIn),
    /// Unknown, expired, or used before and nothing left to end.
    Refused,
}

/// Keeps a code that was handed out.
pub(crate) fn keep_code(
    store: &Connection,
    code: Hash,
    grant: &Grant,
    expires_ms: i64,
) -> rusqlite::Result<()> {
    store.execute(
        "INSERT INTO authorisation_codes
         (hash, account_id, client_id, redirect_uri, challenge, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            code,
            &grant.account,
            &grant.client_id,
            &grant.redirect_uri,
            &grant.challenge,
            expires_ms,
        ),
    )?;
    Ok(())
}

/// Uses a code up, whatever comes of it. If it had been used before, what it was exchanged for is
/// revoked (RFC 6749, section 4.1.2).
pub(crate) fn take_code(store: &Connection, code: Hash, now_ms: i64) -> rusqlite::Result<Code> {
    let found = store
        .prepare_cached(
            "SELECT account_id, client_id, redirect_uri, challenge, expires_at, used_at, family_id
             FROM authorisation_codes WHERE hash = ?1",
        )?
        .query_row([code], |row| {
            let grant = Grant {
                account: row.get(0)?,
                client_id: row.get(1)?,
                redirect_uri: row.get(2)?,
                challenge: row.get(3)?,
            };
            let expires: i64 = row.get(4)?;
            let used: Option<i64> = row.get(5)?;
            let family: Option<FamilyId> = row.get(6)?;
            Ok((grant, expires, used.is_some(), family))
        })
        .optional()?;
    let Some((grant, expires, used, family)) = found else {
        return Ok(Code::Refused);
    };
    if used {
        let ended = match family {
            Some(family) => revoke(store, &family, now_ms)?,
            None => None,
        };
        return Ok(ended.map_or(Code::Refused, Code::Reused));
    }
    store.execute(
        "UPDATE authorisation_codes SET used_at = ?2 WHERE hash = ?1",
        (code, now_ms),
    )?;
    Ok(if expires > now_ms {
        Code::Good(grant)
    } else {
        Code::Refused
    })
}

/// Remembers what a code was exchanged for.
pub(crate) fn code_became(
    store: &Connection,
    code: Hash,
    family: &FamilyId,
) -> rusqlite::Result<()> {
    store.execute(
        "UPDATE authorisation_codes SET family_id = ?2 WHERE hash = ?1",
        (code, family),
    )?;
    Ok(())
}

/// Forgets what can be of no use any more: families none of whose tokens are still valid, and
/// codes of yesterday (kept until then to notice a second use).
pub(crate) fn forget_expired(store: &Connection, now_ms: i64) -> rusqlite::Result<()> {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    store.execute(
        "DELETE FROM authorisation_codes WHERE expires_at < ?1",
        [now_ms - DAY_MS],
    )?;
    store.execute(
        "DELETE FROM refresh_families WHERE NOT EXISTS
         (SELECT 1 FROM refresh_tokens WHERE family_id = refresh_families.id AND expires_at > ?1)",
        [now_ms],
    )?;
    Ok(())
}
