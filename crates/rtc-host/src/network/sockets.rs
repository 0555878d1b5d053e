//! UDP sockets, one on each usable address of this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;

use tokio::net::UdpSocket;

/// Datagrams taken from one socket before the others get their turn.
pub(crate) const BATCH: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Sockets(Vec<(SocketAddr, Arc<UdpSocket>)>);

impl Sockets {
    /// Opens what is not open yet; gives the addresses of all.
    pub(super) fn open(&mut self) -> Vec<SocketAddr> {
        for address in usable_addresses() {
            if self.0.iter().any(|(open, _)| open.ip() == address) {
                continue;
            }
            match bind(address) {
                Ok((address, socket)) => self.0.push((address, Arc::new(socket))),
                Err(error) => tracing::debug!(%address, %error, "an address cannot be used"),
            }
        }
        self.0.iter().map(|(address, _)| *address).collect()
    }

    pub(super) fn has(&self, address: SocketAddr) -> bool {
        self.0.iter().any(|(local, _)| *local == address)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Arc<UdpSocket>> {
        self.0.iter().map(|(_, socket)| socket.clone())
    }

    /// Waits until a socket has something; its index.
    pub(super) async fn readable(&self) -> usize {
        std::future::poll_fn(|context| {
            for (index, (_, socket)) in self.0.iter().enumerate() {
                // An error is read, and passed over, by `receive`.
                if socket.poll_recv_ready(context).is_ready() {
                    return Poll::Ready(index);
                }
            }
            Poll::Pending
        })
        .await
    }

    /// One datagram: its length, where it came from, and where it was received.
    pub(super) fn receive(
        &self,
        index: usize,
        to: &mut [u8],
    ) -> Option<(usize, SocketAddr, SocketAddr)> {
        let (local, socket) = self.0.get(index)?;
        loop {
            match socket.try_recv_from(to) {
                Ok((length, source)) => return Some((length, source, *local)),
                // An earlier datagram was refused by its receiver (ICMP): of no consequence here.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(_) => return None,
            }
        }
    }

    /// Sends; what cannot be sent now is lost, as on any network.
    pub(super) fn send(&self, source: SocketAddr, destination: SocketAddr, contents: &[u8]) {
        let Some((_, socket)) = self.0.iter().find(|(local, _)| *local == source) else {
            return;
        };
        if let Err(error) = socket.try_send_to(contents, destination) {
            tracing::trace!(%destination, %error, "a datagram was not sent");
        }
    }
}

fn bind(address: IpAddr) -> io::Result<(SocketAddr, UdpSocket)> {
    let socket = std::net::UdpSocket::bind((address, 0))?;
    socket.set_nonblocking(true)?;
    Ok((socket.local_addr()?, UdpSocket::from_std(socket)?))
}

/// Loopback only if there is nothing else: nobody outside could reach it.
fn usable_addresses() -> Vec<IpAddr> {
    let all: Vec<IpAddr> = match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces
            .into_iter()
            .map(|interface| interface.ip())
            .collect(),
        Err(error) => {
            tracing::warn!(%error, "the network interfaces cannot be listed");
            Vec::new()
        }
    };
    let outside: Vec<_> = all.iter().copied().filter(|ip| is_usable(*ip)).collect();
    if !outside.is_empty() {
        return outside;
    }
    all.into_iter()
        .filter(|ip| ip.is_loopback() && ip.is_ipv4())
        .collect()
}

fn is_usable(address: IpAddr) -> bool {
    !address.is_loopback()
        && !address.is_unspecified()
        && match address {
            IpAddr::V4(address) => !address.is_link_local(),
            IpAddr::V6(address) => !address.is_unicast_link_local(),
        }
}

/// Whether it is of a network that is not routed further (RFC 1918, RFC 3927, RFC 4193, RFC 4291), or this
/// computer's.
pub(super) fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_link_local() || address.is_loopback()
        }
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_and_loopback_are_left_out() {
        for (address, usable) in [
            ("127.0.0.1", false),
            ("169.254.3.4", false),
            ("fe80::1", false),
            ("::1", false),
            ("0.0.0.0", false),
            ("192.168.1.20", true),
            ("2001:db8::1", true),
        ] {
            assert_eq!(is_usable(address.parse().unwrap()), usable, "{address}");
        }
    }

    #[test]
    fn there_is_always_an_address() {
        assert!(!usable_addresses().is_empty());
    }
}
