//! `/api/v1/auth`: signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Pair, SignedIn, check_password, cookie_name, issue, renew, sign_out};
use crate::app::App;
use crate::body::{ClientAddress, JsonBody};
use crate::clock::rfc3339;
use crate::refusal::{ErrorBody, Refusal};
use crate::store::accounts::{self, Account};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me))
}

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Login {
    #[schema(example = "amina@salon.example")]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A refresh token, to be exchanged or given back.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refresh {
    refresh_token: String,
}

/// Both tokens and whose they are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignIn {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    /// RFC 3339, UTC.
    #[schema(example = "2024-12-31T23:59:59Z")]
    expires_at: String,
    /// To be used once; each renewal gives the next.
    refresh_token: String,
    user: User,
}

/// The signed-in account.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    id: String,
    email: String,
    name: String,
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email,
            name: account.name,
        }
    }
}

/// Sign in with a password.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "sign-in", request_body = Login,
    responses(
        (status = 200, body = SignIn, description = "Also sets the cookie that P2 accepts"),
        (status = 401, body = ErrorBody, description = "`sign-in-wrong`"),
        (status = 429, body = ErrorBody, description = "With `Retry-After`")))]
async fn login(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    JsonBody(login): JsonBody<Login>,
) -> Result<Response, Refusal> {
    let account = check_password(&app, from, &login.email, login.password).await?;
    let pair = issue(&app, account.id.clone(), None).await?;
    Ok(answer(&app, pair, account))
}

/// Exchange a refresh token for a new pair. A second use ends the whole sign-in.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "sign-in", request_body = Refresh,
    responses(
        (status = 200, body = SignIn),
        (status = 401, body = ErrorBody, description = "`refresh-invalid` or `refresh-reused`"),
        (status = 429, body = ErrorBody, description = "With `Retry-After`")))]
async fn refresh(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    JsonBody(body): JsonBody<Refresh>,
) -> Result<Response, Refusal> {
    app.limits.renewal(from, &app.metrics)?;
    let (id, pair) = renew(&app, &body.refresh_token).await?;
    let account = app
        .store
        .read(move |store| accounts::by_id(store, &id))
        .await?
        .ok_or_else(|| Refusal::unauthorised("account-gone", "There is no such account."))?;
    Ok(answer(&app, pair, account))
}

/// End a sign-in, its access tokens and its live lists.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "sign-in", request_body = Refresh,
    responses((status = 204, description = "Also for a token that was not valid any more")))]
async fn logout(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    JsonBody(body): JsonBody<Refresh>,
) -> Result<Response, Refusal> {
    app.limits.renewal(from, &app.metrics)?;
    sign_out(&app, &body.refresh_token).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&app, &mut response, "", 0);
    Ok(response)
}

/// Who the access token belongs to.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "sign-in", security(("bearer" = [])),
    responses((status = 200, body = User), (status = 401, body = ErrorBody)))]
async fn me(State(app): State<App>, signed_in: SignedIn) -> Result<Json<User>, Refusal> {
    Ok(Json(signed_in.load(&app).await?.into()))
}

fn answer(app: &App, pair: Pair, account: Account) -> Response {
    let body = SignIn {
        access_token: pair.access.clone(),
        token_type: "Bearer",
        expires_in: pair.expires_in,
        expires_at: rfc3339(pair.expires_at),
        refresh_token: pair.refresh,
        user: account.into(),
    };
    let mut response = Json(body).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    set_cookie(app, &mut response, &pair.access, pair.expires_in);
    response
}

fn set_cookie(app: &App, response: &mut Response, value: &str, seconds: i64) {
    let secure = if app.https { "; Secure" } else { "" };
    // `__Host-` wants the whole site; only contract P2 takes it.
    let cookie = format!(
        "{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
        cookie_name(app.https)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
}
