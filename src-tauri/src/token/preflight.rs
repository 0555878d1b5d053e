//! Asking the media server about a token, once a join has failed, to name the cause.

use url::Url;

use super::Unreachable;
use crate::{Code, Fault};

/// Bytes of the server's words that are read.
const LONGEST_ANSWER: usize = 4 * 1024;

/// What LiveKit's server says, and what it means. The first match counts.
const ANSWERS: [(&str, Code); 10] = [
    ("token is expired", Code::TokenExpired),
    ("token is not valid yet", Code::TokenNotYetValid),
    ("signature is invalid", Code::TokenSignatureWrong),
    ("signing method", Code::TokenWrongAlgorithm),
    ("identity cannot be empty", Code::TokenIdentityMissing),
    (
        "no permissions to access the room",
        Code::TokenGrantsMissing,
    ),
    ("permissions denied", Code::TokenGrantsEmpty),
    ("no room name", Code::TokenRoomMissing),
    ("invalid authorization token", Code::TokenNotJwt),
    ("algorithm", Code::TokenWrongAlgorithm),
];

/// Asks `/rtc/validate`.
///
/// # Errors
/// What the server objects to, or why it cannot be reached.
pub async fn check(client: &reqwest::Client, server: &Url, token: &str) -> Result<(), Fault> {
    let mut url = server.clone();
    let scheme = if server.scheme() == "wss" {
        "https"
    } else {
        "http"
    };
    url.set_scheme(scheme)
        .map_err(|()| Fault::new(Code::LinkInvalid, "not a media server"))?;
    url.set_path("/rtc/validate");
    let answer = client
        .get(url)
        .query(&[("access_token", token)])
        .send()
        .await
        .map_err(|error| unreachable(error.without_url()))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    // The server repeats the token, and not every token looks like one to the redaction.
    let words = words(answer).await.replace(token, "[token]");
    Err(Fault::new(
        code_of(&words),
        format!("{} {words}", status.as_u16()),
    ))
}

/// The code for the server's words.
pub fn code_of(words: &str) -> Code {
    let words = words.trim();
    if let Some(key) = words.strip_prefix("invalid API key:") {
        let missing = key.trim().is_empty();
        return if missing {
            Code::TokenIssuerMissing
        } else {
            Code::TokenKeyUnknown
        };
    }
    let known = ANSWERS.iter().find(|(part, _)| words.contains(part));
    known.map_or(Code::ServerRefused, |(_, code)| *code)
}

async fn words(mut answer: reqwest::Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(piece)) = answer.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() >= LONGEST_ANSWER {
            break;
        }
    }
    body.truncate(LONGEST_ANSWER);
    String::from_utf8_lossy(&body).trim().to_owned()
}

fn unreachable(error: reqwest::Error) -> Fault {
    let code = match Unreachable::of(&error) {
        Unreachable::Dns => Code::ServerUnreachableDns,
        Unreachable::Refused => Code::ServerUnreachableRefused,
        Unreachable::Tls => Code::ServerUnreachableTls,
        Unreachable::Timeout => Code::ServerTimeout,
    };
    Fault::new(code, error.to_string())
}
