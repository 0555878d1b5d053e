//! One request to a backend whose answer is read by the caller, piece by piece if need be.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use salon_base::{Code, Fault};
use salon_http::retry_after;
use salon_profile::Auth;
use secrecy::SecretString;

use crate::rest::RestBackend;
use crate::rest::{Outgoing, refusal};

/// A backend that asks for more is asked again after this all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// Until the answer begins; connecting has a limit of its own, within this.
const HEADERS_LIMIT: Duration = Duration::from_secs(20);

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

/// Asks one backend as one user, and says more of a refusal than a fault does.
#[derive(Clone, Debug)]
pub(crate) struct Asker(RestBackend);

impl Asker {
    pub(crate) fn new(backend: RestBackend) -> Self {
        Self(backend)
    }

    /// The backend's name for the user; empty: not known.
    pub(crate) fn user_id(&self) -> String {
        self.0.credentials().user().unwrap_or_default().id
    }

    /// Asks for `path` below the backend's address. The answer is one of success, or 304, and its
    /// body is unread.
    pub(crate) async fn get(&self, path: &str, headers: HeaderMap) -> Result<Response, Refused> {
        let outgoing = Outgoing {
            headers,
            endless: true,
            ..Outgoing::get(path)
        };
        let asked = async {
            let credential = self.credential().await?;
            let answer = self.0.follow(&outgoing, credential.as_ref()).await?;
            match credential {
                // It may have ended on the way; another is asked with once.
                Some(refused) if answer.status() == StatusCode::UNAUTHORIZED => {
                    let fresh = self.0.credentials().replace(&refused).await?;
                    self.0.follow(&outgoing, Some(&fresh)).await
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
        match self.0.rest().auth {
            Auth::None => Ok(None),
            Auth::Bearer | Auth::Cookie(_) => self.0.credentials().credential().await.map(Some),
        }
    }
}

fn judge(answer: Response) -> Result<Response, Refused> {
    let status = answer.status();
    let wait = wait(answer.headers());
    let fault = match status {
        StatusCode::NOT_MODIFIED => return Ok(answer),
        // "Stop" in the language of event streams (HTML, section 9.2.3).
        StatusCode::NO_CONTENT => return Err(Refused::Missing),
        _ if status.is_success() => return Ok(answer),
        StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_ACCEPTABLE
        | StatusCode::GONE
        | StatusCode::NOT_IMPLEMENTED => return Err(Refused::Missing),
        _ => refusal(status, &status.to_string(), false, false),
    };
    Err(Refused::Fault(fault, wait))
}

/// How long not to ask again, as far as the backend is heeded.
fn wait(headers: &HeaderMap) -> Duration {
    let asked = retry_after(headers, SystemTime::now());
    asked.unwrap_or_default().min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use reqwest::header::RETRY_AFTER;

    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date_and_bounded() {
        let wait = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            super::wait(&headers)
        };
        assert_eq!(wait("7"), Duration::from_secs(7));
        assert_eq!(wait("99999999"), LONGEST_WAIT);
        assert_eq!(wait("-1"), Duration::ZERO);
        assert_eq!(wait("soon"), Duration::ZERO);
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60));
        assert!((50..=60).contains(&wait(&date).as_secs()));
    }
}
