//! `createOffer` (RFC 8829 section 5.2).

use super::transceiver::Transceiver;
use super::{Content, PeerConnection, Slot, new_credentials};
use crate::codecs::LocalCodec;
use crate::description::{OfferOptions, SessionDescription};
use crate::error::Error;
use crate::kind::Kind;
use crate::sdp::write::{Draft, DraftBody, DraftMedia, DraftSection};
use crate::sdp::{SdpCodec, SectionKind, Setup};
use crate::stack::MAX_MESSAGE_SIZE;
use crate::transceiver::Direction;

impl PeerConnection {
    /// `createOffer`. Changes nothing that can be seen; called twice in the same state, it
    /// offers the same.
    ///
    /// # Errors
    /// [`Error::InvalidState`] when closed or in a state in which no local offer can be set.
    pub fn create_offer(&mut self, options: OfferOptions) -> Result<SessionDescription, Error> {
        use crate::state::SignalingState::{HaveLocalOffer, Stable};
        self.check_open()?;
        if !matches!(self.signaling, Stable | HaveLocalOffer) {
            return Err(Error::InvalidState(
                "an offer of the remote side is pending".into(),
            ));
        }
        if options.ice_restart || self.ice.restart_wanted {
            if self.ice.proposed.is_none() && self.local.latest().is_some() {
                self.ice.proposed = Some(new_credentials());
            }
        } else if self.ice.pending.is_none() {
            self.ice.proposed = None;
        }
        let sections = self.offer_sections();
        let credentials = self
            .ice
            .proposed
            .as_ref()
            .or(self.ice.pending.as_ref())
            .unwrap_or(&self.ice.local);
        let draft = Draft {
            session_id: self.session_id,
            version: self.version + 1,
            ice: credentials,
            fingerprint: &self.fingerprint,
            setup: Setup::ActPass,
            candidates: &self.ice.candidate_lines(credentials),
            gathered: self.ice.gathered_for(credentials),
            sections,
        };
        Ok(SessionDescription::offer(draft.write()))
    }

    fn offer_sections(&mut self) -> Vec<DraftSection> {
        let slots = self.slots.clone();
        let mut taken: Vec<String> = slots.iter().map(|s| s.mid.clone()).collect();
        let mut waiting: Vec<usize> = (0..self.transceivers.len())
            .filter(|i| self.transceivers[*i].mid.is_none() && self.transceivers[*i].live())
            .collect();
        waiting.reverse();
        let mut sections = Vec::new();
        for slot in &slots {
            let recycled = if slot.free { waiting.pop() } else { None };
            sections.push(match recycled {
                Some(index) => self.offer_new(index, &mut taken),
                None => self.offer_slot(slot),
            });
        }
        while let Some(index) = waiting.pop() {
            sections.push(self.offer_new(index, &mut taken));
        }
        let has_application = slots.iter().any(|s| s.content == Content::Application);
        if !has_application && self.channels.wanted() {
            let mid = match &self.channels.proposed_mid {
                Some(mid) if !taken.contains(mid) => mid.clone(),
                _ => free_mid(&taken),
            };
            self.channels.proposed_mid = Some(mid.clone());
            sections.push(application(mid));
        }
        sections
    }

    fn offer_slot(&self, slot: &Slot) -> DraftSection {
        let rejected = |kind| DraftSection {
            kind,
            mid: slot.mid.clone(),
            body: DraftBody::Rejected,
        };
        match &slot.content {
            Content::Application if slot.free => rejected(SectionKind::Application),
            Content::Application => application(slot.mid.clone()),
            Content::Unknown(kind) => rejected(kind.clone()),
            Content::Media(id, kind) => match self.by_id(*id) {
                Some(transceiver) if transceiver.live() && !slot.free => DraftSection {
                    kind: section_kind(*kind),
                    mid: slot.mid.clone(),
                    body: DraftBody::Media(self.offer_media(transceiver)),
                },
                _ => rejected(section_kind(*kind)),
            },
        }
    }

    fn offer_new(&mut self, index: usize, taken: &mut Vec<String>) -> DraftSection {
        let transceiver = &mut self.transceivers[index];
        let mid = match &transceiver.proposed_mid {
            Some(mid) if !taken.contains(mid) => mid.clone(),
            _ => free_mid(taken),
        };
        taken.push(mid.clone());
        transceiver.proposed_mid = Some(mid.clone());
        let transceiver = &self.transceivers[index];
        DraftSection {
            kind: section_kind(transceiver.kind),
            mid,
            body: DraftBody::Media(self.offer_media(transceiver)),
        }
    }

    fn offer_media(&self, transceiver: &Transceiver) -> DraftMedia {
        let direction = transceiver.direction;
        let mut codecs: Vec<&LocalCodec> = self.tables.codecs_of(transceiver.kind).collect();
        if direction == Direction::SendOnly {
            // What only can be received is named here, too: LiveKit's stack (pion) takes from the
            // first section of a kind what that kind can ever be in the connection, and a
            // participant's VP9 in a later one stayed an empty tile. We send the first one of the
            // answer that we can encode.
            codecs.sort_by_key(|c| !c.encodable);
        }
        prefer(&mut codecs, transceiver);
        let extensions = self.tables.extensions_of(transceiver.kind);
        let mut media = DraftMedia {
            direction,
            codecs: codecs
                .iter()
                .flat_map(|c| written(c, wanted_red(c, transceiver), |_| true))
                .collect(),
            extensions: extensions.map(|(id, uri)| (id, uri.to_owned())).collect(),
            msids: Vec::new(),
            send_rids: Vec::new(),
            ssrc: None,
        };
        if direction.sends() {
            media.send_rids = transceiver.offered_rids();
            self.announce_sending(transceiver, &mut media);
        }
        media
    }

    /// Fills in what says who sends: msid and, without simulcast, SSRCs.
    pub(super) fn announce_sending(&self, transceiver: &Transceiver, media: &mut DraftMedia) {
        let sender = &transceiver.sender;
        let streams = if sender.stream_ids.is_empty() {
            vec!["-".to_owned()]
        } else {
            sender.stream_ids.clone()
        };
        media.msids = streams
            .into_iter()
            .map(|stream| (stream, sender.msid_track.clone()))
            .collect();
        if media.send_rids.is_empty()
            && let Some((ssrc, rtx)) = sender.ssrcs.first()
        {
            let has_rtx = media.codecs.iter().any(|c| c.name == "rtx");
            media.ssrc = Some((*ssrc, has_rtx.then_some(*rtx), self.cname.clone()));
        }
    }
}

/// The place of a codec in what `setCodecPreferences` asks for, by the name after "audio/" or "video/".
fn preference(transceiver: &Transceiver, name: &str) -> Option<usize> {
    transceiver.preferences.iter().position(|p| {
        let subtype = p.mime_type.split('/').nth(1).unwrap_or_default();
        subtype.eq_ignore_ascii_case(name)
    })
}

/// Orders and narrows codecs as `setCodecPreferences` asks.
pub(super) fn prefer(codecs: &mut Vec<&LocalCodec>, transceiver: &Transceiver) {
    let rank = |c: &LocalCodec| preference(transceiver, c.name);
    if codecs.iter().any(|c| rank(c).is_some()) {
        codecs.retain(|c| rank(c).is_some());
        codecs.sort_by_key(|c| rank(c));
    }
}

/// Where packets with those before them stand in SDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Red {
    Before(u8),
    After(u8),
    Nowhere,
}

/// As `setCodecPreferences` asks; after the codec, if it asks for nothing.
pub(super) fn wanted_red(codec: &LocalCodec, transceiver: &Transceiver) -> Red {
    let Some(red) = codec.red else {
        return Red::Nowhere;
    };
    let rank = |name| preference(transceiver, name);
    match (rank("red"), rank(codec.name)) {
        _ if transceiver.preferences.is_empty() && codec.red_first => Red::Before(red),
        _ if transceiver.preferences.is_empty() => Red::After(red),
        (None, _) => Red::Nowhere,
        (Some(red_at), Some(at)) if red_at < at => Red::Before(red),
        (Some(_), _) => Red::After(red),
    }
}

/// A codec, its RTX and its RED as they stand in SDP.
pub(super) fn written(
    codec: &LocalCodec,
    red: Red,
    feedback: impl Fn(&str) -> bool,
) -> Vec<SdpCodec> {
    let payload_type = codec.payload_type;
    let companion = |payload_type, name: &str, channels, fmtp| SdpCodec {
        payload_type,
        name: name.to_owned(),
        clock_rate: codec.clock_rate,
        channels,
        fmtp: Some(fmtp),
        feedback: Vec::new(),
    };
    let with_red = |red| {
        let levels = format!("{payload_type}/{payload_type}");
        companion(red, "red", codec.channels, levels)
    };
    let mut list = Vec::new();
    if let Red::Before(red) = red {
        list.push(with_red(red));
    }
    list.push(SdpCodec {
        payload_type,
        name: codec.name.to_owned(),
        clock_rate: codec.clock_rate,
        channels: codec.channels,
        fmtp: codec.fmtp.map(str::to_owned),
        feedback: codec
            .feedback()
            .iter()
            .filter(|f| feedback(f))
            .map(|f| (*f).to_owned())
            .collect(),
    });
    if let Some(rtx) = codec.rtx {
        list.push(companion(rtx, "rtx", None, format!("apt={payload_type}")));
    }
    if let Red::After(red) = red {
        list.push(with_red(red));
    }
    list
}

/// The layers of ours that the remote side asks for; empty unless there are several.
pub(super) fn announce_rids(transceiver: &Transceiver, asked: &[(String, bool)]) -> Vec<String> {
    let rids = transceiver.offered_rids();
    rids.into_iter()
        .filter(|rid| asked.iter().any(|(a, _)| a == rid))
        .collect()
}

pub(super) fn section_kind(kind: Kind) -> SectionKind {
    match kind {
        Kind::Audio => SectionKind::Audio,
        Kind::Video => SectionKind::Video,
    }
}

pub(super) fn application(mid: String) -> DraftSection {
    DraftSection {
        kind: SectionKind::Application,
        mid,
        body: DraftBody::Application {
            max_message_size: MAX_MESSAGE_SIZE,
        },
    }
}

/// The smallest number that names no section yet.
fn free_mid(taken: &[String]) -> String {
    let mut number = 0u32;
    loop {
        let mid = number.to_string();
        if !taken.contains(&mid) {
            return mid;
        }
        number += 1;
    }
}
