//! Inputs, outputs and the states of the transport.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::bwe::BweKind;
use str0m::net::{DatagramRecv, Protocol as StackProtocol, Receive};
use str0m::{Event as StackEvent, IceConnectionState as StackIce, Input, Output as StackOutput};

use super::PeerConnection;
use crate::candidate::Protocol;
use crate::event::{Event, Output, Transmit};
use crate::held_data;
use crate::state::{ConnectionState, DtlsState, IceConnectionState, SignalingState};

/// Without a working pair for this long, only a restart helps. libwebrtc takes between 15 and 30
/// seconds; by then the SDKs have long begun to reconnect.
const ICE_FAILS_AFTER: Duration = Duration::from_secs(15);

/// A remote side that has said goodbye (DTLS `close_notify`, RFC 8446 section 6.1) answers no more
/// checks: what other agents see then, a pair lost after about seven seconds of silence, is told
/// here, since the stack ends with the association.
const GONE_AFTER: Duration = Duration::from_secs(7);

/// A state of the stack that keeps failing to give outputs ends the poll, not the process.
const MAX_ERRORS_PER_POLL: u32 = 16;

impl PeerConnection {
    /// A datagram (or, over TCP, one de-framed packet) came in. What does not belong to this
    /// connection, or is malformed, is dropped.
    pub fn handle_receive(
        &mut self,
        now: Instant,
        protocol: Protocol,
        source: SocketAddr,
        destination: SocketAddr,
        contents: &[u8],
    ) {
        self.now = self.now.max(now);
        if self.ice.received(destination, contents) && self.ice.works() {
            self.set_ice(self.ice.of_stack);
        }
        let Ok(contents) = DatagramRecv::try_from(contents) else {
            return;
        };
        let proto = match protocol {
            Protocol::Udp => StackProtocol::Udp,
            Protocol::Tcp => StackProtocol::Tcp,
        };
        self.collected.packets_received += 1;
        self.collected.last_received = Some(now);
        let receive = Receive {
            proto,
            source,
            destination,
            contents,
        };
        if let Err(error) = self.rtc.handle_input(Input::Receive(now, receive)) {
            self.stack_failed(&error);
        }
    }

    /// Time passed. `now` may be earlier than asked for.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        if let Err(error) = self.rtc.handle_input(Input::Timeout(self.now)) {
            self.stack_failed(&error);
        }
        if self.signaling == SignalingState::Closed {
            return;
        }
        if let Some(since) = self.ice.remote_closed_at
            && self.now >= since + GONE_AFTER
        {
            self.ice.remote_closed_at = None;
            self.set_ice(IceConnectionState::Disconnected);
        }
        if let Some(since) = self.ice.without_pair_since
            && self.now >= since + ICE_FAILS_AFTER
        {
            self.ice.without_pair_since = None;
            self.set_ice(IceConnectionState::Failed);
        }
        let works = self.ice.works();
        if self.ice.path.fails(self.now, works) {
            tracing::info!("the remote side does not come along to another address");
            self.ice.without_pair_since = None;
            self.set_ice(IceConnectionState::Failed);
        }
        self.ask_again_for_key_frames();
        self.ask_for_due_key_frames();
    }

    /// What comes next. Call it until it gives [`Output::Timeout`].
    pub fn poll_output(&mut self) -> Output {
        let mut errors = 0;
        loop {
            if let Some(event) = self.events.pop_front() {
                return Output::Event(event);
            }
            let held = self.channels.held;
            match held_data::polled(held, || self.rtc.poll_output()) {
                Ok(StackOutput::Transmit(transmit)) => {
                    self.collected.packets_sent += 1;
                    self.collected.last_sent = Some(self.now);
                    self.ice.path.sent(transmit.source, &transmit.contents);
                    let protocol = match transmit.proto {
                        StackProtocol::Udp => Protocol::Udp,
                        StackProtocol::Tcp | StackProtocol::SslTcp | StackProtocol::Tls => {
                            Protocol::Tcp
                        }
                    };
                    return Output::Transmit(Transmit {
                        protocol,
                        source: transmit.source,
                        destination: transmit.destination,
                        contents: transmit.contents.into(),
                    });
                }
                Ok(StackOutput::Event(event)) => {
                    if self.signaling != SignalingState::Closed {
                        self.stack_event(event);
                    }
                }
                Ok(StackOutput::Timeout(at)) => {
                    if self.signaling != SignalingState::Closed {
                        self.measure_buffers();
                        // Until then packets are still to be made.
                        if at > self.now {
                            self.packets_were_made();
                        }
                    }
                    if self.events.is_empty() {
                        return Output::Timeout(self.next_timeout(at));
                    }
                }
                Err(error) => {
                    errors += 1;
                    self.stack_failed(&error);
                    if errors > MAX_ERRORS_PER_POLL {
                        return Output::Timeout(self.now + Duration::from_millis(100));
                    }
                }
            }
        }
    }

    fn next_timeout(&self, stack: Instant) -> Instant {
        let mut at = stack;
        if self.signaling == SignalingState::Closed {
            return at;
        }
        if let Some(since) = self.ice.remote_closed_at {
            at = at.min(since + GONE_AFTER);
        }
        if let Some(since) = self.ice.without_pair_since {
            at = at.min(since + ICE_FAILS_AFTER);
        }
        if let Some(fails_at) = self.ice.path.fails_at() {
            at = at.min(fails_at);
        }
        self.next_media_timeout().map_or(at, |media| at.min(media))
    }

    fn stack_failed(&mut self, error: &str0m::RtcError) {
        if self.rtc.is_alive() {
            // Malformed or unexpected input: ignored, as RFC 6347 section 4.1.2.7 wants.
            tracing::debug!(%error, "the transport objects");
            return;
        }
        if self.signaling != SignalingState::Closed && self.dtls != DtlsState::Failed {
            tracing::warn!(%error, "the transport failed");
            self.set_dtls(DtlsState::Failed);
            self.channels_lost();
        }
    }

    fn stack_event(&mut self, event: StackEvent) {
        match event {
            StackEvent::IceConnectionStateChange(state) => self.stack_ice(state),
            StackEvent::Connected => {
                self.set_dtls(DtlsState::Connected);
                self.refresh_outgoing();
            }
            StackEvent::Closed => {
                self.ice.remote_closed_at = Some(self.now);
                self.set_dtls(DtlsState::Closed);
                self.channels_lost();
            }
            StackEvent::MediaData(data) => self.media_arrived(data),
            StackEvent::KeyframeRequest(request) => self.key_frame_requested(&request),
            StackEvent::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                self.estimate_changed(estimate.as_u64());
            }
            StackEvent::ChannelOpen(id, label) => self.channel_opened(id, label),
            StackEvent::ChannelData(data) => self.channel_data(data.id, data.binary, data.data),
            StackEvent::ChannelClose(id) => self.channel_closed(id),
            StackEvent::PeerStats(stats) => self.collected.peer = Some(stats),
            // The stack goes on telling of sections that are no more.
            StackEvent::MediaIngressStats(stats)
                if self.by_mid(&stats.mid.to_string()).is_some() =>
            {
                let interval = self.receiver_reports_every(stats.mid);
                self.collected.ingress(stats, interval);
            }
            StackEvent::MediaEgressStats(stats)
                if self.by_mid(&stats.mid.to_string()).is_some() =>
            {
                self.collected.egress(stats);
            }
            // Our own machine knows what media there is; buffers are measured after each drain.
            _ => {}
        }
    }

    fn stack_ice(&mut self, state: StackIce) {
        // Until something is negotiated the stack's state means nothing.
        if self.first_offerer.is_none() {
            return;
        }
        let state = match state {
            StackIce::New | StackIce::Checking => IceConnectionState::Checking,
            StackIce::Connected => IceConnectionState::Connected,
            StackIce::Completed => IceConnectionState::Completed,
            StackIce::Disconnected => IceConnectionState::Disconnected,
        };
        self.ice.of_stack = state;
        if !(self.ice.works() && self.ice.path.is_given_up()) {
            self.set_ice(state);
        }
    }

    /// The first exchange is done.
    pub(super) fn transport_begins(&mut self) {
        if self.ice.state == IceConnectionState::New {
            self.set_ice(IceConnectionState::Checking);
        }
    }

    fn set_ice(&mut self, state: IceConnectionState) {
        let works = matches!(
            state,
            IceConnectionState::Connected | IceConnectionState::Completed
        );
        if works {
            self.ice.without_pair_since = None;
            if self.dtls == DtlsState::New {
                self.set_dtls(DtlsState::Connecting);
            }
        } else if matches!(
            state,
            IceConnectionState::Checking | IceConnectionState::Disconnected
        ) {
            self.ice.without_pair_since.get_or_insert(self.now);
        }
        // After failing, only a restart or a working pair counts.
        let revived = works || self.ice.without_pair_since.is_some();
        if state == self.ice.state
            || self.ice.state == IceConnectionState::Closed
            || !(revived || state == IceConnectionState::Failed)
        {
            return;
        }
        self.ice.state = state;
        self.events.push_back(Event::IceConnectionState(state));
        self.update_connection_state();
    }

    fn set_dtls(&mut self, state: DtlsState) {
        if self.dtls != state {
            self.dtls = state;
            self.events.push_back(Event::DtlsState(state));
            self.update_connection_state();
        }
    }

    /// webrtc-pc section 4.3.3, for a single transport.
    fn update_connection_state(&mut self) {
        use {ConnectionState as C, DtlsState as D, IceConnectionState as I};
        let state = match (self.ice.state, self.dtls) {
            (I::Closed, _) => C::Closed,
            (I::Failed, _) | (_, D::Failed) => C::Failed,
            (I::Disconnected, _) => C::Disconnected,
            (I::New, D::New | D::Closed) => C::New,
            (I::Connected | I::Completed, D::Connected | D::Closed) => C::Connected,
            _ => C::Connecting,
        };
        if state != self.connection {
            self.connection = state;
            self.events.push_back(Event::ConnectionState(state));
        }
    }
}
