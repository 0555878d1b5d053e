//! The way to a TURN server: datagrams, or a stream that may be encrypted (RFC 8656 section 3.1).

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rtc_core::RelayProtocol;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio_rustls::TlsConnector;

/// Bytes of media that wait for a stream which does not take them; what comes later is lost, as on any network.
const QUEUE: usize = 128 * 1024;
/// In every message of STUN (RFC 8489 section 5).
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes read at once.
const CHUNK: usize = 4096;

/// Both directions of a way, apart, so that one does not wait for the other.
pub(super) struct Link {
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
}

pub(super) enum Incoming {
    Datagrams(Arc<UdpSocket>),
    Stream {
        from: Box<dyn AsyncRead + Send + Unpin>,
        /// What came of messages that are not whole yet.
        partial: Vec<u8>,
    },
}

pub(super) enum Outgoing {
    Datagrams(Arc<UdpSocket>),
    Stream {
        to: Box<dyn AsyncWrite + Send + Unpin>,
        /// Whole messages, but for the first one's beginning.
        waiting: VecDeque<Vec<u8>>,
        bytes: usize,
        /// What is encrypted may still be in between.
        unflushed: bool,
    },
}

impl Link {
    /// To the first address of the host that answers. `tls` is asked for how servers prove who they are.
    pub(super) async fn open(
        (host, port): (&str, u16),
        protocol: RelayProtocol,
        tls: impl Fn() -> io::Result<ClientConfig> + Send + 'static,
    ) -> io::Result<Self> {
        let addresses: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
        if protocol == RelayProtocol::Udp {
            return Self::datagrams(&addresses).await;
        }
        let stream = TcpStream::connect(&addresses[..]).await?;
        stream.set_nodelay(true)?;
        let (local, remote) = (stream.local_addr()?, stream.peer_addr()?);
        if protocol == RelayProtocol::Tcp {
            return Ok(Self::stream(local, remote, stream));
        }
        // Reading what the system trusts takes a while, and the thread has other calls to carry.
        let config = tokio::task::spawn_blocking(tls).await??;
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await?;
        Ok(Self::stream(local, remote, stream))
    }

    async fn datagrams(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for remote in addresses {
            let any: SocketAddr = if remote.is_ipv4() {
                ([0, 0, 0, 0], 0).into()
            } else {
                ([0_u16; 8], 0).into()
            };
            let socket = UdpSocket::bind(any).await?;
            // Nothing is sent by that: it says which of this computer's addresses leads there.
            match socket.connect(remote).await {
                Ok(()) => {
                    // Else the first datagram would be lost.
                    socket.writable().await?;
                    let (local, remote) = (socket.local_addr()?, *remote);
                    let socket = Arc::new(socket);
                    return Ok(Self {
                        local,
                        remote,
                        incoming: Incoming::Datagrams(socket.clone()),
                        outgoing: Outgoing::Datagrams(socket),
                    });
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn stream(
        local: SocketAddr,
        remote: SocketAddr,
        stream: impl AsyncRead + AsyncWrite + Send + 'static,
    ) -> Self {
        let (from, to) = tokio::io::split(stream);
        Self {
            local,
            remote,
            incoming: Incoming::Stream {
                from: Box::new(from),
                partial: Vec::new(),
            },
            outgoing: Outgoing::Stream {
                to: Box::new(to),
                waiting: VecDeque::new(),
                bytes: 0,
                unflushed: false,
            },
        }
    }
}

impl Incoming {
    /// What came: one message. Given up in the middle, nothing of it is lost.
    ///
    /// # Errors
    /// The way has ended.
    pub(super) async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Datagrams(socket) => loop {
                match socket.recv(into).await {
                    Err(error) if passes(&error) => {}
                    received => return received,
                }
            },
            Self::Stream { from, partial } => loop {
                if let Some(message) = whole(partial)? {
                    let taken = into.get_mut(..message.len());
                    taken
                        .ok_or(io::ErrorKind::InvalidData)?
                        .copy_from_slice(&message);
                    return Ok(message.len());
                }
                let mut chunk = [0; CHUNK];
                match from.read(&mut chunk).await? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    length => partial.extend_from_slice(&chunk[..length]),
                }
            },
        }
    }
}

/// What is told of a datagram of before is no end: the server may be starting, or the way to it changing.
fn passes(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    matches!(
        error.kind(),
        ConnectionRefused | HostUnreachable | NetworkUnreachable
    )
}

/// Takes the first message out of a stream, if it is whole. Data of a channel is filled up to a multiple of four
/// bytes there (RFC 8656 section 12.5), which its length does not say and the client does not know.
///
/// # Errors
/// It is no message: the rest cannot be cut.
fn whole(partial: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    // Both kinds have as much: less than that of data is filled up.
    let Some(head) = partial.first_chunk::<8>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let (length, filled) = if is_channel(head) {
        (4 + length, 4 + length.next_multiple_of(4))
    } else if head[0] >> 6 == 0 && head[4..] == MAGIC_COOKIE {
        // The header of a STUN message has twenty bytes (RFC 8489 section 5).
        (20 + length, 20 + length)
    } else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    if partial.len() < filled {
        return Ok(None);
    }
    let mut message: Vec<u8> = partial.drain(..filled).collect();
    message.truncate(length);
    Ok(Some(message))
}

/// Whether a message is data of a channel (RFC 8656 section 12.4): else it is one of STUN's.
fn is_channel(message: &[u8]) -> bool {
    message.first().is_some_and(|first| first >> 6 == 1)
}

impl Outgoing {
    /// Sends a message of the protocol, which has to arrive.
    pub(super) fn send(&mut self, message: &[u8]) {
        match self {
            Self::Datagrams(socket) => {
                if let Err(error) = socket.try_send(message) {
                    tracing::trace!(%error, "a datagram to a TURN server was not sent");
                }
            }
            Self::Stream { waiting, bytes, .. } => {
                let mut message = message.to_vec();
                if is_channel(&message) {
                    message.resize(message.len().next_multiple_of(4), 0);
                }
                *bytes += message.len();
                waiting.push_back(message);
            }
        }
    }

    /// Sends what may be lost.
    pub(super) fn send_media(&mut self, message: &[u8]) {
        match self {
            Self::Stream { bytes, .. } if *bytes > QUEUE => {}
            _ => self.send(message),
        }
    }

    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Datagrams(_) => false,
            Self::Stream {
                waiting, unflushed, ..
            } => *unflushed || !waiting.is_empty(),
        }
    }

    /// Writes some of what waits. Given up in the middle, nothing of it is lost or sent twice.
    ///
    /// # Errors
    /// The way has ended.
    pub(super) async fn write(&mut self) -> io::Result<()> {
        let Self::Stream {
            to,
            waiting,
            bytes,
            unflushed,
        } = self
        else {
            return Ok(());
        };
        let Some(first) = waiting.front_mut() else {
            to.flush().await?;
            *unflushed = false;
            return Ok(());
        };
        let written = to.write(first).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        *unflushed = true;
        *bytes -= written;
        first.drain(..written);
        if first.is_empty() {
            waiting.pop_front();
        }
        Ok(())
    }

    /// Waits until everything is out.
    ///
    /// # Errors
    /// The way has ended.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        while self.waits() {
            self.write().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUN: [u8; 24] = [
        1, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2, 3, 4,
    ];

    #[tokio::test]
    async fn messages_of_a_stream_are_told_apart_however_they_come() {
        let (mut server, ours) = tokio::io::duplex(1);
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let mut link = Link::stream(address, address, ours);
        // Five bytes of a channel are filled up to eight.
        let channel = [0x40, 1, 0, 5, b'w', b'o', b'r', b'd', b's', 0, 0, 0];
        let sent = [&channel[..], &STUN, &channel].concat();
        let sending = tokio::spawn(async move {
            server.write_all(&sent).await.expect("read");
            server
        });
        let mut message = [0; 64];
        for expected in [&channel[..9], &STUN, &channel[..9]] {
            let length = link.incoming.read(&mut message).await.expect("more");
            assert_eq!(&message[..length], expected);
        }
        let mut server = sending.await.expect("sent");
        let writing = tokio::spawn(async move {
            link.outgoing.send_media(&channel[..9]);
            link.outgoing.send(&STUN);
            link.outgoing.flush().await.expect("written");
            link
        });
        let mut came = [0; 36];
        server.read_exact(&mut came).await.expect("more");
        assert_eq!(came[..], [&channel[..], &STUN].concat());
        let mut link = writing.await.expect("ended");
        drop(server);
        assert!(link.incoming.read(&mut message).await.is_err());
    }

    #[test]
    fn what_is_no_message_ends_the_stream() {
        let [mut cookie, mut kind] = [STUN; 2];
        cookie[4] = 0;
        kind[0] = 0x80;
        for wrong in [cookie, kind] {
            assert!(whole(&mut wrong.to_vec()).is_err());
        }
        assert!(whole(&mut STUN[..23].to_vec()).is_ok_and(|whole| whole.is_none()));
    }
}
