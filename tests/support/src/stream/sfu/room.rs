//! One call on the media servers: a task that owns everything in it, the connections and the socket
//! of its media.

mod calls;
mod joining;
mod media;
mod telling;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};

use super::faults::Strike;
use super::link::{LegId, Link};
use super::subscriber::Subscriber;
use super::wire::JoinRequest;
use super::words::{Asked, EndReason, Quality, Subscription, TrackInfo};
use super::{Event, Grant, Shared, TrackKind};

/// How many commands may wait.
const COMMANDS: usize = 1024;
/// How often it looks after what depends on time.
const BEAT: Duration = Duration::from_millis(250);
/// Larger than any datagram that arrives.
const DATAGRAM: usize = 2048;
/// A client says something every five seconds; one that says nothing for this long is lost.
const SILENCE: Duration = Duration::from_secs(20);
/// How long the connections to the media server that a participant leaves are kept.
const MIGRATION: Duration = Duration::from_secs(10);

/// What goes to a client's signalling connection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outgoing {
    Event(Value),
    /// Nothing goes out for this long.
    Silence(Duration),
    /// The connection is cut without a word.
    Cut,
}

/// Which media server, by its name, and whose connections there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) edge: String,
    pub(crate) session: String,
}

#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) edge: String,
    pub(crate) grant: Grant,
    pub(crate) request: JoinRequest,
    pub(crate) outbox: mpsc::Sender<Outgoing>,
    /// Which of the client's signalling connections this is.
    pub(crate) line: u64,
}

/// What the room is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    Join(Box<Join>),
    /// The client of a signalling connection is alive.
    Heard(At, u64),
    /// A signalling connection is gone.
    Lost(At, u64),
    Leave(At),
    Call(At, Method, Box<Asked>, oneshot::Sender<Value>),
    End,
    Remove(String),
    Mute(String, Vec<TrackKind>),
    Permit(String, Vec<TrackKind>),
    Strike(String, Strike),
    /// For a user: whether another user's track is held back.
    Pause(String, String, TrackKind, bool),
}

/// The calls over HTTP that do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    SetPublisher,
    SendAnswer,
    IceRestart,
    UpdateSubscriptions,
    UpdateMuteStates,
}

/// What a participant sends.
#[derive(Debug)]
struct Published {
    info: TrackInfo,
    muted: bool,
    /// The layers that the client was last told to send.
    requested_layers: Option<std::collections::BTreeSet<String>>,
}

/// A client's connections to one media server.
#[derive(Debug)]
struct Leg {
    session: String,
    edge: String,
    publisher: Link,
    published: BTreeMap<TrackKind, Published>,
    subscriber: Subscriber,
    line: Option<Line>,
    /// Since when there is no signalling connection.
    lost: Option<Instant>,
    subscriptions: Vec<Subscription>,
    /// What is held back, by session and kind.
    paused: Vec<(String, TrackKind)>,
}

/// A signalling connection.
#[derive(Debug)]
struct Line {
    id: u64,
    outbox: mpsc::Sender<Outgoing>,
    heard: Instant,
}

/// The connections that a participant leaves for others.
#[derive(Clone, Copy, Debug)]
struct Former {
    leg: LegId,
    since: Instant,
    /// The client knows that it may close them.
    notified: bool,
}

#[derive(Debug)]
struct Participant {
    grant: Grant,
    /// What its streams begin with.
    prefix: String,
    joined_at: String,
    leg: LegId,
    former: Option<Former>,
    quality: Quality,
    /// The loudest since the last time that others were told, 0 to 1.
    loudest: f32,
    speaking: bool,
}

#[derive(Debug)]
pub(crate) struct Room {
    cid: String,
    shared: Arc<Shared>,
    socket: UdpSocket,
    local: SocketAddr,
    started_at: String,
    /// By session.
    participants: BTreeMap<String, Participant>,
    legs: BTreeMap<LegId, Leg>,
    next_leg: u64,
    dominant: Option<String>,
}

impl Room {
    /// Starts the task of a call; it runs until the media servers are gone.
    pub(crate) fn start(cid: &str, shared: &Arc<Shared>) -> io::Result<mpsc::Sender<Command>> {
        let socket = std::net::UdpSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket)?;
        let room = Self {
            cid: cid.to_owned(),
            shared: shared.clone(),
            local: socket.local_addr()?,
            socket,
            started_at: crate::clock::stamp(),
            participants: BTreeMap::new(),
            legs: BTreeMap::new(),
            next_leg: 0,
            dominant: None,
        };
        let (commands, inbox) = mpsc::channel(COMMANDS);
        tokio::spawn(room.run(inbox));
        Ok(commands)
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        let mut closing = self.shared.closing.subscribe();
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut datagram = [0; DATAGRAM];
        loop {
            let wake = self.pump();
            let idle = self.legs.is_empty();
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => break,
                command = inbox.recv() => match command {
                    Some(command) => self.obey(command),
                    None => break,
                },
                received = self.socket.recv_from(&mut datagram) => {
                    // An error is of one datagram that was sent before (ICMP), not of the socket.
                    if let Ok((length, source)) = received {
                        self.receive(source, &datagram[..length]);
                    }
                    self.receive_more(&mut datagram);
                }
                () = tokio::time::sleep_until(wake.into()), if !idle => {}
                _ = beat.tick(), if !idle => self.beat(Instant::now()),
            }
        }
        let now = Instant::now();
        for leg in self.legs.values_mut() {
            leg.publisher.close(now, &self.socket);
            leg.subscriber.link.close(now, &self.socket);
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join(join) => self.join(*join),
            Command::Heard(at, line) => self.heard(&at, line),
            Command::Lost(at, line) => self.lost(&at, line),
            Command::Leave(at) => self.leave(&at),
            Command::Call(at, method, asked, answer) => {
                let answered = self.call(&at, method, &asked);
                // Whoever asked may be gone.
                let _ = answer.send(answered);
            }
            Command::End => {
                let sessions = self.participants.keys().cloned().collect::<Vec<_>>();
                self.end_for(&sessions, EndReason::Ended);
            }
            Command::Remove(user) => {
                let sessions = self.sessions_of(&user);
                self.end_for(&sessions, EndReason::Kicked);
            }
            Command::Mute(user, kinds) => self.moderate(&user, &kinds),
            Command::Permit(user, kinds) => self.permit(&user, &kinds),
            Command::Strike(user, strike) => self.strike(&user, &strike),
            Command::Pause(user, of, kind, paused) => self.pause(&user, &of, kind, paused),
        }
    }

    fn end_for(&mut self, sessions: &[String], reason: EndReason) {
        for session in sessions {
            self.tell(session, &super::words::call_ended(reason));
        }
        for session in sessions {
            self.remove(session);
        }
    }

    fn strike(&mut self, user: &str, strike: &Strike) {
        let now = Instant::now();
        for session in self.sessions_of(user) {
            match strike {
                Strike::GoAway => self.tell(&session, &super::words::go_away()),
                Strike::Error { code, advice } => {
                    let words = "the double was told to say so";
                    self.tell(&session, &super::words::error_event(*code, words, *advice));
                }
                Strike::DropSignalling => self.send(&session, Outgoing::Cut),
                Strike::SilentFor(time) => self.send(&session, Outgoing::Silence(*time)),
                Strike::Unreadable => self.tell(&session, &super::words::unreadable()),
                Strike::CloseMedia => {
                    if let Some(leg) = self.leg_of_mut(&session) {
                        leg.publisher.connected = false;
                        leg.subscriber.link.connected = false;
                        let id = self.participants[&session].leg;
                        self.close_links(id, now);
                    }
                }
                Strike::Forget => self.remove(&session),
            }
        }
    }

    fn sessions_of(&self, user: &str) -> Vec<String> {
        let all = self.participants.iter();
        let of_user = all.filter(|(_, participant)| participant.grant.user == user);
        of_user.map(|(session, _)| session.clone()).collect()
    }

    fn leg_of_mut(&mut self, session: &str) -> Option<&mut Leg> {
        let id = self.participants.get(session)?.leg;
        self.legs.get_mut(&id)
    }

    /// The connections of this client to this media server.
    fn leg_at(&self, at: &At) -> Option<LegId> {
        let mut all = self.legs.iter();
        let (id, _) = all.find(|(_, leg)| leg.session == at.session && leg.edge == at.edge)?;
        Some(*id)
    }

    fn emit(&self, event: Event) {
        // Nobody listening is fine.
        let _ = self.shared.events.send(event);
    }

    fn send(&mut self, session: &str, outgoing: Outgoing) {
        if let Some(leg) = self.leg_of_mut(session) {
            leg.send(outgoing);
        }
    }

    fn tell(&mut self, session: &str, event: &Value) {
        self.send(session, Outgoing::Event(event.clone()));
    }

    /// Tells everybody, on all their connections, but one participant.
    fn tell_others(&mut self, session: &str, event: &Value) {
        for leg in self.legs.values_mut().filter(|leg| leg.session != session) {
            leg.send(Outgoing::Event(event.clone()));
        }
    }

    fn tell_all(&mut self, event: &Value) {
        for leg in self.legs.values_mut() {
            leg.send(Outgoing::Event(event.clone()));
        }
    }
}

impl Leg {
    fn send(&mut self, outgoing: Outgoing) {
        let Some(line) = &self.line else { return };
        if line.outbox.try_send(outgoing).is_err() {
            // It is gone, or does not read.
            self.line = None;
            self.lost = Some(Instant::now());
        }
    }

    fn event(&mut self, event: Value) {
        self.send(Outgoing::Event(event));
    }
}
