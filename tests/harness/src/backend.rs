//! A backend of the contract `livekit-meetings` that hands out whatever a test puts in.

use std::sync::{Arc, Mutex};

use anyhow::Result;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tower_http::services::ServeDir;

/// The double and its present answer.
#[derive(Clone, Debug, Default)]
pub struct Backend {
    answer: Arc<Mutex<Value>>,
}

impl Backend {
    /// Starts on a free port; its address.
    ///
    /// # Errors
    /// If there is no port.
    pub async fn start() -> Result<(Self, String)> {
        let backend = Self::default();
        let routes = Router::new()
            .route("/api/reading-clubs/meetings/token", post(answer))
            .with_state(backend.clone());
        Ok((backend, serve(routes).await?))
    }

    /// From now on hands out this token for this room.
    pub fn hand_out(&self, token: &str, room: &str) {
        let answer = json!({ "token": token, "room_name": room, "participant_name": "Ann" });
        if let Ok(mut slot) = self.answer.lock() {
            *slot = answer;
        }
    }
}

async fn answer(State(backend): State<Backend>) -> Json<Value> {
    Json(
        backend
            .answer
            .lock()
            .map(|answer| answer.clone())
            .unwrap_or_default(),
    )
}

/// Serves the built page to browsers; its address.
///
/// # Errors
/// If there is no port.
pub async fn serve_page(folder: &std::path::Path) -> Result<String> {
    serve(Router::new().fallback_service(ServeDir::new(folder))).await
}

async fn serve(routes: Router) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}
