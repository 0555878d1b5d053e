//! Addresses that come and go in a call: what was reached from one that is gone is reached from another.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use rtc_core::LocalCandidate;

use super::servers::Turn;
use super::sockets::Address;
use super::{Network, News, sockets};

/// What went with its address and is not back yet.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// The remote ends of TCP connections.
    pub(super) connections: BTreeSet<SocketAddr>,
    /// Servers that relayed.
    pub(super) relays: Vec<Turn>,
}

impl Network {
    /// Looks at the addresses and the ways from them anew.
    pub(super) fn follow(&mut self) {
        let Some(here) = sockets::addresses() else {
            return;
        };
        if self.own {
            self.follow_sockets(&here);
        }
        let can_send = sockets::can_send(&here);
        let dead = self
            .connections
            .extract_if(.., |(local, _), _| !can_send(local.ip()));
        for ((local, remote), carrier) in dead {
            // It may have ended by itself.
            let _ = carrier.ends.send(());
            let gone = LocalCandidate::connection(local);
            self.followed.push_back(News::Gone(gone));
            self.lost.connections.insert(remote);
        }
        let dead = self
            .relays
            .extract_if(.., |_, relay| !can_send(relay.candidate.base.ip()));
        for (_, relay) in dead {
            self.followed.push_back(News::Gone(relay.candidate));
            if !self.lost.relays.contains(&relay.server) {
                self.lost.relays.push(relay.server);
            }
        }
        self.connect_again();
        self.allocate_again();
    }

    /// Tells what has come and gone with the sockets.
    pub(super) fn follow_sockets(&mut self, here: &[Address]) {
        let (came, gone) = self.sockets.follow(here);
        for address in gone {
            tracing::debug!(%address, "an address has gone");
            self.followed
                .extend(self.of_socket(address).into_iter().map(News::Gone));
        }
        for address in came {
            tracing::debug!(%address, "an address has come");
            self.followed
                .extend(self.of_socket(address).into_iter().map(News::Candidate));
        }
        self.reflexive.retain(|one| self.sockets.has(one.base));
    }

    /// The candidates that come and go with a socket.
    fn of_socket(&self, address: SocketAddr) -> Vec<LocalCandidate> {
        let seen = self.reflexive.iter().filter(|one| one.base == address);
        std::iter::once(LocalCandidate::host(address))
            .chain(seen.cloned())
            .collect()
    }

    /// Each that is not being tried. What fails is tried again with the next change: the address is there before
    /// the way from it.
    pub(super) fn connect_again(&mut self) {
        for remote in self.lost.connections.clone() {
            if !self.opening.contains(&remote) {
                self.connect(remote);
            }
        }
    }

    fn allocate_again(&mut self) {
        for server in self.lost.relays.clone() {
            if !self.allocating.contains(&server) {
                self.allocate(server);
            }
        }
    }
}
