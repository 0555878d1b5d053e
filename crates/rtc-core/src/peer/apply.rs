//! `setLocalDescription` and `setRemoteDescription` (webrtc-pc section 4.4.1.5, RFC 8829 sections
//! 5.5 to 5.11).

use super::{Applied, Content, PeerConnection, Slot, Snapshot, random_id};
use crate::codecs::kind_of;
use crate::description::{
    DescriptionOutcome, OfferOptions, RemoteTrack, SdpType, SessionDescription,
};
use crate::error::Error;
use crate::kind::Kind;
use crate::sdp::{Description, Section, SectionKind, parse_description};
use crate::state::SignalingState;
use crate::transceiver::Direction;

impl PeerConnection {
    /// `setLocalDescription`; without a description: what `createOffer` or `createAnswer` gives
    /// now. The text may differ from what was created (the SDKs change it): it is kept as it is,
    /// and what it says counts.
    ///
    /// # Errors
    /// [`Error::InvalidState`] if the type does not fit the state, [`Error::SdpSyntax`] for
    /// unreadable SDP, [`Error::InvalidModification`] if its media sections are not those that
    /// were created, [`Error::Operation`] if it cannot be applied.
    pub fn set_local_description(
        &mut self,
        description: Option<SessionDescription>,
    ) -> Result<DescriptionOutcome, Error> {
        self.check_open()?;
        let answering = matches!(
            self.signaling,
            SignalingState::HaveRemoteOffer | SignalingState::HaveLocalPranswer
        );
        let description = match description {
            Some(d) if d.kind == SdpType::Rollback || !d.sdp.is_empty() => d,
            // An empty text means the last one created, which is what creating gives again.
            Some(d) if d.kind == SdpType::Offer => self.create_offer(OfferOptions::default())?,
            Some(d) => SessionDescription {
                kind: d.kind,
                sdp: self.create_answer()?.sdp,
            },
            None if answering => self.create_answer()?,
            None => self.create_offer(OfferOptions::default())?,
        };
        self.check_transition(true, description.kind)?;
        match description.kind {
            SdpType::Rollback => Ok(self.roll_back()),
            SdpType::Offer => self.set_local_offer(description),
            SdpType::Pranswer | SdpType::Answer => self.set_local_answer(description),
        }
    }

    /// `setRemoteDescription`. A remote offer while a local one is pending rolls the local one
    /// back first.
    ///
    /// # Errors
    /// [`Error::InvalidState`] if the type does not fit the state, [`Error::SdpSyntax`] for
    /// unreadable SDP, [`Error::InvalidAccess`] if it lacks what a transport needs or does not
    /// answer the offer, [`Error::Operation`] if it cannot be applied.
    pub fn set_remote_description(
        &mut self,
        description: SessionDescription,
    ) -> Result<DescriptionOutcome, Error> {
        self.check_open()?;
        let glare =
            self.signaling == SignalingState::HaveLocalOffer && description.kind == SdpType::Offer;
        if !glare {
            self.check_transition(false, description.kind)?;
        }
        if description.kind == SdpType::Rollback {
            return Ok(self.roll_back());
        }
        let parsed = parse_description(&description.sdp)?;
        check_transport(&parsed)?;
        let applied = Applied {
            kind: description.kind,
            text: description.sdp,
            parsed,
        };
        match applied.kind {
            SdpType::Offer => {
                let mut outcome = if glare {
                    self.roll_back()
                } else {
                    DescriptionOutcome::default()
                };
                let applied = self.set_remote_offer(applied)?;
                outcome.added.extend(applied.added);
                outcome.removed.extend(applied.removed);
                outcome.stopped.extend(applied.stopped);
                Ok(outcome)
            }
            _ => self.set_remote_answer(applied),
        }
    }

    /// The table of RFC 8829 section 3.5.1 and webrtc-pc section 4.3.1.
    fn check_transition(&self, local: bool, kind: SdpType) -> Result<(), Error> {
        use SignalingState as S;
        let fits = match (kind, local) {
            (SdpType::Offer, true) => matches!(self.signaling, S::Stable | S::HaveLocalOffer),
            (SdpType::Offer, false) => matches!(self.signaling, S::Stable | S::HaveRemoteOffer),
            (SdpType::Answer | SdpType::Pranswer, true) => {
                matches!(self.signaling, S::HaveRemoteOffer | S::HaveLocalPranswer)
            }
            (SdpType::Answer | SdpType::Pranswer, false) => {
                matches!(self.signaling, S::HaveLocalOffer | S::HaveRemotePranswer)
            }
            (SdpType::Rollback, true) => {
                matches!(self.signaling, S::HaveLocalOffer | S::HaveLocalPranswer)
            }
            (SdpType::Rollback, false) => {
                matches!(self.signaling, S::HaveRemoteOffer | S::HaveRemotePranswer)
            }
        };
        if fits {
            return Ok(());
        }
        let side = if local { "local" } else { "remote" };
        let state = self.signaling.as_str();
        Err(Error::InvalidState(format!(
            "no {side} {kind:?} can be set in the state {state}"
        )))
    }

    fn take_snapshot(&mut self, remote_offer: bool) {
        if self.stable.is_none() {
            self.stable = Some(Snapshot {
                slots: self.slots.clone(),
                transceivers: self.transceivers.clone(),
                tables: self.tables.clone(),
                remote_offer,
            });
        }
    }

    fn set_local_offer(&mut self, d: SessionDescription) -> Result<DescriptionOutcome, Error> {
        let parsed = parse_description(&d.sdp)?;
        let slots = self.slots_of_local_offer(&parsed)?;
        self.take_snapshot(false);
        for (slot, section) in slots.iter().zip(&parsed.sections) {
            if let Content::Media(id, _) = slot.content
                && let Some(transceiver) = self.by_id_mut(id)
            {
                transceiver.mid = Some(slot.mid.clone());
                transceiver.sender.msid_announced |=
                    section.direction.sends() && !section.rejected();
            }
        }
        self.slots = slots;
        if let Some(ice) = parsed.sections.iter().find_map(|s| s.ice.clone()) {
            self.ice.offer_local(ice);
        }
        self.seed_estimate(&parsed);
        self.version += 1;
        self.local.pending = Some(Applied {
            kind: SdpType::Offer,
            text: d.sdp,
            parsed,
        });
        self.set_signaling(SignalingState::HaveLocalOffer);
        self.begin_gathering();
        Ok(DescriptionOutcome::default())
    }

    fn slots_of_local_offer(&self, parsed: &Description) -> Result<Vec<Slot>, Error> {
        let mut slots = Vec::new();
        for (index, section) in parsed.sections.iter().enumerate() {
            let known = self.slots.get(index).filter(|s| s.mid == section.mid);
            if let Some(known) = known {
                if !known.content.is(&section.kind) {
                    return Err(not_ours(section));
                }
                slots.push(known.clone());
                continue;
            }
            if self.slots.get(index).is_some_and(|s| !s.free) {
                return Err(not_ours(section));
            }
            let content = match kind_of(&section.kind) {
                Some(kind) => {
                    let proposed = |t: &&super::Transceiver| {
                        t.kind == kind && t.proposed_mid.as_deref() == Some(section.mid.as_str())
                    };
                    let transceiver = self.transceivers.iter().find(proposed);
                    Content::Media(transceiver.ok_or_else(|| not_ours(section))?.id, kind)
                }
                None if section.kind == SectionKind::Application => Content::Application,
                None => return Err(not_ours(section)),
            };
            slots.push(Slot {
                mid: section.mid.clone(),
                content,
                free: false,
            });
        }
        if slots.len() < self.slots.len() {
            return Err(Error::InvalidModification(
                "media sections are missing".into(),
            ));
        }
        Ok(slots)
    }

    fn set_remote_offer(&mut self, applied: Applied) -> Result<DescriptionOutcome, Error> {
        let sections = applied.parsed.sections.clone();
        if sections.len() < self.slots.len() {
            return Err(Error::InvalidAccess("media sections are missing".into()));
        }
        self.check_remote_order(&sections)?;
        self.take_snapshot(true);
        let mut outcome = DescriptionOutcome::default();
        for (index, section) in sections.iter().enumerate() {
            self.associate(index, section);
        }
        for section in &sections {
            self.process_remote_track(section, &mut outcome);
        }
        if self.ice.is_remote_restart(&sections) {
            self.ice.answer_restart();
        }
        self.remote.pending = Some(applied);
        self.set_signaling(SignalingState::HaveRemoteOffer);
        Ok(outcome)
    }

    fn check_remote_order(&self, sections: &[Section]) -> Result<(), Error> {
        for (slot, section) in self.slots.iter().zip(sections) {
            let same_kind = slot.content.is(&section.kind);
            if slot.mid != section.mid && !slot.free {
                return Err(Error::InvalidAccess(format!(
                    "the section {} moved",
                    slot.mid
                )));
            }
            if slot.mid == section.mid && !same_kind {
                return Err(Error::InvalidAccess(format!(
                    "the section {} changed",
                    slot.mid
                )));
            }
        }
        Ok(())
    }

    /// Finds or makes the transceiver of an offered section (RFC 8829 section 5.10).
    fn associate(&mut self, index: usize, section: &Section) {
        if let Some(slot) = self.slots.get(index)
            && slot.mid == section.mid
        {
            return;
        }
        let content = match kind_of(&section.kind) {
            Some(kind) => Content::Media(self.transceiver_for_offer(kind, section), kind),
            None if section.kind == SectionKind::Application => Content::Application,
            None => Content::Unknown(section.kind.clone()),
        };
        let slot = Slot {
            mid: section.mid.clone(),
            content,
            free: false,
        };
        match self.slots.get_mut(index) {
            Some(old) => *old = slot,
            None => self.slots.push(slot),
        }
    }

    fn transceiver_for_offer(&mut self, kind: Kind, section: &Section) -> crate::TransceiverId {
        let mid = Some(section.mid.clone());
        let wanted = section.direction.receives();
        let fits = |t: &&mut super::Transceiver| {
            t.kind == kind && t.by_add_track && t.mid.is_none() && t.live()
        };
        if wanted && let Some(transceiver) = self.transceivers.iter_mut().find(fits) {
            transceiver.mid = mid;
            return transceiver.id;
        }
        let id = crate::TransceiverId(self.own_id());
        let encodings = vec![crate::Encoding {
            scale_resolution_down_by: (kind == Kind::Video).then_some(1.0),
            ..crate::Encoding::default()
        }];
        let mut transceiver = self.new_transceiver(id, kind, encodings);
        transceiver.direction = Direction::RecvOnly;
        transceiver.remote_created = true;
        transceiver.mid = mid;
        transceiver.receiver.track_id = random_id();
        self.transceivers.push(transceiver);
        id
    }

    fn set_local_answer(&mut self, d: SessionDescription) -> Result<DescriptionOutcome, Error> {
        let parsed = parse_description(&d.sdp)?;
        let Some(offer) = self.remote.pending.clone() else {
            return Err(Error::InvalidState(
                "no offer of the remote side is pending".into(),
            ));
        };
        check_answers(&parsed, &offer.parsed)
            .map_err(|m| Error::InvalidModification(m.to_owned()))?;
        let outcome = self.negotiated(&parsed, &offer.parsed, false)?;
        let applied = Applied {
            kind: d.kind,
            text: d.sdp,
            parsed,
        };
        self.version += 1;
        if applied.kind == SdpType::Pranswer {
            self.local.pending = Some(applied);
            self.set_signaling(SignalingState::HaveLocalPranswer);
        } else {
            self.local.current = Some(applied);
            self.remote.current = Some(offer);
            self.enter_stable();
        }
        self.begin_gathering();
        Ok(outcome)
    }

    fn set_remote_answer(&mut self, mut applied: Applied) -> Result<DescriptionOutcome, Error> {
        let Some(offer) = self.local.pending.clone() else {
            return Err(Error::InvalidState("no local offer is pending".into()));
        };
        check_answers(&applied.parsed, &offer.parsed)
            .map_err(|m| Error::InvalidAccess(m.to_owned()))?;
        for (answered, offered) in applied
            .parsed
            .sections
            .iter_mut()
            .zip(&offer.parsed.sections)
        {
            answered.mid.clone_from(&offered.mid);
        }
        let mut outcome = self.negotiated(&offer.parsed, &applied.parsed, true)?;
        for section in &applied.parsed.sections {
            self.process_remote_track(section, &mut outcome);
        }
        if applied.kind == SdpType::Pranswer {
            self.remote.pending = Some(applied);
            self.set_signaling(SignalingState::HaveRemotePranswer);
        } else {
            self.remote.current = Some(applied);
            self.local.current = Some(offer);
            self.enter_stable();
        }
        Ok(outcome)
    }

    fn enter_stable(&mut self) {
        self.local.pending = None;
        self.remote.pending = None;
        self.stable = None;
        self.ice.settle();
        // A later offer may have been created already: what it proposes has to hold until it is set.
        for transceiver in &mut self.transceivers {
            if transceiver.mid.is_some() {
                transceiver.proposed_mid = None;
            }
        }
        self.forget_stopped();
        self.set_signaling(SignalingState::Stable);
        self.negotiation_needed = false;
        self.update_negotiation_needed();
    }

    /// What is stopped for good is no transceiver of the connection any more (webrtc-pc section
    /// 4.4.1.5).
    fn forget_stopped(&mut self) {
        self.transceivers.retain(|t| !t.stopped);
        let all = self.transceivers.iter();
        let mids: Vec<&str> = all.filter_map(|t| t.mid.as_deref()).collect();
        self.collected.forget_all_but(&mids);
    }

    /// RFC 8829 section 4.1.10.2.
    fn roll_back(&mut self) -> DescriptionOutcome {
        let mut outcome = DescriptionOutcome::default();
        self.local.pending = None;
        self.remote.pending = None;
        self.ice.roll_back();
        let Some(snapshot) = self.stable.take() else {
            return outcome;
        };
        self.slots = snapshot.slots;
        self.tables = snapshot.tables;
        let mut kept = Vec::new();
        for mut now in std::mem::take(&mut self.transceivers) {
            let before = snapshot.transceivers.iter().find(|t| t.id == now.id);
            let receiving = now.fired;
            let track = RemoteTrack {
                transceiver: now.id,
                mid: now.mid.clone().unwrap_or_default(),
                track_id: now.receiver.track_id.clone(),
                stream_ids: now.receiver.stream_ids.clone(),
            };
            match before {
                Some(before) => {
                    if receiving && !before.fired {
                        outcome.removed.push(track);
                    } else if before.fired && !receiving {
                        outcome.added.push(RemoteTrack {
                            track_id: before.receiver.track_id.clone(),
                            stream_ids: before.receiver.stream_ids.clone(),
                            ..track
                        });
                    }
                    now.mid.clone_from(&before.mid);
                    now.fired = before.fired;
                    now.current = before.current;
                    now.negotiated.clone_from(&before.negotiated);
                    now.receiver.track_id.clone_from(&before.receiver.track_id);
                    now.receiver
                        .stream_ids
                        .clone_from(&before.receiver.stream_ids);
                    now.sender.msid_announced = before.sender.msid_announced;
                    if now.stopped && !before.stopped && snapshot.remote_offer {
                        now.stopped = false;
                        now.stopping = before.stopping;
                    }
                    kept.push(now);
                }
                // The remote offer made it. A track may have been added to it since.
                None if now.remote_created => {
                    if receiving {
                        outcome.removed.push(track);
                    }
                    if now.sender.track_id.is_some() {
                        now.mid = None;
                        now.fired = false;
                        now.current = None;
                        now.by_add_track = true;
                        kept.push(now);
                    } else {
                        outcome.gone.push(now.id);
                    }
                }
                None => {
                    now.mid = None;
                    kept.push(now);
                }
            }
        }
        self.transceivers = kept;
        self.set_signaling(SignalingState::Stable);
        // What is still needed is told again, as after an answer (webrtc-pc section 4.4.1.5).
        self.negotiation_needed = false;
        self.update_negotiation_needed();
        outcome
    }

    /// A start bitrate in a local description is the first estimate; it comes once.
    fn seed_estimate(&mut self, parsed: &Description) {
        let hint = parsed
            .sections
            .iter()
            .flat_map(|s| &s.codecs)
            .find_map(|c| {
                c.parameter("x-google-start-bitrate")?
                    .parse::<u64>()
                    .ok()
                    .filter(|k| *k > 0)
            });
        if let Some(kilobits) = hint
            && !self.seeded
        {
            self.seeded = true;
            let bits = kilobits.saturating_mul(1000).min(20_000_000);
            self.rtc.bwe().reset(str0m::bwe::Bitrate::from(bits));
            self.estimate = Some(bits);
        }
    }
}

fn not_ours(section: &Section) -> Error {
    Error::InvalidModification(format!("the section {} was not offered", section.mid))
}

/// What a remote description must have for a transport (RFC 8829 section 5.8).
fn check_transport(parsed: &Description) -> Result<(), Error> {
    let mut live = parsed.sections.iter().filter(|s| !s.rejected()).peekable();
    if live.peek().is_none() {
        return Ok(());
    }
    let sections: Vec<&Section> = live.collect();
    if !sections.iter().any(|s| s.ice.is_some()) {
        return Err(Error::InvalidAccess("no ICE credentials".into()));
    }
    if !sections.iter().any(|s| !s.fingerprints.is_empty()) {
        return Err(Error::InvalidAccess("no DTLS fingerprint".into()));
    }
    Ok(())
}

fn check_answers(answer: &Description, offer: &Description) -> Result<(), &'static str> {
    if answer.sections.len() != offer.sections.len() {
        return Err("an answer has as many media sections as its offer");
    }
    for (answered, offered) in answer.sections.iter().zip(&offer.sections) {
        if answered.mid != offered.mid && !answered.mid.starts_with('~') {
            return Err("an answer has its sections in the order of the offer");
        }
        if answered.kind.as_str() != offered.kind.as_str() {
            return Err("an answer has the kinds of media of its offer");
        }
    }
    Ok(())
}
