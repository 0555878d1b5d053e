//! `/oauth/authorize`: the form, and the way back with a code.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{client, code_for};
use crate::app::App;
use crate::auth::check_password;
use crate::body::{ClientAddress, FormBody};
use crate::page::{self, Form};
use crate::refusal::Refusal;

const LONGEST_STATE: usize = 1024;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask, decide))
}

/// What the app asks for. All fields can be missing, so that we choose the words if one is.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
pub(crate) struct AuthorizationRequest {
    /// `code`.
    response_type: String,
    /// `salon`.
    client_id: String,
    /// `salon://auth` or `http://127.0.0.1:<port>/...`.
    redirect_uri: String,
    /// Comes back as it is.
    state: Option<String>,
    /// Base64url of the SHA-256 of the verifier.
    code_challenge: String,
    /// `S256`.
    code_challenge_method: String,
}

/// An error that the app is told by way of the browser (RFC 6749, section 4.1.2.1).
struct AuthorizationError(&'static str, &'static str);

impl AuthorizationRequest {
    /// Whether the browser can be sent back at all. If not, nobody is told but the person.
    fn check_client(&self) -> Result<(), &'static str> {
        if self.client_id != client::CLIENT_ID {
            return Err("The app that sent you here is not known.");
        }
        if !client::redirect_allowed(&self.redirect_uri) {
            return Err("The app asked to be called back at an address that is not allowed.");
        }
        Ok(())
    }

    fn check(&self) -> Result<(), AuthorizationError> {
        if self.response_type != "code" {
            return Err(AuthorizationError(
                "unsupported_response_type",
                "Only code is supported.",
            ));
        }
        if self.code_challenge_method != "S256" || !client::is_challenge(&self.code_challenge) {
            return Err(AuthorizationError(
                "invalid_request",
                "A PKCE challenge with S256 is needed.",
            ));
        }
        if self
            .state
            .as_ref()
            .is_some_and(|state| state.len() > LONGEST_STATE)
        {
            return Err(AuthorizationError(
                "invalid_request",
                "The state is too long.",
            ));
        }
        Ok(())
    }

    fn hidden(&self) -> Vec<(&'static str, &str)> {
        let mut hidden = vec![
            ("response_type", self.response_type.as_str()),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
        ];
        if let Some(state) = &self.state {
            hidden.push(("state", state));
        }
        hidden
    }

    /// Back to the app. 303: the password that was posted must not be posted on.
    fn back(&self, app: &App, with: &[(&str, &str)]) -> Response {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(with);
        if let Some(state) = self
            .state
            .as_ref()
            .filter(|state| state.len() <= LONGEST_STATE)
        {
            query.append_pair("state", state);
        }
        // RFC 9207: the app can tell which server answered.
        query.append_pair("iss", &app.public_url);
        let joint = if self.redirect_uri.contains('?') {
            '&'
        } else {
            '?'
        };
        let location = format!("{}{joint}{}", self.redirect_uri, query.finish());
        match HeaderValue::from_str(&location) {
            Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
            Err(_) => page::refusal(
                StatusCode::BAD_REQUEST,
                "The app's address is not readable.",
            ),
        }
    }

    /// The answer to what is not in order.
    fn refused(&self, app: &App) -> Option<Response> {
        if let Err(message) = self.check_client() {
            return Some(page::refusal(StatusCode::BAD_REQUEST, message));
        }
        let AuthorizationError(error, description) = self.check().err()?;
        Some(self.back(app, &[("error", error), ("error_description", description)]))
    }
}

/// The sign-in form.
#[utoipa::path(get, path = "/oauth/authorize", tag = "sign-in", params(AuthorizationRequest),
    responses(
        (status = 200, description = "A form", content_type = "text/html"),
        (status = 303, description = "Back to the app with `error` and `state`"),
        (status = 400, description = "Unknown client or address", content_type = "text/html")))]
async fn ask(
    State(app): State<App>,
    query: Result<Query<AuthorizationRequest>, QueryRejection>,
) -> Response {
    let Query(request) = query.unwrap_or_default();
    request
        .refused(&app)
        .unwrap_or_else(|| form(&request.hidden()).page(StatusCode::OK, None))
}

/// The form, filled in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Filled {
    #[serde(flatten)]
    request: AuthorizationRequest,
    #[serde(default)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// The form's answer.
#[utoipa::path(post, path = "/oauth/authorize", tag = "sign-in",
    request_body(content = Filled, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Back to the app with `code` and `state`"),
        (status = 400, description = "Unknown client or address", content_type = "text/html"),
        (status = 401, description = "The form again", content_type = "text/html"),
        (status = 429, description = "The form again, with `Retry-After`",
            content_type = "text/html")))]
async fn decide(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    FormBody(filled): FormBody<Filled>,
) -> Result<Response, Refusal> {
    let request = filled.request;
    if let Some(refused) = request.refused(&app) {
        return Ok(refused);
    }
    let account = match check_password(&app, from, &filled.email, filled.password).await {
        Ok(account) => account,
        Err(refusal) if refusal.status.is_client_error() => {
            return Ok(form(&request.hidden()).again(refusal));
        }
        Err(refusal) => return Err(refusal),
    };
    // The client is the one there is: that was looked at first.
    let (redirect, challenge) = (request.redirect_uri.clone(), request.code_challenge.clone());
    let code = code_for(&app, account.id, redirect, challenge, app.lifetimes.code).await?;
    Ok(request.back(&app, &[("code", &code)]))
}

fn form<'a>(hidden: &'a [(&'a str, &'a str)]) -> Form<'a> {
    Form {
        action: "/oauth/authorize",
        hidden,
        cancel: None,
    }
}
