//! What a sign-in gives: a short access token and a refresh token that is used once.

use secrecy::{ExposeSecret, SecretString};

use crate::app::App;
use crate::clock::{millis, seconds};
use crate::credentials::{AccessClaims, LONGEST_PASSWORD, handed_out, hash, normal_email};
use crate::id::{AccountId, FamilyId};
use crate::refusal::Refusal;
use crate::store::accounts::{self, Account};
use crate::store::sign_ins::{self, EndedSignIn, Hash, Rotation};

/// Both tokens of a sign-in. Its values are secret.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// Seconds that the access token lasts.
    pub(crate) expires_in: i64,
    /// When it ends, in seconds since 1970.
    pub(crate) expires_at: i64,
}

/// The account that this e-mail address and password belong to.
pub(crate) async fn check_password(
    app: &App,
    from: std::net::IpAddr,
    email: &str,
    password: SecretString,
) -> Result<Account, Refusal> {
    let wrong =
        || Refusal::unauthorised("sign-in-wrong", "The e-mail address or password is wrong.");
    let email = normal_email(email).ok_or_else(wrong)?;
    app.limits.sign_in(from, &email, &app.metrics)?;
    if password.expose_secret().len() > 4 * LONGEST_PASSWORD {
        return Err(wrong());
    }
    let found = app
        .store
        .read(move |store| accounts::by_email(store, &email))
        .await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    if !app.passwords.check(password, hash).await {
        app.metrics.sign_in("refused");
        return Err(wrong());
    }
    app.metrics.sign_in("accepted");
    found.map(|found| found.account).ok_or_else(wrong)
}

/// Signs `account` in. `code` is the authorisation code that led to it, if one did.
pub(crate) async fn issue(
    app: &App,
    account: AccountId,
    code: Option<Hash>,
) -> Result<Pair, Refusal> {
    let (refresh, refresh_hash) = handed_out();
    let now = app.clock.now_ms();
    let until = now.saturating_add(millis(app.lifetimes.refresh));
    let of = account.clone();
    let family = app
        .store
        .write(move |store| {
            let family = sign_ins::begin(store, &of, refresh_hash, now, until)?;
            if let Some(code) = code {
                sign_ins::code_became(store, code, &family)?;
            }
            Ok(family)
        })
        .await?;
    pair(app, account, family, refresh).await
}

/// Exchanges a refresh token for a new pair.
pub(crate) async fn renew(app: &App, refresh: &str) -> Result<(AccountId, Pair), Refusal> {
    let old = hash(refresh);
    let (next, next_hash) = handed_out();
    let now = app.clock.now_ms();
    let lifetimes = app.lifetimes;
    let until = move |begun_ms: i64| {
        let unused = now.saturating_add(millis(lifetimes.refresh));
        unused.min(begun_ms.saturating_add(millis(lifetimes.sign_in)))
    };
    let ending = app.clone();
    let rotation = app
        .store
        .write_then(
            move |store| sign_ins::rotate(store, old, next_hash, now, until),
            move |rotation| {
                if let Rotation::Reused(ended) = rotation {
                    with_its_tokens(&ending, ended, now);
                }
            },
        )
        .await?;
    match rotation {
        Rotation::Rotated(account, family) => {
            let pair = pair(app, account.clone(), family, next).await?;
            Ok((account, pair))
        }
        Rotation::Reused(EndedSignIn { family, .. }) => {
            app.metrics.sign_in("reused");
            tracing::warn!(%family, "a refresh token came a second time; its sign-in is revoked");
            Err(Refusal::unauthorised(
                "refresh-reused",
                "This refresh token was used before. Sign in again.",
            ))
        }
        Rotation::Refused => Err(Refusal::unauthorised(
            "refresh-invalid",
            "The sign-in has ended. Sign in again.",
        )),
    }
}

/// Ends the sign-in that a refresh token belongs to, with its access tokens and live lists. That the token
/// was worth nothing is not told.
pub(crate) async fn sign_out(app: &App, refresh: &str) -> Result<(), Refusal> {
    let (token, now) = (hash(refresh), app.clock.now_ms());
    let ending = app.clone();
    app.store
        .write_then(
            move |store| sign_ins::sign_out(store, token, now),
            move |ended| {
                if let Some(ended) = ended {
                    with_its_tokens(&ending, ended, now);
                }
            },
        )
        .await?;
    Ok(())
}

/// Of a sign-in that has ended in the database: its access tokens are not valid any more, and its
/// live lists end.
pub(crate) fn with_its_tokens(app: &App, ended: &EndedSignIn, now_ms: i64) {
    app.ended.add(ended.family.clone(), now_ms);
    // In this order: who is woken looks whether its sign-in has ended.
    app.hub.wake(&ended.account);
}

async fn pair(
    app: &App,
    account: AccountId,
    sid: FamilyId,
    refresh: String,
) -> Result<Pair, Refusal> {
    let id = account.clone();
    let found = app.store.read(move |store| accounts::by_id(store, &id));
    let name = found.await?.map(|found| found.name);
    let now = app.clock.now_s();
    let expires_in = seconds(app.lifetimes.access);
    let expires_at = now.saturating_add(expires_in);
    let claims = AccessClaims {
        name,
        ..AccessClaims::new(&app.public_url, account, sid, now, expires_at)
    };
    Ok(Pair {
        access: app.keys.sign(&claims).ok_or_else(Refusal::internal)?,
        refresh,
        expires_in,
        expires_at,
    })
}
