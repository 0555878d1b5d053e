//! One media connection of a client: ICE, DTLS and RTP, without the network.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpOffer};
use str0m::format::Codec;
use str0m::media::{MediaKind, Pt};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig, RtcError};
use tokio::net::UdpSocket;

use super::TrackKind;

/// How often losses are looked at.
const STATISTICS: Duration = Duration::from_secs(2);

/// A client's connections to one media server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LegId(pub(crate) u64);

/// A connection. Each call that changes something is followed by [`Link::pump`].
pub(crate) struct Link {
    pub(crate) rtc: Rtc,
    /// When it wants to be woken.
    wake: Instant,
    touched: bool,
    pub(crate) connected: bool,
    local: SocketAddr,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("connected", &self.connected)
            .finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn new(local: SocketAddr, now: Instant) -> Result<Self, RtcError> {
        // A media server has a public address: clients check, it answers (RFC 8445, section 2.5).
        let mut rtc = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_stats_interval(Some(STATISTICS))
            .build(now);
        rtc.add_local_candidate(Candidate::host(local, Protocol::Udp)?);
        Ok(Self {
            rtc,
            wake: now,
            touched: true,
            connected: false,
            local,
        })
    }

    /// Something was changed: outputs may wait.
    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    /// It was not closed.
    pub(crate) fn is_alive(&self) -> bool {
        self.rtc.is_alive()
    }

    pub(crate) fn wake(&self) -> Instant {
        self.wake
    }

    pub(crate) fn accepts(&self, input: &Input<'_>) -> bool {
        self.rtc.accepts(input)
    }

    pub(crate) fn receive(&mut self, input: Input<'_>) {
        self.touched = true;
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a datagram is refused");
        }
    }

    /// Sends what is to be sent, and gives what happened. False: nothing was to be done.
    pub(crate) fn pump(
        &mut self,
        now: Instant,
        socket: &UdpSocket,
        mut happened: impl FnMut(Event),
    ) -> bool {
        if !self.touched && self.wake > now {
            return false;
        }
        self.touched = false;
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "the connection fails");
        }
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.wake = at;
                    return true;
                }
                Ok(Output::Transmit(transmit)) => {
                    // What the socket does not take at once is lost, as on any network.
                    let _ = socket.try_send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(event)) => {
                    if matches!(event, Event::Connected) {
                        self.connected = true;
                    }
                    happened(event);
                }
                Err(error) => {
                    tracing::debug!(%error, "the connection fails");
                    self.wake = now + STATISTICS;
                    return true;
                }
            }
        }
    }

    pub(crate) fn answer(&mut self, offer: &str) -> Result<String, RtcError> {
        let offer = SdpOffer::from_sdp_string(offer)?;
        self.touched = true;
        let answer = self.rtc.sdp_api().accept_offer(offer)?;
        Ok(answer.to_sdp_string())
    }

    pub(crate) fn accept(
        &mut self,
        pending: str0m::change::SdpPendingOffer,
        answer: &str,
    ) -> Result<(), RtcError> {
        let answer = SdpAnswer::from_sdp_string(answer)?;
        self.touched = true;
        self.rtc.sdp_api().accept_answer(pending, answer)
    }

    /// What carries this kind of track here.
    pub(crate) fn payload_type(&self, kind: TrackKind) -> Option<Pt> {
        let codec = match media_kind(kind) {
            MediaKind::Audio => Codec::Opus,
            MediaKind::Video => Codec::Vp8,
        };
        let mut known = self.rtc.codec_config().params().iter();
        let params = known.find(|params| params.spec().codec == codec)?;
        Some(params.pt())
    }

    /// Tells the client that the connection is over (DTLS `close_notify`).
    pub(crate) fn close(&mut self, now: Instant, socket: &UdpSocket) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "cannot say farewell");
        }
        self.touched = true;
        self.pump(now, socket, |_| {});
    }

    pub(crate) fn input<'a>(
        &self,
        now: Instant,
        source: SocketAddr,
        datagram: &'a [u8],
    ) -> Option<Input<'a>> {
        received(now, source, self.local, datagram)
    }
}

/// A datagram as the connections take it; none: it is nothing that they know.
fn received(
    now: Instant,
    source: SocketAddr,
    destination: SocketAddr,
    datagram: &[u8],
) -> Option<Input<'_>> {
    let contents = DatagramRecv::try_from(datagram).ok()?;
    let receive = Receive {
        proto: Protocol::Udp,
        source,
        destination,
        contents,
    };
    Some(Input::Receive(now, receive))
}

pub(crate) fn media_kind(kind: TrackKind) -> MediaKind {
    if kind.is_picture() {
        MediaKind::Video
    } else {
        MediaKind::Audio
    }
}
