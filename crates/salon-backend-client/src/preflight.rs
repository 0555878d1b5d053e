//! Asking the media server about a token, once a join has failed, to name the cause.

use std::time::SystemTime;

use reqwest::StatusCode;
use salon_base::{Code, Fault};
use salon_http::{Party, date, unreachable};
use salon_token::inspect::LEEWAY;
use url::Url;

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
        .map_err(|error| unreachable(Party::MediaServer, error))?;
    let (status, server_now) = (answer.status(), date(&answer));
    if status.is_success() {
        return Ok(());
    }
    // The server repeats the token, and not every token looks like one to the redaction.
    let words = words(answer).await.replace(token, "[token]");
    let code = of_status(code_of(&words), status);
    if matches!(code, Code::TokenExpired | Code::TokenNotYetValid)
        && let Some(fault) = server_now.and_then(|now| clock_fault(SystemTime::now(), now))
    {
        return Err(fault);
    }
    Err(Fault::new(code, format!("{} {words}", status.as_u16())))
}

/// A refusal without a reason is none of this user if the server is in trouble, or has too much to do.
pub(super) fn of_status(code: Code, status: StatusCode) -> Code {
    let trouble = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    if trouble && code == Code::ServerRefused {
        Code::ServerError
    } else {
        code
    }
}

/// A token was refused for its time: is this computer's clock the cause, rather than the token?
pub(super) fn clock_fault(ours: SystemTime, server: SystemTime) -> Option<Fault> {
    let (difference, direction) = match ours.duration_since(server) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    (difference > LEEWAY).then(|| {
        let seconds = difference.as_secs();
        let detail = format!("it is {seconds} s {direction} the meeting server's");
        Fault::new(Code::ClockSkew, detail)
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_wrong_clock_is_named_with_its_direction() {
        let now = SystemTime::now();
        assert_eq!(clock_fault(now, now - Duration::from_secs(59)), None);
        let ahead = clock_fault(now, now - Duration::from_secs(90)).unwrap();
        assert_eq!(ahead.code, Code::ClockSkew);
        assert_eq!(ahead.detail, "it is 90 s ahead of the meeting server's");
        let behind = clock_fault(now, now + Duration::from_secs(90)).unwrap();
        assert_eq!(behind.detail, "it is 90 s behind the meeting server's");
    }

    #[test]
    fn the_servers_words_have_codes() {
        let cases = [
            ("invalid API key: nokey", Code::TokenKeyUnknown),
            ("invalid API key:", Code::TokenIssuerMissing),
            (
                "invalid token: [token], error: token has invalid claims: token is expired",
                Code::TokenExpired,
            ),
            ("permissions denied", Code::TokenGrantsEmpty),
            ("something new", Code::ServerRefused),
        ];
        for (words, code) in cases {
            assert_eq!(code_of(words), code, "{words}");
        }
    }
}
