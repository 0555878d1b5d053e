//! What a page can do with two connections, as a script that can be read.
//!
//! A line is a command. `a` or `b` begins what a connection does; descriptions are handed over
//! through one clipboard, in which they can be edited:
//!
//! | line | does |
//! |---|---|
//! | `a add video sendrecv 3` | adds a transceiver with so many layers and a track |
//! | `a offer`, `a offer restart`, `a answer` | creates one, into the clipboard |
//! | `a copy` | copies the local description with its candidates |
//! | `a local offer`, `b remote answer`, `a remote rollback` | sets the clipboard's text |
//! | `a local` | sets a local description without giving any |
//! | `drop 7`, `twice 7`, `swap 7`, `line 7 a=x`, `end a=x` | edits the clipboard's lines |
//! | `swop` | lets `a` and `b` change their names |
//! | `run 100`, `skip 60` | lets so many milliseconds pass, or jumps so many seconds |
//!
//! and so on, see `command`. What is none is skipped.

use std::str::SplitAsciiWhitespace;
use std::time::Duration;

use rtc_core::sdp::parse_description;
use rtc_core::{
    Configuration, DataChannelId, DataChannelInit, Direction, Encoding, Error, IceCandidate,
    KeyFrameRequest, Kind, OfferOptions, PeerConnection, SdpType, SessionDescription, Side,
    SignalingState, TransceiverId, TransceiverInit,
};

use crate::net::{ENCODERS, Net};

/// At most this many lines count.
const MOST: usize = 80;
/// A longer clipboard tests only patience.
const LONGEST: usize = 64 * 1024;

/// Carries out a script and looks at both connections after each line.
pub fn operations(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    let mut script = Script {
        net: Net::new(),
        clipboard: String::new(),
        next: 1,
        first: 0,
    };
    for line in text.lines().take(MOST) {
        script.line(line);
        script.net.drain();
        for peer in &mut script.net.peers {
            check(&peer.pc);
        }
    }
    script.net.run(Duration::from_millis(200));
    for peer in &mut script.net.peers {
        peer.pc.get_stats(script.net.now);
        is_understood(&mut peer.pc);
    }
}

struct Script {
    net: Net,
    clipboard: String,
    /// Id of what is added next.
    next: u32,
    /// Which peer is `a`.
    first: usize,
}

impl Script {
    fn line(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        let word = words.next().unwrap_or_default();
        match word {
            "a" => self.command(self.first, words),
            "b" => self.command(1 - self.first, words),
            "run" => self
                .net
                .run(Duration::from_millis(number(&mut words) % 3000)),
            "skip" => {
                let seconds = number(&mut words) % 100_000;
                self.net
                    .skip_to(self.net.now + Duration::from_secs(seconds));
            }
            "lose" => self.net.in_flight.clear(),
            "swop" => self.first = 1 - self.first,
            "exchange" => self.exchange(),
            _ => self.edit(line, word, words),
        }
    }

    fn edit(&mut self, line: &str, word: &str, mut words: SplitAsciiWhitespace<'_>) {
        let mut lines: Vec<&str> = self.clipboard.lines().collect();
        // Everything behind the number, spaces included.
        let given = line.splitn(3, ' ').nth(2).unwrap_or_default();
        let count = lines.len();
        let at = (number(&mut words) as usize) % count.max(1);
        match word {
            "clear" => lines.clear(),
            "end" => lines.push(line.strip_prefix("end ").unwrap_or_default()),
            "drop" if count > 0 => drop(lines.remove(at)),
            "twice" if count > 0 => lines.insert(at, lines[at]),
            "swap" if at + 1 < count => lines.swap(at, at + 1),
            "line" if count > 0 => lines[at] = given,
            "before" if count > 0 => lines.insert(at, given),
            _ => return,
        }
        let text = lines.join("\r\n") + "\r\n";
        if text.len() < LONGEST {
            self.clipboard = text;
        }
    }

    /// A whole exchange, as far as it goes.
    fn exchange(&mut self) {
        for line in [
            "a local",
            "a copy",
            "b remote offer",
            "b local",
            "b copy",
            "a remote answer",
        ] {
            self.line(line);
            self.net.drain();
        }
    }

    fn command(&mut self, index: usize, mut words: SplitAsciiWhitespace<'_>) {
        let verb = words.next().unwrap_or_default();
        let pc = &mut self.net.peers[index].pc;
        // What it is an error to do is done all the same: the errors are under test too.
        match verb {
            "add" => {
                let kind = kind(&mut words);
                let init = TransceiverInit {
                    direction: direction(&mut words),
                    send_encodings: encodings(number(&mut words)),
                    track_id: words.next().map(broken),
                    stream_ids: words.next().map(broken).into_iter().collect(),
                    by_add_track: words.next().is_some(),
                };
                let _ = pc.add_transceiver(TransceiverId(self.next), kind, init);
                self.next += 1;
            }
            "channel" => {
                let init = DataChannelInit {
                    ordered: words.next() != Some("loose"),
                    max_retransmits: words.next().and_then(|w| w.parse().ok()),
                    id: words.next().and_then(|w| w.parse().ok()),
                    negotiated: words.next().is_some(),
                    ..DataChannelInit::default()
                };
                let _ = pc.create_data_channel(DataChannelId(self.next), verb, init);
                self.next += 1;
            }
            "say" => {
                let id = DataChannelId(number(&mut words) as u32);
                let text = words.next().unwrap_or_default();
                let _ = pc.send(id, false, text.as_bytes());
            }
            "hang" => drop(pc.close_data_channel(DataChannelId(number(&mut words) as u32))),
            "offer" => {
                let ice_restart = words.next() == Some("restart");
                let offer = pc.create_offer(OfferOptions { ice_restart });
                self.take(offer);
            }
            "answer" => {
                let answer = pc.create_answer();
                self.take(answer);
            }
            "copy" => {
                let local = pc.pending_local_description();
                if let Some(local) = local.or_else(|| pc.current_local_description()) {
                    self.clipboard = local.sdp;
                }
            }
            "local" => {
                let description = words.next().map(|word| self.description(word));
                let before = pc_state(&self.net, index);
                let set = self.net.peers[index].pc.set_local_description(description);
                self.unchanged_if_refused(index, before, set.is_err());
            }
            "remote" => {
                let description = self.description(words.next().unwrap_or_default());
                let before = pc_state(&self.net, index);
                // The implicit rollback of an offer that is refused afterwards stays.
                let glare =
                    before == SignalingState::HaveLocalOffer && description.kind == SdpType::Offer;
                let set = self.net.peers[index].pc.set_remote_description(description);
                self.unchanged_if_refused(index, before, set.is_err() && !glare);
            }
            "candidate" => {
                let candidate = IceCandidate {
                    sdp_mid: words.next().map(str::to_owned),
                    candidate: broken(&words.collect::<Vec<_>>().join(" ")),
                    ..IceCandidate::default()
                };
                let _ = pc.add_ice_candidate(Some(candidate));
            }
            "restart" => pc.restart_ice(),
            "close" => self.net.close(index),
            _ => transceiver_command(pc, verb, words),
        }
    }

    fn take(&mut self, created: Result<SessionDescription, Error>) {
        if let Ok(created) = created {
            self.clipboard = created.sdp;
        }
    }

    fn description(&self, word: &str) -> SessionDescription {
        let kind = match word {
            "answer" => SdpType::Answer,
            "pranswer" => SdpType::Pranswer,
            "rollback" => return SessionDescription::rollback(),
            _ => SdpType::Offer,
        };
        let sdp = self.clipboard.clone();
        SessionDescription { kind, sdp }
    }

    fn unchanged_if_refused(&self, index: usize, before: SignalingState, refused: bool) {
        if refused {
            assert_eq!(pc_state(&self.net, index), before, "refused, and yet");
        }
    }
}

fn pc_state(net: &Net, index: usize) -> SignalingState {
    net.peers[index].pc.signaling_state()
}

fn transceiver_command(pc: &mut PeerConnection, verb: &str, mut words: SplitAsciiWhitespace<'_>) {
    // By place rather than by id: those of the remote side are out of a script's reach.
    let all = pc.transceivers();
    let place = number(&mut words) as usize;
    let Some(id) = all.get(place % all.len().max(1)).map(|t| t.id) else {
        return;
    };
    match verb {
        "track" => drop(pc.set_sender_track(id, words.next().map(broken))),
        "streams" => {
            let _ = pc.set_sender_streams(id, words.map(broken).collect());
        }
        "direction" => drop(pc.set_direction(id, direction(&mut words))),
        "stop" => drop(pc.stop(id)),
        "prefer" => {
            let kind = all[place % all.len()].kind;
            let wanted: Vec<&str> = words.collect();
            let mut codecs = PeerConnection::capabilities(kind, Side::Receiver, &[]).codecs;
            codecs.retain(|c| wanted.iter().any(|w| c.mime_type.ends_with(w)));
            let _ = pc.set_codec_preferences(id, codecs);
        }
        "layers" => {
            if let Ok(mut parameters) = pc.sender_parameters(id) {
                let mask = number(&mut words);
                for (bit, encoding) in parameters.encodings.iter_mut().enumerate() {
                    encoding.active = mask >> bit & 1 == 1;
                    encoding.max_bitrate = Some(mask * 1000);
                }
                let _ = pc.set_sender_parameters(id, parameters.encodings, None);
            }
        }
        "key" => drop(pc.request_key_frame(id, KeyFrameRequest::Fir)),
        "sources" => drop(pc.synchronization_sources(id)),
        _ => {}
    }
}

/// What holds at any time.
fn check(pc: &PeerConnection) {
    use SignalingState as S;
    let state = pc.signaling_state();
    let all = pc.transceivers();
    for (index, transceiver) in all.iter().enumerate() {
        let same = |t: &rtc_core::TransceiverInfo| t.mid.is_some() && t.mid == transceiver.mid;
        assert!(
            !all[..index].iter().any(same),
            "two on one section: {all:?}"
        );
    }
    let pending = (
        pc.pending_local_description().is_some(),
        pc.pending_remote_description().is_some(),
    );
    let expected = match state {
        S::Stable => (false, false),
        S::HaveLocalOffer => (true, false),
        S::HaveRemoteOffer => (false, true),
        S::HaveLocalPranswer | S::HaveRemotePranswer => (true, true),
        S::Closed => pending,
    };
    assert_eq!(pending, expected, "{state:?}");
    let descriptions = [
        pc.current_local_description(),
        pc.pending_local_description(),
        pc.current_remote_description(),
        pc.pending_remote_description(),
    ];
    for description in descriptions.into_iter().flatten() {
        if let Err(error) = parse_description(&description.sdp) {
            panic!("{error}\n{}", description.sdp);
        }
    }
}

/// What the connection offers in the end, it takes itself, and so does one that knows nothing.
fn is_understood(pc: &mut PeerConnection) {
    if pc.signaling_state() != SignalingState::Stable {
        return;
    }
    let create = |pc: &mut PeerConnection| pc.create_offer(OfferOptions::default()).unwrap();
    let offer = create(pc);
    assert_eq!(offer, create(pc), "the same is offered twice");
    pc.set_local_description(Some(offer.clone()))
        .unwrap_or_else(|error| panic!("own offer: {error}\n{}", offer.sdp));
    let mut other = PeerConnection::new(
        Configuration::default(),
        &ENCODERS,
        std::time::Instant::now(),
    )
    .unwrap();
    other
        .set_remote_description(offer.clone())
        .unwrap_or_else(|error| panic!("offer: {error}\n{}", offer.sdp));
    other
        .set_local_description(None)
        .unwrap_or_else(|error| panic!("answer to: {error}\n{}", offer.sdp));
}

/// A line of the script cannot have a line break in it, so `\n` stands for one.
fn broken(word: &str) -> String {
    word.replace("\\n", "\n")
}

fn number(words: &mut SplitAsciiWhitespace<'_>) -> u64 {
    words
        .next()
        .and_then(|w| w.parse().ok())
        .unwrap_or_default()
}

fn kind(words: &mut SplitAsciiWhitespace<'_>) -> Kind {
    match words.next() {
        Some("audio") => Kind::Audio,
        _ => Kind::Video,
    }
}

fn direction(words: &mut SplitAsciiWhitespace<'_>) -> Direction {
    match words.next() {
        Some("sendonly") => Direction::SendOnly,
        Some("recvonly") => Direction::RecvOnly,
        Some("inactive") => Direction::Inactive,
        Some("stopped") => Direction::Stopped,
        _ => Direction::SendRecv,
    }
}

fn encodings(count: u64) -> Vec<Encoding> {
    let layer = |index| Encoding {
        rid: Some(format!("r{index}")),
        ..Encoding::default()
    };
    (0..count.min(10)).map(layer).collect()
}
