//! One page: its requests, its tracks, its connections. All of it ends with its WebSocket.

#[cfg(test)]
mod capabilities;
mod connections;
mod convert;
mod dispatch;
mod display;
mod outbox;
mod rendering;
mod reply;
mod stats;
mod tracks;

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use rtc_host::{Host, TrackNumbers};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::gestures::Gestures;
use crate::session::connections::Connections;
use crate::session::display::Display;
use crate::session::outbox::Outbox;
use crate::session::rendering::Rendering;
use crate::session::tracks::Tracks;
use crate::wire::Event;
use crate::wire::binary::DataMessage;

/// What the parts of a session share.
pub(crate) struct Session {
    host: Host,
    outbox: Outbox,
    numbers: TrackNumbers,
    gestures: Gestures,
    tracks: Tracks,
    display: Display,
    connections: Connections,
    rendering: Arc<Rendering>,
    /// True once the page has gone.
    over: watch::Sender<bool>,
}

/// Serves one page until it goes away.
pub(crate) async fn run(socket: WebSocketStream<TcpStream>, host: Host, gestures: Gestures) {
    let (mut sink, mut stream) = socket.split();
    let (outbox, mut outgoing) = outbox::channel();
    let writer = tokio::spawn(async move {
        while let Some(message) = outgoing.next().await {
            if sink.feed(message).await.is_err() {
                return;
            }
            // What is ready goes out in one piece.
            while let Some(message) = outgoing.try_next() {
                if sink.feed(message).await.is_err() {
                    return;
                }
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    });
    let session = Arc::new(Session {
        host,
        outbox,
        numbers: TrackNumbers::default(),
        gestures,
        tracks: Tracks::default(),
        display: Display::default(),
        connections: Connections::default(),
        rendering: Arc::default(),
        over: watch::Sender::new(false),
    });
    let watcher = session.host.devices().on_change({
        let outbox = session.outbox.clone();
        move || outbox.event(&Event::DeviceChange)
    });
    tracing::info!("a page connected");
    loop {
        let message = tokio::select! {
            message = stream.next() => message,
            () = session.outbox.overflow() => break,
        };
        let Some(Ok(message)) = message else { break };
        match message {
            Message::Text(text) => dispatch::request(&session, &text),
            Message::Binary(data) => match DataMessage::decode(&data) {
                Some(message) => session.send_data(&message),
                None => tracing::warn!("a binary message of the page was not understood"),
            },
            Message::Close(_) => break,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    tracing::info!("a page went away");
    drop(watcher);
    session.close();
    writer.abort();
}

impl Session {
    /// Nothing of the page's tracks is sent or shown from now on, and its connections end.
    fn close(&self) {
        self.over.send_replace(true);
        self.display.close();
        self.tracks.close();
        self.rendering.close();
        self.connections.close();
    }
}
