//! The calls over HTTP (Twirp, JSON), and the way to the signalling WebSocket.

use std::time::Duration;

use axum::extract::{Path, State, WebSocketUpgrade};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::edge::Edge;
use super::faults::CallFault;
use super::room::{At, Command, Method};
use super::signalling;
use super::words::{self, Asked};
use crate::stream::cors;

/// Longer than a room ever takes; an answer that has not come by then does not come.
const ANSWER: Duration = Duration::from_secs(10);

pub(crate) fn router(edge: Edge) -> Router {
    Router::new()
        .route("/ws", get(connect))
        .route("/twirp/{service}/{method}", post(call))
        .layer(middleware::from_fn(cors::allow))
        .with_state(edge)
}

async fn connect(State(edge): State<Edge>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| signalling::serve(socket, edge))
}

async fn call(
    State(edge): State<Edge>,
    Path((_, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let header = headers.get(AUTHORIZATION);
    let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let grant = token.and_then(|token| edge.shared.grants.lock().get(token).cloned());
    let Some(grant) = grant else {
        return twirp(StatusCode::UNAUTHORIZED, "unauthenticated", "unknown token");
    };
    let fault = edge.shared.faults.lock().of_call(&method);
    match fault {
        Some(CallFault::Refuse(code)) => {
            let error = words::error(code, "the double was told to refuse it", false);
            return Json(json!({ "error": error })).into_response();
        }
        Some(CallFault::Broken) => {
            return twirp(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "told to fail",
            );
        }
        Some(CallFault::Silent) => {
            let mut closing = edge.shared.closing.subscribe();
            // An error means that all is gone, which is the same.
            let _ = closing.wait_for(|closing| *closing).await;
            return twirp(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "all is over",
            );
        }
        Some(CallFault::Slow(time)) => tokio::time::sleep(time).await,
        None => {}
    }
    let asked = match serde_json::from_str::<Asked>(&body) {
        Ok(asked) => asked,
        Err(error) => {
            let words = error.to_string();
            return twirp(StatusCode::BAD_REQUEST, "malformed", &words);
        }
    };
    tracing::debug!(method, user = grant.user, body, "asked");
    let known = match method.as_str() {
        "SetPublisher" => Method::SetPublisher,
        "SendAnswer" => Method::SendAnswer,
        "IceRestart" => Method::IceRestart,
        "UpdateSubscriptions" => Method::UpdateSubscriptions,
        "UpdateMuteStates" => Method::UpdateMuteStates,
        // Clients check, the media server answers: it needs no candidates of theirs. And what it is
        // told of their state it has no use for.
        "IceTrickle"
        | "SendStats"
        | "SendMetrics"
        | "StartNoiseCancellation"
        | "StopNoiseCancellation" => return Json(json!({})).into_response(),
        _ => return twirp(StatusCode::NOT_FOUND, "bad_route", "no such method"),
    };
    let at = At {
        edge: edge.name.to_string(),
        session: asked.session_id.clone(),
    };
    let (answer, answered) = oneshot::channel();
    let command = Command::Call(at, known, Box::new(asked), answer);
    let answered = async {
        edge.shared.command(&grant.cid, command).await?;
        answered.await.ok()
    };
    match tokio::time::timeout(ANSWER, answered).await {
        Ok(Some(answer)) => {
            log_refusal(&method, &answer);
            Json(answer).into_response()
        }
        _ => twirp(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "the call is over",
        ),
    }
}

fn log_refusal(method: &str, answer: &Value) {
    if let Some(error) = answer.get("error") {
        tracing::info!(method, %error, "refused");
    }
}

fn twirp(status: StatusCode, code: &str, words: &str) -> Response {
    (status, Json(json!({ "code": code, "msg": words }))).into_response()
}
