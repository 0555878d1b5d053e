//! Who the user is on the sync protocol: the callback that Convex's client asks for tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use convex::{AuthTokenFetcher, AuthenticationToken};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, watch};

use crate::account::Credentials;
use crate::{Code, Fault};

/// Connections in a row that a token may go without an answer. One is no proof: when a token has
/// ended, the client connects twice, once for the server's word and once for the end of the
/// connection.
const BENEFIT_OF_DOUBT: u32 = 2;

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
    unanswered: u32,
}

/// Whether waiting does not help: the user has to sign in.
pub(super) fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::BackendNotSignedIn | Code::SignInExpired | Code::CredentialInvalid
    )
}

/// Hands out what [`Credentials`] has, renewed by it, and another if the backend takes none. While
/// there is none for want of a connection, it waits `pause` and longer between two tries, and says
/// why in `heard`.
pub(super) fn fetcher(
    credentials: Arc<dyn Credentials>,
    heard: Arc<Heard>,
    pause: Duration,
) -> AuthTokenFetcher {
    let handed = Arc::new(Mutex::new(Handed::default()));
    Box::new(move |again| {
        let (credentials, heard) = (credentials.clone(), heard.clone());
        let handed = handed.clone();
        Box::pin(async move {
            let mut handed = handed.lock().await;
            handed.look(again, &heard);
            Ok(handed.token(&*credentials, &heard, pause).await)
        })
    })
}

impl Handed {
    /// Counts the connections on which nothing was answered.
    fn look(&mut self, again: bool, heard: &Heard) {
        let connections = heard.connections.load(Ordering::Relaxed);
        let answers = heard.answers.load(Ordering::Relaxed);
        if answers != self.answers {
            self.unanswered = 0;
        } else if again && connections != self.connections {
            self.unanswered += 1;
        }
        (self.connections, self.answers) = (connections, answers);
    }

    async fn token(
        &mut self,
        credentials: &dyn Credentials,
        heard: &Heard,
        pause: Duration,
    ) -> AuthenticationToken {
        /// As with the client's own tries, in multiples of the first pause.
        const LONGEST: u32 = 30;
        let mut waits = 1;
        loop {
            let found = match &self.token {
                Some(refused) if self.unanswered >= BENEFIT_OF_DOUBT => {
                    credentials.replace(refused).await
                }
                _ => credentials.credential().await,
            };
            match found {
                Ok(token) => {
                    let same = |old: &SecretString| old.expose_secret() == token.expose_secret();
                    if !self.token.as_ref().is_some_and(same) {
                        self.unanswered = 0;
                    }
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
