//! Sending a request and receiving its answer: whose it is, where it may lead, how much is read.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, LOCATION};
use salon_base::{Code, Fault};
use salon_http::{Party, date, retry_after, unreachable};
use salon_profile::{Auth, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::reading::said;
use super::received::Received;
use super::retry::{Ended, pauses, wait};
use super::{LARGEST_ANSWER, LARGEST_LIST, RestBackend, refusal};

/// Redirects followed, within the same origin.
const REDIRECTS: usize = 3;
/// An answer whose end is not waited for with the head may take this long, in all.
const ENDLESS: Duration = Duration::from_secs(24 * 60 * 60);

/// A request.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// Method.
    pub method: Method,
    /// Below the backend's address, filled in.
    pub path: &'a str,
    /// JSON.
    pub body: Option<&'a Value>,
    /// Sending it twice does no harm.
    pub repeatable: bool,
    /// Bytes of the answer.
    pub largest: usize,
    /// Where in a refusal words may lie.
    pub message: &'a [String],
    /// It is about a meeting session.
    pub about_session: bool,
    /// Further ones.
    pub headers: HeaderMap,
    /// The answer's body goes on.
    pub endless: bool,
}

impl<'a> Outgoing<'a> {
    /// A GET for a list.
    pub fn get(path: &'a str) -> Self {
        Self {
            method: Method::Get,
            path,
            body: None,
            repeatable: true,
            largest: LARGEST_LIST,
            message: &[],
            about_session: false,
            headers: HeaderMap::new(),
            endless: false,
        }
    }
}

impl RestBackend {
    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Received, Fault> {
        let (answer, credential) = self.exchange_head(&outgoing).await?;
        let date = date(&answer);
        let body = read(answer, outgoing.largest).await?;
        Ok(Received::asked_with(credential, body, date))
    }

    /// Up to the head of a good answer.
    pub(super) async fn exchange_head(
        &self,
        outgoing: &Outgoing<'_>,
    ) -> Result<(reqwest::Response, Option<SecretString>), Fault> {
        let mut credential = match self.rest.auth {
            Auth::None => None,
            _ => Some(self.credentials.credential().await?),
        };
        let (mut replaced, mut pauses) = (false, pauses(outgoing.repeatable));
        loop {
            let (ended, fault) = match self.follow(outgoing, credential.as_ref()).await {
                Ok(answer) if answer.status().is_success() => return Ok((answer, credential)),
                Ok(answer) => {
                    let ended = Ended::Refused {
                        status: answer.status(),
                        retry_after: retry_header(&answer),
                    };
                    let fault = refused(answer, outgoing, credential.as_ref()).await;
                    (ended, fault)
                }
                Err(fault) => (Ended::Unanswered(fault.clone()), fault),
            };
            match (&ended, &credential) {
                (Ended::Refused { status, .. }, Some(refused))
                    if *status == StatusCode::UNAUTHORIZED && !replaced =>
                {
                    let other = self.credentials.replace(refused).await;
                    credential = Some(other.map_err(|why| explained(why, fault))?);
                    replaced = true;
                    continue;
                }
                _ => {}
            }
            match wait(&ended).zip(pauses.next()) {
                Some((wait, pause)) => tokio::time::sleep(wait + pause).await,
                None => return Err(fault),
            }
        }
    }

    /// Sends, and follows redirects: the credential must not go anywhere else.
    pub(crate) async fn follow(
        &self,
        outgoing: &Outgoing<'_>,
        credential: Option<&SecretString>,
    ) -> Result<reqwest::Response, Fault> {
        let mut url = below(&self.base, outgoing.path);
        let mut method = outgoing.method;
        for _ in 0..=REDIRECTS {
            let mut request = match method {
                Method::Get => self.client.get(url.clone()),
                Method::Post => self.client.post(url.clone()),
            };
            request = request.headers(outgoing.headers.clone());
            if let Some(credential) = credential {
                let (name, value) = self.authorisation(credential)?;
                request = request.header(name, value);
            }
            request = match (method, outgoing.body) {
                (Method::Post, Some(body)) => request.json(body),
                // Some frameworks refuse a POST without a type.
                (Method::Post, None) => request.header(CONTENT_TYPE, "application/json"),
                (Method::Get, _) => request,
            };
            if outgoing.endless {
                request = request.timeout(ENDLESS);
            }
            let answer = request
                .send()
                .await
                .map_err(|error| unreachable(Party::Backend, error))?;
            if !is_redirect(answer.status()) {
                return Ok(answer);
            }
            if answer.status() == StatusCode::SEE_OTHER {
                method = Method::Get;
            }
            url = redirect(&url, &answer)?;
        }
        Err(Fault::new(Code::BackendError, "too many redirects"))
    }

    fn authorisation(
        &self,
        credential: &SecretString,
    ) -> Result<(reqwest::header::HeaderName, HeaderValue), Fault> {
        let secret = credential.expose_secret();
        let (name, value) = match &self.rest.auth {
            Auth::Cookie(cookie) => {
                // RFC 6265, section 4.1.1: anything else would end it, or begin another.
                let allowed = |c: char| c.is_ascii_graphic() && !"\",;\\".contains(c);
                if !secret.chars().all(allowed) {
                    return Err(Code::CredentialInvalid.into());
                }
                (COOKIE, format!("{cookie}={secret}"))
            }
            _ => (AUTHORIZATION, format!("Bearer {secret}")),
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| Code::CredentialInvalid)?;
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// A path below an address, which stays at its origin whatever the path is.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url.set_fragment(None);
    url
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn redirect(from: &Url, answer: &reqwest::Response) -> Result<Url, Fault> {
    let location = answer.headers().get(LOCATION);
    let location = location.and_then(|value| value.to_str().ok());
    match location.and_then(|location| from.join(location).ok()) {
        Some(to) if to.origin() == from.origin() => Ok(to),
        Some(to) => {
            let host = to.host_str().unwrap_or("something else");
            let why = format!("it redirects to another server ({host})");
            Err(Fault::new(Code::BackendError, why))
        }
        None => Err(Fault::new(Code::BackendError, "it redirects to nowhere")),
    }
}

fn retry_header(answer: &reqwest::Response) -> Option<Duration> {
    let now = date(answer).unwrap_or_else(SystemTime::now);
    retry_after(answer.headers(), now)
}

async fn refused(
    answer: reqwest::Response,
    outgoing: &Outgoing<'_>,
    credential: Option<&SecretString>,
) -> Fault {
    let (status, wait) = (answer.status(), retry_header(&answer));
    // What it says is of no use without its end; that it refuses is known.
    let body = read(answer, LARGEST_ANSWER).await.unwrap_or_default();
    let json = serde_json::from_slice::<Value>(&body).ok();
    let mut words = json
        .as_ref()
        .and_then(|json| said(json, outgoing.message, credential))
        .unwrap_or_else(|| format!("status {}", status.as_u16()));
    if let (StatusCode::TOO_MANY_REQUESTS, Some(wait)) = (status, wait) {
        words = format!("{words} (it asks to wait {} s)", wait.as_secs());
    }
    refusal(status, &words, outgoing.about_session, json.is_some())
}

/// Why there is no other credential, with what the backend said of the one that there was.
fn explained(why: Fault, said: Fault) -> Fault {
    let detail = if why.detail.is_empty() {
        said.detail
    } else {
        why.detail
    };
    Fault {
        code: why.code,
        detail,
    }
}

async fn read(mut answer: reqwest::Response, largest: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    let announced = answer.content_length().unwrap_or_default();
    if usize::try_from(announced).is_ok_and(|announced| announced > largest) {
        return Err(Code::BackendAnswerTooLarge.into());
    }
    while let Some(piece) = answer
        .chunk()
        .await
        .map_err(|error| unreachable(Party::Backend, error))?
    {
        if body.len() + piece.len() > largest {
            return Err(Code::BackendAnswerTooLarge.into());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
