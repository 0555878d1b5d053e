//! One client's connection of the sync protocol.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use serde_json::{Map, Value};

use super::faults::{Broken, Fault};
use super::functions::{Kind, Outcome, canonical};
use super::tokens::Identity;
use super::wire::{self, ClientMessage, Modification, Request, Token, Version};
use super::{Seen, Shared};
use crate::clock::since_1970;

/// Something that a client wants to know as long as it is connected.
struct LiveQuery {
    path: String,
    args: Map<String, Value>,
    /// What the client was told last.
    answered: Option<Outcome>,
}

struct Connection {
    socket: WebSocket,
    shared: Shared,
    version: Version,
    identity: Option<Identity>,
    queries: BTreeMap<u32, LiveQuery>,
}

/// Why a connection ends.
#[derive(Debug, PartialEq)]
enum End {
    /// The client left, or is left.
    Gone,
    /// After these words.
    Said(Value),
    Broken(Broken),
}

impl From<axum::Error> for End {
    fn from(_: axum::Error) -> Self {
        Self::Gone
    }
}

impl From<Broken> for End {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// Serves one client until it goes.
pub(crate) async fn serve(socket: WebSocket, shared: Shared) {
    let running = shared.running.clone();
    let mut cuts = running.cuts();
    let mut connection = Connection {
        socket,
        shared,
        version: Version::default(),
        identity: None,
        queries: BTreeMap::new(),
    };
    tokio::select! {
        () = connection.live() => {}
        () = running.closed() => {}
        _ = cuts.changed() => {}
    }
    running.see(Seen::Disconnected);
}

impl Connection {
    async fn live(&mut self) {
        let end = match self.talk().await {
            Ok(()) | Err(End::Gone) => return,
            Err(end) => end,
        };
        match end {
            // What it says is the last word: the client starts anew.
            End::Said(message) => drop(self.send(message).await),
            End::Broken(Broken::Auth(message)) => {
                let message = wire::auth_error(&message, self.version.identity, false);
                let _ = self.send(message).await;
            }
            End::Broken(Broken::Garbage(text)) => {
                let _ = self.socket.send(Message::Text(text.into())).await;
                // The client is to leave because of what it read.
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
            End::Broken(Broken::Silent) => self.stay_silent().await,
            End::Broken(Broken::Drop) | End::Gone => {}
        }
    }

    async fn stay_silent(&mut self) {
        let mut pings = tokio::time::interval(self.shared.ping);
        loop {
            tokio::select! {
                _ = pings.tick() => if self.send(wire::ping()).await.is_err() { return },
                message = self.socket.recv() => if !matches!(message, Some(Ok(_))) { return },
            }
        }
    }

    async fn talk(&mut self) -> Result<(), End> {
        let mut commits = self.shared.commits.subscribe();
        let mut pings = tokio::time::interval(self.shared.ping);
        loop {
            let expiry = expiry(self.identity.as_ref());
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(&text).await?,
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(other) => drop(other?),
                },
                _ = commits.changed() => self.tell(self.version).await?,
                () = expiry => {
                    self.shared.running.see(Seen::Expired);
                    let message = "Token expired";
                    let version = self.version.identity;
                    return Err(End::Said(wire::auth_error(message, version, false)));
                }
                _ = pings.tick() => self.send(wire::ping()).await?,
            }
        }
    }

    async fn send(&mut self, message: Value) -> Result<(), End> {
        let text = message.to_string();
        Ok(self.socket.send(Message::Text(text.into())).await?)
    }

    async fn hear(&mut self, text: &str) -> Result<(), End> {
        let message = serde_json::from_str(text).map_err(|error| {
            let words = format!("cannot read the client's message: {error}");
            End::Said(wire::fatal_error(&words))
        })?;
        tracing::debug!(?message, "heard");
        match message {
            ClientMessage::Connect {
                session_id,
                connection_count,
                last_close_reason,
                max_observed_timestamp,
            } => {
                let observed = max_observed_timestamp.as_deref().and_then(wire::ts_from);
                if observed > Some(*self.shared.commits.borrow()) {
                    let words = "the client has observed what has not happened yet";
                    return Err(End::Said(wire::fatal_error(words)));
                }
                tracing::debug!(session_id, "connected");
                let reason = last_close_reason.unwrap_or_default();
                self.shared.running.see(Seen::Connected {
                    count: connection_count,
                    reason,
                });
                Ok(())
            }
            ClientMessage::Authenticate {
                base_version,
                token,
            } => self.authenticate(base_version, token).await,
            ClientMessage::ModifyQuerySet {
                base_version,
                new_version,
                modifications,
            } => self.modify(base_version, new_version, modifications).await,
            ClientMessage::Mutation(request) => self.mutate(request).await,
            ClientMessage::Action(request) => self.act(request).await,
            ClientMessage::Event {} => Ok(()),
        }
    }

    async fn authenticate(&mut self, base_version: u32, token: Token) -> Result<(), End> {
        same(base_version, self.version.identity, "identity")?;
        let fault = self.shared.faults.lock().of_authentication();
        let identity = match (fault, token) {
            (Some(Fault::Auth(message)), _) => Err(message),
            (Some(Fault::Drop), _) => return Err(Broken::Drop.into()),
            (Some(Fault::Silent), _) => return Err(Broken::Silent.into()),
            (_, Token::User { value }) => self.shared.secrets.check(&value).map(Some),
            (_, Token::None) => Ok(None),
            (_, Token::Admin {}) => Err("there are no administrators here".into()),
        };
        match identity {
            Ok(identity) => {
                let account = identity.as_ref().map(|identity| identity.account.clone());
                self.shared.running.see(Seen::Authenticated(account));
                self.identity = identity;
                let to = Version {
                    identity: base_version + 1,
                    ..self.version
                };
                self.tell(to).await
            }
            Err(message) => {
                self.shared.running.see(Seen::Refused);
                let message = wire::auth_error(&message, base_version, true);
                Err(End::Said(message))
            }
        }
    }

    async fn modify(
        &mut self,
        base_version: u32,
        new_version: u32,
        modifications: Vec<Modification>,
    ) -> Result<(), End> {
        same(base_version, self.version.query_set, "query set")?;
        let mut removed = Vec::new();
        for modification in modifications {
            match modification {
                Modification::Add {
                    query_id,
                    udf_path,
                    args,
                } => {
                    let query = LiveQuery {
                        path: canonical(&udf_path),
                        args: only_object(args)?,
                        answered: None,
                    };
                    self.queries.insert(query_id, query);
                }
                Modification::Remove { query_id } => {
                    self.queries.remove(&query_id);
                    removed.push(wire::query_removed(query_id));
                }
            }
        }
        let to = Version {
            query_set: new_version,
            ..self.version
        };
        self.tell_with(to, removed).await
    }

    async fn tell(&mut self, to: Version) -> Result<(), End> {
        self.tell_with(to, Vec::new()).await
    }

    /// Runs all queries and tells what has changed. `to` is what the client then knows, but for the
    /// time.
    async fn tell_with(&mut self, to: Version, mut changes: Vec<Value>) -> Result<(), End> {
        // Before the queries run: what is committed meanwhile is told the next time.
        let ts = *self.shared.commits.borrow();
        let caller = self.caller();
        for (id, query) in &mut self.queries {
            let ran = self
                .shared
                .run(Kind::Query, &query.path, &query.args, caller.as_deref());
            let outcome = ran.await?.outcome;
            if query.answered.as_ref() != Some(&outcome) {
                changes.push(wire::query_result(*id, &outcome));
                query.answered = Some(outcome);
            }
        }
        let from = self.version;
        self.version = Version { ts, ..to };
        self.send(wire::transition(from, self.version, changes))
            .await
    }

    fn caller(&self) -> Option<String> {
        self.identity
            .as_ref()
            .map(|identity| identity.account.clone())
    }

    async fn mutate(&mut self, request: Request) -> Result<(), End> {
        let args = only_object(request.args)?;
        let (path, caller) = (canonical(&request.udf_path), self.caller());
        let ran = self
            .shared
            .run(Kind::Mutation, &path, &args, caller.as_deref())
            .await?;
        let response = wire::mutation_response(request.request_id, &ran.outcome, ran.ts);
        self.send(response).await
        // The transition with its effects comes from the change of `commits`, so always later.
    }

    async fn act(&mut self, request: Request) -> Result<(), End> {
        let args = only_object(request.args)?;
        let (path, caller) = (canonical(&request.udf_path), self.caller());
        let ran = self
            .shared
            .run(Kind::Action, &path, &args, caller.as_deref())
            .await?;
        let response = wire::action_response(request.request_id, &ran.outcome);
        self.send(response).await
    }
}

/// Ends when the identity does.
async fn expiry(identity: Option<&Identity>) {
    match identity {
        Some(identity) => {
            let left = Duration::from_secs(identity.expires).saturating_sub(since_1970());
            tokio::time::sleep(left).await;
        }
        None => pending().await,
    }
}

fn same(said: u32, known: u32, what: &str) -> Result<(), End> {
    if said == known {
        return Ok(());
    }
    let words = format!("the client's {what} is version {said}, the server's {known}");
    Err(End::Said(wire::fatal_error(&words)))
}

/// Functions have one argument, an object.
fn only_object(args: Vec<Value>) -> Result<Map<String, Value>, End> {
    match <[Value; 1]>::try_from(args) {
        Ok([Value::Object(args)]) => Ok(args),
        Err(none) if none.is_empty() => Ok(Map::new()),
        _ => Err(End::Said(wire::fatal_error(
            "arguments have to be one object",
        ))),
    }
}
