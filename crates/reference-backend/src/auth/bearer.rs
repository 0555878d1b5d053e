//! The account behind a request.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE as COOKIE_HEADER};
use axum::http::request::Parts;

use crate::app::App;
use crate::credentials::TokenProblem;
use crate::id::{AccountId, FamilyId};
use crate::refusal::Refusal;
use crate::store::accounts::{self, Account};

/// The cookie that `POST /api/v1/auth/login` sets for contract P2, where the world reaches us by HTTPS.
/// With this prefix a browser takes it from this very host only (RFC 6265bis, section 4.1.3.2).
pub(crate) const COOKIE: &str = "__Host-salon_session";
/// On loopback, where browsers refuse the prefix.
const COOKIE_WITHOUT_HTTPS: &str = "salon_session";

/// What the cookie is called.
pub(crate) fn cookie_name(https: bool) -> &'static str {
    if https { COOKIE } else { COOKIE_WITHOUT_HTTPS }
}

/// Who sent a valid access token as a bearer.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) account: AccountId,
    /// Which sign-in the token comes from.
    pub(crate) sign_in: FamilyId,
    /// When the token ends, in seconds since 1970.
    pub(crate) expires_at: i64,
}

impl SignedIn {
    fn from_token(app: &App, token: &str) -> Result<Self, Refusal> {
        let checked = app.keys.check(token, &app.public_url, app.clock.now_s());
        let claims = checked.map_err(|problem| match problem {
            TokenProblem::Invalid => {
                Refusal::unauthorised("token-invalid", "This is no access token of this server.")
            }
            TokenProblem::Expired => {
                Refusal::unauthorised("token-expired", "The access token has expired.")
            }
        })?;
        if app.ended.contains(&claims.sid) {
            return Err(Refusal::unauthorised(
                "sign-in-ended",
                "The sign-in has ended. Sign in again.",
            ));
        }
        Ok(Self {
            account: claims.sub,
            sign_in: claims.sid,
            expires_at: claims.exp,
        })
    }

    /// The account itself.
    pub(crate) async fn load(&self, app: &App) -> Result<Account, Refusal> {
        let id = self.account.clone();
        app.store
            .read(move |store| accounts::by_id(store, &id))
            .await?
            .ok_or_else(|| Refusal::unauthorised("account-gone", "There is no such account."))
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Self::from_token(app, bearer(parts).ok_or_else(missing)?)
    }
}

/// As [`SignedIn`], or by the cookie.
#[derive(Clone, Debug)]
pub(crate) struct CookieOrBearer(pub(crate) SignedIn);

impl FromRequestParts<App> for CookieOrBearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let token = bearer(parts)
            .or_else(|| cookie(parts, cookie_name(app.https)))
            .ok_or_else(missing)?;
        SignedIn::from_token(app, token).map(Self)
    }
}

fn missing() -> Refusal {
    Refusal::unauthorised("token-missing", "Sign in first.")
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn cookie<'a>(parts: &'a Parts, wanted: &str) -> Option<&'a str> {
    parts
        .headers
        .get_all(COOKIE_HEADER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}
