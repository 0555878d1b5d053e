//! Datagrams in, datagrams out, and packets of publishers to those who want them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::Event as Happened;
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::rtp::RtpPacket;

use super::{Participant, Room};
use crate::stream::sfu::TrackKind;
use crate::stream::sfu::forward::{Origin, Passed};
use crate::stream::sfu::layers::choose;
use crate::stream::sfu::link::LegId;
use crate::stream::sfu::subscriber::{Section, Source, Wanted};
use crate::stream::sfu::words::{self, Dimension, Quality};

/// How long it may sleep when no connection wants to be woken.
const LONG: Duration = Duration::from_secs(5);
/// How many datagrams are taken before anything else has its turn.
const AT_ONCE: usize = 64;
/// Below this, a participant is not said to speak: linear, 1 is the loudest.
pub(super) const SPEAKING: f32 = 0.02;

impl Room {
    pub(super) fn receive(&mut self, source: SocketAddr, datagram: &[u8]) {
        let now = Instant::now();
        for leg in self.legs.values_mut() {
            for link in [&mut leg.publisher, &mut leg.subscriber.link] {
                let Some(input) = link.input(now, source, datagram) else {
                    return;
                };
                if link.accepts(&input) {
                    link.receive(input);
                    return;
                }
            }
        }
    }

    /// The same for what has arrived meanwhile.
    pub(super) fn receive_more(&mut self, datagram: &mut [u8]) {
        for _ in 0..AT_ONCE {
            match self.socket.try_recv_from(datagram) {
                Ok((length, source)) => {
                    // The stack keeps one packet only.
                    self.pump();
                    self.receive(source, &datagram[..length]);
                }
                Err(_) => return,
            }
        }
    }

    /// Lets all connections do what they have to do; says when one wants to be woken.
    pub(super) fn pump(&mut self) -> Instant {
        let now = Instant::now();
        loop {
            let mut packets = Vec::new();
            let mut key_frames = Vec::new();
            let mut losses = BTreeMap::<_, f32>::new();
            let mut worked = false;
            for (id, leg) in &mut self.legs {
                worked |= leg
                    .publisher
                    .pump(now, &self.socket, |happened| match happened {
                        Happened::RtpPacket(packet) => packets.push((*id, packet)),
                        Happened::MediaIngressStats(found) => {
                            let worst = losses.entry(*id).or_default();
                            *worst = worst.max(found.loss.unwrap_or_default());
                        }
                        _ => {}
                    });
                let link = &mut leg.subscriber.link;
                worked |= link.pump(now, &self.socket, |happened| {
                    if let Happened::KeyframeRequest(request) = happened {
                        key_frames.push((*id, request.mid));
                    }
                });
            }
            for (id, packet) in packets {
                self.forward(id, &packet, now);
            }
            for (id, mid) in key_frames {
                self.pass_key_frame_request(id, mid);
            }
            for (id, loss) in losses {
                self.note_loss(id, loss);
            }
            if !worked {
                break;
            }
        }
        let links = self.legs.values();
        let wakes = links.flat_map(|leg| [leg.publisher.wake(), leg.subscriber.link.wake()]);
        wakes.fold(now + LONG, Instant::min)
    }

    fn forward(&mut self, from: LegId, packet: &RtpPacket, now: Instant) {
        let Some(leg) = self.legs.get_mut(&from) else {
            return;
        };
        let mut direct = leg.publisher.rtc.direct_api();
        let Some(stream) = direct.stream_rx(&packet.header.ssrc) else {
            return;
        };
        let (mid, rid) = (stream.mid(), stream.rid());
        let mut published = leg.published.iter();
        let Some((kind, track)) = published.find(|(_, track)| *mid == *track.info.mid) else {
            return;
        };
        if track.muted {
            return;
        }
        let kind = *kind;
        let source = Source {
            session: leg.session.clone(),
            kind,
        };
        if !kind.is_picture()
            && let Some(participant) = self.participants.get_mut(&source.session)
        {
            participant.hear(kind, packet);
        }
        let origin = Origin { leg: from, rid };
        let mut key_frame_wanted = false;
        for (id, leg) in &mut self.legs {
            if *id == from || leg.paused.contains(&(source.session.clone(), kind)) {
                continue;
            }
            let subscriber = &mut leg.subscriber;
            let Some(payload_type) = subscriber.link.payload_type(kind) else {
                continue;
            };
            let carries = |section: &&mut Section| {
                section.settled && section.source.as_ref() == Some(&source)
            };
            let Some(section) = subscriber.sections.iter_mut().find(carries) else {
                continue;
            };
            let picture = kind.is_picture();
            match section
                .forward
                .pass(packet, origin, payload_type, picture, now)
            {
                Passed::On(write) => {
                    let mut direct = subscriber.link.rtc.direct_api();
                    if let Some(stream) = direct.stream_tx_by_mid(section.mid, None) {
                        stream.write_rtp(*write);
                        subscriber.link.touch();
                    }
                }
                Passed::KeyFrameWanted => key_frame_wanted = true,
                Passed::Not => {}
            }
        }
        if key_frame_wanted {
            self.ask_key_frame(from, mid, rid);
        }
    }

    fn pass_key_frame_request(&mut self, id: LegId, mid: Mid) {
        let Some(leg) = self.legs.get(&id) else {
            return;
        };
        let mut sections = leg.subscriber.sections.iter();
        let Some(section) = sections.find(|section| section.mid == mid) else {
            return;
        };
        let (Some(source), Some(origin)) = (&section.source, section.forward.source()) else {
            return;
        };
        let published = self.legs.get(&origin.leg);
        let track = published.and_then(|leg| leg.published.get(&source.kind));
        if let Some(track) = track {
            let mid = Mid::from(track.info.mid.as_str());
            self.ask_key_frame(origin.leg, mid, origin.rid);
        }
    }

    fn ask_key_frame(&mut self, of: LegId, mid: Mid, rid: Option<Rid>) {
        let Some(leg) = self.legs.get_mut(&of) else {
            return;
        };
        let mut direct = leg.publisher.rtc.direct_api();
        if let Some(stream) = direct.stream_rx_by_mid(mid, rid) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            leg.publisher.touch();
        }
    }

    fn note_loss(&mut self, id: LegId, loss: f32) {
        let Some(leg) = self.legs.get(&id) else {
            return;
        };
        let session = leg.session.clone();
        let quality = match loss {
            loss if loss > 0.1 => Quality::Poor,
            loss if loss > 0.03 => Quality::Good,
            _ => Quality::Excellent,
        };
        self.set_quality(&session, quality);
    }

    pub(super) fn set_quality(&mut self, session: &str, quality: Quality) {
        let Some(participant) = self.participants.get_mut(session) else {
            return;
        };
        if participant.quality == quality {
            return;
        }
        participant.quality = quality;
        let event = words::quality_changed(&participant.grant.user, session, quality);
        self.tell_all(&event);
    }

    /// Makes everybody's sections carry what is published and wanted, and chooses layers.
    pub(super) fn review_subscriptions(&mut self) {
        let now = Instant::now();
        let ids = self.legs.keys().copied().collect::<Vec<_>>();
        for id in ids {
            let wanted = self.wanted_by(id);
            let Some(leg) = self.legs.get_mut(&id) else {
                continue;
            };
            if let Some(offer) = leg.subscriber.carry(&wanted, now) {
                leg.event(words::subscriber_offer(
                    &offer.sdp,
                    offer.restart,
                    offer.number,
                ));
            }
        }
        self.choose_layers();
        self.review_layers();
    }

    /// What a client is to get: all microphones, and what it has subscribed to.
    fn wanted_by(&self, id: LegId) -> Vec<Wanted> {
        let Some(leg) = self.legs.get(&id) else {
            return Vec::new();
        };
        let others = self
            .participants
            .iter()
            .filter(|(session, _)| **session != leg.session);
        let mut wanted = Vec::new();
        for (session, participant) in others {
            for kind in TrackKind::ALL {
                let subscribed =
                    |s: &words::Subscription| s.session_id == *session && s.track_type == kind;
                let asked = kind == TrackKind::Audio || leg.subscriptions.iter().any(subscribed);
                if !asked || self.publishing_leg(participant, kind).is_none() {
                    continue;
                }
                wanted.push(Wanted {
                    source: Source {
                        session: session.clone(),
                        kind,
                    },
                    stream_id: format!("{}:{}", participant.prefix, kind.word()),
                    track_id: format!(
                        "{}:{}:{}",
                        participant.prefix,
                        kind.word(),
                        leg.next_track()
                    ),
                });
            }
        }
        wanted
    }

    /// Where a participant's track comes from, if it is published.
    pub(super) fn publishing_leg(
        &self,
        participant: &Participant,
        kind: TrackKind,
    ) -> Option<LegId> {
        let former = participant.former.map(|former| former.leg);
        let mut legs = [Some(participant.leg), former].into_iter().flatten();
        legs.find(|id| {
            let leg = self.legs.get(id);
            let track = leg.and_then(|leg| leg.published.get(&kind));
            track.is_some_and(|track| !track.muted)
        })
    }

    fn choose_layers(&mut self) {
        let mut choices = Vec::new();
        for (id, leg) in &self.legs {
            for (index, section) in leg.subscriber.sections.iter().enumerate() {
                let origin = section.source.as_ref().and_then(|source| {
                    let participant = self.participants.get(&source.session)?;
                    let from = self.publishing_leg(participant, source.kind)?;
                    let track = self.legs.get(&from)?.published.get(&source.kind)?;
                    let dimension = leg.dimension(source);
                    let rid = choose(&track.info.layers, dimension);
                    Some(Origin { leg: from, rid })
                });
                choices.push((*id, index, origin));
            }
        }
        for (id, index, origin) in choices {
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.subscriber.sections[index].forward.want(origin);
            }
        }
    }
}

impl Participant {
    fn hear(&mut self, kind: TrackKind, packet: &RtpPacket) {
        if let (TrackKind::Audio, Some(level)) = (kind, packet.header.ext_vals.audio_level) {
            // Decibels below the loudest (RFC 6464).
            let linear = 10f32.powf(f32::from(level) / 20.0);
            self.loudest = self.loudest.max(linear);
        }
    }
}

impl super::Leg {
    fn dimension(&self, source: &Source) -> Dimension {
        let mut subscriptions = self.subscriptions.iter();
        let of_source =
            subscriptions.find(|s| s.session_id == source.session && s.track_type == source.kind);
        of_source.map(|found| found.dimension).unwrap_or_default()
    }

    /// A number that no track that this client gets has had: a track that comes back is another one.
    fn next_track(&self) -> u32 {
        self.subscriber.next_offer()
    }
}
