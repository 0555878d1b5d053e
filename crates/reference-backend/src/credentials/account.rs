//! Making accounts.

use secrecy::{ExposeSecret, SecretString};

use super::Passwords;
use crate::clock::Clock;
use crate::id::AccountId;
use crate::media_id::sanitised;
use crate::store::accounts::{self, Account};
use crate::store::{Store, StoreError};
use crate::text::text;

const SHORTEST_PASSWORD: usize = 10;
/// Argon2 reads all of it; nobody is to send a book.
pub(crate) const LONGEST_PASSWORD: usize = 256;
const LONGEST_NAME: usize = 80;
const LONGEST_ID: usize = 64;
const LONGEST_EMAIL: usize = 254;

/// An account that is to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What the product calls this account, if it is to be kept; otherwise one is made up.
    pub id: Option<String>,
    /// Signs in with it; case does not matter.
    pub email: String,
    /// Shown to others.
    pub name: String,
    /// At least ten characters.
    pub password: SecretString,
}

/// Why an account was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountProblem {
    /// Without text on both sides of one `@`, or longer than 254 bytes.
    #[error("that is no e-mail address")]
    Email,
    /// Empty, longer than 80 characters, or with control characters.
    #[error("the name is empty, too long, or has control characters")]
    Name,
    /// Empty, longer than 64 characters, or with control characters.
    #[error("the id is empty, too long, or has control characters")]
    Id,
    /// Shorter than 10 characters or longer than 256.
    #[error("the password has fewer than 10 or more than 256 characters")]
    Password,
    /// The e-mail address, the id, or the id as Stream would see it belongs to another account.
    #[error("the e-mail address or the id is taken")]
    Taken,
    /// The database or the hashing failed.
    #[error("the account could not be stored")]
    Storage,
}

impl From<StoreError> for AccountProblem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the account could not be stored");
        Self::Storage
    }
}

/// The one way an e-mail address is written here. `None` if it is none.
pub(crate) fn normal_email(email: &str) -> Option<String> {
    let email = text(email, LONGEST_EMAIL)?.to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let plausible = !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && email.len() <= LONGEST_EMAIL
        && !email.contains(char::is_whitespace);
    plausible.then_some(email)
}

/// Makes an account.
pub(crate) async fn add(
    store: &Store,
    passwords: &Passwords,
    clock: &Clock,
    new: NewAccount,
) -> Result<AccountId, AccountProblem> {
    let email = normal_email(&new.email).ok_or(AccountProblem::Email)?;
    let name = text(&new.name, LONGEST_NAME).ok_or(AccountProblem::Name)?;
    let id = match &new.id {
        Some(id) => AccountId::from(text(id, LONGEST_ID).ok_or(AccountProblem::Id)?.to_owned()),
        None => AccountId::fresh(),
    };
    let length = new.password.expose_secret().chars().count();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) {
        return Err(AccountProblem::Password);
    }
    let account = Account {
        media_id: sanitised(id.as_ref()),
        id: id.clone(),
        email,
        name: name.to_owned(),
    };
    let hash = passwords
        .hash(new.password)
        .await
        .ok_or(AccountProblem::Storage)?;
    let now_ms = clock.now_ms();
    let added = store
        .write(move |store| accounts::insert(store, &account, &hash, now_ms))
        .await?;
    added.then_some(id).ok_or(AccountProblem::Taken)
}

#[cfg(test)]
mod tests {
    use super::normal_email;

    #[test]
    fn e_mail_addresses_are_one_whatever_their_case() {
        assert_eq!(
            normal_email(" Ann@Example.COM "),
            Some("ann@example.com".into())
        );
        for wrong in ["", "ann", "@x", "ann@", "a@b@c", "a b@c", "a@b\n"] {
            let normal = normal_email(wrong);
            assert!(normal.is_none() || wrong.trim() != wrong, "{wrong:?}");
        }
    }
}
