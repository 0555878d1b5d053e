//! The ways to the remote side: datagrams of our own sockets, TCP connections to what takes them, and relays.
//!
//! Everything that takes time is a task of its own and tells of itself; the tasks end when the network is dropped,
//! and allocations on servers with them.

mod changes;
mod following;
mod link;
mod reflexive;
mod relay;
mod servers;
mod sockets;
mod tcp;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use rtc_core::{
    Configuration, IceCandidate, IceTransportPolicy, LocalCandidate, Protocol, Transmit,
};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::lookup_host;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::oneshot;

use self::changes::Changes;
use self::following::Lost;
use self::reflexive::{Asked, Request};
use self::relay::Leaving;
use self::servers::Turn;
use self::sockets::Sockets;

pub(crate) use self::sockets::BATCH;

/// News of tasks that wait to be taken; the tasks wait then.
const NEWS: usize = 512;
/// TCP connections at once. A server names one or two addresses.
const MAX_CONNECTIONS: usize = 16;
/// Names of local candidates that are looked up in the life of a connection.
const MAX_NAMES: usize = 32;

/// What tasks tell.
#[derive(Debug)]
enum Told {
    /// A STUN server is asked in a moment.
    Expect(Request),
    /// A server has been asked, with or without success; which, if it relays.
    Asked(Option<Turn>),
    Relayed {
        server: Turn,
        candidate: LocalCandidate,
        out: Sender<Leaving>,
    },
    RelayEnded(SocketAddr),
    Connected {
        local: SocketAddr,
        remote: SocketAddr,
        out: Sender<Vec<u8>>,
        ends: oneshot::Sender<()>,
    },
    /// Of a remote side: over a TCP connection, or by datagrams through a relay.
    Packet {
        protocol: Protocol,
        source: SocketAddr,
        local: SocketAddr,
        contents: Vec<u8>,
    },
    /// A TCP connection is over, or none came of it: then it has no end here.
    Ended {
        local: Option<SocketAddr>,
        remote: SocketAddr,
    },
    Resolved {
        candidate: IceCandidate,
        address: IpAddr,
    },
}

/// What the connection has to know.
#[derive(Debug)]
pub(crate) enum News {
    /// A socket has something: [`Network::receive`].
    Readable(usize),
    Packet {
        protocol: Protocol,
        source: SocketAddr,
        local: SocketAddr,
        contents: Vec<u8>,
    },
    Candidate(LocalCandidate),
    /// All that was asked for candidates has answered, or will not.
    Gathered,
    Connected {
        local: SocketAddr,
        remote: SocketAddr,
    },
    /// It leads nowhere any more.
    Gone(LocalCandidate),
    /// The address behind a name.
    Resolved {
        candidate: IceCandidate,
        address: IpAddr,
    },
}

/// What was allocated for us.
#[derive(Debug)]
struct Relay {
    server: Turn,
    candidate: LocalCandidate,
    out: Sender<Leaving>,
    /// Of which gathering.
    round: u64,
}

/// A TCP connection, for as long as this is there.
#[derive(Debug)]
struct Carrier {
    out: Sender<Vec<u8>>,
    /// Told, it ends without a last word.
    ends: oneshot::Sender<()>,
}

#[derive(Debug)]
pub(crate) struct Network {
    sockets: Sockets,
    /// By both ends.
    connections: BTreeMap<(SocketAddr, SocketAddr), Carrier>,
    /// The remote ends of connections that are there or being opened.
    opening: Vec<SocketAddr>,
    relays: BTreeMap<SocketAddr, Relay>,
    /// Those that have not answered yet.
    allocating: Vec<Turn>,
    /// How many times candidates were gathered.
    round: u64,
    /// Servers whose answer this gathering waits for.
    waits_for: usize,
    asked: Asked,
    /// How servers see our sockets.
    reflexive: Vec<LocalCandidate>,
    names: usize,
    /// Since candidates are gathered.
    changes: Option<Changes>,
    /// Whether sockets of our own are wanted.
    own: bool,
    lost: Lost,
    /// News of the addresses, to be taken first.
    followed: VecDeque<News>,
    told: Sender<Told>,
    news: Receiver<Told>,
}

impl Default for Network {
    fn default() -> Self {
        let (told, news) = mpsc::channel(NEWS);
        Self {
            sockets: Sockets::default(),
            connections: BTreeMap::new(),
            opening: Vec::new(),
            relays: BTreeMap::new(),
            allocating: Vec::new(),
            round: 0,
            waits_for: 0,
            asked: Asked::default(),
            reflexive: Vec::new(),
            names: 0,
            changes: None,
            own: false,
            lost: Lost::default(),
            followed: VecDeque::new(),
            told,
            news,
        }
    }
}

impl Network {
    /// The candidates that are there at once. Servers are asked for others, which come as [`News`], until
    /// [`News::Gathered`] (if `true` is among the answers). Who wants to be relayed has no socket of their own.
    pub(crate) fn gather(
        &mut self,
        configuration: &Configuration,
        restart: bool,
    ) -> (Vec<LocalCandidate>, bool) {
        self.round += 1;
        // Before the addresses are listed, so that none comes unnoticed.
        self.changes.get_or_insert_with(Changes::watch);
        self.own = configuration.ice_transport_policy == IceTransportPolicy::All;
        let (stun, turn) = servers::servers(&configuration.ice_servers);
        let mut candidates = Vec::new();
        if self.own {
            if let Some(here) = sockets::addresses() {
                // What has gone is told, too.
                self.follow_sockets(&here);
                self.sockets.open(&here);
            }
            candidates.extend(self.sockets.up().map(LocalCandidate::host));
            for server in &stun {
                for socket in self.sockets.all() {
                    let ask = reflexive::ask(server.clone(), socket, self.told.clone());
                    tokio::spawn(ask);
                    self.waits_for += 1;
                }
            }
        } else {
            self.sockets = Sockets::default();
            self.connections.clear();
            self.reflexive.clear();
        }
        // What is not to be used any more is given back. After a restart relays of before may be what is in use until
        // there is something better; those of the restart before that are not.
        let round = self.round;
        self.lost.relays.retain(|server| turn.contains(server));
        if restart {
            // The remote side names its own anew.
            self.lost.connections.clear();
        }
        self.relays
            .retain(|_, relay| turn.contains(&relay.server) && relay.round + 2 > round);
        for server in turn {
            let has = |relay: &Relay| relay.server == server && !restart;
            // What was asked for before a restart may never be answered.
            let asking = !restart && self.allocating.contains(&server);
            if self.relays.values().any(has) || asking {
                continue;
            }
            self.allocate(server);
        }
        for relay in self.relays.values_mut().filter(|_| !restart) {
            relay.round = round;
            candidates.push(relay.candidate.clone());
        }
        (candidates, self.waits_for > 0)
    }

    fn allocate(&mut self, server: Turn) {
        self.allocating.push(server.clone());
        tokio::spawn(relay::run(server, self.told.clone(), trusted));
        self.waits_for += 1;
    }

    /// Opens a TCP connection; [`News::Connected`] tells of it.
    pub(crate) fn connect(&mut self, remote: SocketAddr) {
        if !tcp::may_connect(remote) || self.opening.len() >= MAX_CONNECTIONS {
            tracing::debug!(%remote, "a TCP candidate is not connected to");
            return;
        }
        self.opening.push(remote);
        tokio::spawn(tcp::run(remote, self.told.clone()));
    }

    /// Ends a TCP connection that is of no use.
    pub(crate) fn disconnect(&mut self, local: SocketAddr, remote: SocketAddr) {
        self.connections.remove(&(local, remote));
    }

    /// Looks a local name of a candidate up, as the system does (mDNS, where it has that).
    pub(crate) fn resolve(&mut self, candidate: IceCandidate, host: String) {
        if self.names >= MAX_NAMES {
            return;
        }
        self.names += 1;
        let told = self.told.clone();
        tokio::spawn(async move {
            let found = tokio::select! {
                () = told.closed() => return,
                found = lookup_host((host, 0)) => found,
            };
            // A name that leads away from the local network is not what such a name is for.
            let local = |address: SocketAddr| Some(address.ip()).filter(|ip| sockets::is_near(*ip));
            if let Some(address) = found.ok().and_then(|mut all| all.find_map(local)) {
                let _ = told.send(Told::Resolved { candidate, address }).await;
            }
        });
    }

    /// Waits until there is something.
    pub(crate) async fn next(&mut self) -> News {
        loop {
            if let Some(news) = self.followed.pop_front() {
                return news;
            }
            let changed = async {
                match &mut self.changes {
                    Some(changes) => changes.next().await,
                    None => std::future::pending().await,
                }
            };
            let told = tokio::select! {
                biased;
                index = self.sockets.readable() => return News::Readable(index),
                Some(told) = self.news.recv() => told,
                () = changed => {
                    self.follow();
                    continue;
                }
            };
            if let Some(news) = self.heard(told) {
                return news;
            }
        }
    }

    fn heard(&mut self, told: Told) -> Option<News> {
        match told {
            Told::Expect(request) => {
                self.asked.expect(request);
                None
            }
            Told::Asked(server) => {
                let mut allocating = self.allocating.iter();
                if let Some(index) = allocating.position(|one| Some(one) == server.as_ref()) {
                    self.allocating.swap_remove(index);
                }
                self.waits_for = self.waits_for.saturating_sub(1);
                (self.waits_for == 0).then_some(News::Gathered)
            }
            Told::Relayed {
                server,
                candidate,
                out,
            } => {
                let address = candidate.address;
                // What a server says of itself must not take anything of ours or of another one's.
                if self.relays.contains_key(&address) || self.sockets.has(address) {
                    return None;
                }
                self.lost.relays.retain(|lost| *lost != server);
                let relay = Relay {
                    server,
                    candidate: candidate.clone(),
                    out,
                    round: self.round,
                };
                self.relays.insert(address, relay);
                Some(News::Candidate(candidate))
            }
            Told::RelayEnded(address) => {
                let relay = self.relays.remove(&address)?;
                Some(News::Gone(relay.candidate))
            }
            Told::Connected {
                local,
                remote,
                out,
                ends,
            } => {
                self.lost.connections.remove(&remote);
                let carrier = Carrier { out, ends };
                self.connections.insert((local, remote), carrier);
                Some(News::Connected { local, remote })
            }
            Told::Packet {
                protocol,
                source,
                local,
                contents,
            } => Some(News::Packet {
                protocol,
                source,
                local,
                contents,
            }),
            Told::Ended { local, remote } => {
                if let Some(index) = self.opening.iter().position(|one| *one == remote) {
                    self.opening.swap_remove(index);
                }
                let local = local?;
                // Its address is gone, and perhaps there is another one by now.
                if self.lost.connections.contains(&remote) {
                    self.connect_again();
                }
                self.connections.remove(&(local, remote))?;
                Some(News::Gone(LocalCandidate::connection(local)))
            }
            Told::Resolved { candidate, address } => Some(News::Resolved { candidate, address }),
        }
    }

    /// One datagram of a socket: its length, where it came from, and where it was received.
    pub(crate) fn receive(
        &mut self,
        index: usize,
        to: &mut [u8],
    ) -> Option<Result<(usize, SocketAddr, SocketAddr), LocalCandidate>> {
        let (length, source, local) = self.sockets.receive(index, to)?;
        Some(match self.asked.answer(&to[..length], source, local) {
            Some(candidate) => {
                if !self.reflexive.contains(&candidate) {
                    self.reflexive.push(candidate.clone());
                }
                Err(candidate)
            }
            None => Ok((length, source, local)),
        })
    }

    /// Sends; what cannot be sent now is lost, as on any network.
    pub(crate) fn send(&self, transmit: Transmit) {
        let Transmit {
            protocol,
            source,
            destination,
            contents,
        } = transmit;
        match protocol {
            Protocol::Tcp => {
                // Of a candidate of another connection there is none to here.
                if let Some(carrier) = self.connections.get(&(source, destination)) {
                    let _ = carrier.out.try_send(contents);
                }
            }
            Protocol::Udp => match self.relays.get(&source) {
                Some(relay) => {
                    let _ = relay.out.try_send((destination, contents));
                }
                None => self.sockets.send(source, destination, &contents),
            },
        }
    }
}

/// What the system trusts, as everything else of the app does.
fn trusted() -> std::io::Result<ClientConfig> {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(std::io::Error::other)?;
    Ok(config.with_no_client_auth())
}
