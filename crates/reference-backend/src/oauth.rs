//! OAuth 2 for native apps: the authorisation code flow with PKCE (RFC 6749, 7636, 8252, 8414).

mod authorise;
mod client;
mod metadata;
mod revoke;
mod token;

use std::time::Duration;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::clock::millis;
use crate::credentials::handed_out;
use crate::id::AccountId;
use crate::refusal::Refusal;
use crate::store::sign_ins::{self, Grant};

pub(crate) use client::is_challenge;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(authorise::routes())
        .merge(token::routes())
        .merge(revoke::routes())
        .merge(metadata::routes())
}

/// A code with which the app can sign `account` in, once, as long as it `lasts`: who exchanges it has
/// to name the same `redirect_uri` and to have what the `challenge` was made of.
pub(crate) async fn code_for(
    app: &App,
    account: AccountId,
    redirect_uri: String,
    challenge: String,
    lasts: Duration,
) -> Result<String, Refusal> {
    let (code, hash) = handed_out();
    let expires = app.clock.now_ms().saturating_add(millis(lasts));
    let grant = Grant {
        account,
        client_id: client::CLIENT_ID.to_owned(),
        redirect_uri,
        challenge,
    };
    app.store
        .write(move |store| sign_ins::keep_code(store, hash, &grant, expires))
        .await?;
    Ok(code)
}
