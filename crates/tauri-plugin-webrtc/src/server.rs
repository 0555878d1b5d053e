//! The WebSocket that pages connect to.

mod invitations;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rtc_host::Host;
use rtc_host::media::{DeviceOptions, MediaDevices};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::gestures::Gestures;
use crate::random;
use crate::server::invitations::Invitations;
use crate::session;
use crate::wire::{Opened, SUBPROTOCOL};

/// Largest message of a page: data-channel messages end at 256 KiB, descriptions are far smaller.
const MAX_MESSAGE: usize = 1 << 20;
/// A page that was invited connects at once.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Sockets whose handshake is not done; any program of this machine may open some. Of more, the
/// oldest gives way: a page needs a moment only.
const MAX_HANDSHAKES: usize = 16;

/// Serves pages on a port of the loopback interface. Stops when dropped, and with it every
/// connection of its pages.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    gate: Arc<Gate>,
    accepting: tokio::task::JoinHandle<()>,
    host: Host,
}

/// Who may come in.
#[derive(Debug)]
struct Gate {
    origins: Vec<String>,
    invitations: Mutex<Invitations>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    /// Starts on a free port, for pages of these origins (RFC 6454, as browsers send them). A page can
    /// have a screen shared only while `gestures` tell that its user is there.
    ///
    /// # Errors
    /// If there is no port or thread to be had.
    pub fn start(
        devices: DeviceOptions,
        origins: Vec<String>,
        gestures: Gestures,
    ) -> io::Result<Self> {
        let host = Host::new(devices)?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let gate = Arc::new(Gate {
            origins,
            invitations: Mutex::default(),
        });
        let runtime = host.runtime().clone();
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let accepting = runtime.spawn(accept(listener, gate.clone(), host.clone(), gestures));
        tracing::info!(port = address.port(), "WebRTC host started");
        Ok(Self {
            address,
            gate,
            accepting,
            host,
        })
    }

    /// Devices, as its pages get them.
    pub fn devices(&self) -> &MediaDevices {
        self.host.devices()
    }

    /// See [`Host::warm_up`].
    pub fn warm_up(&self) {
        self.host.warm_up();
    }

    /// Where to connect, and a secret that works once, within a minute.
    ///
    /// # Errors
    /// If the system gives no random numbers, or a page has asked too often without connecting.
    pub fn invite(&self) -> io::Result<Opened> {
        let secret = random::hex::<32>().map_err(io::Error::other)?;
        let mut invitations = self.gate.invitations.lock();
        if !invitations.add(secret.clone(), Instant::now()) {
            return Err(io::Error::other("too many invitations are open"));
        }
        Ok(Opened {
            url: format!("ws://{}/", self.address),
            secret,
        })
    }
}

async fn accept(listener: TcpListener, gate: Arc<Gate>, host: Host, gestures: Gestures) {
    let mut sessions = tokio::task::JoinSet::new();
    let mut handshakes: VecDeque<oneshot::Sender<()>> = VecDeque::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    handshakes.retain(|handshake| !handshake.is_closed());
                    if handshakes.len() >= MAX_HANDSHAKES {
                        handshakes.pop_front();
                    }
                    let (held, evicted) = oneshot::channel();
                    handshakes.push_back(held);
                    let page = (host.clone(), gestures.clone());
                    sessions.spawn(serve(stream, gate.clone(), page, evicted));
                }
                // Out of file descriptors, most likely: others will be freed.
                Err(error) => {
                    tracing::warn!(%error, "a page could not connect");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = sessions.join_next() => {}
        }
    }
}

/// `evicted` ends, without a word, when the socket has to give way.
async fn serve(
    stream: TcpStream,
    gate: Arc<Gate>,
    (host, gestures): (Host, Gestures),
    mut evicted: oneshot::Receiver<()>,
) {
    // Small messages must not wait for each other.
    let _ = stream.set_nodelay(true);
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    #[allow(clippy::result_large_err, reason = "the handshake's own type")]
    let check = |request: &Request, response: Response| gate.check(request, response);
    let handshake = accept_hdr_async_with_config(stream, check, Some(config));
    let handshake = tokio::time::timeout(HANDSHAKE_LIMIT, handshake);
    let outcome = tokio::select! {
        outcome = handshake => outcome,
        _ = &mut evicted => return tracing::warn!("a socket that sent nothing gave way"),
    };
    drop(evicted);
    match outcome {
        Ok(Ok(socket)) => session::run(socket, host, gestures).await,
        Ok(Err(error)) => tracing::warn!(%error, "a page was turned away"),
        Err(_) => tracing::warn!("a page did not finish its handshake"),
    }
}

impl Gate {
    #[allow(clippy::result_large_err, reason = "the handshake's own type")]
    fn check(&self, request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
        if self.admits(request) {
            let selected = HeaderValue::from_static(SUBPROTOCOL);
            response
                .headers_mut()
                .insert(header::SEC_WEBSOCKET_PROTOCOL, selected);
            return Ok(response);
        }
        let mut refusal = ErrorResponse::new(None);
        *refusal.status_mut() = StatusCode::FORBIDDEN;
        Err(refusal)
    }

    fn admits(&self, request: &Request) -> bool {
        let text = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let known = text(header::ORIGIN)
            .is_some_and(|origin| self.origins.iter().any(|known| known == origin));
        let mut offered = text(header::SEC_WEBSOCKET_PROTOCOL)
            .unwrap_or("")
            .split(',');
        let ours = offered.next().map(str::trim) == Some(SUBPROTOCOL);
        let secret = offered.next().map_or("", str::trim);
        // Taken out in any case where it matches: it works once.
        known && ours && self.invitations.lock().take(secret, Instant::now())
    }
}
