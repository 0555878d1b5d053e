//! Reading tokens out of what functions answer.

use serde_json::Value;
use url::Url;

use super::function::Received;
use crate::backend::TokenRequest;
use crate::meeting::{Provider, is_loopback};
use crate::profile::TokenAnswer;
use crate::token::MeetingToken;
use crate::token::doctor::{Kind, diagnose};
use crate::token::inspect::{Expected, inspect};
use crate::words::Severity;
use crate::{Code, Fault};

/// What a token is checked against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// Whose token it has to be.
    pub(super) provider: Provider,
    /// What was asked for.
    pub(super) asked: &'a TokenRequest<'a>,
    /// The backend's name for the user; empty: not known.
    pub(super) user: &'a str,
    /// The profile's media server.
    pub(super) server: Option<&'a Url>,
}

/// The token of an answer, after every check that needs no secret.
pub(super) fn read_token(
    answer: &TokenAnswer,
    wanted: &Wanted<'_>,
    received: &Received,
) -> Result<MeetingToken, Fault> {
    let text = |pointer: &str| {
        let text = received.value.pointer(pointer).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let given = |pointer: &Option<String>| pointer.as_deref().and_then(text);
    let token = text(&answer.token).ok_or_else(|| {
        let why = format!("{} is no text, or empty", answer.token);
        Fault::new(Code::BackendAnswerNoToken, why)
    })?;
    let room = given(&answer.room).unwrap_or(wanted.asked.room);
    let expected = Expected {
        room: Some(room).filter(|room| !room.is_empty()),
        identity: given(&answer.identity),
        backend_now: received.date,
        ..Expected::anything()
    };
    let (identity, room) = match wanted.provider {
        Provider::Livekit => {
            let inspected = inspect(token, expected)?;
            for warning in inspected.warnings() {
                tracing::warn!(code = ?warning, "the token works, but");
            }
            (inspected.identity, inspected.room)
        }
        Provider::Stream => {
            // The function is asked for this user: another's token is of no use.
            let user = Some(wanted.user).filter(|user| !user.is_empty());
            let expected = Expected {
                identity: expected.identity.or(user),
                ..expected
            };
            (inspect_stream(token, expected)?, room.to_owned())
        }
    };
    Ok(MeetingToken {
        token: token.to_owned(),
        server_url: server(given(&answer.url), wanted)?,
        identity,
        room,
    })
}

/// The first thing that keeps a Stream token's bearer out; else who it is for.
fn inspect_stream(token: &str, expected: Expected<'_>) -> Result<String, Fault> {
    let diagnosis = diagnose(token, Some(Kind::Stream), expected);
    for finding in diagnosis.findings {
        if finding.severity == Severity::Error {
            return Err(Fault {
                code: finding.code,
                detail: finding.detail,
            });
        }
        tracing::warn!(code = ?finding.code, "the token works, but");
    }
    diagnosis
        .identity
        .ok_or_else(|| Code::TokenIdentityMissing.into())
}

/// The media server: the answer's, the asker's, or the profile's. Stream has none.
fn server(given: Option<&str>, wanted: &Wanted<'_>) -> Result<String, Fault> {
    if wanted.provider == Provider::Stream {
        return Ok(String::new());
    }
    let asked = wanted.asked.server.filter(|server| !server.is_empty());
    let text = given.or(asked).or(wanted.server.map(Url::as_str));
    let missing = || Fault::new(Code::BackendError, "it names no media server");
    let text = text.ok_or_else(missing)?;
    let secure = Url::parse(text).is_ok_and(|url| match url.scheme() {
        "wss" => url.has_host(),
        "ws" => is_loopback(&url),
        _ => false,
    });
    if !secure {
        let why = "the media server that it names is no wss address";
        return Err(Fault::new(Code::BackendError, why));
    }
    Ok(text.trim_end_matches('/').to_owned())
}
