//! What the service answers when it does not do what it is asked.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error of the service, in an answer to a request or in `connection.error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of HTTP.
    pub status: u16,
    /// The service's own.
    pub code: u16,
    /// For developers.
    pub message: String,
    /// Whether it says that asking again is of no use.
    pub unrecoverable: bool,
}

impl Refusal {
    /// One that may be tried again.
    pub fn new(status: u16, code: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            unrecoverable: false,
        }
    }

    /// The same, which may not be tried again.
    #[must_use]
    pub fn for_good(mut self) -> Self {
        self.unrecoverable = true;
        self
    }

    pub(crate) fn key_unknown() -> Self {
        Self::new(401, 2, "api_key not found")
    }

    pub(crate) fn unauthenticated(why: &str) -> Self {
        Self::new(401, 5, why)
    }

    pub(crate) fn expired() -> Self {
        Self::new(401, 40, "JWTAuth error: token is expired (exp)")
    }

    pub(crate) fn not_yet_valid() -> Self {
        Self::new(401, 41, "JWTAuth error: token is not valid yet (nbf)")
    }

    pub(crate) fn before_issued() -> Self {
        Self::new(401, 42, "JWTAuth error: token used before issued (iat)")
    }

    pub(crate) fn signature() -> Self {
        Self::new(401, 43, "JWTAuth error: signature is not valid")
    }

    pub(crate) fn input(why: impl Into<String>) -> Self {
        Self::new(400, 4, why)
    }

    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::new(404, 16, what)
    }

    pub(crate) fn not_allowed(user: &str, capability: &str, cid: &str) -> Self {
        let message = format!("user {user} is not allowed to perform {capability} in {cid}");
        Self::new(403, 17, message)
    }

    /// As it is on the wire; `action` is what was asked for.
    pub(crate) fn body(&self, action: &str) -> Value {
        let mut body = json!({
            "StatusCode": self.status,
            "code": self.code,
            "message": format!("{action} failed with error: \"{}\"", self.message),
            "more_info": "",
            "duration": "0.10ms",
            "details": [],
        });
        if self.unrecoverable {
            body["unrecoverable"] = json!(true);
        }
        body
    }

    pub(crate) fn response(&self, action: &str) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.body(action))).into_response()
    }
}
