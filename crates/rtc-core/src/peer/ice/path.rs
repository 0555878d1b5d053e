//! Whether the remote side comes along when the address in use has gone.
//!
//! Once a pair is nominated, a remote side need not take another one before a restart of ICE (RFC 8445 section 8.1.1):
//! checks from the new address succeed, while what it sends goes on to the old one until it gives the connection up.
//! Those with the lite implementation, and some others, do come along.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::candidate::{CandidateKind, LocalCandidate};

/// A check, its answer, and a report of what is received fit in; whoever does not answer by then is waited for in
/// vain, and a restart for nothing costs as much again.
const COMES_ALONG_WITHIN: Duration = Duration::from_secs(1);

/// Where media, and what belongs to it, goes.
#[derive(Debug, Default)]
pub(in super::super) struct Path {
    /// Where it was last sent from.
    from: Option<SocketAddr>,
    /// That address has gone.
    lost: bool,
    /// Since when there is another one.
    other_since: Option<Instant>,
}

impl Path {
    /// Something was sent from there.
    pub(in super::super) fn sent(&mut self, from: SocketAddr, packet: &[u8]) {
        if !is_check(packet) {
            self.from = Some(from);
        }
    }

    /// Something has come to a candidate in use.
    pub(in super::super) fn received(&mut self, packet: &[u8]) {
        if !is_check(packet) {
            self.lost = false;
            self.other_since = None;
        }
    }

    /// This address has gone.
    pub(super) fn lose(&mut self, address: SocketAddr) {
        if self.from == Some(address) {
            self.from = None;
            self.lost = true;
        }
    }

    /// There is another address.
    pub(super) fn may_move(&mut self, now: Instant) {
        if self.lost {
            self.other_since.get_or_insert(now);
        }
    }

    /// When it is certain that nothing but a restart helps.
    pub(in super::super) fn fails_at(&self) -> Option<Instant> {
        self.other_since.map(|since| since + COMES_ALONG_WITHIN)
    }
}

/// Where packets of a candidate are sent from, as the stack has it.
pub(super) fn sent_from(candidate: &LocalCandidate) -> SocketAddr {
    match candidate.kind {
        CandidateKind::Relayed => candidate.address,
        _ => candidate.base,
    }
}

/// STUN (RFC 7983 section 7).
fn is_check(packet: &[u8]) -> bool {
    matches!(packet, [0..=3, ..])
}
