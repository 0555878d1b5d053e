//! Who the user is on the sync protocol: the callback that Convex's client asks for tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use convex::{AuthTokenFetcher, AuthenticationToken};
use salon_base::{Code, Fault};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, watch};

use super::ConvexBackend;

/// What is known of the connection; the client itself tells the callback only that it connects
/// again, not why.
#[derive(Debug)]
pub(super) struct Heard {
    /// Connections made.
    pub(super) connections: AtomicU64,
    /// Answers received.
    pub(super) answers: AtomicU64,
    /// Why there is no token at present.
    pub(super) fault: watch::Sender<Option<Fault>>,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            connections: AtomicU64::new(0),
            answers: AtomicU64::new(0),
            fault: watch::Sender::new(None),
        }
    }
}

/// What was handed out last.
#[derive(Debug, Default)]
struct Handed {
    token: Option<SecretString>,
    connections: u64,
    answers: u64,
}

/// Whether waiting does not help: the user has to sign in.
pub(super) fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::BackendNotSignedIn | Code::SignInExpired | Code::CredentialInvalid
    )
}

/// Hands out what the credentials have, renewed by them, and another if the backend takes this one
/// no more. While there is none for want of a connection, it waits `pause` and longer between two
/// tries, and says why in `heard`.
pub(super) fn fetcher(
    backend: ConvexBackend,
    heard: Arc<Heard>,
    pause: Duration,
) -> AuthTokenFetcher {
    let handed = Arc::new(Mutex::new(Handed::default()));
    Box::new(move |again| {
        let (backend, heard) = (backend.clone(), heard.clone());
        let handed = handed.clone();
        Box::pin(async move {
            let mut handed = handed.lock().await;
            let suspicious = handed.look(&heard) && again;
            Ok(handed.token(&backend, &heard, suspicious, pause).await)
        })
    })
}

impl Handed {
    /// Whether a connection was made with this token, and nothing was answered. That proves
    /// nothing: the client connects anew for other reasons too, at times twice in a row.
    fn look(&mut self, heard: &Heard) -> bool {
        let connections = heard.connections.load(Ordering::Relaxed);
        let answers = heard.answers.load(Ordering::Relaxed);
        let unanswered = connections != self.connections && answers == self.answers;
        (self.connections, self.answers) = (connections, answers);
        unanswered
    }

    async fn token(
        &mut self,
        backend: &ConvexBackend,
        heard: &Heard,
        suspicious: bool,
        pause: Duration,
    ) -> AuthenticationToken {
        /// Of the waits between two tries, in pauses.
        const LONGEST: u32 = 30;
        let credentials = &backend.credentials;
        let refused = match &self.token {
            Some(token) if suspicious && backend.refuses(token).await => self.token.take(),
            _ => None,
        };
        let mut waits = 1;
        loop {
            let found = match &refused {
                Some(refused) => credentials.replace(refused).await,
                None => credentials.credential().await,
            };
            match found {
                Ok(token) => {
                    heard.fault.send_if_modified(|fault| fault.take().is_some());
                    let text = token.expose_secret().to_owned();
                    self.token = Some(token);
                    return AuthenticationToken::User(text);
                }
                Err(fault) => {
                    let last = is_final(fault.code);
                    heard.fault.send_replace(Some(fault));
                    if last {
                        return AuthenticationToken::None;
                    }
                }
            }
            tokio::time::sleep(pause * waits).await;
            waits = (waits * 2).min(LONGEST);
        }
    }
}
