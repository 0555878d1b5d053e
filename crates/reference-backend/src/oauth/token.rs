//! `/oauth/token`: codes and refresh tokens against tokens.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client;
use crate::app::App;
use crate::auth::{Pair, issue, renew, with_its_tokens};
use crate::body::{ClientAddress, FormBody};
use crate::credentials::hash;
use crate::refusal::Refusal;
use crate::store::sign_ins::{self, Code};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(token))
        .layer(map_response(as_oauth_says))
}

/// What `/oauth/token` is asked.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
pub(crate) enum Exchange {
    /// RFC 6749, section 4.1.3, and RFC 7636, section 4.5.
    AuthorizationCode {
        code: String,
        redirect_uri: String,
        client_id: String,
        code_verifier: String,
    },
    /// RFC 6749, section 6.
    RefreshToken { refresh_token: String },
    /// Whatever else there is.
    #[serde(other)]
    Other,
}

/// RFC 6749, section 5.1.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    refresh_token: String,
}

impl From<Pair> for Tokens {
    fn from(pair: Pair) -> Self {
        Self {
            access_token: pair.access,
            token_type: "Bearer",
            expires_in: pair.expires_in,
            refresh_token: pair.refresh,
        }
    }
}

/// Exchange a code or a refresh token for tokens.
#[utoipa::path(post, path = "/oauth/token", tag = "sign-in",
    request_body(content = Exchange, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = Tokens),
        (status = 400, description = "`{\"error\": \"invalid_grant\", \"error_description\"}`"),
        (status = 429, description = "With `Retry-After`")))]
async fn token(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    FormBody(exchange): FormBody<Exchange>,
) -> Result<Json<Tokens>, Refusal> {
    app.limits.renewal(from, &app.metrics)?;
    let invalid = || Refusal::bad_request("invalid_grant", "The code is not valid (any more).");
    match exchange {
        Exchange::AuthorizationCode {
            code,
            redirect_uri,
            client_id,
            code_verifier,
        } => {
            let (hash, now) = (hash(&code), app.clock.now_ms());
            let ending = app.clone();
            let taken = app
                .store
                .write_then(
                    move |store| sign_ins::take_code(store, hash, now),
                    move |taken| {
                        if let Code::Reused(ended) = taken {
                            with_its_tokens(&ending, ended, now);
                        }
                    },
                )
                .await?;
            let Code::Good(grant) = taken else {
                return Err(invalid());
            };
            let its_own = grant.client_id == client_id
                && grant.redirect_uri == redirect_uri
                && client::verifier_fits(&code_verifier, &grant.challenge);
            if !its_own {
                return Err(invalid());
            }
            Ok(Json(issue(&app, grant.account, Some(hash)).await?.into()))
        }
        Exchange::RefreshToken { refresh_token } => {
            let (_, pair) = renew(&app, &refresh_token).await?;
            Ok(Json(pair.into()))
        }
        Exchange::Other => Err(Refusal::bad_request(
            "unsupported_grant_type",
            "Only authorization_code and refresh_token are supported.",
        )),
    }
}

/// RFC 6749, section 5.2, and no cache in either case.
async fn as_oauth_says(response: Response) -> Response {
    let mut response = match response.extensions().get::<Refusal>() {
        Some(refusal) if refusal.status.is_client_error() => {
            let (status, error) = match refusal.code {
                "invalid_grant" | "unsupported_grant_type" => (refusal.status, refusal.code),
                "refresh-invalid" | "refresh-reused" => (StatusCode::BAD_REQUEST, "invalid_grant"),
                "rate-limited" => (refusal.status, "temporarily_unavailable"),
                _ => (refusal.status, "invalid_request"),
            };
            let body = json!({ "error": error, "error_description": refusal.message });
            let mut shaped = (status, Json(body)).into_response();
            let retry = axum::http::header::RETRY_AFTER;
            if let Some(wait) = response.headers().get(&retry) {
                shaped.headers_mut().insert(retry, wait.clone());
            }
            shaped
        }
        _ => response,
    };
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
