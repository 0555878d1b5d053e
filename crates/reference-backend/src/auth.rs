//! Who is asking: signing in and out, and the account behind a request.

mod bearer;
pub(crate) mod routes;
mod tokens;

pub(crate) use bearer::{COOKIE, CookieOrBearer, SignedIn, cookie_name};
pub(crate) use tokens::{Pair, check_password, issue, renew, sign_out, with_its_tokens};
