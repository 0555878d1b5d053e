//! One signalling connection: what a client says to the room of its call, and what it hears.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::edge::Edge;
use super::faults::{Advice, JoinFault};
use super::room::{At, Command, Join, Outgoing};
use super::wire::{ClientMessage, JoinRequest};
use super::words;

/// How many events may wait for a client that is slow to read.
const OUTBOX: usize = 512;
/// A client says at once who it is.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// A client that is told to go does so at once.
const FAREWELL: Duration = Duration::from_secs(5);
/// `UNAUTHENTICATED`
const UNAUTHENTICATED: u16 = 401;
/// `SFU_FULL`
const FULL: u16 = 700;
/// `SFU_SHUTTING_DOWN`
const SHUTTING_DOWN: u16 = 600;
/// `CALL_PARTICIPANT_LIMIT_REACHED`
const CALL_FULL: u16 = 301;

/// Serves one client until it goes, or is left.
pub(crate) async fn serve(socket: WebSocket, edge: Edge) {
    let mut closing = edge.shared.closing.subscribe();
    let mut connection = Connection {
        socket,
        edge,
        silent_until: None,
    };
    tokio::select! {
        () = connection.live() => {}
        _ = closing.wait_for(|closing| *closing) => {}
    }
}

struct Connection {
    socket: WebSocket,
    edge: Edge,
    /// Nothing goes out before this.
    silent_until: Option<Instant>,
}

impl Connection {
    async fn live(&mut self) {
        let introduced = tokio::time::timeout(INTRODUCTION, self.introduction());
        let Ok(Some(request)) = introduced.await else {
            return;
        };
        tracing::debug!(?request.strategy, request.session, edge = &*self.edge.name, "joins");
        let grant = self.edge.shared.grants.lock().get(&request.token).cloned();
        let Some(grant) = grant else {
            let event = words::error_event(UNAUTHENTICATED, "unknown token", Advice::Disconnect);
            self.say(event.to_string()).await;
            return;
        };
        let fault = self.edge.shared.faults.lock().of_join();
        if !self.suffer(fault).await {
            return;
        }
        let (outbox, inbox) = mpsc::channel(OUTBOX);
        let at = At {
            edge: self.edge.name.to_string(),
            session: request.session.clone(),
        };
        let line = self.edge.shared.next_line();
        let cid = grant.cid.clone();
        let join = Join {
            edge: at.edge.clone(),
            grant,
            request,
            outbox,
            line,
        };
        let shared = self.edge.shared.clone();
        if shared
            .command(&cid, Command::Join(Box::new(join)))
            .await
            .is_none()
        {
            return;
        }
        self.talk(&cid, &at, line, inbox).await;
        shared.command(&cid, Command::Lost(at, line)).await;
    }

    async fn introduction(&mut self) -> Option<JoinRequest> {
        loop {
            match self.socket.recv().await? {
                Ok(Message::Binary(bytes)) => match ClientMessage::read(&bytes) {
                    Some(ClientMessage::Join(request)) => return Some(request),
                    other => tracing::debug!(?other, "before a join"),
                },
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Whether the join goes on.
    async fn suffer(&mut self, fault: Option<JoinFault>) -> bool {
        let (code, advice) = match fault {
            None => return true,
            Some(JoinFault::Slow(time)) => {
                tokio::time::sleep(time).await;
                return true;
            }
            Some(JoinFault::Drop) => return false,
            Some(JoinFault::Silent) => {
                while let Some(Ok(_)) = self.socket.recv().await {}
                return false;
            }
            Some(JoinFault::Full) => (FULL, Advice::Migrate),
            Some(JoinFault::ShuttingDown) => (SHUTTING_DOWN, Advice::Migrate),
            Some(JoinFault::CallFull) => (CALL_FULL, Advice::Disconnect),
            Some(JoinFault::Refuse { code, advice }) => (code, advice),
        };
        let words = format!("the double was told to refuse it with {code}");
        let event = words::error_event(code, &words, advice);
        self.say(event.to_string()).await;
        // It is the client that goes.
        while let Some(Ok(_)) = self.socket.recv().await {}
        false
    }

    async fn talk(&mut self, cid: &str, at: &At, line: u64, mut inbox: mpsc::Receiver<Outgoing>) {
        let shared = self.edge.shared.clone();
        loop {
            let silent_until = self.silent_until;
            let speaks_again = async {
                match silent_until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = speaks_again => self.silent_until = None,
                outgoing = inbox.recv() => match outgoing {
                    Some(Outgoing::Event(_)) if silent_until.is_some() => {}
                    Some(Outgoing::Event(event)) => {
                        if !self.say(event.to_string()).await {
                            return;
                        }
                    }
                    Some(Outgoing::Silence(time)) => {
                        self.silent_until = Some(Instant::now() + time);
                    }
                    Some(Outgoing::Cut) => return,
                    None => return self.farewell().await,
                },
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        let command = match ClientMessage::read(&bytes) {
                            Some(ClientMessage::Health) => Command::Heard(at.clone(), line),
                            Some(ClientMessage::Leave) => Command::Leave(at.clone()),
                            other => {
                                tracing::debug!(?other, "not expected");
                                continue;
                            }
                        };
                        if shared.command(cid, command).await.is_none() {
                            return;
                        }
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
            }
        }
    }

    /// The room is done with it, and has said why; it is the client that goes. One whose connection
    /// ends first takes that for a fault and connects again.
    async fn farewell(&mut self) {
        let goes = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        if tokio::time::timeout(FAREWELL, goes).await.is_err() {
            // It is left in any case.
            let _ = self.socket.send(Message::Close(None)).await;
        }
    }

    async fn say(&mut self, event: String) -> bool {
        tracing::debug!(event, "says");
        self.socket.send(Message::Text(event.into())).await.is_ok()
    }
}
