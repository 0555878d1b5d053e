//! Meeting sessions out of a backend's JSON, as its profile says where things lie. The backend is
//! believed nothing: what does not fit is left out, and said once.

use salon_base::plain::line;
use salon_base::{Code, Fault};
use salon_meeting::session::{MeetingSession, Role, Status};
use salon_profile::SessionFields;
use serde_json::Value;

/// As many are taken from a list; the newest.
pub const MOST_SESSIONS: usize = 200;
/// Entries of a list that are looked at.
const MOST_ENTRIES: usize = 5_000;
/// Characters of an id. A longer one is another one if it is cut: it is left out.
const LONGEST_ID: usize = 128;
/// Characters of a title.
const LONGEST_TITLE: usize = 120;
/// Characters of a name.
const LONGEST_NAME: usize = 60;
/// Numbers below this are seconds since 1970, not milliseconds: 1973 in the one, 5138 in the other.
const SMALLEST_MILLISECONDS: f64 = 1e11;

/// What a list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The meeting sessions, the newest first.
    pub sessions: Vec<MeetingSession>,
    /// Ids of those that the user is in on another device, if the backend tells.
    pub answered: Vec<String>,
}

/// Reads one backend's lists.
#[derive(Debug)]
pub struct Reader {
    fields: SessionFields,
    warned: bool,
}

impl Reader {
    /// For lists with these fields.
    pub fn new(fields: SessionFields) -> Self {
        Self {
            fields,
            warned: false,
        }
    }

    /// Reads a list. `user_id` is the backend's name for the user; empty: not known, then only
    /// entries that name the role can be read.
    pub fn read(&mut self, list: &Value, user_id: &str) -> Parsed {
        let entries = list.as_array().map_or(&[][..], Vec::as_slice);
        let mut parsed = Parsed::default();
        let mut bad = list.as_array().is_none().then_some("the list is no list");
        for entry in entries.iter().take(MOST_ENTRIES) {
            match self.entry(entry, user_id) {
                Ok((session, answered)) => {
                    if answered {
                        parsed.answered.push(session.id.clone());
                    }
                    parsed.sessions.push(session);
                }
                Err(why) => bad = bad.or(Some(why)),
            }
        }
        parsed
            .sessions
            .sort_by_key(|session| std::cmp::Reverse(session.created_at));
        if parsed.sessions.len() > MOST_SESSIONS || entries.len() > MOST_ENTRIES {
            parsed.sessions.truncate(MOST_SESSIONS);
            bad = bad.or(Some("there are too many"));
        }
        if let Some(why) = bad
            && !std::mem::replace(&mut self.warned, true)
        {
            // What it says is not logged: it is foreign, and may be private.
            tracing::warn!(why, "the backend's meeting sessions cannot all be read");
        }
        parsed
    }

    fn entry(&self, entry: &Value, user_id: &str) -> Result<(MeetingSession, bool), &'static str> {
        let fields = &self.fields;
        let at = |pointer: &str| entry.pointer(pointer).filter(|value| !value.is_null());
        let party = |pointer: &str| at(pointer).and_then(id).unwrap_or_default();
        let requester_id = party(&fields.requester_id);
        let offerer_id = party(&fields.offerer_id);
        let role = match at(&fields.role).and_then(Value::as_str) {
            Some("requester") => Role::Requester,
            Some("offerer") => Role::Offerer,
            _ if user_id.is_empty() => return Err("whose part is the user's is not said"),
            _ if requester_id == user_id => Role::Requester,
            _ if offerer_id == user_id => Role::Offerer,
            _ => return Err("the user is not one of the parties"),
        };
        let session = MeetingSession {
            id: at(&fields.id).and_then(id).ok_or("there is no id")?,
            offer_id: party(&fields.offer_id),
            request_id: party(&fields.request_id),
            requester_id,
            offerer_id,
            call_id: at(&fields.call_id)
                .and_then(id)
                .ok_or("there is no call id")?,
            status: status(entry, fields).ok_or("the status is not known")?,
            created_at: at(&fields.created_at)
                .and_then(unix_ms)
                .ok_or("when it was made is not said")?,
            ended_at: at(&fields.ended_at).and_then(unix_ms),
            title: text(at(&fields.title), LONGEST_TITLE),
            other_party: text(at(&fields.other_party), LONGEST_NAME),
            role,
        };
        // A flag, or when it was answered.
        let answered = at(&fields.answered).is_some_and(|value| value != &Value::Bool(false));
        Ok((session, answered))
    }
}

/// Where one meeting session is in its life, as the backend answers to who asks for it by its id.
///
/// # Errors
/// [`Code::MeetingNotFound`] for `null`, [`Code::BackendError`] for what is no meeting session.
pub fn status_of_one(answer: &Value, fields: &SessionFields) -> Result<Status, Fault> {
    if answer.is_null() {
        return Err(Code::MeetingNotFound.into());
    }
    let why = "it does not say whether the meeting goes on";
    status(answer, fields).ok_or_else(|| Fault::new(Code::BackendError, why))
}

fn status(entry: &Value, fields: &SessionFields) -> Option<Status> {
    match entry.pointer(&fields.status)?.as_str()? {
        "active" => Some(Status::Active),
        "completed" => Some(Status::Completed),
        "cancelled" => Some(Status::Cancelled),
        _ => None,
    }
}

/// Text or whole number, as databases number things.
fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        _ => return None,
    };
    let right = (1..=LONGEST_ID).contains(&id.chars().count());
    (right && !id.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(id)
}

/// Milliseconds since 1970 from such, from seconds, or from RFC 3339.
fn unix_ms(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => {
            let time: jiff::Timestamp = text.parse().ok()?;
            return u64::try_from(time.as_millisecond()).ok();
        }
        _ => return None,
    };
    let number = match number {
        _ if !(number.is_finite() && number >= 0.0) => return None,
        seconds if seconds < SMALLEST_MILLISECONDS => seconds * 1000.0,
        milliseconds => milliseconds,
    };
    // JavaScript's limit for a date (ECMA-262, section 21.4.1.1): the page has to hold it.
    (number <= 8.64e15).then_some(number as u64)
}

/// What people see.
fn text(value: Option<&Value>, longest: usize) -> String {
    line(value.and_then(Value::as_str).unwrap_or_default(), longest)
}

#[cfg(test)]
mod tests;
