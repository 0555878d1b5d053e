//! The connection itself.

mod answer;
mod answer_matches;
mod apply;
mod channels;
mod ice;
mod losses;
mod negotiate;
mod offer;
mod output;
mod receiving;
mod remote_tracks;
mod report;
mod sending;
mod transceiver;
mod transceivers;

use std::collections::VecDeque;
use std::time::Instant;

use str0m::{IceCreds, Rtc};

use crate::codecs::{Tables, capabilities};
use crate::configuration::Configuration;
use crate::data::DataChannelState;
use crate::description::{SdpType, SessionDescription};
use crate::error::Error;
use crate::event::Event;
use crate::ids::TransceiverId;
use crate::kind::{Kind, MediaCodec};
use crate::sdp::{Description, IceCredentials};
use crate::state::{
    ConnectionState, DtlsState, IceConnectionState, IceGatheringState, SctpTransport,
    SignalingState,
};
use crate::transceiver::{Capabilities, Side};
use crate::{FIRST_OWN_ID, stack};

use channels::Channels;
use ice::Ice;
use report::Collected;
use transceiver::Transceiver;

/// A connection to one remote side (`RTCPeerConnection`, webrtc-pc section 4.4).
///
/// Every method that changes something may leave outputs behind: drain
/// [`poll_output`](Self::poll_output) after it.
pub struct PeerConnection {
    configuration: Configuration,
    rtc: Rtc,
    /// The latest time that anybody told us.
    now: Instant,
    events: VecDeque<Event>,
    signaling: SignalingState,
    dtls: DtlsState,
    connection: ConnectionState,
    negotiation_needed: bool,
    local: Descriptions,
    remote: Descriptions,
    slots: Vec<Slot>,
    transceivers: Vec<Transceiver>,
    tables: Tables,
    /// What a rollback goes back to.
    stable: Option<Snapshot>,
    next_id: u32,
    session_id: u64,
    version: u64,
    cname: String,
    fingerprint: String,
    /// Decided by the first answer: we open the DTLS association.
    dtls_client: Option<bool>,
    /// We made the first offer.
    first_offerer: Option<bool>,
    ice: Ice,
    channels: Channels,
    estimate: Option<u64>,
    /// The estimate was seeded from a description.
    seeded: bool,
    collected: Collected,
}

/// Descriptions of one side.
#[derive(Clone, Debug, Default)]
struct Descriptions {
    current: Option<Applied>,
    pending: Option<Applied>,
}

impl Descriptions {
    fn latest(&self) -> Option<&Applied> {
        self.pending.as_ref().or(self.current.as_ref())
    }
}

/// A description that is set.
#[derive(Clone, Debug)]
struct Applied {
    kind: SdpType,
    text: String,
    parsed: Description,
}

/// A media section, in the order of the descriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    mid: String,
    content: Content,
    /// Negotiated as rejected: an offer may use it for something else (RFC 8829 section 5.2.2).
    free: bool,
}

/// What a media section is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Media(TransceiverId, Kind),
    Application,
    /// Nothing that we know.
    Unknown(crate::sdp::SectionKind),
}

impl Content {
    /// Whether a section of this kind may stand for it.
    fn is(&self, kind: &crate::sdp::SectionKind) -> bool {
        match self {
            Self::Media(_, own) => crate::codecs::kind_of(kind) == Some(*own),
            Self::Application => *kind == crate::sdp::SectionKind::Application,
            Self::Unknown(_) => true,
        }
    }
}

/// State to go back to.
#[derive(Clone, Debug)]
struct Snapshot {
    slots: Vec<Slot>,
    transceivers: Vec<Transceiver>,
    tables: Tables,
    /// The exchange began with an offer of the remote side.
    remote_offer: bool,
}

impl std::fmt::Debug for PeerConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeerConnection")
            .field("signaling", &self.signaling)
            .field("connection", &self.connection)
            .field("transceivers", &self.transceivers.len())
            .field("collected", &self.collected.len())
            .finish_non_exhaustive()
    }
}

impl PeerConnection {
    /// A connection that has not begun. `encoders` are the codecs that the host encodes; others
    /// are only received.
    ///
    /// # Errors
    /// [`Error::Syntax`] for an unreadable ICE server URL, [`Error::InvalidAccess`] for a TURN
    /// server without credentials (webrtc-pc section 4.4.1.6).
    pub fn new(
        configuration: Configuration,
        encoders: &[MediaCodec],
        now: Instant,
    ) -> Result<Self, Error> {
        ice::check_servers(&configuration.ice_servers)?;
        let credentials = new_credentials();
        let tables = Tables::new(encoders);
        let mut rtc = stack::build(&credentials, &tables, now);
        let fingerprint = rtc.direct_api().local_dtls_fingerprint().to_string();
        let session_id = u64::from(*rtc.direct_api().new_ssrc()) << 20
            | u64::from(*rtc.direct_api().new_ssrc()) >> 12;
        Ok(Self {
            configuration,
            rtc,
            now,
            events: VecDeque::new(),
            signaling: SignalingState::Stable,
            dtls: DtlsState::New,
            connection: ConnectionState::New,
            negotiation_needed: false,
            local: Descriptions::default(),
            remote: Descriptions::default(),
            slots: Vec::new(),
            transceivers: Vec::new(),
            tables,
            stable: None,
            next_id: FIRST_OWN_ID,
            session_id,
            version: 1,
            cname: random_id(),
            fingerprint,
            dtls_client: None,
            first_offerer: None,
            ice: Ice::new(credentials),
            channels: Channels::default(),
            estimate: None,
            seeded: false,
            collected: Collected::default(),
        })
    }

    /// `getConfiguration`
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// `setConfiguration`. New servers count from the next gathering on.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::InvalidState`] when closed,
    /// [`Error::InvalidModification`] for another bundle policy.
    pub fn set_configuration(&mut self, configuration: Configuration) -> Result<(), Error> {
        self.check_open()?;
        if configuration.bundle_policy != self.configuration.bundle_policy {
            return Err(Error::InvalidModification(
                "bundlePolicy cannot change".into(),
            ));
        }
        ice::check_servers(&configuration.ice_servers)?;
        self.configuration = configuration;
        Ok(())
    }

    /// `signalingState`
    pub fn signaling_state(&self) -> SignalingState {
        self.signaling
    }

    /// `iceGatheringState`
    pub fn ice_gathering_state(&self) -> IceGatheringState {
        self.ice.gathering
    }

    /// `iceConnectionState`
    pub fn ice_connection_state(&self) -> IceConnectionState {
        self.ice.state
    }

    /// `connectionState`
    pub fn connection_state(&self) -> ConnectionState {
        self.connection
    }

    /// State of the one DTLS transport.
    pub fn dtls_state(&self) -> DtlsState {
        self.dtls
    }

    /// `sctp`: present once data channels are negotiated.
    pub fn sctp(&self) -> Option<SctpTransport> {
        self.channels.transport
    }

    /// `[[NegotiationNeeded]]` (webrtc-pc section 4.7.3). The host looks at it again when it is
    /// about to fire the event, since the reason may have gone.
    pub fn negotiation_needed(&self) -> bool {
        self.negotiation_needed
    }

    /// `currentLocalDescription`, with the candidates gathered so far.
    pub fn current_local_description(&self) -> Option<SessionDescription> {
        self.local.current.as_ref().map(|d| self.with_candidates(d))
    }

    /// `pendingLocalDescription`, with the candidates gathered so far.
    pub fn pending_local_description(&self) -> Option<SessionDescription> {
        self.local.pending.as_ref().map(|d| self.with_candidates(d))
    }

    /// `currentRemoteDescription`, with the candidates added so far.
    pub fn current_remote_description(&self) -> Option<SessionDescription> {
        self.remote
            .current
            .as_ref()
            .map(|d| self.with_remote_candidates(d))
    }

    /// `pendingRemoteDescription`, with the candidates added so far.
    pub fn pending_remote_description(&self) -> Option<SessionDescription> {
        self.remote
            .pending
            .as_ref()
            .map(|d| self.with_remote_candidates(d))
    }

    /// `RTCRtpSender.getCapabilities` and `RTCRtpReceiver.getCapabilities` of a host with these
    /// encoders.
    pub fn capabilities(kind: Kind, side: Side, encoders: &[MediaCodec]) -> Capabilities {
        capabilities(kind, side, encoders)
    }

    /// `close` (webrtc-pc section 4.4.1.10). What is left to tell the remote side comes out of
    /// [`poll_output`](Self::poll_output); events do not.
    pub fn close(&mut self) {
        if self.signaling == SignalingState::Closed {
            return;
        }
        self.events.clear();
        self.signaling = SignalingState::Closed;
        self.ice.state = IceConnectionState::Closed;
        self.dtls = DtlsState::Closed;
        self.connection = ConnectionState::Closed;
        self.negotiation_needed = false;
        for transceiver in &mut self.transceivers {
            transceiver.stopping = true;
            transceiver.stopped = true;
            transceiver.current = None;
        }
        for channel in &mut self.channels.all {
            channel.info.state = DataChannelState::Closed;
        }
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "closing the transport");
        }
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.signaling == SignalingState::Closed {
            return Err(Error::InvalidState("the connection is closed".into()));
        }
        Ok(())
    }

    fn by_id(&self, id: TransceiverId) -> Option<&Transceiver> {
        self.transceivers.iter().find(|t| t.id == id)
    }

    fn by_id_mut(&mut self, id: TransceiverId) -> Option<&mut Transceiver> {
        self.transceivers.iter_mut().find(|t| t.id == id)
    }

    fn by_mid(&self, mid: &str) -> Option<usize> {
        self.transceivers
            .iter()
            .position(|t| t.mid.as_deref() == Some(mid))
    }

    fn set_signaling(&mut self, state: SignalingState) {
        if self.signaling != state {
            self.signaling = state;
            self.events.push_back(Event::SignalingState(state));
        }
    }

    /// `[[NextOwnId]]`: ids for what the remote side creates.
    fn own_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1).max(FIRST_OWN_ID);
        id
    }
}

/// Letters and digits at random, for ids that must not collide but need not be secret.
fn random_id() -> String {
    IceCreds::new().pass
}

fn new_credentials() -> IceCredentials {
    let IceCreds { ufrag, pass } = IceCreds::new();
    IceCredentials { ufrag, pwd: pass }
}
