//! Whether the media server is reached by UDP and TCP, as far as that can be seen from outside.
//!
//! LiveKit's ports for media answer only those who negotiate a call, so silence says nothing. An
//! answer does: its TURN server answers anybody's Binding request (RFC 8489), and its port for ICE
//! over TCP takes connections.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// RFC 8489, section 5.
const MAGIC: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes of a request without attributes.
const HEADER: usize = 20;
/// A Binding request, and its good answer.
const REQUEST: [u8; 2] = [0x00, 0x01];
const ANSWER: [u8; 2] = [0x01, 0x01];

/// What is tried, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MediaPorts {
    /// STUN by UDP.
    pub(crate) stun: u16,
    /// ICE by TCP.
    pub(crate) tcp: u16,
    /// The first wait for an answer; it doubles (RFC 8489, section 6.2.1).
    pub(crate) first_wait: Duration,
}

impl Default for MediaPorts {
    /// LiveKit's own.
    fn default() -> Self {
        Self {
            stun: 3478,
            tcp: 7881,
            first_wait: Duration::from_millis(500),
        }
    }
}

/// How often a request is sent: by UDP anything may be lost.
const TRIES: u32 = 3;

/// The port that a STUN answer came from.
pub(crate) async fn udp(host: &str, ports: MediaPorts) -> Option<u16> {
    for address in tokio::net::lookup_host((host, ports.stun)).await.ok()? {
        let local = if address.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        let Ok(socket) = UdpSocket::bind(local).await else {
            continue;
        };
        // From then on only that address is heard.
        if socket.connect(address).await.is_ok() && binding(&socket, ports.first_wait).await {
            return Some(address.port());
        }
    }
    None
}

async fn binding(socket: &UdpSocket, first_wait: Duration) -> bool {
    let request = request();
    let mut wait = first_wait;
    for _ in 0..TRIES {
        // A closed port may be told of by the next call on the socket; it is as silence.
        let _ = socket.send(&request).await;
        if timeout(wait, answered(socket, &request)).await == Ok(true) {
            return true;
        }
        wait *= 2;
    }
    false
}

async fn answered(socket: &UdpSocket, request: &[u8; HEADER]) -> bool {
    let mut datagram = [0; 1500];
    while let Ok(length) = socket.recv(&mut datagram).await {
        if is_answer(&datagram[..length], request) {
            return true;
        }
    }
    false
}

fn request() -> [u8; HEADER] {
    let mut request = [0; HEADER];
    request[..2].copy_from_slice(&REQUEST);
    request[4..8].copy_from_slice(&MAGIC);
    // Keys of the standard library's hashes are random: what nobody can guess, nobody can answer
    // who has not seen it.
    let random = || RandomState::new().hash_one(0).to_be_bytes();
    request[8..16].copy_from_slice(&random());
    request[16..].copy_from_slice(&random()[..4]);
    request
}

fn is_answer(datagram: &[u8], request: &[u8; HEADER]) -> bool {
    datagram.get(..2) == Some(&ANSWER) && datagram.get(4..HEADER) == Some(&request[4..])
}

/// The port that takes connections.
pub(crate) async fn tcp(host: &str, ports: MediaPorts) -> Option<u16> {
    let connecting = TcpStream::connect((host, ports.tcp));
    let stream = timeout(ports.first_wait * 6, connecting).await.ok()?.ok()?;
    stream.peer_addr().ok().map(|address| address.port())
}
