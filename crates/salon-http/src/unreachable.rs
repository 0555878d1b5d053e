//! Why there was no answer at all.

use salon_base::{Code, Fault};

/// Whom an exchange is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// What hands out tokens.
    Backend,
    /// What carries calls.
    MediaServer,
}

/// Why there was no answer at all. The address is left out: it may hold the token.
pub fn unreachable(party: Party, error: reqwest::Error) -> Fault {
    let error = error.without_url();
    let (backend, server) = cause(&error);
    let code = match party {
        Party::Backend => backend,
        Party::MediaServer => server,
    };
    Fault::new(code, words(&error))
}

/// The whole chain of causes: the first alone says no more than that it failed.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

/// Reads the chain of causes, since the library has no kinds for these.
fn cause(error: &reqwest::Error) -> (Code, Code) {
    if error.is_timeout() {
        return (Code::BackendTimeout, Code::ServerTimeout);
    }
    let words = words(error).to_lowercase();
    let has = |part| words.contains(part);
    if has("tunnel") || has("proxy") {
        (Code::BackendUnreachableProxy, Code::ServerUnreachableProxy)
    } else if has("certificate") || has("tls") || has("handshake") || has("corrupt message") {
        (Code::BackendUnreachableTls, Code::ServerUnreachableTls)
    } else if has("dns") || has("lookup") {
        // After certificates: what is wrong with one may be a DNS name.
        (Code::BackendUnreachableDns, Code::ServerUnreachableDns)
    } else {
        (
            Code::BackendUnreachableRefused,
            Code::ServerUnreachableRefused,
        )
    }
}
