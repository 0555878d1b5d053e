//! `createAnswer` (RFC 8829 section 5.3).

use super::offer::{announce_rids, application, prefer, section_kind, wanted_red, written};
use super::transceiver::Transceiver;
use super::{Content, PeerConnection};
use crate::codecs::{LocalCodec, companions_of, kind_of};
use crate::description::SessionDescription;
use crate::error::Error;
use crate::sdp::write::{Draft, DraftBody, DraftMedia, DraftSection};
use crate::sdp::{Section, Setup};
use crate::state::SignalingState;
use crate::transceiver::Direction;

impl PeerConnection {
    /// `createAnswer`
    ///
    /// # Errors
    /// [`Error::InvalidState`] unless an offer of the remote side is pending.
    pub fn create_answer(&mut self) -> Result<SessionDescription, Error> {
        self.check_open()?;
        let (SignalingState::HaveRemoteOffer | SignalingState::HaveLocalPranswer, Some(offer)) =
            (self.signaling, &self.remote.pending)
        else {
            return Err(Error::InvalidState(
                "no offer of the remote side is pending".into(),
            ));
        };
        let offer = offer.parsed.clone();
        let setup = self.answer_setup(offer.sections.iter().find_map(|s| s.setup));
        let sections = offer
            .sections
            .iter()
            .map(|s| self.answer_section(s))
            .collect();
        let credentials = self.ice.pending.as_ref().unwrap_or(&self.ice.local);
        let draft = Draft {
            session_id: self.session_id,
            version: self.version + 1,
            ice: credentials,
            fingerprint: &self.fingerprint,
            setup,
            candidates: &self.ice.candidate_lines(credentials),
            gathered: self.ice.gathered_for(credentials),
            sections,
        };
        Ok(SessionDescription::answer(draft.write()))
    }

    /// Our role in the answer: the one in force, else active if we may choose.
    fn answer_setup(&self, offered: Option<Setup>) -> Setup {
        match (self.dtls_client, offered) {
            (Some(true), _) => Setup::Active,
            (Some(false), _) | (None, Some(Setup::Active)) => Setup::Passive,
            (None, Some(Setup::Passive | Setup::ActPass) | None) => Setup::Active,
        }
    }

    fn answer_section(&mut self, offered: &Section) -> DraftSection {
        let rejected = || DraftSection {
            kind: offered.kind.clone(),
            mid: offered.mid.clone(),
            body: DraftBody::Rejected,
        };
        if offered.rejected() {
            return rejected();
        }
        let slot = self.slots.iter().find(|s| s.mid == offered.mid);
        let Some(content) = slot.map(|s| s.content.clone()) else {
            return rejected();
        };
        match content {
            Content::Application => application(offered.mid.clone()),
            Content::Unknown(_) => rejected(),
            Content::Media(id, kind) => {
                let Some(transceiver) = self.by_id(id).filter(|t| t.live()).cloned() else {
                    return rejected();
                };
                match self.answer_media(&transceiver, offered) {
                    Some(media) => DraftSection {
                        kind: section_kind(kind),
                        mid: offered.mid.clone(),
                        body: DraftBody::Media(media),
                    },
                    None => rejected(),
                }
            }
        }
    }

    /// `None` if there is no codec in common.
    fn answer_media(&mut self, transceiver: &Transceiver, offered: &Section) -> Option<DraftMedia> {
        let kind = kind_of(&offered.kind)?;
        let direction = offered
            .direction
            .reversed()
            .intersect(transceiver.direction);
        let mut common: Vec<LocalCodec> = Vec::new();
        for remote in &offered.codecs {
            let with = companions_of(&offered.codecs, remote.payload_type, |_| true);
            let known = |c: &LocalCodec| common.iter().any(|o| o.payload_type == c.payload_type);
            match self.tables.adopt_codec(remote, with) {
                Some(codec) if !known(&codec) => common.push(codec),
                _ => {}
            }
        }
        let mut codecs: Vec<&LocalCodec> = common.iter().collect();
        prefer(&mut codecs, transceiver);
        if codecs.is_empty() {
            return None;
        }
        let offered_feedback = |pt: u8| {
            let codec = offered.codecs.iter().find(|c| c.payload_type == pt);
            codec.map(|c| c.feedback.clone()).unwrap_or_default()
        };
        let lines = codecs.iter().flat_map(|c| {
            let theirs = offered_feedback(c.payload_type);
            let red = wanted_red(c, transceiver);
            written(c, red, |f| theirs.iter().any(|o| o == f))
        });
        let lines = lines.collect();
        let mut extensions = Vec::new();
        for (id, uri) in &offered.extensions {
            if self.tables.adopt_extension(*id, uri, kind) {
                extensions.push((*id, uri.clone()));
            }
        }
        let mut media = DraftMedia {
            direction,
            codecs: lines,
            extensions,
            msids: Vec::new(),
            send_rids: Vec::new(),
            ssrc: None,
        };
        if direction.sends() {
            media.send_rids = announce_rids(transceiver, &offered.simulcast_recv);
            self.announce_sending(transceiver, &mut media);
        }
        Some(media)
    }

    /// Direction of a section as we see it.
    pub(super) fn seen_from_here(section: &Section) -> Direction {
        if section.rejected() {
            Direction::Inactive
        } else {
            section.direction.reversed()
        }
    }
}
