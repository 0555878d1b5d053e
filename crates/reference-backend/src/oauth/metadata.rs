//! What there is and where, for clients that look it up.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(openid_configuration))
        .routes(routes!(authorisation_server))
}

/// RFC 8414. There are no ID tokens, so what OpenID Connect adds about them is absent.
#[derive(Serialize, ToSchema)]
pub(crate) struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    userinfo_endpoint: String,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
}

/// The endpoints, where OpenID Connect looks for them.
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "sign-in",
    responses((status = 200, body = Metadata)))]
async fn openid_configuration(State(app): State<App>) -> Json<Metadata> {
    let at = |path: &str| format!("{}{path}", app.public_url);
    Json(Metadata {
        issuer: app.public_url.clone(),
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        userinfo_endpoint: at("/oauth/userinfo"),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["none"],
        authorization_response_iss_parameter_supported: true,
    })
}

/// The same, where RFC 8414 looks for it.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "sign-in",
    responses((status = 200, body = Metadata)))]
async fn authorisation_server(app: State<App>) -> Json<Metadata> {
    openid_configuration(app).await
}
