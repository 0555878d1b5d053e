//! Requests to an authorisation server.

use oauth2::{HttpRequest, HttpResponse};
use reqwest::{Response, StatusCode};
use salon_base::plain::line;
use salon_base::{Code, Fault};
use salon_http::{Party, unreachable};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Bytes of an answer; tokens take a few thousand.
const LARGEST_ANSWER: usize = 256 * 1024;
/// Characters of what a server says.
const LONGEST_WORDS: usize = 200;

/// Carries a request of the OAuth library.
pub(super) async fn send(
    http: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let request = reqwest::Request::try_from(request).map_err(lost)?;
    let response = http.execute(request).await.map_err(lost)?;
    check_busy(response.status())?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut answer = HttpResponse::new(read(response).await?);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

/// The body of what is there; `None`: it is not.
pub(super) async fn get(
    http: &reqwest::Client,
    url: Url,
    bearer: Option<&SecretString>,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut request = http.get(url).header("accept", "application/json");
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer.expose_secret());
    }
    let response = request.send().await.map_err(lost)?;
    check_busy(response.status())?;
    match response.status() {
        StatusCode::OK => Ok(Some(read(response).await?)),
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(answered(status)),
    }
}

/// Posts a form whose answer does not matter if it is good.
pub(super) async fn post(
    http: &reqwest::Client,
    url: Url,
    form: &[(&str, &str)],
) -> Result<(), Fault> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let response = request.send().await.map_err(lost)?;
    match response.status().is_success() {
        true => Ok(()),
        false => Err(answered(response.status())),
    }
}

/// What a server said, without the secrets that it was sent, short and on one line.
pub(super) fn scrubbed(text: &str, secrets: &[SecretString]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().map(ExposeSecret::expose_secret) {
        if !secret.is_empty() {
            text = text.replace(secret, "[secret]");
        }
    }
    line(&text, LONGEST_WORDS)
}

fn lost(error: reqwest::Error) -> Fault {
    unreachable(Party::Backend, error)
}

fn answered(status: StatusCode) -> Fault {
    Fault::new(Code::BackendError, format!("it answered {status}"))
}

/// Answers that say nothing of what was asked.
fn check_busy(status: StatusCode) -> Result<(), Fault> {
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Code::BackendRateLimited.into());
    }
    if status.is_server_error() || status.is_redirection() {
        return Err(answered(status));
    }
    Ok(())
}

async fn read(mut response: Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Code::BackendAnswerTooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_sent_is_not_said_back(
            before: String, secret in "[A-Za-z0-9_.~-]{8,60}", after: String,
        ) {
            prop_assume!(!"[secret]".contains(&secret));
            let said = scrubbed(&format!("{before}{secret}{after}"), &[secret.as_str().into()]);
            prop_assert!(!said.contains(&secret));
            prop_assert!(said.chars().count() <= LONGEST_WORDS);
        }
    }
}
