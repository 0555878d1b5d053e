//! What comes with a request, with our own words when it is not right.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Form, FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::refusal::Refusal;

/// The largest body that is read, in bytes.
pub(crate) const LARGEST: usize = 16 * 1024;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        match Json::<T>::from_request(request, app).await {
            Ok(Json(value)) => Ok(Self(value)),
            // What was sent may hold a password: serde's message quotes values.
            Err(JsonRejection::JsonDataError(_)) => Err(Refusal::bad_request(
                "body-invalid",
                "The body lacks a field, or one is of the wrong kind.",
            )),
            Err(rejection) => Err(unreadable(rejection.status(), "The body is not JSON.")),
        }
    }
}

/// A body as HTML forms and OAuth clients send it.
#[derive(Debug)]
pub(crate) struct FormBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for FormBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        match Form::<T>::from_request(request, app).await {
            Ok(Form(value)) => Ok(Self(value)),
            Err(FormRejection::FailedToDeserializeFormBody(_)) => Err(Refusal::bad_request(
                "body-invalid",
                "The form lacks a field, or one is of the wrong kind.",
            )),
            Err(rejection) => Err(unreadable(rejection.status(), "The body is not a form.")),
        }
    }
}

fn unreadable(status: StatusCode, message: &'static str) -> Refusal {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::new(status, "body-too-large", "The body is too large.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Refusal::new(
            status,
            "content-type",
            "The Content-Type header does not say what is expected here.",
        ),
        _ => Refusal::bad_request("body-invalid", message),
    }
}

/// An id in the path.
#[derive(Debug)]
pub(crate) struct PathId<T>(pub(crate) T);

impl<T: From<String>> FromRequestParts<App> for PathId<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| Refusal::not_found())?;
        Ok(Self(T::from(text)))
    }
}

/// What a request came by, put into each when its connection was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// Who is at the other end.
    pub(crate) peer: SocketAddr,
    pub(crate) ends: CancellationToken,
}

impl Connection {
    /// Ends it at once, whatever is under way.
    pub(crate) fn end(&self) {
        self.ends.cancel();
    }
}

/// The address that a request comes from, behind a proxy the one that the proxy saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let connection = parts.extensions.get::<Connection>();
        let direct = connection.map_or(Ipv4Addr::UNSPECIFIED.into(), |by| by.peer.ip());
        if !app.trust_forwarded_for {
            return Ok(Self(direct));
        }
        // Only the last entry is the proxy's own; those before it are what the client claims.
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .and_then(|last| last.trim().parse().ok());
        Ok(Self(forwarded.unwrap_or(direct)))
    }
}
