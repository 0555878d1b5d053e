//! A media server of the double: its calls over HTTP (Twirp), its signalling WebSocket and the media
//! itself over UDP. It forwards packets and knows nothing of what is in them, but where a key frame
//! begins.
//!
//! A call is a task (`room`) that owns all connections in it; the others hand it commands. Several
//! media servers ([`MediaServer::start_beside`]) share the calls, so that a participant who goes from
//! one to the other stays in.

mod edge;
mod faults;
mod forward;
mod http;
mod layers;
mod link;
mod room;
mod signalling;
mod subscriber;
mod wire;
mod words;

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, watch};

pub use faults::{Advice, CallFault, JoinFault, Strike};

use edge::Edge;
use faults::Faults;
use room::{Command, Room};

/// How many events may wait for whoever listens.
const EVENTS: usize = 1024;
/// How long a client that is lost may come back to what it had.
const KEEP: Duration = Duration::from_secs(10);

/// What a participant publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackKind {
    /// A microphone.
    Audio,
    /// A camera.
    Video,
    /// The picture of a shared screen.
    ScreenShare,
    /// The sound of a shared screen.
    ScreenShareAudio,
}

/// One join that the coordinator has let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The call: `type:id`.
    pub cid: String,
    /// Who joins.
    pub user: String,
    /// What others see as the name.
    pub name: String,
    /// What may be published.
    pub publish: Vec<TrackKind>,
}

/// What happened in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody is in.
    Joined {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
    },
    /// Somebody is out.
    Left {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
    },
    /// Somebody sends a track.
    Published {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
        /// Which track.
        track: TrackKind,
    },
    /// Somebody sends a track no longer.
    Unpublished {
        /// The call.
        cid: String,
        /// Who.
        user: String,
        /// Which of the user's connections.
        session: String,
        /// Which track.
        track: TrackKind,
    },
}

/// What the media servers of one service have in common.
#[derive(Debug)]
struct Shared {
    /// By token.
    grants: Mutex<HashMap<String, Grant>>,
    /// By call.
    rooms: Mutex<HashMap<String, mpsc::Sender<Command>>>,
    events: broadcast::Sender<Event>,
    faults: Mutex<Faults>,
    keep: Duration,
    closing: watch::Sender<bool>,
    lines: AtomicU64,
    edges: AtomicU64,
}

impl Shared {
    fn room(self: &Arc<Self>, cid: &str) -> io::Result<mpsc::Sender<Command>> {
        let mut rooms = self.rooms.lock();
        if let Some(room) = rooms.get(cid) {
            return Ok(room.clone());
        }
        let room = Room::start(cid, self)?;
        rooms.insert(cid.to_owned(), room.clone());
        Ok(room)
    }

    /// None: the room cannot be had any more.
    async fn command(self: &Arc<Self>, cid: &str, command: Command) -> Option<()> {
        let room = self.room(cid);
        let room = room
            .inspect_err(|error| tracing::warn!(%error, "no socket for a call"))
            .ok()?;
        room.send(command).await.ok()
    }

    /// The same for whoever cannot wait, and only if there is such a call.
    fn command_now(&self, cid: &str, command: Command) {
        let room = self.rooms.lock().get(cid).cloned();
        if let Some(Err(error)) = room.map(|room| room.try_send(command)) {
            tracing::warn!(%error, "a call does not hear");
        }
    }

    fn next_line(&self) -> u64 {
        self.lines.fetch_add(1, Ordering::Relaxed)
    }
}

/// Ends everything with the last handle.
#[derive(Debug)]
struct Service(Arc<Shared>);

impl Drop for Service {
    fn drop(&mut self) {
        self.0.closing.send_replace(true);
    }
}

/// A media server that runs until the last of its handles is dropped, and the last of those beside it.
#[derive(Clone, Debug)]
pub struct MediaServer {
    service: Arc<Service>,
    name: Arc<str>,
    address: SocketAddr,
}

impl MediaServer {
    /// Starts one on a free port of 127.0.0.1, in the runtime that calls this.
    ///
    /// # Errors
    /// If no port can be listened on.
    pub async fn start() -> io::Result<Self> {
        Self::start_keeping(KEEP).await
    }

    /// The same, with the time for which a client that is lost may come back to what it had; whole
    /// seconds count.
    ///
    /// # Errors
    /// If no port can be listened on.
    pub async fn start_keeping(keep: Duration) -> io::Result<Self> {
        let shared = Shared {
            grants: Mutex::default(),
            rooms: Mutex::default(),
            events: broadcast::Sender::new(EVENTS),
            faults: Mutex::default(),
            keep,
            closing: watch::Sender::new(false),
            lines: AtomicU64::new(1),
            edges: AtomicU64::new(1),
        };
        Self::listen(Arc::new(Service(Arc::new(shared)))).await
    }

    /// Starts another one that has the same calls, for those who are to migrate.
    ///
    /// # Errors
    /// If no port can be listened on.
    pub async fn start_beside(&self) -> io::Result<Self> {
        Self::listen(self.service.clone()).await
    }

    async fn listen(service: Arc<Service>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = service.0.clone();
        let number = shared.edges.fetch_add(1, Ordering::Relaxed);
        let name = Arc::<str>::from(format!("loopback-{number}"));
        let mut closing = shared.closing.subscribe();
        let router = http::router(Edge {
            name: name.clone(),
            shared,
        });
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
            // An error means that all is gone, which is the same.
            let _ = closing.wait_for(|closing| *closing).await;
        });
        tokio::spawn(serving.into_future());
        Ok(Self {
            service,
            name,
            address,
        })
    }

    /// What the coordinator calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its calls over HTTP go: `http://127.0.0.1:PORT/twirp`.
    pub fn url(&self) -> String {
        format!("http://{}/twirp", self.address)
    }

    /// Where its signalling is: `ws://127.0.0.1:PORT/ws`.
    pub fn ws_endpoint(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    /// A token for one join, which the coordinator hands out. It holds at all media servers that were
    /// started beside each other.
    pub fn admit(&self, grant: Grant) -> String {
        let token = random_id();
        self.service.0.grants.lock().insert(token.clone(), grant);
        token
    }

    /// Tells all participants of a call that it has ended.
    pub fn end_call(&self, cid: &str) {
        self.service.0.command_now(cid, Command::End);
    }

    /// Removes somebody, all of the user's connections.
    pub fn remove(&self, cid: &str, user: &str) {
        let command = Command::Remove(user.to_owned());
        self.service.0.command_now(cid, command);
    }

    /// Mutes somebody's tracks.
    pub fn mute(&self, cid: &str, user: &str, tracks: &[TrackKind]) {
        let command = Command::Mute(user.to_owned(), tracks.to_vec());
        self.service.0.command_now(cid, command);
    }

    /// Changes what somebody may publish.
    pub fn set_permissions(&self, cid: &str, user: &str, publish: &[TrackKind]) {
        let command = Command::Permit(user.to_owned(), publish.to_vec());
        self.service.0.command_now(cid, command);
    }

    /// Holds back another user's track for a user, or lets it go on.
    pub fn pause(&self, cid: &str, user: &str, of: &str, track: TrackKind, paused: bool) {
        let command = Command::Pause(user.to_owned(), of.to_owned(), track, paused);
        self.service.0.command_now(cid, command);
    }

    /// Something happens to a user who is in.
    pub fn strike(&self, cid: &str, user: &str, strike: Strike) {
        let command = Command::Strike(user.to_owned(), strike);
        self.service.0.command_now(cid, command);
    }

    /// The next join, whoever's, meets this.
    pub fn fail_next_join(&self, fault: JoinFault) {
        self.service.0.faults.lock().push_join(fault);
    }

    /// The next call of this method (`SetPublisher`, `SendAnswer`, ...) meets this.
    pub fn fail_next_call(&self, method: &str, fault: CallFault) {
        self.service.0.faults.lock().push_call(method, fault);
    }

    /// Nothing that was ordered goes wrong any more.
    pub fn heal(&self) {
        self.service.0.faults.lock().clear();
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.service.0.events.subscribe()
    }
}

/// What nothing else is called.
fn random_id() -> String {
    // Each has keys of its own, from the system's randomness.
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}
