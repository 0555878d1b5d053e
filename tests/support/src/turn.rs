//! A TURN server (RFC 8656) on the loopback: a state machine of others' behind sockets of its own.

#![allow(
    clippy::unwrap_used,
    reason = "a test whose server cannot run has failed"
)]

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use turn_server_proto::api::{Transmit, TurnServerApi as _, TurnServerPollRet};
use turn_server_proto::server::TurnServer;
use turn_server_proto::types::{Instant as TurnInstant, TransportType};

/// Whom it lets in.
pub const USER: &str = "user";
/// The only word that it takes from them.
pub const PASSWORD: &str = "word";

/// Ends with this.
#[derive(Debug)]
pub struct Turn {
    /// Where it listens.
    pub address: SocketAddr,
    /// Sockets that it relays with now.
    pub relays: watch::Receiver<Vec<SocketAddr>>,
    _ends: oneshot::Sender<()>,
}

/// What clients reach it by.
#[derive(Clone, Debug)]
pub enum Way {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// An encrypted one.
    Tls(Arc<ServerConfig>),
}

/// What a server on this computer proves that it is by, and the certificate to be trusted for that, as PEM.
pub fn identity() -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let private = PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private.into())
        .unwrap();
    (Arc::new(config), pem(certificate.der()))
}

/// As files have it (RFC 7468).
fn pem(certificate: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(certificate);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// Of a client, or of a remote side to one of the relaying sockets.
struct Incoming {
    from: SocketAddr,
    /// The listening address, or that of a relaying socket.
    to: SocketAddr,
    bytes: Vec<u8>,
}

/// Relaying sockets by their addresses, with who hears them.
type Relays = BTreeMap<SocketAddr, (Arc<UdpSocket>, JoinHandle<()>)>;
type Writers = BTreeMap<SocketAddr, UnboundedSender<Vec<u8>>>;

impl Turn {
    /// Starts it on a port of the loopback.
    pub fn start(way: Way) -> Self {
        let (ends, ended) = oneshot::channel();
        let (began, address) = std::sync::mpsc::channel();
        let (relaying, relays) = watch::channel(Vec::new());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let (listening, serve) = listen(way).await;
                began.send(listening).unwrap();
                tokio::select! {
                    () = serve.run(listening, relaying) => {}
                    _ = ended => {}
                }
            });
        });
        Self {
            address: address.recv().unwrap(),
            relays,
            _ends: ends,
        }
    }
}

struct Serving {
    transport: TransportType,
    incoming: UnboundedReceiver<Incoming>,
    heard: UnboundedSender<Incoming>,
    datagrams: Option<Arc<UdpSocket>>,
    connected: UnboundedReceiver<(SocketAddr, UnboundedSender<Vec<u8>>)>,
}

async fn listen(way: Way) -> (SocketAddr, Serving) {
    let (heard, incoming) = mpsc::unbounded_channel();
    let (connecting, connected) = mpsc::unbounded_channel();
    let any = (Ipv4Addr::LOCALHOST, 0);
    let (address, transport, datagrams) = match way {
        Way::Udp => {
            let socket = Arc::new(UdpSocket::bind(any).await.unwrap());
            let address = socket.local_addr().unwrap();
            tokio::spawn(hear(socket.clone(), heard.clone()));
            (address, TransportType::Udp, Some(socket))
        }
        Way::Tcp | Way::Tls(_) => {
            let tls = match way {
                Way::Tls(config) => Some(TlsAcceptor::from(config)),
                _ => None,
            };
            let listener = TcpListener::bind(any).await.unwrap();
            let address = listener.local_addr().unwrap();
            let heard = heard.clone();
            tokio::spawn(async move {
                while let Ok((stream, from)) = listener.accept().await {
                    let (out, leaving) = mpsc::unbounded_channel();
                    connecting.send((from, out)).unwrap();
                    let heard = heard.clone();
                    match tls.clone() {
                        None => {
                            tokio::spawn(carry(stream, from, address, heard, leaving));
                        }
                        Some(tls) => {
                            tokio::spawn(async move {
                                if let Ok(stream) = tls.accept(stream).await {
                                    carry(stream, from, address, heard, leaving).await;
                                }
                            });
                        }
                    }
                }
            });
            (address, TransportType::Tcp, None)
        }
    };
    let serving = Serving {
        transport,
        incoming,
        heard,
        datagrams,
        connected,
    };
    (address, serving)
}

async fn hear(socket: Arc<UdpSocket>, heard: UnboundedSender<Incoming>) {
    let to = socket.local_addr().unwrap();
    let mut buffer = vec![0; 65_535];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let bytes = buffer[..length].to_vec();
        if heard.send(Incoming { from, to, bytes }).is_err() {
            return;
        }
    }
}

/// One message of a stream at a time: that is how the state machine takes them.
async fn carry(
    stream: impl AsyncRead + AsyncWrite,
    from: SocketAddr,
    to: SocketAddr,
    heard: UnboundedSender<Incoming>,
    mut leaving: UnboundedReceiver<Vec<u8>>,
) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let reading = async {
        while let Ok(bytes) = message(&mut reader).await {
            if heard.send(Incoming { from, to, bytes }).is_err() {
                return;
            }
        }
    };
    let writing = async {
        while let Some(bytes) = leaving.recv().await {
            if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

/// The next one (RFC 8489 section 5, RFC 8656 section 12.5).
async fn message(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = [0; 4];
    reader.read_exact(&mut head).await?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let rest = match head[0] >> 6 {
        0 => 16 + length,
        _ => length.next_multiple_of(4),
    };
    let mut bytes = head.to_vec();
    bytes.resize(4 + rest, 0);
    reader.read_exact(&mut bytes[4..]).await?;
    if head[0] >> 6 == 1 {
        // What it was filled up with.
        bytes.truncate(4 + length);
    }
    Ok(bytes)
}

impl Serving {
    async fn run(mut self, listening: SocketAddr, relaying: watch::Sender<Vec<SocketAddr>>) {
        let mut server = TurnServer::new(self.transport, listening, "here".to_owned());
        server.add_user(USER.to_owned(), PASSWORD.to_owned());
        let mut relays = Relays::new();
        let mut writers = Writers::new();
        let begun = Instant::now();
        let now = || {
            let nanos = i64::try_from(begun.elapsed().as_nanos()).unwrap();
            TurnInstant::from_nanos(nanos)
        };
        loop {
            let wait = loop {
                match server.poll(now()) {
                    TurnServerPollRet::WaitUntil(until) => {
                        break until.saturating_duration_since(now());
                    }
                    TurnServerPollRet::AllocateSocket {
                        transport,
                        listen_addr,
                        client_addr,
                        allocation_transport,
                        family,
                    } => {
                        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                        let socket = Arc::new(socket);
                        let address = socket.local_addr().unwrap();
                        let hearing = tokio::spawn(hear(socket.clone(), self.heard.clone()));
                        relays.insert(address, (socket, hearing));
                        server.allocated_socket(
                            transport,
                            listen_addr,
                            client_addr,
                            allocation_transport,
                            family,
                            Ok(address),
                            now(),
                        );
                    }
                    TurnServerPollRet::SocketClose { listen_addr, .. } => {
                        if let Some((_, hearing)) = relays.remove(&listen_addr) {
                            hearing.abort();
                        }
                    }
                    TurnServerPollRet::TcpConnect { .. } | TurnServerPollRet::TcpClose { .. } => {}
                }
            };
            relaying.send_replace(relays.keys().copied().collect());
            while let Some(transmit) = server.poll_transmit(now()) {
                self.deliver(&writers, &relays, transmit).await;
            }
            tokio::select! {
                // A client that has connected is known before what it says is answered.
                biased;
                Some((from, out)) = self.connected.recv() => {
                    writers.insert(from, out);
                }
                Some(Incoming { from, to, bytes }) = self.incoming.recv() => {
                    let transport = if to == listening { self.transport } else { TransportType::Udp };
                    let received = Transmit::new(bytes, transport, from, to);
                    if let Some(built) = server.recv(received, now()) {
                        let transmit = built.build();
                        self.deliver(&writers, &relays, transmit).await;
                    }
                }
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn deliver(&self, writers: &Writers, relays: &Relays, transmit: Transmit<Vec<u8>>) {
        // What cannot be sent is lost, as on any network.
        if let Some((relay, _)) = relays.get(&transmit.from) {
            let _ = relay.send_to(&transmit.data, transmit.to).await;
        } else if let Some(socket) = &self.datagrams {
            let _ = socket.send_to(&transmit.data, transmit.to).await;
        } else if let Some(writer) = writers.get(&transmit.to) {
            let mut message = transmit.data;
            if message[0] >> 6 == 1 {
                // In a stream, data of a channel is filled up (RFC 8656 section 12.5).
                message.resize(message.len().next_multiple_of(4), 0);
            }
            let _ = writer.send(message);
        }
    }
}
