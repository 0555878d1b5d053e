//! Who is asking: accounts, passwords, access and refresh tokens.

mod account;
mod bearer;
mod ended;
mod keys;
mod password;
pub(crate) mod routes;
mod secret;
mod tokens;

pub use account::{AccountProblem, NewAccount};
pub(crate) use account::{add, normal_email};
pub(crate) use bearer::{COOKIE, CookieOrBearer, SignedIn, cookie_name};
pub(crate) use ended::EndedSignIns;
pub(crate) use keys::{AccessClaims, SigningKeys};
pub use keys::{SigningKey, SigningKeyProblem};
pub(crate) use password::Passwords;
pub(crate) use secret::{handed_out, hash};
pub(crate) use tokens::{Pair, check_password, issue, renew, sign_out, with_its_tokens};
