//! The HTTP API.

use std::io;

use axum::body::Body;
use axum::extract::{State, WebSocketUpgrade};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::faults::Broken;
use super::functions::{Kind, canonical};
use super::{Shared, sync};

pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/api/sync", get(connect))
        .route("/api/query", post(query))
        .route("/api/mutation", post(mutation))
        .route("/api/action", post(action))
        .route("/version", get(async || "double"))
        .with_state(shared)
}

async fn connect(State(shared): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    if shared.running.refuses() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    upgrade.on_upgrade(|socket| sync::serve(socket, shared))
}

/// What the API is asked.
#[derive(Deserialize)]
struct FunctionCall {
    path: String,
    #[serde(default)]
    args: Map<String, Value>,
    /// `json` is all that is spoken here.
    #[serde(default)]
    format: Option<String>,
}

async fn query(shared: State<Shared>, headers: HeaderMap, call: Json<FunctionCall>) -> Response {
    answer(Kind::Query, shared, headers, call).await
}

async fn mutation(shared: State<Shared>, headers: HeaderMap, call: Json<FunctionCall>) -> Response {
    answer(Kind::Mutation, shared, headers, call).await
}

async fn action(shared: State<Shared>, headers: HeaderMap, call: Json<FunctionCall>) -> Response {
    answer(Kind::Action, shared, headers, call).await
}

async fn answer(
    kind: Kind,
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(call): Json<FunctionCall>,
) -> Response {
    if call.format.is_some_and(|format| format != "json") {
        return refusal(
            StatusCode::BAD_REQUEST,
            "BadFormat",
            "format has to be json",
        );
    }
    let caller = match caller(&shared, &headers) {
        Ok(caller) => caller,
        Err(message) => return refusal(StatusCode::UNAUTHORIZED, "InvalidAuthHeader", &message),
    };
    let path = canonical(&call.path);
    let ran = shared.run(kind, &path, &call.args, caller.as_deref());
    match ran.await {
        Ok(ran) => {
            let answer = match ran.outcome {
                Ok(value) => json!({ "status": "success", "value": value }),
                Err(failure) => {
                    let mut answer = json!({
                        "status": "error", "errorMessage": failure.message,
                    });
                    if let Some(data) = failure.data {
                        answer["errorData"] = data;
                    }
                    answer
                }
            };
            Json(answer).into_response()
        }
        Err(Broken::Auth(message)) => {
            refusal(StatusCode::UNAUTHORIZED, "InvalidAuthHeader", &message)
        }
        Err(Broken::Garbage(text)) => text.into_response(),
        Err(Broken::Drop) => {
            // A body that fails takes the connection with it.
            let cut = io::Error::from(io::ErrorKind::ConnectionReset);
            Body::from_stream(stream::iter([Err::<Vec<u8>, _>(cut)])).into_response()
        }
        Err(Broken::Silent) => std::future::pending().await,
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}

/// Who asks; without a header nobody does.
fn caller(shared: &Shared, headers: &HeaderMap) -> Result<Option<String>, String> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let token = header
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Bearer "));
    let token = token.ok_or("Authorization has to be a bearer token")?;
    let identity = shared.secrets.check(token)?;
    Ok(Some(identity.account))
}
