//! What is told from time to time, and how participants are described.

use std::time::Instant;

use serde_json::{Value, json};

use super::media::SPEAKING;
use super::{Quality, Room, SILENCE};
use crate::stream::sfu::TrackKind;

impl Room {
    /// What depends on time.
    pub(super) fn beat(&mut self, now: Instant) {
        for leg in self.legs.values_mut() {
            let silent = |line: &super::Line| now - line.heard > SILENCE;
            if leg.line.as_ref().is_some_and(silent) {
                leg.line = None;
                leg.lost = Some(now);
            }
        }
        self.look_after_sessions(now);
        self.send_offers_again(now);
        self.tell_connected();
        self.tell_levels();
    }

    fn tell_connected(&mut self) {
        let connected = self
            .participants
            .iter()
            .filter(|(_, participant)| {
                let leg = self.legs.get(&participant.leg);
                let connected =
                    |leg: &super::Leg| leg.publisher.connected || leg.subscriber.link.connected;
                participant.quality == Quality::Unknown && leg.is_some_and(connected)
            })
            .map(|(session, _)| session.clone())
            .collect::<Vec<_>>();
        for session in connected {
            self.set_quality(&session, Quality::Excellent);
        }
    }

    fn tell_levels(&mut self) {
        let mut levels = Vec::new();
        let mut loudest: Option<(f32, String, String)> = None;
        for (session, participant) in &mut self.participants {
            let level = std::mem::take(&mut participant.loudest);
            let speaks = level > SPEAKING;
            if speaks || participant.speaking {
                levels.push(json!({
                    "userId": participant.grant.user, "sessionId": session, "level": level,
                    "isSpeaking": speaks,
                }));
            }
            participant.speaking = speaks;
            if speaks && loudest.as_ref().is_none_or(|(most, ..)| level > *most) {
                loudest = Some((level, session.clone(), participant.grant.user.clone()));
            }
        }
        if !levels.is_empty() {
            self.tell_all(&json!({ "audioLevelChanged": { "audioLevels": levels } }));
        }
        // Whoever has the word keeps it until the end of it.
        let dominant = self.dominant.as_ref();
        let dominant = dominant.and_then(|session| self.participants.get(session));
        if let Some((_, session, user)) = loudest
            && dominant.is_none_or(|participant| !participant.speaking)
        {
            let event = json!({ "dominantSpeakerChanged": {
                "userId": user, "sessionId": session,
            } });
            self.tell_all(&event);
            self.dominant = Some(session);
        }
    }

    /// A participant as events have it.
    pub(super) fn described(&self, session: &str) -> Value {
        let Some(participant) = self.participants.get(session) else {
            return Value::Null;
        };
        let published = TrackKind::ALL
            .into_iter()
            .filter(|kind| self.publishing_leg(participant, *kind).is_some())
            .map(TrackKind::word);
        json!({
            "userId": participant.grant.user,
            "sessionId": session,
            "name": participant.grant.name,
            "trackLookupPrefix": participant.prefix,
            "joinedAt": participant.joined_at,
            "publishedTracks": published.collect::<Vec<_>>(),
            "connectionQuality": participant.quality.number(),
            "isSpeaking": participant.speaking,
            "isDominantSpeaker": self.dominant.as_deref() == Some(session),
            "audioLevel": 0,
            "roles": ["user"],
        })
    }
}
