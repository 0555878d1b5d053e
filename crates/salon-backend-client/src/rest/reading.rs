//! Reading answers as a profile says where things lie in them.

use std::time::SystemTime;

use salon_base::{Code, Fault, Provider};
use salon_meeting::server::settle as settle_server;
use salon_meeting::stream;
use salon_meeting::stream::StreamAnswered;
use salon_profile::{CallAnswer, TokenAnswer};
use salon_token::inspect::{Expected, inspect};
use salon_token::stream::inspect_stream;
use salon_token::{JoinGrant, LiveKitGrant, StreamGrant};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::Wanted;
use super::received::Received;
use crate::token_request::plain;

/// Where words of a refusal lie, if the profile does not say.
const MESSAGES: [&str; 4] = ["/message", "/error/message", "/error", "/detail"];

/// What lets into a meeting, of an answer that says all of it.
///
/// # Errors
/// What is wrong with the answer, or with the token.
pub fn read_token(
    answer: &TokenAnswer,
    wanted: Wanted<'_>,
    received: &Received,
) -> Result<JoinGrant, Fault> {
    ReadToken::of(answer, &wanted, received)?.grant(&wanted, &CallDetails::default())
}

/// The token of an answer, after every check that needs no secret.
pub(super) struct ReadToken {
    token: String,
    identity: String,
    room: String,
    /// LiveKit's media server; empty: Stream's call has none.
    server: String,
}

/// What an answer says of a call of Stream's.
#[derive(Debug, Default)]
pub(super) struct CallDetails {
    api_key: Option<String>,
    call_type: Option<String>,
    call_id: Option<String>,
}

impl CallDetails {
    /// # Errors
    /// [`Code::BackendAnswerNotJson`].
    pub(super) fn of(answer: &CallAnswer, received: &Received) -> Result<Self, Fault> {
        let json = received.json()?;
        let given = |pointer: &Option<String>| {
            let text = text(&json, pointer.as_deref()?)?;
            Some(text.to_owned())
        };
        Ok(Self {
            api_key: given(&answer.api_key),
            call_type: given(&answer.call_type),
            call_id: given(&answer.call_id),
        })
    }
}

impl ReadToken {
    /// # Errors
    /// What is wrong with the answer, or with the token.
    pub(super) fn of(
        answer: &TokenAnswer,
        wanted: &Wanted<'_>,
        received: &Received,
    ) -> Result<Self, Fault> {
        let json = received.json()?;
        if let Some(pointer) = &answer.success
            && json.pointer(pointer) != Some(&Value::Bool(true))
        {
            let words = said(&json, &answer.message, received.credential());
            let why = words.unwrap_or_else(|| format!("{pointer} is not true"));
            return Err(Fault::new(Code::BackendError, why));
        }
        let given = |pointer: &Option<String>| text(&json, pointer.as_deref()?);
        let token = text(&json, &answer.token).ok_or_else(|| {
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
        let room = given(&answer.room).unwrap_or(wanted.request.room);
        let expected = Expected {
            room: Some(room).filter(|room| !room.is_empty()),
            identity: given(&answer.identity).or(wanted.user),
            backend_now: received.date,
            ..Expected::anything(SystemTime::now())
        };
        let server = server(given(&answer.url), wanted)?;
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
        Ok(Self {
            token: token.to_owned(),
            identity,
            room,
            server,
        })
    }

    /// Where it counts.
    ///
    /// # Errors
    /// What is wrong with who names Stream's app.
    pub(super) fn grant(
        self,
        wanted: &Wanted<'_>,
        details: &CallDetails,
    ) -> Result<JoinGrant, Fault> {
        let Self {
            token,
            identity,
            room,
            server,
        } = self;
        if wanted.provider == Provider::Livekit {
            return Ok(JoinGrant::Livekit(LiveKitGrant {
                token,
                server_url: server,
                identity,
                room,
            }));
        }
        let request = &wanted.request;
        let answered = StreamAnswered {
            api_key: details.api_key.as_deref(),
            call_type: details.call_type.as_deref(),
        };
        let settled = stream::settle(answered, &request.stream, wanted.stream)?;
        let ids = [Some(room), details.call_id.clone()].into_iter().flatten();
        let call_id = ids.into_iter().find(|id| !id.is_empty());
        Ok(JoinGrant::Stream(StreamGrant {
            token,
            api_key: settled.api_key,
            identity,
            name: request.display_name.to_owned(),
            call_type: settled.call_type,
            call_id: call_id.ok_or_else(|| {
                Fault::new(Code::MeetingNotFound, "nobody says what its call is called")
            })?,
            create: settled.create,
            base_url: settled.base_url,
        }))
    }
}

/// The media server of LiveKit's.
fn server(given: Option<&str>, wanted: &Wanted<'_>) -> Result<String, Fault> {
    if wanted.provider == Provider::Stream {
        return Ok(String::new());
    }
    let set = wanted.request.server.filter(|server| !server.is_empty());
    let known = set.or(wanted.server.map(Url::as_str));
    settle_server(given, known, wanted.request.server_locked)
}

/// A text that is there and not empty.
fn text<'a>(json: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = json.pointer(pointer).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
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
