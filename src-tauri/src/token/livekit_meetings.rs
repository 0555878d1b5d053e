//! Tokens from a backend of the contract `livekit-meetings` (P4).

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{LOCATION, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::inspect::{Expected, inspect};
use super::{MeetingToken, Party, TokenSource, date, unreachable};
use crate::meeting::{Meeting, is_loopback};
use crate::{Code, Fault};

/// Path below the backend's address.
const PATH: &str = "api/reading-clubs/meetings/token";
/// How rooms are named after reading clubs.
const ROOM_PREFIX: &str = "reading-club-";
/// Bytes of an answer; a token takes one or two thousand.
const LARGEST_ANSWER: usize = 64 * 1024;
/// Redirects followed, within the same origin.
const REDIRECTS: usize = 3;
/// A server that asks to wait longer is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// One backend and its user.
#[derive(Debug)]
pub struct LiveKitMeetings {
    client: reqwest::Client,
    base: Url,
    bearer: Option<SecretString>,
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    room_name: Option<String>,
    participant_name: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Option<String>,
    message: Option<String>,
}

/// An answer, read whole.
struct Received {
    status: StatusCode,
    body: Vec<u8>,
    date: Option<SystemTime>,
    retry_after: Option<Duration>,
}

impl LiveKitMeetings {
    /// A backend at `base`, with the user's token for it.
    ///
    /// # Errors
    /// [`Code::BackendInsecure`] for an address without HTTPS that is not on this computer.
    pub fn new(
        client: reqwest::Client,
        base: Url,
        bearer: Option<SecretString>,
    ) -> Result<Self, Fault> {
        match base.scheme() {
            "https" => {}
            "http" if is_loopback(&base) => {}
            _ => return Err(Code::BackendInsecure.into()),
        }
        Ok(Self {
            client,
            base,
            bearer,
        })
    }

    async fn request(&self, meeting: &Meeting, name: &str) -> Result<Received, Fault> {
        let bearer = self.bearer.as_ref().ok_or(Code::BackendNotSignedIn)?;
        let number = meeting
            .room
            .strip_prefix(ROOM_PREFIX)
            .unwrap_or(&meeting.room);
        let id = number
            .parse::<u64>()
            .map_or_else(|_| json!(number), |id| json!(id));
        let body = json!({ "reading_club_id": id, "participant_name": name });
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}/{PATH}",
            self.base.path().trim_end_matches('/')
        ));
        for _ in 0..=REDIRECTS {
            let sent = self
                .client
                .post(url.clone())
                .bearer_auth(bearer.expose_secret())
                .json(&body)
                .send()
                .await
                .map_err(|error| unreachable(Party::Backend, error))?;
            if !sent.status().is_redirection() {
                return receive(sent).await;
            }
            url = redirect(&url, &sent)?;
        }
        Err(Fault::new(Code::BackendError, "too many redirects"))
    }
}

impl TokenSource for LiveKitMeetings {
    async fn fetch(&self, meeting: &Meeting, name: &str) -> Result<MeetingToken, Fault> {
        let mut received = self.request(meeting, name).await;
        // Asking for a token changes nothing there, so it may be asked for again, once.
        if let Some(wait) = worth_retrying(&received) {
            tokio::time::sleep(wait).await;
            received = self.request(meeting, name).await;
        }
        let received = received?;
        let answer = read(&received)?;
        let token = answer.token.filter(|token| !token.is_empty());
        let token = token.ok_or(Code::BackendAnswerNoToken)?;
        let room = answer.room_name.as_deref().unwrap_or(&meeting.room);
        let expected = Expected {
            room: Some(room),
            backend_now: received.date,
            ..Expected::anything()
        };
        let inspected = inspect(&token, expected)?;
        for warning in inspected.warnings() {
            tracing::warn!(code = ?warning, "the token works, but");
        }
        tracing::debug!(name = answer.participant_name, "token received");
        Ok(MeetingToken {
            token,
            server_url: meeting.server_url.clone(),
            identity: inspected.identity,
            room: inspected.room,
        })
    }
}

fn redirect(from: &Url, answer: &reqwest::Response) -> Result<Url, Fault> {
    let location = answer
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok());
    let to = location.and_then(|location| from.join(location).ok());
    match to {
        // The bearer token must not go anywhere else.
        Some(to) if to.origin() == from.origin() => Ok(to),
        _ => Err(Fault::new(
            Code::BackendError,
            "it redirects to another server",
        )),
    }
}

async fn receive(mut answer: reqwest::Response) -> Result<Received, Fault> {
    let header = |name| {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let date = date(&answer);
    let retry_after = header(RETRY_AFTER)
        .and_then(|seconds| seconds.trim().parse().ok())
        .map(Duration::from_secs);
    let (status, mut body) = (answer.status(), Vec::new());
    while let Some(piece) = answer
        .chunk()
        .await
        .map_err(|error| unreachable(Party::Backend, error))?
    {
        if body.len() + piece.len() > LARGEST_ANSWER {
            return Err(Code::BackendAnswerTooLarge.into());
        }
        body.extend_from_slice(&piece);
    }
    Ok(Received {
        status,
        body,
        date,
        retry_after,
    })
}

/// How long to wait before the one further try, if there is to be one.
fn worth_retrying(received: &Result<Received, Fault>) -> Option<Duration> {
    let busy = [
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    let wait = match received {
        Ok(received) if busy.contains(&received.status) => received.retry_after,
        Err(fault) if fault.code == Code::BackendUnreachableRefused => None,
        _ => return None,
    };
    // Different for each who asks: a backend that comes back is not to be run over.
    let nanos = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let jittered = Duration::from_millis(200 + u64::from(nanos.subsec_nanos() % 400));
    let wait = wait.unwrap_or(jittered);
    (wait <= LONGEST_WAIT).then_some(wait)
}

fn read(received: &Received) -> Result<Answer, Fault> {
    let said = || {
        let refusal = serde_json::from_slice::<Refusal>(&received.body).ok();
        let words = refusal.and_then(|refusal| refusal.error.or(refusal.message));
        words.unwrap_or_else(|| format!("status {}", received.status.as_u16()))
    };
    match received.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(Fault::new(Code::BackendNotSignedIn, said()))
        }
        StatusCode::TOO_MANY_REQUESTS => Err(Fault::new(Code::BackendRateLimited, said())),
        status if !status.is_success() => Err(Fault::new(Code::BackendError, said())),
        _ => serde_json::from_slice(&received.body)
            .map_err(|error| Fault::new(Code::BackendAnswerNotJson, error.to_string())),
    }
}

#[cfg(test)]
mod tests;
