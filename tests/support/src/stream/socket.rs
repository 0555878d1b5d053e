//! The coordinator's WebSocket: who connects says who it is, and is told of what it watches.

use axum::extract::ws::{Message, WebSocket};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until};

use super::faults::Fault;
use super::refusal::Refusal;
use super::tokens::Caller;
use super::world::User;
use super::{Client, Post, Seen, Shared};
use crate::clock::stamp;

#[derive(Deserialize)]
struct Introduction {
    token: String,
    user_details: Details,
}

#[derive(Deserialize)]
struct Details {
    id: String,
    #[serde(default)]
    name: Option<String>,
}

/// Serves one connection to its end.
pub(crate) async fn serve(mut socket: WebSocket, shared: Shared, key: Option<String>) {
    let mut cuts = shared.running.cuts();
    tokio::select! {
        () = converse(&mut socket, &shared, key.as_deref()) => {}
        // Either way without a word: errors mean that the double is gone, which is the same.
        _ = cuts.changed() => {}
        () = shared.running.closed() => {}
    }
}

async fn converse(socket: &mut WebSocket, shared: &Shared, key: Option<&str>) {
    let Some(first) = text(socket).await else {
        return;
    };
    let fault = shared.faults.lock().of("connect");
    match fault {
        Some(Fault::Drop) => return,
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::Slow(wait)) => sleep(wait).await,
        Some(Fault::Garbage(garbage)) => {
            // If it cannot be sent, the client has gone.
            let _ = socket.send(Message::Text(garbage.into())).await;
            return;
        }
        Some(Fault::Refuse(refusal)) => return refuse(socket, shared, &refusal).await,
        None => {}
    }
    let user = match introduced(shared, key, &first) {
        Ok(user) => user,
        Err(refusal) => return refuse(socket, shared, &refusal).await,
    };
    let (connection, me) = {
        let mut world = shared.world.lock();
        (world.unique("connection"), world.me_json(&user))
    };
    let (post, letters) = mpsc::unbounded_channel();
    let client = Client::new(user.clone(), post);
    shared.clients.lock().insert(connection.clone(), client);
    shared.running.see(Seen::Connected(user.clone()));
    let ok = json!({
        "type": "connection.ok", "connection_id": connection, "created_at": stamp(), "me": me,
    });
    let leaving = Leaving {
        shared,
        connection: &connection,
        user,
    };
    if socket
        .send(Message::Text(ok.to_string().into()))
        .await
        .is_ok()
    {
        deliver(socket, shared, (&connection, &leaving.user), letters).await;
    }
    drop(leaving);
}

/// Forgets a connection, however it ends.
struct Leaving<'a> {
    shared: &'a Shared,
    connection: &'a str,
    user: String,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.shared.clients.lock().remove(self.connection);
        let user = std::mem::take(&mut self.user);
        self.shared.running.see(Seen::Disconnected(user));
    }
}

/// The next text; none: the client has gone.
async fn text(socket: &mut WebSocket) -> Option<String> {
    while let Some(Ok(message)) = socket.recv().await {
        if let Message::Text(text) = message {
            return Some(text.to_string());
        }
    }
    None
}

/// Who a client is, by its first message.
fn introduced(shared: &Shared, key: Option<&str>, first: &str) -> Result<String, Refusal> {
    let introduction: Introduction = serde_json::from_str(first)
        .map_err(|error| Refusal::input(format!("invalid auth message: {error}")))?;
    let caller = shared.app.check(key, Some(&introduction.token))?;
    let details = introduction.user_details;
    if caller != Caller::User(details.id.clone()) {
        let why = "user_id of the token does not match user_details.id";
        return Err(Refusal::unauthenticated(why));
    }
    let mut world = shared.world.lock();
    let known = world.user(&details.id).ok().cloned();
    let role = known
        .as_ref()
        .map_or("user", |known| &known.role)
        .to_owned();
    let name = details.name.or(known.map(|known| known.name));
    world.know(User {
        name: name.unwrap_or_else(|| details.id.clone()),
        id: details.id.clone(),
        role,
    });
    Ok(details.id)
}

async fn refuse(socket: &mut WebSocket, shared: &Shared, refusal: &Refusal) {
    shared.running.see(Seen::Refused(refusal.code));
    let error = json!({
        "type": "connection.error",
        "connection_id": "",
        "created_at": stamp(),
        "error": refusal.body("WSConnect"),
    });
    // If it cannot be sent, the client has gone.
    let _ = socket.send(Message::Text(error.to_string().into())).await;
    let _ = socket.send(Message::Close(None)).await;
}

fn health(connection: &str) -> Value {
    json!({
        "type": "health.check", "connection_id": connection, "cid": "*",
        "created_at": stamp(), "custom": {},
    })
}

/// Sends what there is to tell, and listens whether the client is still there.
async fn deliver(
    socket: &mut WebSocket,
    shared: &Shared,
    (connection, user): (&str, &str),
    mut letters: mpsc::UnboundedReceiver<Post>,
) {
    let (every, patience) = (shared.health, shared.patience);
    let mut given_up = Instant::now() + patience;
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = tokio::select! {
            letter = letters.recv() => match letter {
                Some(Post::Event(event)) => event,
                Some(Post::Refuse(refusal)) => return refuse(socket, shared, &refusal).await,
                None => return,
            },
            _ = ticks.tick() => health(connection),
            message = socket.recv() => match message {
                // Whatever it says, it is there, and is told so.
                Some(Ok(Message::Text(_) | Message::Binary(_))) => {
                    given_up = Instant::now() + patience;
                    health(connection)
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                _ => return,
            },
            () = sleep_until(given_up) => return,
        };
        if next["type"] == "health.check" {
            let fault = shared.faults.lock().only_of("health");
            if fault == Some(Fault::Silent) {
                shared.running.see(Seen::FellSilent(user.to_owned()));
                std::future::pending::<()>().await;
            }
        }
        if socket
            .send(Message::Text(next.to_string().into()))
            .await
            .is_err()
        {
            return;
        }
    }
}
