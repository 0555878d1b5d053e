//! All routes, and the document that describes them.

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::auth::COOKIE;
use crate::body::LARGEST;
use crate::refusal::Refusal;
use crate::{auth, contracts, health, meetings, middleware, oauth, site};

/// What the backend answers to.
pub(crate) fn router(app: &App) -> Router {
    let bounded = OpenApiRouter::new()
        .merge(auth::routes::routes())
        .merge(oauth::routes())
        .merge(site::routes())
        .merge(contracts::routes())
        .merge(meetings::routes())
        .merge(health::routes())
        .layer(from_fn(middleware::time_out));
    let (router, document) = OpenApiRouter::with_openapi(description())
        .merge(bounded)
        .merge(meetings::live_routes())
        .split_for_parts();
    let document = Json(document);
    router
        .route(
            "/api/openapi.json",
            get(move || std::future::ready(document.clone())),
        )
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || {
            Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "This does not take such requests.",
            )
        })
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(from_fn_with_state(app.clone(), middleware::protect))
        .layer(from_fn_with_state(app.clone(), middleware::count))
        .with_state(app.clone())
}

fn description() -> OpenApi {
    let mut info = Info::new("Salon reference backend", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Sign-in, tokens for calls, and meeting sessions. Errors are \
         `{\"error\": {\"code\", \"message\"}}` unless an endpoint says otherwise."
            .into(),
    );
    let mut components = Components::new();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
    components.add_security_scheme("bearer", bearer);
    components.add_security_scheme("cookie", cookie);
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .build()
}
