//! A connection whose other end is the RTP stack alone, with a virtual clock and nothing between them.
//! The fuzz target `media` is built on it as well.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc_core::{
    Configuration, Event, LocalCandidate, MediaCodec, Output, PeerConnection, Protocol,
    SessionDescription,
};
use str0m::change::SdpOffer;
use str0m::net::{Protocol as StackProtocol, Receive};
use str0m::{Candidate, Event as StackEvent, Input, Output as StackOutput, Rtc, RtcConfig};

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

pub(crate) struct Bare {
    pub(crate) ours: PeerConnection,
    pub(crate) theirs: Rtc,
    pub(crate) now: Instant,
    /// What our side said, until somebody takes it.
    pub(crate) events: Vec<Event>,
    /// What the other end said.
    pub(crate) their_events: Vec<StackEvent>,
}

impl Bare {
    #[allow(clippy::disallowed_methods, reason = "where the virtual clock begins")]
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let encoders = [MediaCodec::Opus, MediaCodec::Vp8];
        let ours = PeerConnection::new(Configuration::default(), &encoders, now).unwrap();
        let mut theirs = RtcConfig::new().set_rtp_mode(true).build(now);
        theirs.add_local_candidate(Candidate::host(address(1002), "udp").unwrap());
        Self {
            ours,
            theirs,
            now,
            events: Vec::new(),
            their_events: Vec::new(),
        }
    }

    /// We offer; `prepare` sets the other end's streams up and makes what it answers of the stack's answer.
    /// Then time passes until `done`.
    pub(crate) fn negotiate(
        &mut self,
        prepare: impl FnOnce(&mut Rtc, String) -> String,
        done: impl Fn(&Self) -> bool,
    ) {
        self.ours.set_local_description(None).unwrap();
        // With its candidates.
        self.drain();
        let offer = self.ours.pending_local_description().unwrap();
        let offer = SdpOffer::from_sdp_string(&offer.sdp).unwrap();
        let answer = self.theirs.sdp_api().accept_offer(offer).unwrap();
        let answer = prepare(&mut self.theirs, answer.to_sdp_string());
        self.ours
            .set_remote_description(SessionDescription::answer(answer))
            .unwrap();
        for _ in 0..100 {
            if done(self) {
                return;
            }
            self.run(Duration::from_millis(20));
        }
        panic!("no connection");
    }

    /// Takes out everything that is there and hands it over; when something is to be done next.
    fn drain(&mut self) -> Instant {
        let mut wake = self.now + Duration::from_secs(1);
        loop {
            let mut quiet = true;
            loop {
                match self.ours.poll_output() {
                    Output::Timeout(at) => {
                        wake = wake.min(at);
                        break;
                    }
                    Output::Event(Event::GatherCandidates { .. }) => {
                        let candidate = LocalCandidate::host(address(1001));
                        self.ours.add_local_candidate(candidate).unwrap();
                        self.ours.end_of_local_candidates();
                    }
                    Output::Event(event) => self.events.push(event),
                    Output::Transmit(t) => {
                        quiet = false;
                        let (source, to) = (t.source, t.destination);
                        let receive = Receive::new(StackProtocol::Udp, source, to, &t.contents);
                        let receive = Input::Receive(self.now, receive.unwrap());
                        // What the other end thinks of it is its own matter, here and below.
                        let _ = self.theirs.handle_input(receive);
                    }
                }
            }
            loop {
                match self.theirs.poll_output() {
                    Ok(StackOutput::Timeout(at)) => {
                        wake = wake.min(at);
                        break;
                    }
                    Ok(StackOutput::Event(event)) => self.their_events.push(event),
                    Ok(StackOutput::Transmit(t)) => {
                        quiet = false;
                        let (source, to) = (t.source, t.destination);
                        self.ours
                            .handle_receive(self.now, Protocol::Udp, source, to, &t.contents);
                    }
                    Err(_) => break,
                }
            }
            if quiet {
                return wake;
            }
        }
    }

    /// Lets virtual time pass, with everything that happens in it.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            let wake = self.drain();
            let step = self.now + Duration::from_millis(1);
            self.now = wake.clamp(step, end.max(step));
            self.ours.handle_timeout(self.now);
            let _ = self.theirs.handle_input(Input::Timeout(self.now));
        }
        self.drain();
    }
}
