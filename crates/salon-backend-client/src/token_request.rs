//! What a backend of either kind is asked, and where it may be.

use salon_base::address::is_loopback;
use salon_base::plain::line;
use salon_base::{Code, Fault};
use salon_meeting::stream::StreamSettings;
use url::Url;

/// What a token is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest<'a> {
    /// The room, or the call's id; empty: the backend says.
    pub room: &'a str,
    /// The backend's meeting session, if it is one.
    pub session: Option<&'a str>,
    /// What the others are to see.
    pub display_name: &'a str,
    /// The media server, if the answer does not name it.
    pub server: Option<&'a str>,
    /// The administrator has locked it: no answer may name another one.
    pub server_locked: bool,
    /// What is known of a call of Stream's.
    pub stream: StreamSettings<'a>,
}

/// Characters of a backend's words.
pub(crate) const LONGEST_MESSAGE: usize = 300;

/// A backend's words, for people.
pub(crate) fn plain(words: &str) -> String {
    line(words, LONGEST_MESSAGE)
}

/// HTTPS, or HTTP on this computer; no user name or password, which would be sent along.
///
/// # Errors
/// [`Code::BackendInsecure`].
pub fn require_secure(base: &Url) -> Result<(), Fault> {
    let secure = match base.scheme() {
        "https" => true,
        "http" => is_loopback(base),
        _ => false,
    };
    if !secure {
        return Err(Code::BackendInsecure.into());
    }
    if !base.username().is_empty() || base.password().is_some() {
        let why = "its address has a user name or a password";
        return Err(Fault::new(Code::BackendInsecure, why));
    }
    Ok(())
}
