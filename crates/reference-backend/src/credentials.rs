//! What a sign-in rests on: accounts, passwords, the keys of access tokens, and which sign-ins have
//! ended. Knows nothing of requests.

mod account;
mod ended;
mod keys;
mod password;
mod secret;

pub use account::{AccountProblem, NewAccount};
pub(crate) use account::{LONGEST_PASSWORD, add, normal_email};
pub(crate) use ended::EndedSignIns;
pub(crate) use keys::{AccessClaims, SigningKeys, TokenProblem};
pub use keys::{SigningKey, SigningKeyProblem};
pub(crate) use password::Passwords;
pub(crate) use secret::{handed_out, hash};
