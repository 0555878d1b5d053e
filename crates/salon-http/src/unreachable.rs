//! Why there was no answer at all.

use std::error::Error as _;
use std::io;

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

/// Whether the connection was there and was broken off before the first request: over TLS, as others are refused or
/// time out. So it goes on Windows where the other side speaks no TLS: what that answers is lost with the connection
/// that it then closes.
fn is_broken_off(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(error) = cause {
        let of_system = error.downcast_ref::<io::Error>();
        if of_system.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset) {
            return true;
        }
        // One that holds another gives that one's cause for its own.
        let held = of_system.and_then(io::Error::get_ref);
        cause = match held {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    false
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
    } else if has("certificate")
        || has("tls")
        || has("handshake")
        || has("corrupt message")
        || (error.is_connect() && is_broken_off(error))
    {
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn who_breaks_off_while_the_connection_is_being_encrypted_is_not_called_one_who_refuses()
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("https://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // With the rest unread, closing it resets it.
            stream.read_exact(&mut [0; 1]).unwrap();
        });
        let client = crate::http_client_builder(crate::Limits::default())
            .build()
            .unwrap();
        let error = client.get(address).send().await.unwrap_err();
        server.join().unwrap();
        let fault = unreachable(Party::Backend, error);
        assert_eq!(fault.code, Code::BackendUnreachableTls, "{fault}");
    }
}
