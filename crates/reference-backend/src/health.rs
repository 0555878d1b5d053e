//! Whether the backend is alive, whether it can do its work, and what it has done.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::refusal::{ErrorBody, Refusal};

/// A probe that waits longer has its answer.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(live))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// A good answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "operation",
    responses((status = 200, body = Health)))]
async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

fn ask(store: &Connection) -> rusqlite::Result<bool> {
    store.query_row("SELECT EXISTS (SELECT 1 FROM accounts)", (), |row| {
        row.get(0)
    })
}

/// The database answers, reading and writing.
#[utoipa::path(get, path = "/health/ready", tag = "operation",
    responses((status = 200, body = Health), (status = 503, body = ErrorBody)))]
async fn ready(State(app): State<App>) -> Result<Json<Health>, Refusal> {
    let unready = |code| {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code,
            "The server cannot do its work at present.",
        )
    };
    if app.closing.is_cancelled() {
        return Err(unready("closing"));
    }
    let asked = async {
        app.store.read(ask).await?;
        app.store.write(|store| ask(store)).await
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(_)) => Ok(Json(Health { status: "ok" })),
        _ => Err(unready("database")),
    }
}

/// What the operator can watch.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Prometheus text", content_type = "text/plain")))]
async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Refusal> {
    let text = app
        .metrics
        .text(app.hub.listeners())
        .map_err(|_| Refusal::internal())?;
    Ok((
        [(
            CONTENT_TYPE,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        text,
    ))
}
