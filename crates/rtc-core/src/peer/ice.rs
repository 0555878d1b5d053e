//! Candidates, credentials and gathering (RFC 8838, RFC 8839, webrtc-pc section 4.4.1.6).

mod convert;
mod path;

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use super::{Applied, PeerConnection, new_credentials};
use crate::candidate::{
    CandidateKind, IceCandidate, LocalCandidate, Protocol, RemoteCandidate, parse_candidate,
};
use crate::configuration::IceTransportPolicy;
use crate::description::SessionDescription;
use crate::error::Error;
use crate::event::Event;
use crate::sdp::{IceCredentials, Section};
use crate::state::{IceConnectionState, IceGatheringState};

pub(super) use convert::check_servers;
use convert::{foundation, insert_lines, remote_to_stack, to_stack};
use path::{Path, sent_from};

/// Candidates of the remote side, in force or waiting. Agents find a handful; each is compared with
/// all before.
const MAX_REMOTE_CANDIDATES: usize = 512;

/// The ICE side of the connection's state.
#[derive(Debug)]
pub(super) struct Ice {
    /// In force, or to be with the first exchange.
    pub(super) local: IceCredentials,
    /// Of an offer that was created but not set.
    pub(super) proposed: Option<IceCredentials>,
    /// Of a set local offer, or for the answer to a remote restart.
    pub(super) pending: Option<IceCredentials>,
    /// `restartIce` was called.
    pub(super) restart_wanted: bool,
    pub(super) remote: Option<IceCredentials>,
    pub(super) gathering: IceGatheringState,
    pub(super) state: IceConnectionState,
    pub(super) controlling: bool,
    pub(super) known: Vec<Known>,
    /// Remote candidates that the stack does not have yet.
    queue: Vec<RemoteCandidate>,
    /// Lines of remote candidates trickled in: section index, user name fragment, line.
    trickled: Vec<(usize, Option<String>, String)>,
    pub(super) remote_known: Vec<RemoteCandidate>,
    gathering_for: Option<String>,
    complete_for: Option<String>,
    /// Since when no pair works.
    pub(super) without_pair_since: Option<Instant>,
    /// When the remote side said goodbye, until that is told.
    pub(super) remote_closed_at: Option<Instant>,
    pub(super) path: Path,
    /// What the stack says, whatever became of the path.
    pub(super) of_stack: IceConnectionState,
}

/// A local candidate and the user name fragments it was announced under.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) candidate: LocalCandidate,
    pub(super) priority: u32,
    pub(super) foundation: String,
    pub(super) announced: Vec<String>,
}

impl Known {
    /// The attribute's value.
    fn line(&self, ufrag: &str) -> String {
        let LocalCandidate {
            kind,
            protocol,
            address,
            base,
            ..
        } = &self.candidate;
        let transport = match protocol {
            Protocol::Udp => "udp",
            Protocol::Tcp => "tcp",
        };
        let mut line = format!(
            "candidate:{} 1 {transport} {} {} {} typ {}",
            self.foundation,
            self.priority,
            address.ip(),
            address.port(),
            kind.as_str()
        );
        match kind {
            CandidateKind::Host => {}
            // Who wants to be relayed may want nobody to know where they are (RFC 8839 section 5.1).
            CandidateKind::Relayed if address.is_ipv4() => line += " raddr 0.0.0.0 rport 9",
            CandidateKind::Relayed => line += " raddr :: rport 9",
            _ => line += &format!(" raddr {} rport {}", base.ip(), base.port()),
        }
        line + " generation 0 ufrag " + ufrag
    }
}

impl Ice {
    pub(super) fn new(local: IceCredentials) -> Self {
        Self {
            local,
            proposed: None,
            pending: None,
            restart_wanted: false,
            remote: None,
            gathering: IceGatheringState::New,
            state: IceConnectionState::New,
            controlling: true,
            known: Vec::new(),
            queue: Vec::new(),
            trickled: Vec::new(),
            remote_known: Vec::new(),
            gathering_for: None,
            complete_for: None,
            without_pair_since: None,
            remote_closed_at: None,
            path: Path::default(),
            of_stack: IceConnectionState::New,
        }
    }

    /// The candidates announced with these credentials, as attribute values.
    pub(super) fn candidate_lines(&self, credentials: &IceCredentials) -> Vec<String> {
        let ufrag = &credentials.ufrag;
        let announced = self.known.iter().filter(|k| k.announced.contains(ufrag));
        announced.map(|k| k.line(ufrag)).collect()
    }

    pub(super) fn gathered_for(&self, credentials: &IceCredentials) -> bool {
        self.complete_for.as_ref() == Some(&credentials.ufrag)
    }

    /// A local offer with these credentials is set.
    pub(super) fn offer_local(&mut self, credentials: IceCredentials) {
        self.proposed = None;
        if credentials != self.local {
            self.pending = Some(credentials);
            self.restart_wanted = false;
        }
    }

    pub(super) fn is_remote_restart(&self, sections: &[Section]) -> bool {
        let offered = sections.iter().find_map(|s| s.ice.as_ref());
        self.remote.is_some() && offered.is_some() && self.remote.as_ref() != offered
    }

    /// The remote side restarts: so do we, in the answer.
    pub(super) fn answer_restart(&mut self) {
        self.pending.get_or_insert_with(new_credentials);
    }

    /// Our credentials for what is negotiated now.
    pub(super) fn negotiated_local(&self) -> IceCredentials {
        self.pending.as_ref().unwrap_or(&self.local).clone()
    }

    pub(super) fn negotiated(&mut self, local: IceCredentials, remote: IceCredentials) {
        self.local = local;
        if self.remote.as_ref() != Some(&remote) {
            self.without_pair_since = None;
            self.path = Path::default();
            self.remote_known.clear();
        }
        self.remote = Some(remote);
    }

    /// Something came to this address. True: the remote side has come along there after it was given up.
    pub(super) fn received(&mut self, destination: SocketAddr, packet: &[u8]) -> bool {
        // To a candidate that is not in use any more something may still be on its way.
        let mut known = self.known.iter();
        known.any(|known| sent_from(&known.candidate) == destination) && self.path.received(packet)
    }

    /// Whether the stack has a pair that works.
    pub(super) fn works(&self) -> bool {
        matches!(
            self.of_stack,
            IceConnectionState::Connected | IceConnectionState::Completed
        )
    }

    pub(super) fn settle(&mut self) {
        self.pending = None;
        self.proposed = None;
    }

    pub(super) fn roll_back(&mut self) {
        if self.pending.take().is_some() {
            self.restart_wanted = self.remote.is_some();
        }
        self.proposed = None;
    }
}

impl PeerConnection {
    /// `restartIce`: the next offer has new credentials.
    pub fn restart_ice(&mut self) {
        if self.check_open().is_ok() && self.local.latest().is_some() {
            self.ice.restart_wanted = true;
            self.update_negotiation_needed();
        }
    }

    /// Tells a candidate that was gathered for [`Event::GatherCandidates`]. With the policy
    /// [`IceTransportPolicy::Relay`] others than relayed ones are left out.
    ///
    /// # Errors
    /// [`Error::InvalidState`] when closed or before the first local description,
    /// [`Error::Type`] for an address that cannot be a candidate.
    pub fn add_local_candidate(&mut self, candidate: LocalCandidate) -> Result<(), Error> {
        self.check_open()?;
        let Some(ufrag) = self.ice.gathering_for.clone() else {
            return Err(Error::InvalidState("nothing wants candidates yet".into()));
        };
        let Some(index) = self.know_candidate(candidate)? else {
            return Ok(());
        };
        let known = &mut self.ice.known[index];
        if known.announced.contains(&ufrag) {
            return Ok(());
        }
        known.announced.push(ufrag.clone());
        let line = known.line(&ufrag);
        let (mid, section) = self.candidate_section();
        self.events
            .push_back(Event::IceCandidate(Some(IceCandidate {
                candidate: line,
                sdp_mid: mid,
                sdp_m_line_index: Some(section),
                username_fragment: Some(ufrag),
            })));
        Ok(())
    }

    /// Tells the stack, unless it is left out or has one that serves the same purpose.
    fn know_candidate(&mut self, candidate: LocalCandidate) -> Result<Option<usize>, Error> {
        let relay_only = self.configuration.ice_transport_policy == IceTransportPolicy::Relay;
        if relay_only && candidate.kind != CandidateKind::Relayed {
            return Ok(None);
        }
        let known = self.ice.known.iter().position(|k| k.candidate == candidate);
        if known.is_some() {
            return Ok(known);
        }
        let Some(added) = self.rtc.add_local_candidate(to_stack(&candidate)?) else {
            return Ok(None);
        };
        let priority = added.prio();
        self.ice.known.push(Known {
            foundation: foundation(&candidate),
            priority,
            candidate,
            announced: Vec::new(),
        });
        Ok(Some(self.ice.known.len() - 1))
    }

    /// Tells a socket that is there since an address of this machine has come, with no gathering going on.
    /// It is checked from, and the remote side learns of it so (RFC 8445 section 7.3.1.3); it is not announced
    /// before the next gathering.
    ///
    /// # Errors
    /// [`Error::InvalidState`] when closed, [`Error::Type`] for an address that cannot be a candidate.
    pub fn add_late_candidate(&mut self, candidate: LocalCandidate) -> Result<(), Error> {
        self.check_open()?;
        self.know_candidate(candidate).map(drop)
    }

    /// Tells a TCP connection that was opened for [`Event::ConnectCandidate`]. Nothing announces it: the
    /// remote side has it already. When it ends,
    /// [`remove_local_candidate`](Self::remove_local_candidate) is told
    /// [`LocalCandidate::connection`] of its address. False: it is of no use any more.
    ///
    /// # Errors
    /// [`Error::InvalidState`] when closed, [`Error::Type`] for an address that cannot be a candidate.
    pub fn add_connection(&mut self, local: SocketAddr, remote: SocketAddr) -> Result<bool, Error> {
        self.check_open()?;
        let of_tcp = |c: &&RemoteCandidate| c.protocol == Some(Protocol::Tcp);
        let mut known = self.ice.remote_known.iter().filter(of_tcp);
        let Some(built) = known.find_map(|c| remote_to_stack(c).filter(|c| c.addr() == remote))
        else {
            // Of credentials of before.
            return Ok(false);
        };
        let known = self.know_candidate(LocalCandidate::connection(local))?;
        if known.is_some() {
            self.rtc.add_remote_candidate(built);
        }
        Ok(known.is_some())
    }

    /// All candidates of this gathering are told.
    pub fn end_of_local_candidates(&mut self) {
        if self.check_open().is_err() || self.ice.gathering != IceGatheringState::Gathering {
            return;
        }
        self.ice.complete_for.clone_from(&self.ice.gathering_for);
        self.ice.gathering = IceGatheringState::Complete;
        self.events
            .push_back(Event::IceGatheringState(IceGatheringState::Complete));
        self.events.push_back(Event::IceCandidate(None));
    }

    /// A network interface or a relay went away: pairs with this candidate are given up.
    pub fn remove_local_candidate(&mut self, candidate: &LocalCandidate) {
        let Some(index) = self
            .ice
            .known
            .iter()
            .position(|k| k.candidate == *candidate)
        else {
            return;
        };
        self.ice.known.remove(index);
        self.ice.path.lose(sent_from(candidate));
        if let Ok(built) = to_stack(candidate) {
            self.rtc.direct_api().invalidate_candidate(&built);
        }
    }

    /// `addIceCandidate`; `None`, or one with an empty text, is the end of candidates.
    ///
    /// # Errors
    /// [`Error::Type`] without section, [`Error::InvalidState`] without remote description,
    /// [`Error::Operation`] for an unknown section, other credentials or an unreadable candidate.
    pub fn add_ice_candidate(&mut self, candidate: Option<IceCandidate>) -> Result<(), Error> {
        self.check_open()?;
        // Media servers leave them empty where they mean nothing, and libwebrtc takes it so.
        let given = |text: Option<String>| text.filter(|t| !t.is_empty());
        let candidate = candidate.map(|c| IceCandidate {
            sdp_mid: given(c.sdp_mid),
            username_fragment: given(c.username_fragment),
            ..c
        });
        if let Some(c) = &candidate
            && !c.candidate.is_empty()
            && c.sdp_mid.is_none()
            && c.sdp_m_line_index.is_none()
        {
            return Err(Error::Type("neither sdpMid nor sdpMLineIndex".into()));
        }
        let Some(remote) = self.remote.latest() else {
            return Err(Error::InvalidState("there is no remote description".into()));
        };
        let Some(init) = candidate else {
            return Ok(());
        };
        let sections = &remote.parsed.sections;
        let index = match (&init.sdp_mid, init.sdp_m_line_index) {
            (Some(mid), _) => sections.iter().position(|s| s.mid == *mid),
            (None, Some(index)) => Some(usize::from(index)).filter(|i| *i < sections.len()),
            (None, None) => Some(0).filter(|_| !sections.is_empty()),
        };
        let Some(index) = index else {
            return Err(Error::Operation("no such media section".into()));
        };
        let section_ufrag = sections[index].ice.as_ref().map(|ice| ice.ufrag.clone());
        if let Some(ufrag) = &init.username_fragment {
            let of = |d: &Option<Applied>| {
                d.as_ref().is_some_and(|d| {
                    d.parsed
                        .sections
                        .iter()
                        .any(|s| s.ice.as_ref().is_some_and(|i| i.ufrag == *ufrag))
                })
            };
            if !of(&self.remote.pending) && !of(&self.remote.current) {
                return Err(Error::Operation(
                    "the candidate has other ICE credentials".into(),
                ));
            }
        }
        if init.candidate.is_empty() {
            return Ok(());
        }
        let mut parsed = parse_candidate(&init.candidate)?;
        if parsed.username_fragment.is_none() {
            parsed.username_fragment = init.username_fragment.clone().or(section_ufrag);
        }
        let line = init.candidate.trim_ascii();
        let line = line.strip_prefix("a=").unwrap_or(line).to_owned();
        if self.ice.trickled.len() >= MAX_REMOTE_CANDIDATES {
            // The oldest, of credentials of long ago.
            self.ice.trickled.remove(0);
        }
        self.ice
            .trickled
            .push((index, parsed.username_fragment.clone(), line));
        if parsed.address.ends_with(".local") {
            let host = parsed.address.clone();
            self.events.push_back(Event::ResolveCandidate {
                candidate: init,
                host,
            });
            return Ok(());
        }
        self.ice.queue.push(parsed);
        self.flush_remote_candidates();
        Ok(())
    }

    /// The address behind a candidate of [`Event::ResolveCandidate`].
    ///
    /// # Errors
    /// As [`add_ice_candidate`](Self::add_ice_candidate).
    pub fn add_resolved_candidate(
        &mut self,
        candidate: &IceCandidate,
        address: IpAddr,
    ) -> Result<(), Error> {
        self.check_open()?;
        let mut parsed = parse_candidate(&candidate.candidate)?;
        parsed.address = address.to_string();
        if parsed.username_fragment.is_none() {
            parsed
                .username_fragment
                .clone_from(&candidate.username_fragment);
        }
        self.ice.queue.push(parsed);
        self.flush_remote_candidates();
        Ok(())
    }

    /// A candidate out of a description: what is unreadable is left out, as browsers do.
    pub(super) fn queue_remote_candidate(&mut self, line: &str, mid: Option<&str>) {
        let Ok(mut parsed) = parse_candidate(line) else {
            tracing::debug!(line, "unreadable candidate in a description");
            return;
        };
        if parsed.username_fragment.is_none() {
            parsed.username_fragment = self.ice.remote.as_ref().map(|r| r.ufrag.clone());
        }
        if parsed.address.ends_with(".local") {
            let candidate = IceCandidate {
                candidate: line.to_owned(),
                sdp_mid: mid.map(str::to_owned),
                sdp_m_line_index: None,
                username_fragment: parsed.username_fragment.clone(),
            };
            let host = parsed.address;
            self.events
                .push_back(Event::ResolveCandidate { candidate, host });
        } else {
            self.ice.queue.push(parsed);
        }
    }

    /// Hands the stack what belongs to the credentials in force.
    pub(super) fn flush_remote_candidates(&mut self) {
        let surplus = self.ice.queue.len().saturating_sub(MAX_REMOTE_CANDIDATES);
        self.ice.queue.drain(..surplus);
        let Some(remote) = self.ice.remote.clone() else {
            return;
        };
        let fits = |c: &RemoteCandidate| {
            c.username_fragment
                .as_ref()
                .is_none_or(|ufrag| *ufrag == remote.ufrag)
        };
        let (ready, rest) = std::mem::take(&mut self.ice.queue)
            .into_iter()
            .partition(fits);
        self.ice.queue = rest;
        let ready: Vec<RemoteCandidate> = ready;
        for candidate in ready {
            let known = &self.ice.remote_known;
            if known.len() >= MAX_REMOTE_CANDIDATES || known.contains(&candidate) {
                continue;
            }
            match remote_to_stack(&candidate) {
                Some(built) => {
                    if candidate.protocol == Some(Protocol::Tcp) {
                        self.connect_candidate(built.addr());
                    } else {
                        self.rtc.add_remote_candidate(built);
                    }
                    self.ice.remote_known.push(candidate);
                }
                None => tracing::debug!(?candidate, "remote candidate of no use"),
            }
        }
    }

    /// Nothing of ours reaches it before there is a connection, and through a relay none will.
    fn connect_candidate(&mut self, remote: SocketAddr) {
        if self.configuration.ice_transport_policy != IceTransportPolicy::Relay {
            self.events.push_back(Event::ConnectCandidate { remote });
        }
    }

    /// Starts gathering if the local description has credentials not gathered for.
    pub(super) fn begin_gathering(&mut self) {
        let Some(local) = self.local.latest() else {
            return;
        };
        let live = local.parsed.sections.iter().filter(|s| !s.rejected());
        let Some(ufrag) = live
            .filter_map(|s| s.ice.as_ref())
            .map(|i| i.ufrag.clone())
            .next()
        else {
            return;
        };
        if self.ice.gathering_for.as_ref() == Some(&ufrag) {
            return;
        }
        let restart = self.ice.gathering_for.replace(ufrag).is_some();
        if self.configuration.ice_transport_policy == IceTransportPolicy::Relay {
            // Of a time when others were wanted, too.
            let known = self.ice.known.iter().map(|known| &known.candidate);
            let others = known.filter(|one| one.kind != CandidateKind::Relayed);
            for other in others.cloned().collect::<Vec<_>>() {
                self.remove_local_candidate(&other);
            }
        }
        if self.ice.gathering != IceGatheringState::Gathering {
            self.ice.gathering = IceGatheringState::Gathering;
            self.events
                .push_back(Event::IceGatheringState(IceGatheringState::Gathering));
        }
        self.events.push_back(Event::GatherCandidates { restart });
    }

    /// The section that stands for the transport.
    fn candidate_section(&self) -> (Option<String>, u16) {
        let sections = self
            .local
            .latest()
            .map(|d| d.parsed.sections.as_slice())
            .unwrap_or(&[]);
        let index = sections.iter().position(|s| !s.rejected()).unwrap_or(0);
        let mid = sections.get(index).map(|s| s.mid.clone());
        (mid, u16::try_from(index).unwrap_or(0))
    }

    pub(super) fn with_candidates(&self, applied: &Applied) -> SessionDescription {
        let sections = &applied.parsed.sections;
        let index = sections.iter().position(|s| !s.rejected());
        let lines = match index.and_then(|i| sections[i].ice.as_ref()) {
            Some(credentials) => {
                let mut lines = self.ice.candidate_lines(credentials);
                if self.ice.gathered_for(credentials) {
                    lines.push("end-of-candidates".to_owned());
                }
                lines
            }
            None => Vec::new(),
        };
        let additions = lines
            .into_iter()
            .filter_map(|line| Some((index?, line)))
            .collect();
        SessionDescription {
            kind: applied.kind,
            sdp: insert_lines(applied, additions),
        }
    }

    pub(super) fn with_remote_candidates(&self, applied: &Applied) -> SessionDescription {
        let belongs = |index: usize, ufrag: &Option<String>| {
            let section = applied.parsed.sections.get(index);
            let own = section.and_then(|s| s.ice.as_ref()).map(|i| &i.ufrag);
            ufrag.is_none() || own == ufrag.as_ref()
        };
        let trickled = self.ice.trickled.iter();
        let additions = trickled
            .filter(|(index, ufrag, _)| belongs(*index, ufrag))
            .map(|(index, _, line)| (*index, line.clone()))
            .collect();
        SessionDescription {
            kind: applied.kind,
            sdp: insert_lines(applied, additions),
        }
    }
}
