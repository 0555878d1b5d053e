//! What a backend's status means: the one table for everything that it is asked over HTTP, Convex's included.
//! What a server says at sign-in `salon_account` reads (`oauth/exchange.rs`), a media server's `preflight`.

use reqwest::StatusCode;
use salon_base::{Code, Fault};

/// What a status means, if it is a refusal.
pub(crate) fn refusal(status: StatusCode, said: &str, about_session: bool, json: bool) -> Fault {
    let code = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Code::BackendNotSignedIn,
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Code::BackendUnreachableProxy,
        // A backend that answers in JSON knows the way, but not where it leads.
        StatusCode::NOT_FOUND | StatusCode::GONE if about_session && json => Code::MeetingNotFound,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Code::BackendEndpointMissing,
        StatusCode::CONFLICT => conflict(said),
        StatusCode::TOO_MANY_REQUESTS => Code::BackendRateLimited,
        _ => Code::BackendError,
    };
    Fault::new(code, said)
}

/// A meeting session is no longer what the request takes it for.
fn conflict(said: &str) -> Code {
    let said = said.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    if has(&["cancel", "called off"]) {
        Code::MeetingCancelled
    } else if has(&["completed", "ended", "over"]) {
        Code::MeetingCompleted
    } else {
        Code::BackendError
    }
}
