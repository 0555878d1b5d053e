//! One allocation on a TURN server (RFC 8656), for as long as somebody holds its end.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rtc_core::{LocalCandidate, Protocol, RelayProtocol};
use rustls::ClientConfig;
use tokio::sync::mpsc::{self, Sender, WeakSender};
use tokio::time::{timeout, timeout_at};
use turn_client_proto::api::{
    TransmitBuild, TurnClientApi, TurnConfig, TurnEvent, TurnPollRet, TurnRecvRet,
};
use turn_client_proto::prelude::DelayedTransmitBuild as _;
use turn_client_proto::stun::Instant as TurnInstant;
use turn_client_proto::stun::agent::Transmit;
use turn_client_proto::tcp::TurnClientTcp;
use turn_client_proto::types::{AddressFamily, TransportType, TurnCredentials};
use turn_client_proto::udp::TurnClientUdp;

use super::Told;
use super::link::{Incoming, Link, Outgoing};
use super::servers::Turn;

/// A server that has not allocated by then is given up, as libwebrtc does.
const ALLOCATING: Duration = Duration::from_secs(10);
/// What a server may take to be told that the allocation is not needed any more.
const DELETING: Duration = Duration::from_secs(2);
/// Packets that wait for the loop of this allocation.
const QUEUE: usize = 256;
/// Remote sides that the server is asked to let through.
const MAX_PEERS: usize = 64;
/// Largest message of the protocol.
const MAX_MESSAGE: usize = 65_535;

/// A packet to a remote side.
pub(super) type Leaving = (SocketAddr, Vec<u8>);

/// What has been told, also if it ends in the middle.
#[derive(Debug, Default)]
struct Standing {
    asked: AtomicBool,
    relayed: Mutex<Vec<SocketAddr>>,
}

/// Allocates, tells of it and what comes in, and ends the allocation once nobody holds its end any more.
/// Whatever comes of it, [`Told::Asked`] is told once.
pub(super) async fn run(
    server: Turn,
    told: Sender<Told>,
    tls: impl Fn() -> io::Result<ClientConfig> + Send + 'static,
) {
    let standing = Arc::new(Standing::default());
    let serving = {
        let (server, told, standing) = (server.clone(), told.clone(), standing.clone());
        async move { serve(&server, &told, &standing, tls).await }
    };
    // A task of its own: should what a server sends have the client panic, only this relay is of no use.
    let ended = tokio::spawn(serving).await;
    if let Err(error) = ended.unwrap_or_else(|failed| Err(io::Error::other(failed))) {
        tracing::debug!(url = server.url, %error, "a TURN server is of no use");
    }
    let relayed = std::mem::take(&mut *standing.relayed.lock());
    for address in relayed {
        let _ = told.send(Told::RelayEnded(address)).await;
    }
    if !standing.asked.swap(true, Ordering::Relaxed) {
        let _ = told.send(Told::Asked(Some(server))).await;
    }
}

async fn serve(
    server: &Turn,
    told: &Sender<Told>,
    standing: &Standing,
    tls: impl Fn() -> io::Result<ClientConfig> + Send + 'static,
) -> io::Result<()> {
    let by = tokio::time::Instant::now() + ALLOCATING;
    let opening = Link::open((&server.host, server.port), server.protocol, tls);
    let link = tokio::select! {
        () = told.closed() => return Ok(()),
        opened = timeout_at(by, opening) => opened??,
    };
    let credentials = TurnCredentials::new(&server.username, &server.password);
    let mut config = TurnConfig::new(credentials);
    if link.remote.is_ipv6() {
        config.add_address_family(AddressFamily::IPV6);
    }
    let families = config.address_families().len();
    let (local, remote) = (link.local, link.remote);
    let session = Session {
        told,
        server,
        standing,
        by,
        local,
        outgoing: link.outgoing,
        begun: Instant::now(),
        relayed: Vec::new(),
        permitted: BTreeSet::new(),
        bound: BTreeSet::new(),
    };
    match server.protocol {
        RelayProtocol::Udp => {
            let client = TurnClientUdp::allocate(local, remote, config);
            session.run(client, families, link.incoming, remote).await
        }
        RelayProtocol::Tcp | RelayProtocol::Tls => {
            let client = TurnClientTcp::allocate(local, remote, config);
            session.run(client, families, link.incoming, remote).await
        }
    }
}

struct Session<'a> {
    told: &'a Sender<Told>,
    server: &'a Turn,
    standing: &'a Standing,
    /// When it has to have allocated.
    by: tokio::time::Instant,
    local: SocketAddr,
    outgoing: Outgoing,
    begun: Instant,
    /// What the server has allocated.
    relayed: Vec<SocketAddr>,
    /// Remote sides that it was asked to let through, each once: who is refused stays so.
    permitted: BTreeSet<IpAddr>,
    /// Those that something came from.
    bound: BTreeSet<SocketAddr>,
}

impl Session<'_> {
    async fn run(
        mut self,
        mut client: impl TurnClientApi,
        families: usize,
        mut incoming: Incoming,
        remote: SocketAddr,
    ) -> io::Result<()> {
        let (out, mut leaving) = mpsc::channel(QUEUE);
        let weak = out.downgrade();
        // From the first allocation on it is held by whoever is told of it.
        let mut held = Some(out);
        let mut refused = 0;
        let mut buffer = vec![0; MAX_MESSAGE];
        let ended = loop {
            let Some(wake) = self.drive(&mut client) else {
                break Err(io::Error::other("the server has ended it"));
            };
            refused += self.events(&mut client, &weak).await;
            if held.is_some() && !self.relayed.is_empty() {
                held = None;
                self.standing.asked.store(true, Ordering::Relaxed);
                let server = Some(self.server.clone());
                let _ = self.told.send(Told::Asked(server)).await;
            }
            if self.relayed.is_empty() && refused >= families {
                break Err(io::Error::other("the server allocates nothing"));
            }
            tokio::select! {
                read = incoming.read(&mut buffer) => match read {
                    Ok(length) => self.received(&mut client, &buffer[..length], remote).await,
                    Err(error) => break Err(error),
                },
                packet = leaving.recv() => match packet {
                    Some(packet) => self.leave(&mut client, packet),
                    None => break Ok(()),
                },
                written = self.outgoing.write(), if self.outgoing.waits() => {
                    if let Err(error) = written {
                        break Err(error);
                    }
                }
                () = tokio::time::sleep_until(wake.into()) => {}
                () = tokio::time::sleep_until(self.by), if held.is_some() => {
                    break Err(io::ErrorKind::TimedOut.into());
                }
                () = self.told.closed(), if held.is_some() => break Ok(()),
            }
        };
        if ended.is_ok() {
            // Else it stays on the server for half an hour.
            let _ = timeout(DELETING, self.delete(client, incoming, remote)).await;
        }
        ended
    }

    fn now(&self) -> TurnInstant {
        let nanos = self.begun.elapsed().as_nanos();
        TurnInstant::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }

    /// Lets the client say what it has to; when it wants to be woken, or `None` once it has ended.
    fn drive(&mut self, client: &mut impl TurnClientApi) -> Option<Instant> {
        loop {
            let now = self.now();
            let polled = client.poll(now);
            while let Some(message) = client.poll_transmit(now) {
                self.outgoing.send(message.data.as_ref());
            }
            match polled {
                TurnPollRet::WaitUntil(wake) => {
                    let wait = wake.saturating_duration_since(now);
                    return Some(Instant::now() + wait);
                }
                TurnPollRet::Closed => return None,
                // Of allocations for TCP, which are not asked for.
                TurnPollRet::AllocateTcpSocket { .. } | TurnPollRet::TcpClose { .. } => {}
            }
        }
    }

    /// How many address families were refused.
    async fn events(
        &mut self,
        client: &mut impl TurnClientApi,
        out: &WeakSender<Leaving>,
    ) -> usize {
        let mut refused = 0;
        while let Some(event) = client.poll_event() {
            match event {
                TurnEvent::AllocationCreated(_, address) => {
                    // Nobody wants it any more.
                    let Some(out) = out.upgrade() else { continue };
                    self.relayed.push(address);
                    self.standing.relayed.lock().push(address);
                    let candidate = LocalCandidate::relayed(
                        address,
                        self.local,
                        self.server.url.clone(),
                        self.server.protocol,
                    );
                    let relayed = Told::Relayed {
                        server: self.server.clone(),
                        candidate,
                        out,
                    };
                    let _ = self.told.send(relayed).await;
                }
                TurnEvent::AllocationCreateFailed(_) => refused += 1,
                _ => {}
            }
        }
        refused
    }

    async fn received(
        &mut self,
        client: &mut impl TurnClientApi,
        bytes: &[u8],
        remote: SocketAddr,
    ) {
        let now = self.now();
        let received = Transmit::new(bytes, client.transport(), remote, self.local);
        if let TurnRecvRet::PeerData(data) = client.recv(received, now) {
            let (peer, contents) = (data.peer, data.data().to_vec());
            self.arrived(client, peer, contents).await;
        }
        // Several may come in one piece of a stream.
        while let Some(data) = client.poll_recv(now) {
            let (peer, contents) = (data.peer, data.data().to_vec());
            self.arrived(client, peer, contents).await;
        }
    }

    /// Of a remote side, through the server.
    async fn arrived(
        &mut self,
        client: &mut impl TurnClientApi,
        peer: SocketAddr,
        contents: Vec<u8>,
    ) {
        // A way that works, from now on with four bytes of header instead of thirty-six. Refused, it goes on as
        // it is.
        if self.bound.len() < MAX_PEERS && self.bound.insert(peer) {
            let _ = client.bind_channel(TransportType::Udp, peer, self.now());
        }
        let same = |address: &&SocketAddr| address.is_ipv4() == peer.is_ipv4();
        let Some(local) = self.relayed.iter().find(same) else {
            return;
        };
        let packet = Told::Packet {
            protocol: Protocol::Udp,
            source: peer,
            local: *local,
            contents,
        };
        let _ = self.told.send(packet).await;
    }

    fn leave(&mut self, client: &mut impl TurnClientApi, (peer, contents): Leaving) {
        if !client.have_permission(TransportType::Udp, peer.ip()) {
            self.permit(client, peer.ip());
            // Checks are sent again until there is an answer.
            return;
        }
        let sent = client.send_to(TransportType::Udp, peer, &contents[..], self.now());
        match sent {
            Ok(Some(TransmitBuild { data, .. })) => self.outgoing.send_media(&data.build()),
            Ok(None) => {}
            Err(error) => tracing::trace!(%error, "a packet was not relayed"),
        }
    }

    fn permit(&mut self, client: &mut impl TurnClientApi, peer: IpAddr) {
        if self.permitted.len() < MAX_PEERS && self.permitted.insert(peer) {
            // Without an answer the client asks again by itself.
            let _ = client.create_permission(TransportType::Udp, peer, self.now());
        }
    }

    /// Says goodbye, and waits until that is out and answered.
    async fn delete(
        &mut self,
        mut client: impl TurnClientApi,
        mut incoming: Incoming,
        remote: SocketAddr,
    ) {
        if client.delete(self.now()).is_err() {
            return;
        }
        let mut buffer = vec![0; MAX_MESSAGE];
        loop {
            let wake = self.drive(&mut client);
            // It does not go on while there are some.
            while client.poll_event().is_some() {}
            if self.outgoing.flush().await.is_err() {
                return;
            }
            // Nothing is left to be told, or to be asked again.
            let Some(wake) = wake else { return };
            tokio::select! {
                read = incoming.read(&mut buffer) => {
                    let Ok(length) = read else { return };
                    self.received(&mut client, &buffer[..length], remote).await;
                }
                () = tokio::time::sleep_until(wake.into()) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use salon_support::turn::{self, PASSWORD, USER, Way};

    use super::*;

    /// Trusts this certificate alone.
    fn trusting(pem: &str) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        roots.add(certificate).expect("of use");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    fn encrypted(server: &turn::Turn, password: &str) -> Turn {
        let port = server.address.port();
        Turn {
            url: format!("turns:localhost:{port}"),
            host: "localhost".to_owned(),
            port,
            protocol: RelayProtocol::Tls,
            username: USER.to_owned(),
            password: password.to_owned(),
        }
    }

    #[tokio::test]
    async fn an_encrypted_relay_carries_packets_both_ways_and_is_given_back() {
        let (identity, pem) = turn::identity();
        let mut server = turn::Turn::start(Way::Tls(identity));
        let (told, mut news) = mpsc::channel(8);
        let relay = encrypted(&server, PASSWORD);
        let task = tokio::spawn(run(relay, told, move || Ok(trusting(&pem))));
        let Some(Told::Relayed { candidate, out, .. }) = news.recv().await else {
            panic!("not allocated");
        };
        assert_eq!(candidate.relay_protocol, Some(RelayProtocol::Tls));
        assert!(matches!(news.recv().await, Some(Told::Asked(_))));
        let peer = tokio::net::UdpSocket::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = peer.local_addr().expect("bound");
        // The first only asks to let it through; until that is granted they are lost.
        let mut came = [0; 64];
        let (length, from) = loop {
            out.send((address, b"there".to_vec())).await.expect("taken");
            let came = peer.recv_from(&mut came);
            if let Ok(came) = timeout(Duration::from_millis(100), came).await {
                break came.expect("received");
            }
        };
        assert_eq!((&came[..length], from), (&b"there"[..], candidate.address));
        for words in [&b"back"[..], b"and again, by its channel"] {
            peer.send_to(words, candidate.address).await.expect("sent");
            let Some(Told::Packet {
                local,
                source,
                contents,
                ..
            }) = news.recv().await
            else {
                panic!("nothing came back");
            };
            assert_eq!((local, source), (candidate.address, address));
            assert_eq!(contents, words);
        }
        drop((out, news));
        server.relays.wait_for(Vec::is_empty).await.expect("runs");
        task.await.expect("ended");
    }

    #[tokio::test]
    async fn a_server_that_cannot_prove_who_it_is_sees_no_password() {
        let (identity, _) = turn::identity();
        let (_, other) = turn::identity();
        let server = turn::Turn::start(Way::Tls(identity));
        let (told, mut news) = mpsc::channel(8);
        let relay = encrypted(&server, PASSWORD);
        run(relay, told, move || Ok(trusting(&other))).await;
        assert!(matches!(news.recv().await, Some(Told::Asked(_))));
        assert!(news.recv().await.is_none(), "nothing else is told");
        assert!(server.relays.borrow().is_empty());
    }

    #[tokio::test]
    async fn a_wrong_password_is_told_as_an_answer() {
        let (identity, pem) = turn::identity();
        let server = turn::Turn::start(Way::Tls(identity));
        let (told, mut news) = mpsc::channel(8);
        let relay = encrypted(&server, "wrong");
        run(relay, told, move || Ok(trusting(&pem))).await;
        assert!(matches!(news.recv().await, Some(Told::Asked(_))));
        assert!(news.recv().await.is_none(), "nothing else is told");
        assert!(server.relays.borrow().is_empty());
    }
}
