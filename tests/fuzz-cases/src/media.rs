//! What a remote side that has been let in may send: RTP payloads, header extensions and data
//! channels of any content, properly encrypted. The remote side is the RTP stack alone.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rtc_core::{
    Configuration, Event, Kind, Output, PeerConnection, Protocol, SessionDescription,
    TransceiverId, TransceiverInit,
};
use str0m::change::SdpOffer;
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol as StackProtocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite, VideoOrientation};
use str0m::{Candidate, Event as StackEvent, Input, Output as StackOutput, Rtc, RtcConfig};

use crate::net::ENCODERS;
use crate::records::{Record, records};

/// What our side offers: Opus, VP8, H.264 in both packetisation modes, VP9, RTX of VP8.
const PAYLOAD_TYPES: [u8; 6] = [111, 96, 108, 125, 98, 97];

/// Connects our side to the bare stack and lets that one send what the records say.
pub fn media(data: &[u8]) {
    let mut pair = Pair::connected();
    for record in records(data) {
        pair.apply(record);
        pair.run(Duration::from_millis(2));
    }
    pair.run(Duration::from_millis(100));
    pair.ours.get_stats(pair.now);
}

struct Pair {
    ours: PeerConnection,
    theirs: Rtc,
    now: Instant,
    /// Sections of theirs: audio, video.
    mids: [Mid; 2],
    channels: Vec<ChannelId>,
    sequence: [u64; 2],
    time: u32,
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Pair {
    fn connected() -> Self {
        let now = Instant::now();
        let mut ours = PeerConnection::new(Configuration::default(), &ENCODERS, now).unwrap();
        for (id, kind) in [(1, Kind::Audio), (2, Kind::Video)] {
            let init = TransceiverInit {
                track_id: Some("t".into()),
                ..TransceiverInit::default()
            };
            ours.add_transceiver(TransceiverId(id), kind, init).unwrap();
        }
        ours.create_data_channel(rtc_core::DataChannelId(1), "c", Default::default())
            .unwrap();
        ours.set_local_description(None).unwrap();
        let mut theirs = RtcConfig::new().set_rtp_mode(true).build(now);
        theirs.add_local_candidate(Candidate::host(address(1002), "udp").unwrap());
        let mut pair = Self {
            ours,
            theirs,
            now,
            mids: ["0", "1"].map(Mid::from),
            channels: Vec::new(),
            sequence: [1000; 2],
            time: 0,
        };
        // With its candidates.
        pair.drain();
        let offer = pair.ours.pending_local_description().unwrap();
        let offer = SdpOffer::from_sdp_string(&offer.sdp).unwrap();
        let answer = pair.theirs.sdp_api().accept_offer(offer).unwrap();
        let answer = SessionDescription::answer(answer.to_sdp_string());
        pair.ours.set_remote_description(answer).unwrap();
        for _ in 0..100 {
            if !pair.channels.is_empty() {
                return pair;
            }
            pair.run(Duration::from_millis(20));
        }
        panic!("no connection");
    }

    fn apply(&mut self, record: Record<'_>) {
        match record.what & 0x0f {
            0..8 => self.write(record),
            8 | 9 => {
                let last = self.channels.last().copied();
                if let Some(mut channel) = last.and_then(|id| self.theirs.channel(id)) {
                    let _ = channel.write(record.what & 1 == 0, record.bytes);
                }
            }
            10 => {
                let half = record.bytes.len() / 2;
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let channel = self.theirs.direct_api().create_data_channel(ChannelConfig {
                    label: text(&record.bytes[..half]),
                    protocol: text(&record.bytes[half..]),
                    ordered: record.what & 0x10 == 0,
                    negotiated: None,
                    reliability: Reliability::Reliable,
                });
                self.channels.push(channel);
            }
            11 => {
                if let Some(channel) = self.channels.pop() {
                    self.theirs.direct_api().close_data_channel(channel);
                }
            }
            12 => self.run(Duration::from_millis(u64::from(record.number(0)) % 500)),
            13 => {
                let index = usize::from(record.what >> 4 & 1);
                let mut direct = self.theirs.direct_api();
                let ours = direct
                    .stream_rx_by_mid(self.mids[index], None)
                    .map(|s| s.ssrc());
                if let Some(ssrc) = ours {
                    direct.send_pli_feedback(1.into(), ssrc);
                }
            }
            _ => self.write(record),
        }
    }

    /// First the header's fields in five bytes, then the payload.
    fn write(&mut self, record: Record<'_>) {
        let [kind, step, orientation, level, ticks, payload @ ..] = record.bytes else {
            return;
        };
        let payload_type = PAYLOAD_TYPES[usize::from(kind & 7) % PAYLOAD_TYPES.len()];
        let index = usize::from(payload_type != PAYLOAD_TYPES[0]);
        // Forwards, the same again, or a little back.
        let sequence = &mut self.sequence[index];
        *sequence = (*sequence + u64::from(*step)).saturating_sub(3);
        self.time = self.time.wrapping_add(u32::from(*ticks) * 480);
        let extensions = ExtensionValues {
            audio_level: (kind & 0x10 != 0).then(|| -i8::try_from(level & 127).unwrap_or(0)),
            voice_activity: Some(level & 0x80 != 0),
            video_orientation: (kind & 0x20 != 0).then(|| VideoOrientation::from(orientation & 3)),
            ..ExtensionValues::default()
        };
        let packet = RtpWrite::new(
            Pt::from(payload_type),
            (*sequence).into(),
            self.time,
            self.now,
            payload,
        )
        .marker(kind & 0x80 != 0)
        .nackable(kind & 0x40 != 0)
        .ext_vals(extensions);
        let mut direct = self.theirs.direct_api();
        let stream = direct.stream_tx_by_mid(self.mids[index], None);
        stream.expect("both sections are sent on").write_rtp(packet);
    }

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
                        self.ours
                            .add_local_candidate(rtc_core::LocalCandidate::host(address(1001)))
                            .unwrap();
                        self.ours.end_of_local_candidates();
                    }
                    Output::Event(_) => {}
                    Output::Transmit(transmit) => {
                        quiet = false;
                        let (source, to) = (transmit.source, transmit.destination);
                        let receive =
                            Receive::new(StackProtocol::Udp, source, to, &transmit.contents);
                        let receive = Input::Receive(self.now, receive.unwrap());
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
                    Ok(StackOutput::Event(StackEvent::ChannelOpen(id, _))) => {
                        self.channels.push(id);
                    }
                    Ok(StackOutput::Event(_)) => {}
                    Ok(StackOutput::Transmit(transmit)) => {
                        quiet = false;
                        self.ours.handle_receive(
                            self.now,
                            Protocol::Udp,
                            transmit.source,
                            transmit.destination,
                            &transmit.contents,
                        );
                    }
                    Err(_) => break,
                }
            }
            if quiet {
                return wake;
            }
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            let wake = self.drain();
            self.now = wake.clamp(
                self.now + Duration::from_millis(1),
                end.max(self.now + Duration::from_millis(1)),
            );
            self.ours.handle_timeout(self.now);
            let _ = self.theirs.handle_input(Input::Timeout(self.now));
        }
        self.drain();
    }
}
