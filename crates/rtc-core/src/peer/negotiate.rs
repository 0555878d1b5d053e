//! What an offer and its answer agree on, and whether there is more to agree on.

use super::answer_matches::matching_codecs;
use super::transceiver::Negotiated;
use super::{Content, PeerConnection};
use crate::description::DescriptionOutcome;
use crate::error::Error;
use crate::event::Event;
use crate::media::OpusSettings;
use crate::sdp::{Description, Section, Setup};
use crate::stack::{self, Body, MediaBody, Session};
use crate::state::SignalingState;
use crate::transceiver::Direction;

impl PeerConnection {
    /// Puts an exchange into force: in the transceivers, and in the RTP stack.
    pub(super) fn negotiated(
        &mut self,
        local: &Description,
        remote: &Description,
        offered: bool,
    ) -> Result<DescriptionOutcome, Error> {
        let mut outcome = DescriptionOutcome::default();
        let mut sections = Vec::new();
        for index in 0..self.slots.len() {
            let (Some(ours), Some(theirs)) =
                (local.sections.get(index), remote.sections.get(index))
            else {
                return Err(Error::Operation("media sections are missing".into()));
            };
            let body = self.agree_on(index, ours, theirs, offered, &mut outcome);
            sections.push(stack::Section {
                mid: self.slots[index].mid.clone(),
                body,
            });
        }
        let live = |s: &stack::Section| !matches!(s.body, Body::Rejected);
        if sections.iter().any(live) {
            self.configure_stack(sections, local, remote, offered)?;
        }
        self.refresh_outgoing();
        Ok(outcome)
    }

    fn agree_on(
        &mut self,
        index: usize,
        ours: &Section,
        theirs: &Section,
        offered: bool,
        outcome: &mut DescriptionOutcome,
    ) -> Body {
        let rejected = ours.rejected() || theirs.rejected();
        let content = self.slots[index].content.clone();
        match content {
            Content::Unknown(_) => {
                self.slots[index].free = true;
                Body::Rejected
            }
            Content::Application if rejected => {
                self.slots[index].free = true;
                Body::Rejected
            }
            Content::Application => {
                self.slots[index].free = false;
                Body::Application {
                    max_message_size: theirs.max_message_size,
                }
            }
            Content::Media(id, kind) => {
                let negotiated = self.agree_on_media(ours, theirs, offered);
                let Some(transceiver) = self.by_id_mut(id) else {
                    self.slots[index].free = true;
                    return Body::Rejected;
                };
                if rejected || negotiated.codecs.is_empty() {
                    transceiver.stopping = true;
                    if !transceiver.stopped {
                        transceiver.stopped = true;
                        outcome.stopped.push(id);
                    }
                    transceiver.current = Some(Direction::Stopped);
                    transceiver.negotiated = None;
                    self.slots[index].free = true;
                    return Body::Rejected;
                }
                let seen = theirs.direction.reversed();
                let direction = if offered {
                    ours.direction.intersect(seen)
                } else {
                    ours.direction
                };
                let generation = self.announced_ssrcs(id, &negotiated.remote_ssrcs);
                let codecs = negotiated.codecs.iter();
                let codecs = codecs.map(|c| self.tables.with_all_companions(c));
                let codecs = codecs.collect();
                let Some(transceiver) = self.by_id_mut(id) else {
                    return Body::Rejected;
                };
                let body = MediaBody {
                    kind,
                    direction,
                    codecs,
                    extensions: negotiated.extensions.clone(),
                    send_rids: negotiated.send_rids.clone(),
                    local_ssrcs: transceiver.sender.ssrcs.clone(),
                    remote_ssrcs: negotiated.remote_ssrcs.clone(),
                    generation,
                    audio_feedback: negotiated.audio_feedback,
                    audio_nack: negotiated.audio_nack,
                };
                transceiver.current = Some(direction);
                transceiver.negotiated = Some(negotiated);
                transceiver.has_sent |= direction.sends() && transceiver.sender.track_id.is_some();
                transceiver.sender.msid_announced |= direction.sends();
                self.slots[index].free = false;
                Body::Media(body)
            }
        }
    }

    fn agree_on_media(&mut self, ours: &Section, theirs: &Section, offered: bool) -> Negotiated {
        let (offer, answer) = if offered {
            (ours, theirs)
        } else {
            (theirs, ours)
        };
        let codecs = matching_codecs(&mut self.tables, offer, answer);
        let mut extensions = Vec::new();
        let kind = crate::codecs::kind_of(&ours.kind);
        for (id, uri) in &answer.extensions {
            let both = offer.extensions.iter().any(|(i, u)| i == id && u == uri);
            if both && kind.is_some_and(|k| self.tables.adopt_extension(*id, uri, k)) {
                extensions.push((*id, uri.clone()));
            }
        }
        let asked = |rid: &String| theirs.simulcast_recv.iter().any(|(r, _)| r == rid);
        let send_rids = ours
            .simulcast_send
            .iter()
            .map(|(rid, _)| rid.clone())
            .filter(|rid| !offered || asked(rid))
            .collect();
        let opus = theirs
            .codecs
            .iter()
            .find(|c| c.name.eq_ignore_ascii_case("opus"));
        Negotiated {
            codecs,
            extensions,
            send_rids,
            remote_ssrcs: theirs.ssrcs.clone(),
            opus: opus.map_or_else(OpusSettings::default, |codec| {
                let is = |name| codec.parameter(name) == Some("1");
                OpusSettings {
                    in_band_fec: is("useinbandfec"),
                    dtx: is("usedtx"),
                    stereo: is("stereo"),
                    max_average_bitrate: codec
                        .parameter("maxaveragebitrate")
                        .and_then(|b| b.parse().ok())
                        .map(|b: u32| b.clamp(6_000, 510_000)),
                    constant_bitrate: is("cbr"),
                    packet_time: theirs.packet_time.unwrap_or(20).clamp(10, 60),
                }
            }),
            audio_feedback: has_feedback(answer, "transport-cc"),
            audio_nack: has_feedback(answer, "nack") && has_feedback(offer, "nack"),
        }
    }

    fn configure_stack(
        &mut self,
        sections: Vec<stack::Section>,
        local: &Description,
        remote: &Description,
        offered: bool,
    ) -> Result<(), Error> {
        let first = |d: &Description, pick: &dyn Fn(&Section) -> bool| {
            d.sections
                .iter()
                .find(|s| !s.rejected() && pick(s))
                .cloned()
        };
        let remote_ice = first(remote, &|s| s.ice.is_some()).and_then(|s| s.ice);
        let fingerprint =
            first(remote, &|s| !s.fingerprints.is_empty()).and_then(|s| strongest(&s.fingerprints));
        let (Some(remote_ice), Some(remote_fingerprint)) = (remote_ice, fingerprint) else {
            return Err(Error::InvalidAccess(
                "no ICE credentials or DTLS fingerprint".into(),
            ));
        };
        let setup = |d: &Description| d.sections.iter().find_map(|s| s.setup);
        let answered = if offered { setup(remote) } else { setup(local) };
        let dtls_client = *self.dtls_client.get_or_insert(match (offered, answered) {
            // The answerer is active unless it says otherwise (RFC 8842 section 5.3).
            (true, Some(Setup::Passive)) => true,
            (true, _) => false,
            (false, Some(Setup::Passive)) => false,
            (false, _) => true,
        });
        let has_application = sections
            .iter()
            .any(|s| matches!(s.body, Body::Application { .. }));
        let remote_limit = sections.iter().find_map(|s| match s.body {
            Body::Application { max_message_size } => Some(max_message_size),
            _ => None,
        });
        let session = Session {
            remote_ice,
            remote_fingerprint,
            dtls_client,
            sections,
        };
        let local_ice = self.ice.negotiated_local();
        stack::commit(&mut self.rtc, &session, &local_ice)?;
        self.set_redundancy();
        if let Some(before) = &mut self.stable {
            // A provisional answer can be rolled back; the numbers that the stack took from it stay.
            before.tables = self.tables.clone();
        }
        if self.first_offerer.is_none() {
            self.first_offerer = Some(offered);
            // RFC 8445 section 6.1.1; a lite agent never controls.
            let controlling = offered || remote.ice_lite;
            self.ice.controlling = controlling;
            self.rtc.direct_api().set_ice_controlling(controlling);
        }
        self.ice.negotiated(local_ice, session.remote_ice);
        for section in &remote.sections {
            for candidate in &section.candidates {
                self.queue_remote_candidate(candidate, Some(&section.mid));
            }
        }
        self.flush_remote_candidates();
        if has_application {
            self.channels_negotiated(remote_limit.flatten());
        }
        self.transport_begins();
        Ok(())
    }

    /// webrtc-pc section 4.7.3, "update the negotiation-needed flag".
    pub(super) fn update_negotiation_needed(&mut self) {
        if self.signaling != SignalingState::Stable {
            return;
        }
        let needed = self.check_negotiation_needed();
        if needed && !self.negotiation_needed {
            self.events.push_back(Event::NegotiationNeeded);
        }
        self.negotiation_needed = needed;
    }

    /// webrtc-pc section 4.7.3, "check if negotiation is needed".
    fn check_negotiation_needed(&self) -> bool {
        if self.ice.restart_wanted {
            return true;
        }
        let application = self.slots.iter().any(|s| s.content == Content::Application);
        if self.channels.wanted() && !application {
            return true;
        }
        self.transceivers.iter().any(|transceiver| {
            if transceiver.stopped {
                return false;
            }
            if transceiver.stopping {
                return true;
            }
            let Some(mid) = &transceiver.mid else {
                return true;
            };
            let find = |applied: &Option<super::Applied>| {
                let sections = &applied.as_ref()?.parsed.sections;
                sections.iter().find(|s| s.mid == *mid).cloned()
            };
            let (Some(local), Some(remote)) =
                (find(&self.local.current), find(&self.remote.current))
            else {
                return true;
            };
            if transceiver.direction.sends() && self.streams_differ(transceiver, &local) {
                return true;
            }
            let offered = self
                .local
                .current
                .as_ref()
                .is_some_and(|d| d.kind == crate::SdpType::Offer);
            let theirs = Self::seen_from_here(&remote);
            if offered {
                local.direction != transceiver.direction && theirs != transceiver.direction
            } else {
                local.direction != theirs.intersect(transceiver.direction)
            }
        })
    }

    fn streams_differ(&self, transceiver: &super::Transceiver, local: &Section) -> bool {
        let announced: Vec<&String> = local
            .msids
            .iter()
            .map(|(s, _)| s)
            .filter(|s| *s != "-")
            .collect();
        if local.direction.sends() && local.msids.is_empty() {
            // A description without msid of its own making says nothing about streams.
            return false;
        }
        let wanted = &transceiver.sender.stream_ids;
        local.direction.sends()
            && (announced.len() != wanted.len() || !wanted.iter().all(|w| announced.contains(&w)))
    }
}

/// SHA-256 if it is there; the stack verifies it and SHA-1.
fn strongest(fingerprints: &[(String, String)]) -> Option<(String, String)> {
    let sha256 = fingerprints
        .iter()
        .find(|(algorithm, _)| algorithm == "sha-256");
    sha256.or_else(|| fingerprints.first()).cloned()
}

fn has_feedback(section: &Section, wanted: &str) -> bool {
    let mut feedback = section.codecs.iter().flat_map(|codec| &codec.feedback);
    feedback.any(|feedback| feedback == wanted)
}
