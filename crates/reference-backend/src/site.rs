//! `/sign-in/salon`: the page that the app opens to be signed in by a link
//! (`docs/decisions/sign-in.md`).
//!
//! There is no signed-in browser: the password is asked for each time, and the page with the link is
//! the answer to it. So nobody can be made to hand over a sign-in that they have not just typed, and
//! a page elsewhere cannot send the form either: it lacks the secret that this form has in a field
//! and in a cookie.
//!
//! An app that sends a PKCE challenge with its state gets a code and exchanges it at `/oauth/token`: so
//! the link is worth nothing to anybody else, and the sign-in can be renewed. One that sends none gets
//! an access token.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{check_password, issue};
use crate::body::{ClientAddress, FormBody};
use crate::credentials::{handed_out, hash};
use crate::oauth::{code_for, is_challenge};
use crate::page::{self, Form};
use crate::refusal::Refusal;

const PATH: &str = "/sign-in/salon";
/// The app's is 43 characters; fewer could be guessed.
const STATE_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;
/// Seconds that a form can be left open.
const FORM_LASTS: u32 = 3600;
/// What codes name instead of an address: they come back by this link only.
const LINK: &str = "salon://sign-in";
/// Longer than where browsers are sent on at once: it is a person who opens the link.
const CODE_LASTS: Duration = Duration::from_secs(300);

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask, decide))
}

/// What the app asks for.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub(crate) struct SignInRequest {
    /// The app's own, 16 to 128 unreserved characters (RFC 3986, section 2.3). Comes back as it is.
    state: String,
    /// With it the link has a `code` instead of a `token`: base64url of the SHA-256 of the verifier.
    code_challenge: Option<String>,
    /// `S256`.
    code_challenge_method: Option<String>,
}

impl SignInRequest {
    fn is_of_an_app(&self) -> bool {
        is_state(&self.state)
            && match (&self.code_challenge, &self.code_challenge_method) {
                (Some(challenge), Some(method)) => method == "S256" && is_challenge(challenge),
                (None, None) => true,
                _ => false,
            }
    }
}

/// Whether it can be an app's. What else an address may hold has no business in a link.
fn is_state(state: &str) -> bool {
    let unreserved = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
    STATE_LENGTHS.contains(&state.len()) && state.bytes().all(unreserved)
}

fn not_from_the_app() -> Response {
    page::refusal(
        StatusCode::BAD_REQUEST,
        "This page is opened by the Salon app. Begin there: choose “Open the web site”.",
    )
}

/// The link that the app waits for. It goes to no other program, whatever was asked.
fn link(app: &App, state: &str, name: &str, value: &str) -> Result<String, Refusal> {
    let own = Url::parse(&app.public_url).map_err(|_| Refusal::internal())?;
    let mut link = Url::parse(LINK).map_err(|_| Refusal::internal())?;
    link.query_pairs_mut()
        .append_pair("backend", &own.origin().ascii_serialization())
        .append_pair("state", state)
        .append_pair(name, value);
    Ok(link.into())
}

/// The sign-in form.
#[utoipa::path(get, path = PATH, tag = "sign-in", params(SignInRequest),
    responses(
        (status = 200, description = "A form", content_type = "text/html"),
        (status = 400, description = "No state, or none that an app makes",
            content_type = "text/html"),
        (status = 429, description = "With `Retry-After`")))]
async fn ask(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    request: Result<Query<SignInRequest>, QueryRejection>,
) -> Result<Response, Refusal> {
    app.limits.renewal(from, &app.metrics)?;
    let Some(Query(request)) = request.ok().filter(|request| request.is_of_an_app()) else {
        return Ok(not_from_the_app());
    };
    form(&app, &request, |form| form.page(StatusCode::OK, None))
}

/// The form, filled in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct FilledForApp {
    #[serde(flatten)]
    request: SignInRequest,
    /// As it was in the form; the cookie has to have the same.
    #[schema(value_type = String, format = Password)]
    form: SecretFormKey,
    #[serde(default)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// What shows that the form was ours and shown in this browser.
#[derive(Deserialize)]
#[serde(transparent)]
struct SecretFormKey(String);

impl SecretFormKey {
    /// Compared by their hashes, which tells nobody how much of it was right.
    fn is_of(&self, app: &App, headers: &HeaderMap) -> bool {
        let name = cookie_name(app);
        let given = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value));
        given.is_some_and(|given| !given.is_empty() && hash(given) == hash(&self.0))
    }
}

/// The form's answer: the link for the app, with a code, or with an access token and no refresh
/// token.
#[utoipa::path(post, path = PATH, tag = "sign-in",
    request_body(content = FilledForApp, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page with the link `salon://sign-in?...`",
            content_type = "text/html"),
        (status = 400, description = "No state that an app makes", content_type = "text/html"),
        (status = 401, description = "The form again", content_type = "text/html"),
        (status = 403, description = "Not sent from the form: it is shown again",
            content_type = "text/html"),
        (status = 429, description = "The form again, with `Retry-After`",
            content_type = "text/html")))]
async fn decide(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    FormBody(filled): FormBody<FilledForApp>,
) -> Result<Response, Refusal> {
    let request = &filled.request;
    if !request.is_of_an_app() {
        return Ok(not_from_the_app());
    }
    if !filled.form.is_of(&app, &headers) {
        let why = "The form was open for too long, or cookies are off. Try again.";
        return form(&app, request, |form| {
            form.page(StatusCode::FORBIDDEN, Some(why))
        });
    }
    let account = match check_password(&app, from, &filled.email, filled.password).await {
        Ok(account) => account,
        Err(refusal) if refusal.status.is_client_error() => {
            return form(&app, request, |form| form.again(refusal));
        }
        Err(refusal) => return Err(refusal),
    };
    let link = match &request.code_challenge {
        Some(challenge) => {
            let (redirect, challenge) = (LINK.to_owned(), challenge.clone());
            let code = code_for(&app, account.id, redirect, challenge, CODE_LASTS).await?;
            link(&app, &request.state, "code", &code)?
        }
        None => {
            let pair = issue(&app, account.id, None).await?;
            link(&app, &request.state, "token", &pair.access)?
        }
    };
    let mut response = page::to_the_app(&account.name, &link);
    set_cookie(&app, &mut response, "", 0);
    Ok(response)
}

/// A form with a fresh secret in it and in its cookie.
fn form(
    app: &App,
    request: &SignInRequest,
    show: impl FnOnce(Form<'_>) -> Response,
) -> Result<Response, Refusal> {
    let (key, _) = handed_out();
    let cancel = link(app, &request.state, "error", "access_denied")?;
    let mut hidden = vec![("state", request.state.as_str()), ("form", key.as_str())];
    if let Some(challenge) = &request.code_challenge {
        hidden.push(("code_challenge", challenge.as_str()));
        hidden.push(("code_challenge_method", "S256"));
    }
    let mut response = show(Form {
        action: PATH,
        hidden: &hidden,
        cancel: Some(&cancel),
    });
    set_cookie(app, &mut response, &key, FORM_LASTS);
    Ok(response)
}

/// With HTTPS no other host of the same domain can set it (RFC 6265bis, section 4.1.3.2).
fn cookie_name(app: &App) -> &'static str {
    if app.https {
        "__Host-salon_form"
    } else {
        "salon_form"
    }
}

fn set_cookie(app: &App, response: &mut Response, value: &str, seconds: u32) {
    let name = cookie_name(app);
    let secure = if app.https { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::is_state;

    #[test]
    fn a_state_has_nothing_in_it_that_a_page_or_a_link_reads() {
        assert!(is_state("OfZ-93_bR.tq~0123456789abcdefghijklmnopqrst"));
        let long = "s".repeat(129);
        for bad in [
            "",
            "fifteen-letters",
            &long,
            "\"><script>alert(1)</script>",
            "0123456789abcdef&token=evil",
            "0123456789abcdef evil",
            "0123456789abcdef%22",
            "0123456789abcdef\n",
            "0123456789abcdé",
        ] {
            assert!(!is_state(bad), "{bad}");
        }
    }
}
