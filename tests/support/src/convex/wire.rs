//! Messages of the sync protocol, as far as the client sends and reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::functions::{Failure, Outcome};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub(crate) enum ClientMessage {
    Connect {
        session_id: String,
        connection_count: u32,
        #[serde(default)]
        last_close_reason: Option<String>,
        #[serde(default)]
        max_observed_timestamp: Option<String>,
    },
    Authenticate {
        base_version: u32,
        #[serde(flatten)]
        token: Token,
    },
    ModifyQuerySet {
        base_version: u32,
        new_version: u32,
        modifications: Vec<Modification>,
    },
    Mutation(Request),
    Action(Request),
    Event {},
}

/// A mutation or an action.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pub(crate) request_id: u32,
    pub(crate) udf_path: String,
    pub(crate) args: Vec<Value>,
}

/// Who a client says that it is.
#[derive(Deserialize)]
#[serde(tag = "tokenType")]
pub(crate) enum Token {
    User { value: String },
    Admin {},
    None,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User { .. } => "User",
            Self::Admin {} => "Admin",
            Self::None => "None",
        })
    }
}

/// A change of what a client wants to know.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub(crate) enum Modification {
    Add {
        query_id: u32,
        udf_path: String,
        #[serde(default)]
        args: Vec<Value>,
    },
    Remove {
        query_id: u32,
    },
}

/// What a client knows. Both sides count along; a gap is a fault of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) query_set: u32,
    pub(crate) identity: u32,
    /// Nanoseconds since 1970.
    pub(crate) ts: u64,
}

impl Version {
    fn json(self) -> Value {
        json!({
            "querySet": self.query_set,
            "identity": self.identity,
            "ts": ts_text(self.ts),
        })
    }
}

/// As JavaScript can read it: the eight bytes, little-endian, in base64.
pub(crate) fn ts_text(ts: u64) -> String {
    STANDARD.encode(ts.to_le_bytes())
}

/// The reverse of [`ts_text`].
pub(crate) fn ts_from(text: &str) -> Option<u64> {
    let bytes = STANDARD.decode(text).ok()?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

/// The result of a query, new or changed.
pub(crate) fn query_result(query_id: u32, outcome: &Outcome) -> Value {
    match outcome {
        Ok(value) => json!({
            "type": "QueryUpdated", "queryId": query_id, "value": value,
            "logLines": [], "journal": null,
        }),
        Err(failure) => with_data(
            json!({
                "type": "QueryFailed", "queryId": query_id, "errorMessage": failure.message,
                "logLines": [], "journal": null,
            }),
            failure,
        ),
    }
}

fn with_data(mut json: Value, failure: &Failure) -> Value {
    if let Some(data) = &failure.data {
        json["errorData"] = data.clone();
    }
    json
}

pub(crate) fn query_removed(query_id: u32) -> Value {
    json!({ "type": "QueryRemoved", "queryId": query_id })
}

pub(crate) fn transition(from: Version, to: Version, modifications: Vec<Value>) -> Value {
    json!({
        "type": "Transition",
        "startVersion": from.json(),
        "endVersion": to.json(),
        "modifications": modifications,
        "clientClockSkew": null,
        "serverTs": null,
    })
}

/// `ts` is when a mutation took effect; a failed one has none, and no transition follows it.
pub(crate) fn mutation_response(request_id: u32, outcome: &Outcome, ts: Option<u64>) -> Value {
    let mut json = response("MutationResponse", request_id, outcome);
    json["ts"] = ts.map(ts_text).into();
    json
}

pub(crate) fn action_response(request_id: u32, outcome: &Outcome) -> Value {
    response("ActionResponse", request_id, outcome)
}

fn response(kind: &str, request_id: u32, outcome: &Outcome) -> Value {
    let json = |success: bool, result: Value| {
        json!({
            "type": kind, "requestId": request_id, "success": success, "result": result,
            "logLines": [],
        })
    };
    match outcome {
        Ok(value) => json(true, value.clone()),
        Err(failure) => with_data(json(false, failure.message.clone().into()), failure),
    }
}

/// `attempted`: the token of an `Authenticate` is refused; else the present one has ended.
pub(crate) fn auth_error(message: &str, base_version: u32, attempted: bool) -> Value {
    json!({
        "type": "AuthError", "error": message, "baseVersion": base_version,
        "authUpdateAttempted": attempted,
    })
}

pub(crate) fn fatal_error(message: &str) -> Value {
    json!({ "type": "FatalError", "error": message })
}

pub(crate) fn ping() -> Value {
    json!({ "type": "Ping" })
}
