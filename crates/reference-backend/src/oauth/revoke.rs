//! `/oauth/revoke` (RFC 7009) and `/oauth/userinfo` (OpenID Connect Core, section 5.3).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{SignedIn, sign_out};
use crate::body::{ClientAddress, FormBody};
use crate::refusal::Refusal;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(revoke))
        .routes(routes!(userinfo))
}

/// What is given back.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Revocation {
    /// A refresh token. With its sign-in, access tokens and live lists end; an access token by itself
    /// cannot be taken back.
    #[schema(value_type = String, format = Password)]
    token: SecretString,
}

/// End the sign-in that a refresh token belongs to, its access tokens and its live lists.
#[utoipa::path(post, path = "/oauth/revoke", tag = "sign-in",
    request_body(content = Revocation, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Also for a token that was not valid any more"),
        (status = 429, description = "With `Retry-After`")))]
async fn revoke(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    FormBody(revocation): FormBody<Revocation>,
) -> Result<StatusCode, Refusal> {
    app.limits.renewal(from, &app.metrics)?;
    sign_out(&app, revocation.token.expose_secret()).await?;
    Ok(StatusCode::OK)
}

/// Claims about the account.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserInfo {
    sub: String,
    name: String,
    email: String,
}

/// Who the access token belongs to, as OpenID Connect says it.
#[utoipa::path(get, path = "/oauth/userinfo", tag = "sign-in", security(("bearer" = [])),
    responses((status = 200, body = UserInfo), (status = 401)))]
async fn userinfo(State(app): State<App>, signed_in: SignedIn) -> Result<Json<UserInfo>, Refusal> {
    let account = signed_in.load(&app).await?;
    Ok(Json(UserInfo {
        sub: account.id.to_string(),
        name: account.name,
        email: account.email,
    }))
}
