//! UDP sockets, one on each usable address of this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;

use tokio::net::UdpSocket;

/// Datagrams taken from one socket before the others get their turn.
pub(crate) const BATCH: usize = 64;

/// Sockets at once: of a computer with more addresses the others are not used.
const MAX_SOCKETS: usize = 32;

/// One on an address.
#[derive(Debug)]
struct Own {
    address: SocketAddr,
    socket: Arc<UdpSocket>,
    /// The address is there, and its interface takes what is sent. Else the socket waits: the cable, or the network,
    /// may be back in a moment, and who knows this port need not learn of another one.
    up: bool,
}

#[derive(Debug, Default)]
pub(super) struct Sockets(Vec<Own>);

/// An address of this computer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address {
    pub(super) ip: IpAddr,
    /// The interface takes what is sent.
    pub(super) up: bool,
}

impl Sockets {
    /// Opens what is not open yet, and closes what waits for an address that is gone.
    pub(super) fn open(&mut self, here: &[Address]) {
        self.0
            .retain(|own| here.iter().any(|one| one.ip == own.address.ip()));
        for ip in usable(here) {
            self.open_at(ip);
        }
    }

    /// The addresses of all that can send.
    pub(super) fn up(&self) -> impl Iterator<Item = SocketAddr> {
        let up = self.0.iter().filter(|own| own.up);
        up.map(|own| own.address)
    }

    /// What has come, to be used from now on, and what has gone, now that these are the addresses.
    pub(super) fn follow(&mut self, here: &[Address]) -> (Vec<SocketAddr>, Vec<SocketAddr>) {
        let can_send = can_send(here);
        let (mut came, mut gone) = (Vec::new(), Vec::new());
        for own in &mut self.0 {
            let up = can_send(own.address.ip());
            match (own.up, up) {
                (true, false) => gone.push(own.address),
                (false, true) => came.push(own.address),
                _ => {}
            }
            own.up = up;
        }
        // Nobody who is elsewhere is reached by the loopback.
        for ip in usable(here).into_iter().filter(|ip| !ip.is_loopback()) {
            came.extend(self.open_at(ip));
        }
        (came, gone)
    }

    /// Opens one, unless there is one.
    fn open_at(&mut self, ip: IpAddr) -> Option<SocketAddr> {
        if self.0.iter().any(|own| own.address.ip() == ip) {
            return None;
        }
        if self.0.len() >= MAX_SOCKETS {
            let waiting = self.0.iter().position(|own| !own.up)?;
            self.0.remove(waiting);
        }
        match bind(ip) {
            Ok((address, socket)) => {
                self.0.push(Own {
                    address,
                    socket: Arc::new(socket),
                    up: true,
                });
                Some(address)
            }
            Err(error) => {
                tracing::debug!(address = %ip, %error, "an address cannot be used");
                None
            }
        }
    }

    pub(super) fn has(&self, address: SocketAddr) -> bool {
        self.0.iter().any(|own| own.address == address)
    }

    /// Those that can send.
    pub(super) fn all(&self) -> impl Iterator<Item = Arc<UdpSocket>> {
        let up = self.0.iter().filter(|own| own.up);
        up.map(|own| own.socket.clone())
    }

    /// Waits until a socket has something; its index.
    pub(super) async fn readable(&self) -> usize {
        std::future::poll_fn(|context| {
            for (index, own) in self.0.iter().enumerate() {
                // An error is read, and passed over, by `receive`.
                if own.socket.poll_recv_ready(context).is_ready() {
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
        let own = self.0.get(index)?;
        loop {
            match own.socket.try_recv_from(to) {
                Ok((length, source)) => return Some((length, source, own.address)),
                // An earlier datagram was refused by its receiver (ICMP): of no consequence here.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(_) => return None,
            }
        }
    }

    /// Sends; what cannot be sent now is lost, as on any network.
    pub(super) fn send(&self, source: SocketAddr, destination: SocketAddr, contents: &[u8]) {
        let Some(own) = self.0.iter().find(|own| own.address == source) else {
            return;
        };
        if let Err(error) = own.socket.try_send_to(contents, destination) {
            tracing::trace!(%destination, %error, "a datagram was not sent");
        }
    }
}

fn bind(address: IpAddr) -> io::Result<(SocketAddr, UdpSocket)> {
    let socket = std::net::UdpSocket::bind((address, 0))?;
    socket.set_nonblocking(true)?;
    Ok((socket.local_addr()?, UdpSocket::from_std(socket)?))
}

/// All of this computer. `None`: the system does not say.
pub(super) fn addresses() -> Option<Vec<Address>> {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => {
            let address = |interface: if_addrs::Interface| Address {
                ip: interface.ip(),
                up: interface.is_oper_up(),
            };
            Some(interfaces.into_iter().map(address).collect())
        }
        Err(error) => {
            tracing::warn!(%error, "the network interfaces cannot be listed");
            None
        }
    }
}

/// Whether something can be sent from an address, now that these are there.
pub(super) fn can_send(here: &[Address]) -> impl Fn(IpAddr) -> bool {
    let usable = usable(here);
    let another = usable.iter().any(|ip| !ip.is_loopback());
    move |ip| {
        let listed = here.iter().any(|one| one.ip == ip);
        // Over the loopback there is a call on this computer. Without any other, the last one stays what is tried.
        listed && (usable.contains(&ip) || ip.is_loopback() || !another)
    }
}

/// Loopback only if there is nothing else: nobody outside could reach it.
fn usable(all: &[Address]) -> Vec<IpAddr> {
    let up = || all.iter().filter(|one| one.up).map(|one| one.ip);
    let outside: Vec<_> = up().filter(|ip| is_usable(*ip)).collect();
    if !outside.is_empty() {
        return outside;
    }
    up().filter(|ip| ip.is_loopback() && ip.is_ipv4()).collect()
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
        assert!(!usable(&addresses().unwrap()).is_empty());
    }

    fn at(ip: &str, up: bool) -> Address {
        let ip = ip.parse().unwrap();
        Address { ip, up }
    }

    /// Addresses of this computer, as all of 127.0.0.0/8 are, stand in for those of two interfaces.
    #[tokio::test]
    async fn a_socket_waits_for_its_address_until_candidates_are_gathered_anew() {
        let mut sockets = Sockets::default();
        for ip in ["127.0.0.2", "127.0.0.3"] {
            sockets.open_at(ip.parse().unwrap()).unwrap();
        }
        let both = [at("127.0.0.2", true), at("127.0.0.3", true)];
        assert_eq!(sockets.follow(&both), (vec![], vec![]));
        let (came, gone) = sockets.follow(&both[1..]);
        assert!(came.is_empty());
        assert!(matches!(gone[..], [one] if one.ip() == both[0].ip));
        assert_eq!(sockets.follow(&both[1..]), (vec![], vec![]), "told once");
        assert_eq!(
            sockets.follow(&both),
            (gone.clone(), vec![]),
            "its port, too"
        );
        sockets.follow(&both[1..]);
        sockets.open(&both[1..]);
        assert!(sockets.up().all(|up| up != gone[0]));
        assert!(!sockets.has(gone[0]));
    }

    #[tokio::test]
    async fn what_waits_makes_room_for_what_can_send() {
        let mut sockets = Sockets::default();
        let all: Vec<_> = (1..=40)
            .map(|n| at(&format!("127.0.1.{n}"), true))
            .collect();
        for one in &all {
            sockets.open_at(one.ip);
        }
        assert_eq!(sockets.0.len(), MAX_SOCKETS);
        sockets.follow(&all[1..]);
        assert!(sockets.open_at(all[39].ip).is_some());
        assert_eq!(sockets.0.len(), MAX_SOCKETS);
    }

    #[test]
    fn what_is_not_up_is_used_by_nobody() {
        let all = [
            at("127.0.0.1", true),
            at("192.0.2.1", false),
            at("192.0.2.2", true),
        ];
        assert_eq!(usable(&all), [all[2].ip]);
        assert_eq!(usable(&all[..2]), [all[0].ip]);
    }
}
