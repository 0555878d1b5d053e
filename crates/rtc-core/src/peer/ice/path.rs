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
    /// Since when checks from another one succeed.
    other_since: Option<Instant>,
    /// It was given up.
    given_up: bool,
}

impl Path {
    /// Something was sent from there.
    pub(in super::super) fn sent(&mut self, from: SocketAddr, packet: &[u8]) {
        if !is_check(packet) {
            self.from = Some(from);
        }
    }

    /// Something has come to a candidate in use. True: the remote side has come along after all.
    pub(super) fn received(&mut self, packet: &[u8]) -> bool {
        if is_check(packet) {
            return false;
        }
        self.lost = false;
        self.other_since = None;
        std::mem::take(&mut self.given_up)
    }

    /// This address has gone.
    pub(super) fn lose(&mut self, address: SocketAddr) {
        if self.from == Some(address) {
            self.from = None;
            self.lost = true;
            self.other_since = None;
        }
    }

    /// Time has passed, with or without a pair that works. True, once: nothing but a restart helps.
    pub(in super::super) fn fails(&mut self, now: Instant, works: bool) -> bool {
        if !self.lost || !works {
            // Without one there is nothing that the remote side could follow.
            self.other_since = None;
            return false;
        }
        let since = *self.other_since.get_or_insert(now);
        if now < since + COMES_ALONG_WITHIN {
            return false;
        }
        *self = Self {
            given_up: true,
            ..Self::default()
        };
        true
    }

    /// When it is certain that nothing but a restart helps.
    pub(in super::super) fn fails_at(&self) -> Option<Instant> {
        self.other_since.map(|since| since + COMES_ALONG_WITHIN)
    }

    /// Checks alone make no connection of it any more.
    pub(in super::super) fn is_given_up(&self) -> bool {
        self.given_up
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
