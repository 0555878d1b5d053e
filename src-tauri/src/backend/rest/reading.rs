//! Reading answers as a profile says where things lie in them.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::{Received, Wanted};
use crate::backend::plain;
use crate::meeting::Provider;
use crate::meeting::server::settle;
use crate::profile::TokenAnswer;
use crate::token::MeetingToken;
use crate::token::inspect::{Expected, inspect};
use crate::token::stream::inspect_stream;
use crate::{Code, Fault};

/// Where words of a refusal lie, if the profile does not say.
const MESSAGES: [&str; 4] = ["/message", "/error/message", "/error", "/detail"];

/// The token of an answer, after every check that needs no secret.
///
/// # Errors
/// What is wrong with the answer, or with the token.
pub fn read_token(
    answer: &TokenAnswer,
    wanted: Wanted<'_>,
    received: &Received,
) -> Result<MeetingToken, Fault> {
    let json = received.json()?;
    if let Some(pointer) = &answer.success
        && json.pointer(pointer) != Some(&Value::Bool(true))
    {
        let words = said(&json, &answer.message, received.credential());
        let why = words.unwrap_or_else(|| format!("{pointer} is not true"));
        return Err(Fault::new(Code::BackendError, why));
    }
    let text = |pointer: &str| {
        let text = json.pointer(pointer).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let given = |pointer: &Option<String>| pointer.as_deref().and_then(text);
    let token = text(&answer.token).ok_or_else(|| {
        let why = match json.pointer(&answer.token) {
            None => "is missing",
            Some(Value::String(_)) => "is empty",
            Some(_) => "is no text",
        };
        let words = said(&json, &answer.message, received.credential());
        let words = words.map_or_else(String::new, |words| format!("; it says: {words}"));
        let why = format!("{} {why}{words}", answer.token);
        Fault::new(Code::BackendAnswerNoToken, why)
    })?;
    let room = given(&answer.room).unwrap_or(wanted.asked.room);
    let expected = Expected {
        room: Some(room).filter(|room| !room.is_empty()),
        identity: given(&answer.identity),
        backend_now: received.date,
        ..Expected::anything()
    };
    let server_url = server(given(&answer.url), &wanted)?;
    let (identity, room, warnings) = match wanted.provider {
        Provider::Livekit => {
            let inspected = inspect(token, expected)?;
            let warnings = inspected.warnings();
            (inspected.identity, inspected.room, warnings)
        }
        Provider::Stream => {
            let inspected = inspect_stream(token, expected)?;
            (inspected.user_id, room.to_owned(), inspected.warnings)
        }
    };
    for warning in warnings {
        tracing::warn!(code = ?warning, "the token works, but");
    }
    Ok(MeetingToken {
        token: token.to_owned(),
        server_url,
        identity,
        room,
    })
}

/// What a backend says of its refusal, for people: in one line, cut.
pub(super) fn said(
    json: &Value,
    pointers: &[String],
    credential: Option<&SecretString>,
) -> Option<String> {
    let given = pointers.iter().map(String::as_str);
    let usual = MESSAGES.into_iter().filter(|_| pointers.is_empty());
    let words = given
        .chain(usual)
        .find_map(|pointer| json.pointer(pointer)?.as_str())?;
    // Not every credential looks like one to the redaction.
    let secret = credential.map_or("", ExposeSecret::expose_secret);
    let words = if secret.is_empty() {
        words.to_owned()
    } else {
        words.replace(secret, "[credential]")
    };
    let words = plain(&words);
    (!words.is_empty()).then_some(words)
}

/// The media server. Stream has none.
fn server(given: Option<&str>, wanted: &Wanted<'_>) -> Result<String, Fault> {
    if wanted.provider == Provider::Stream {
        return Ok(String::new());
    }
    let asked = wanted.asked.server.filter(|server| !server.is_empty());
    let known = asked.or(wanted.server.map(Url::as_str));
    settle(given, known, wanted.asked.server_locked)
}
