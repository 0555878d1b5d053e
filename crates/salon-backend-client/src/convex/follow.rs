//! The live list, over the sync protocol.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use convex::{ConvexClient, ConvexClientBuilder, FunctionResult, WebSocketState};
use futures_util::{Stream, StreamExt, stream};
use salon_base::{Code, Fault};
use salon_meeting::feed::{Feed, FeedState};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::function::thrown;
use super::identity::{Heard, fetcher, is_final};
use super::{ConvexBackend, values};
use crate::parse::Reader;

/// Changes of the connection's state that may wait to be looked at; none is lost in practice, and
/// nothing but patience if one is.
const STATES: usize = 64;
/// The longest time between two tries, in pauses.
const MOST_WAITS: u32 = 15;

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// Without an answer for so long, the reason is looked for.
    pub(super) patience: Duration,
    /// Without an answer for so long, the list is called old, whatever the reason.
    pub(super) limit: Duration,
    /// Between two tries of what the client does not try by itself.
    pub(super) pause: Duration,
}

impl Default for Pace {
    /// The client connects again within a second at first: five are no hiccup any more.
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(5),
            limit: Duration::from_secs(15),
            pause: Duration::from_secs(2),
        }
    }
}

/// Follows the list until the feed is dropped.
pub(super) fn follow(backend: ConvexBackend, pace: Pace) -> Feed {
    let (tell, state) = watch::channel(FeedState::default());
    let reader = Reader::new(backend.convex.fields.clone());
    let follower = Follower {
        backend,
        pace,
        reader,
        tell,
    };
    Feed::new(state, tokio::spawn(follower.run()))
}

struct Follower {
    backend: ConvexBackend,
    pace: Pace,
    reader: Reader,
    tell: watch::Sender<FeedState>,
}

/// Since when nothing was answered, and when to look for the reason.
struct Silence {
    since: Instant,
    look: Instant,
}

impl Silence {
    fn starts(pace: &Pace) -> Self {
        let since = Instant::now();
        Self {
            since,
            look: since + pace.patience,
        }
    }
}

impl Follower {
    async fn run(mut self) {
        let mut waits = 1;
        loop {
            let start = Instant::now();
            let fault = match self.backend.credentials.credential().await {
                Ok(_) => self.connect().await,
                Err(fault) => fault,
            };
            self.fail(fault);
            // Nobody is signed in, or the backend takes no token of theirs: it is not to be asked
            // all the time.
            waits = if start.elapsed() > self.pace.limit {
                1
            } else {
                (waits * 2).min(MOST_WAITS)
            };
            tokio::time::sleep(self.pace.pause * waits).await;
        }
    }

    /// Follows over one client, which connects again by itself, until it is of no more use.
    async fn connect(&mut self) -> Fault {
        // With two of them in the program the client could not choose, and would panic.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let heard = Arc::new(Heard::default());
        let (state, mut states) = mpsc::channel(STATES);
        let built = ConvexClientBuilder::new(self.backend.base.as_str())
            .with_client_id(concat!("salon-", env!("CARGO_PKG_VERSION")))
            .with_on_state_change(state)
            .build()
            .await;
        // Never cloned: two clones dropped at the same moment would leave its tasks running.
        let mut client = match built {
            Ok(client) => client,
            Err(error) => return Fault::new(Code::Internal, error.to_string()),
        };
        let fetcher = fetcher(self.backend.clone(), heard.clone(), self.pace.pause);
        client.set_auth_callback(Some(fetcher)).await;
        let mut signed_out = heard.fault.subscribe();
        let args = match self.args() {
            Ok(args) => args,
            Err(fault) => return fault,
        };
        let function = self.backend.convex.active.function.clone();
        let results = results(&mut client, &function, args, self.pace.pause);
        tokio::pin!(results);
        let mut silence = Some(Silence::starts(&self.pace));
        loop {
            tokio::select! {
                result = results.next() => {
                    let Some(result) = result else {
                        return Fault::new(Code::Internal, "Convex's client has ended");
                    };
                    heard.answers.fetch_add(1, Ordering::Relaxed);
                    silence = None;
                    self.hear(result);
                }
                Some(state) = states.recv() => match state {
                    WebSocketState::Connected => {
                        heard.connections.fetch_add(1, Ordering::Relaxed);
                    }
                    WebSocketState::Connecting => {
                        silence.get_or_insert_with(|| Silence::starts(&self.pace));
                    }
                },
                Ok(()) = signed_out.changed() => {
                    let fault = signed_out.borrow_and_update().clone();
                    match fault {
                        Some(fault) if is_final(fault.code) => return fault,
                        // The client waits for a token: that is the reason.
                        Some(fault) => {
                            silence = None;
                            self.fail(fault);
                        }
                        None => silence = Some(Silence::starts(&self.pace)),
                    }
                }
                () = until(silence.as_ref()) => self.look_for_reason(&mut silence).await,
            }
        }
    }

    fn args(&self) -> Result<BTreeMap<String, convex::Value>, Fault> {
        let args = self.backend.active_args()?;
        match convex::Value::try_from(Value::Object(args)) {
            Ok(convex::Value::Object(args)) => Ok(args),
            Ok(_) => Err(Code::ProfileInvalid.into()),
            Err(error) => Err(Fault::new(Code::ProfileInvalid, error.to_string())),
        }
    }

    fn hear(&mut self, result: FunctionResult) {
        let list = match result {
            FunctionResult::Value(value) => values::to_json(value),
            FunctionResult::ErrorMessage(words) => Err(thrown(&words, None, &[])),
            FunctionResult::ConvexError(error) => {
                let data = values::to_json(error.data);
                data.and_then(|data| Err(thrown(&error.message, Some(&data), &[])))
            }
        };
        match list {
            Ok(list) if list.is_array() => {
                let parsed = self.reader.read(&list, &self.backend.user_id());
                self.tell_if_new(FeedState {
                    sessions: Some(parsed.sessions),
                    answered: parsed.answered,
                    fault: None,
                });
            }
            Ok(_) => self.fail(Fault::new(Code::BackendError, "its list is no list")),
            Err(fault) => self.fail(fault),
        }
    }

    /// What is known stays, and is old.
    fn fail(&self, fault: Fault) {
        let old = self.tell.borrow().clone();
        self.tell_if_new(FeedState {
            fault: Some(fault),
            ..old
        });
    }

    fn tell_if_new(&self, state: FeedState) {
        self.tell.send_if_modified(|last| {
            let new = *last != state;
            if new {
                *last = state;
            }
            new
        });
    }

    async fn look_for_reason(&self, silence: &mut Option<Silence>) {
        let Some(silence) = silence else { return };
        match self.backend.probe().await {
            Err(fault) => self.fail(fault),
            Ok(()) if silence.since.elapsed() >= self.pace.limit => {
                self.fail(Code::BackendTimeout.into());
            }
            Ok(()) => {}
        }
        let limit = silence.since + self.pace.limit;
        let now = Instant::now();
        silence.look = if limit > now {
            limit
        } else {
            now + self.pace.limit
        };
    }
}

/// The results of a query, each newer than the one before. Ends only with the client.
fn results<'a>(
    client: &'a mut ConvexClient,
    function: &'a str,
    args: BTreeMap<String, convex::Value>,
    pause: Duration,
) -> impl Stream<Item = FunctionResult> + 'a {
    let subscribed = async move {
        loop {
            match client.subscribe(function, args.clone()).await {
                Ok(subscription) => return subscription,
                // The connection broke on the way; or the function's name is none, which the
                // silence will tell.
                Err(error) => tracing::debug!(%error, "not subscribed"),
            }
            tokio::time::sleep(pause).await;
        }
    };
    stream::once(subscribed).flatten()
}

async fn until(silence: Option<&Silence>) {
    match silence {
        Some(silence) => tokio::time::sleep_until(silence.look).await,
        None => std::future::pending().await,
    }
}
