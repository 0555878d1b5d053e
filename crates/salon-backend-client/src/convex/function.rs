//! Calling functions over the HTTP API, and what their errors mean.

use reqwest::{Response, StatusCode};
use salon_base::{Code, Fault};
use salon_http::{Party, date, unreachable};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ConvexBackend;
use crate::rest::{LARGEST_ANSWER, Received, refusal};
use crate::token_request::plain;

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Mutation,
}

/// A function to be called.
#[derive(Clone, Debug)]
pub(super) struct FunctionCall<'a> {
    pub(super) kind: Kind,
    /// `module:function`.
    pub(super) path: &'a str,
    pub(super) args: Map<String, Value>,
    /// Where in the data of an error its words lie, as the profile says.
    pub(super) message: &'a [String],
}

/// An answer of the HTTP API.
#[derive(Deserialize)]
#[serde(
    tag = "status",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
enum Answer {
    Success {
        value: Value,
    },
    Error {
        error_message: String,
        #[serde(default)]
        error_data: Option<Value>,
    },
}

/// What it answers if it does not come to the function.
#[derive(Deserialize)]
struct Refusal {
    message: Option<String>,
}

impl ConvexBackend {
    /// Calls a function as the user. A refused token is replaced once.
    pub(super) async fn ask(&self, call: FunctionCall<'_>) -> Result<Received, Fault> {
        let credential = self.credentials.credential().await?;
        let answer = self.send(&call, &credential).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return read(answer, &call, &credential).await;
        }
        let fresh = self.credentials.replace(&credential).await?;
        let answer = self.send(&call, &fresh).await?;
        read(answer, &call, &fresh).await
    }

    async fn send(
        &self,
        call: &FunctionCall<'_>,
        credential: &SecretString,
    ) -> Result<Response, Fault> {
        let mut url = self.base.clone();
        url.set_path(match call.kind {
            Kind::Query => "api/query",
            Kind::Mutation => "api/mutation",
        });
        let body = json!({ "path": call.path, "args": call.args, "format": "json" });
        let request = self.client.post(url).json(&body);
        let sent = request.bearer_auth(credential.expose_secret()).send().await;
        sent.map_err(|error| unreachable(Party::Backend, error))
    }

    /// Whether the deployment says that it takes this token no more; Convex's client does not tell.
    /// The query is that of the live list, which changes nothing.
    pub(super) async fn refuses(&self, credential: &SecretString) -> bool {
        let Ok(args) = self.active_args() else {
            return false;
        };
        let call = FunctionCall {
            kind: Kind::Query,
            path: &self.convex.active.function,
            args,
            message: &[],
        };
        let answer = self.send(&call, credential).await;
        answer.is_ok_and(|answer| answer.status() == StatusCode::UNAUTHORIZED)
    }

    /// Why the deployment does not answer, if that can be found out: Convex's client does not say.
    pub(super) async fn probe(&self) -> Result<(), Fault> {
        let mut url = self.base.clone();
        url.set_path("version");
        let answer = self.client.get(url).send().await;
        answer
            .map(drop)
            .map_err(|error| unreachable(Party::Backend, error))
    }
}

async fn read(
    mut answer: Response,
    call: &FunctionCall<'_>,
    credential: &SecretString,
) -> Result<Received, Fault> {
    let (status, date) = (answer.status(), date(&answer));
    let mut body = Vec::new();
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
    match serde_json::from_slice(&body) {
        Ok(Answer::Success { value }) if status.is_success() => {
            Ok(Received::new(value.to_string().into_bytes(), date))
        }
        Ok(Answer::Error {
            error_message,
            error_data,
        }) => {
            let thrown = thrown(&error_message, error_data.as_ref(), call.message);
            Err(without(thrown, credential))
        }
        _ if status.is_success() => {
            let why = "it is no answer of Convex's HTTP API";
            Err(Fault::new(Code::BackendAnswerNotJson, why))
        }
        _ => Err(without(refused(status, &body), credential)),
    }
}

fn refused(status: StatusCode, body: &[u8]) -> Fault {
    let answer = serde_json::from_slice::<Refusal>(body).ok();
    let words = answer.and_then(|answer| answer.message);
    let words = words.unwrap_or_else(|| format!("status {}", status.as_u16()));
    // A function that is not there is not the meeting that is asked about.
    refusal(status, &plain(&words), false, true)
}

/// What a function's error means. `data` is that of a `ConvexError`: its words are for the user,
/// while `message` is, in production, no more than that there was an error.
pub(super) fn thrown(message: &str, data: Option<&Value>, pointers: &[String]) -> Fault {
    let usual = ["", "/message", "/error"].into_iter();
    let pointers = pointers.iter().map(String::as_str).chain(usual);
    let words = data.and_then(|data| {
        pointers
            .into_iter()
            .find_map(|pointer| data.pointer(pointer)?.as_str())
    });
    let words = plain(words.unwrap_or(message));
    let code = data
        .and_then(|data| data.get("code")?.as_str())
        .unwrap_or_default();
    Fault::new(code_of(code, &words), words)
}

/// Functions have no codes of their own that all products share; these words they do.
fn code_of(code: &str, words: &str) -> Code {
    let said = format!("{code} {words}").to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    if has(&["unauthenticated", "not authenticated"]) {
        Code::BackendNotSignedIn
    } else if has(&["could not find public function"]) {
        Code::BackendEndpointMissing
    } else if has(&[
        "not-found",
        "not_found",
        "session not found",
        "meeting not found",
    ]) {
        Code::MeetingNotFound
    } else if has(&["cancelled", "canceled"]) {
        Code::MeetingCancelled
    } else if has(&[
        "already completed",
        "completed already",
        "already ended",
        "is over",
    ]) {
        Code::MeetingCompleted
    } else {
        Code::BackendError
    }
}

/// Not every credential looks like one to the redaction.
fn without(mut fault: Fault, credential: &SecretString) -> Fault {
    let secret = credential.expose_secret();
    if !secret.is_empty() {
        fault.detail = fault.detail.replace(secret, "[credential]");
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token_request::LONGEST_MESSAGE;

    #[test]
    fn words_for_the_user_come_before_those_for_developers() {
        let fault = |data: Option<Value>, pointers: &[&str]| {
            let pointers: Vec<_> = pointers.iter().map(|at| (*at).to_owned()).collect();
            thrown("Server Error", data.as_ref(), &pointers).detail
        };
        assert_eq!(fault(None, &[]), "Server Error");
        assert_eq!(fault(Some(json!("Closed today")), &[]), "Closed today");
        assert_eq!(fault(Some(json!({ "message": "Closed" })), &[]), "Closed");
        assert_eq!(fault(Some(json!({ "why": "Full" })), &["/why"]), "Full");
        assert_eq!(fault(Some(json!([1, 2])), &["/why"]), "Server Error");
        assert_eq!(fault(Some(json!("a\n\u{1b}[31mb")), &[]), "a [31mb");
        assert_eq!(
            fault(Some(json!("x".repeat(5000))), &[]).len(),
            LONGEST_MESSAGE
        );
    }

    #[test]
    fn errors_that_all_products_have_get_their_codes() {
        let cases = [
            ("Not authenticated", Code::BackendNotSignedIn),
            ("Unauthenticated call to getX", Code::BackendNotSignedIn),
            (
                "Could not find public function for 'a:b'",
                Code::BackendEndpointMissing,
            ),
            (
                "This meeting has been cancelled already.",
                Code::MeetingCancelled,
            ),
            (
                "This meeting has been completed already.",
                Code::MeetingCompleted,
            ),
            ("Session not found", Code::MeetingNotFound),
            ("Server Error", Code::BackendError),
        ];
        for (words, code) in cases {
            assert_eq!(thrown(words, None, &[]).code, code, "{words}");
        }
        let data = json!({ "code": "cancelled", "message": "Trop tard" });
        assert_eq!(
            thrown("Server Error", Some(&data), &[]).code,
            Code::MeetingCancelled
        );
    }

    #[test]
    fn a_status_means_what_it_means_of_any_backend() {
        for (status, code) in [
            (401, Code::BackendNotSignedIn),
            (404, Code::BackendEndpointMissing),
            (407, Code::BackendUnreachableProxy),
            (429, Code::BackendRateLimited),
            (503, Code::BackendError),
        ] {
            let fault = refused(StatusCode::from_u16(status).unwrap(), b"<html>");
            assert_eq!(
                (fault.code, fault.detail),
                (code, format!("status {status}"))
            );
        }
    }

    #[test]
    fn a_credential_that_is_repeated_is_not_told() {
        let credential = SecretString::from("planted-user-session");
        let fault = refused(
            StatusCode::UNAUTHORIZED,
            br#"{"code":"x","message":"bad token planted-user-session"}"#,
        );
        assert_eq!(without(fault, &credential).detail, "bad token [credential]");
    }
}
