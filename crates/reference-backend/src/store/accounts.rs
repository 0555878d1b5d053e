//! Accounts.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::id::AccountId;

/// Who can sign in.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    /// The id at Stream, where fewer characters are allowed.
    pub(crate) media_id: String,
    pub(crate) email: String,
    pub(crate) name: String,
}

/// An account together with what its password is checked against.
#[derive(Clone)]
pub(crate) struct AccountWithHash {
    pub(crate) account: Account,
    pub(crate) password_hash: String,
}

const COLUMNS: &str = "id, media_id, email, name";

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        media_id: row.get(1)?,
        email: row.get(2)?,
        name: row.get(3)?,
    })
}

pub(crate) fn by_id(store: &Connection, id: &AccountId) -> rusqlite::Result<Option<Account>> {
    store
        .prepare_cached(&format!("SELECT {COLUMNS} FROM accounts WHERE id = ?1"))?
        .query_row([id], account)
        .optional()
}

/// `email` as [`crate::auth`] writes it: lower case.
pub(crate) fn by_email(
    store: &Connection,
    email: &str,
) -> rusqlite::Result<Option<AccountWithHash>> {
    store
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, password_hash FROM accounts WHERE email = ?1"
        ))?
        .query_row([email], |row| {
            Ok(AccountWithHash {
                account: account(row)?,
                password_hash: row.get(4)?,
            })
        })
        .optional()
}

/// `false` if the id, the id at Stream or the e-mail address is taken.
pub(crate) fn insert(
    store: &Connection,
    account: &Account,
    password_hash: &str,
    now_ms: i64,
) -> rusqlite::Result<bool> {
    let inserted = store.execute(
        "INSERT INTO accounts (id, media_id, email, name, password_hash, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        (
            &account.id,
            &account.media_id,
            &account.email,
            &account.name,
            password_hash,
            now_ms,
        ),
    )?;
    Ok(inserted == 1)
}
