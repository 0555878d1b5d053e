//! One request to a backend whose answer is read by the caller, piece by piece if need be.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{COOKIE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::account::Credentials;
use crate::profile::Auth;
use crate::token::{Party, unreachable};
use crate::{Code, Fault};

/// A backend that asks for more is asked again after this all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// Until the answer begins; connecting has a limit of its own, within this.
const HEADERS_LIMIT: Duration = Duration::from_secs(20);
/// An answer that is read slowly on purpose ends with this.
const ENDLESS: Duration = Duration::from_secs(24 * 3600);

/// Why there is nothing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The backend has no such thing.
    Missing,
    /// Something else; try again, not before this.
    Fault(Fault, Duration),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault, Duration::ZERO)
    }
}

/// Asks one backend as one user.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    client: reqwest::Client,
    base: Url,
    auth: Auth,
    credentials: Arc<dyn Credentials>,
}

impl Asker {
    /// `base` has been checked for HTTPS.
    pub(crate) fn new(
        client: reqwest::Client,
        base: Url,
        auth: Auth,
        credentials: Arc<dyn Credentials>,
    ) -> Self {
        Self {
            client,
            base,
            auth,
            credentials,
        }
    }

    /// The backend's name for the user; empty: not known.
    pub(crate) fn user_id(&self) -> String {
        self.credentials.user().unwrap_or_default().id
    }

    /// Asks for `path` below the backend's address. The answer is one of success, or 304.
    pub(crate) async fn get(&self, path: &str, headers: HeaderMap) -> Result<Response, Refused> {
        let url = below(&self.base, path)
            .ok_or(Code::ProfileInvalid)
            .map_err(Fault::from)?;
        let asked = async {
            let credential = self.credential().await?;
            let answer = self.send(&url, &headers, credential.as_ref()).await?;
            match credential {
                // It may have ended on the way; another is asked with once.
                Some(refused) if answer.status() == StatusCode::UNAUTHORIZED => {
                    let fresh = self.credentials.replace(&refused).await?;
                    self.send(&url, &headers, Some(&fresh)).await
                }
                _ => Ok(answer),
            }
        };
        let answer = tokio::time::timeout(HEADERS_LIMIT, asked)
            .await
            .map_err(|_| Fault::from(Code::BackendTimeout))??;
        judge(answer)
    }

    async fn credential(&self) -> Result<Option<SecretString>, Fault> {
        match self.auth {
            Auth::None => Ok(None),
            Auth::Bearer | Auth::Cookie(_) => self.credentials.credential().await.map(Some),
        }
    }

    async fn send(
        &self,
        url: &Url,
        headers: &HeaderMap,
        credential: Option<&SecretString>,
    ) -> Result<Response, Fault> {
        let mut request = self
            .client
            .request(Method::GET, url.clone())
            .headers(headers.clone())
            .timeout(ENDLESS);
        if let Some(credential) = credential {
            request = match &self.auth {
                Auth::Cookie(name) => {
                    let cookie = format!("{name}={}", credential.expose_secret());
                    let mut cookie =
                        HeaderValue::from_str(&cookie).map_err(|_| Code::CredentialInvalid)?;
                    cookie.set_sensitive(true);
                    request.header(COOKIE, cookie)
                }
                Auth::Bearer | Auth::None => request.bearer_auth(credential.expose_secret()),
            };
        }
        request
            .send()
            .await
            .map_err(|error| unreachable(Party::Backend, error))
    }
}

fn judge(answer: Response) -> Result<Response, Refused> {
    let status = answer.status();
    let wait = retry_after(answer.headers());
    let code = match status {
        StatusCode::NOT_MODIFIED => return Ok(answer),
        // "Stop" in the language of event streams (HTML, section 9.2.3).
        StatusCode::NO_CONTENT => return Err(Refused::Missing),
        _ if status.is_success() => return Ok(answer),
        StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_ACCEPTABLE
        | StatusCode::GONE
        | StatusCode::NOT_IMPLEMENTED => return Err(Refused::Missing),
        StatusCode::UNAUTHORIZED => Code::SignInExpired,
        StatusCode::TOO_MANY_REQUESTS => Code::BackendRateLimited,
        _ => Code::BackendError,
    };
    Err(Refused::Fault(Fault::new(code, status.to_string()), wait))
}

/// RFC 9110, section 10.2.3: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Duration {
    let value = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let Some(value) = value.map(str::trim) else {
        return Duration::ZERO;
    };
    let wait = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value)
            .ok()
            .and_then(|date| date.duration_since(SystemTime::now()).ok())
            .unwrap_or_default(),
    };
    wait.min(LONGEST_WAIT)
}

/// A path, with a query perhaps, below an address.
fn below(base: &Url, path: &str) -> Option<Url> {
    let base = base.as_str().split(['?', '#']).next()?;
    let url = Url::parse(&format!(
        "{}/{}",
        base.trim_end_matches('/'),
        path.trim_start_matches('/')
    ))
    .ok()?;
    // A path cannot lead to another host.
    (url.origin() == Url::parse(base).ok()?.origin()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_address() {
        let below = |base: &str, path| {
            let url = below(&base.parse().unwrap(), path);
            url.map(String::from).unwrap_or_default()
        };
        assert_eq!(
            below("https://x.example", "/a/b?c=d"),
            "https://x.example/a/b?c=d"
        );
        assert_eq!(
            below("https://x.example/app/", "a"),
            "https://x.example/app/a"
        );
        assert_eq!(
            below("https://x.example/app?q#f", "/a"),
            "https://x.example/app/a"
        );
        assert_eq!(
            below("https://x.example", "//y.example/a"),
            "https://x.example/y.example/a"
        );
        assert_eq!(
            below("https://x.example", "@y.example/a"),
            "https://x.example/@y.example/a"
        );
    }

    #[test]
    fn a_wait_is_seconds_or_a_date_and_bounded() {
        let wait = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(wait("7"), Duration::from_secs(7));
        assert_eq!(wait("99999999"), LONGEST_WAIT);
        assert_eq!(wait("-1"), Duration::ZERO);
        assert_eq!(wait("soon"), Duration::ZERO);
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60));
        assert!((50..=60).contains(&wait(&date).as_secs()));
    }
}
