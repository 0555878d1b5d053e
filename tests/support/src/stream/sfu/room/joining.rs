//! Who comes and goes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use str0m::RtcError;

use super::{
    At, Event, Former, Join, Leg, Line, MIGRATION, Outgoing, Participant, Published, Quality, Room,
};
use crate::stream::sfu::faults::Advice;
use crate::stream::sfu::link::{LegId, Link};
use crate::stream::sfu::subscriber::Subscriber;
use crate::stream::sfu::wire::Strategy;
use crate::stream::sfu::words::{self, TrackInfo};
use crate::stream::sfu::{TrackKind, random_id};

/// `PARTICIPANT_RECONNECT_FAILED`
const RECONNECT_FAILED: u16 = 204;
/// `INTERNAL_SERVER_ERROR`
const INTERNAL: u16 = 500;

impl Room {
    pub(super) fn join(&mut self, join: Join) {
        let session = join.request.session.clone();
        let known = self.participants.contains_key(&session);
        match join.request.strategy {
            Strategy::Fast => return self.join_fast(join),
            Strategy::Migrate if known => return self.join_migrating(join),
            Strategy::Rejoin => {
                let previous = join.request.previous_session.clone();
                if self.is_of(&previous, &join.grant.user) {
                    self.remove(&previous);
                }
            }
            Strategy::Migrate | Strategy::None => {}
        }
        if known {
            self.remove(&session);
        }
        let Some(leg) = self.new_leg(&join) else {
            return;
        };
        let user = join.grant.user.clone();
        let participant = Participant {
            grant: join.grant,
            prefix: random_id(),
            joined_at: crate::clock::stamp(),
            leg,
            former: None,
            quality: Quality::default(),
            loudest: 0.0,
            speaking: false,
        };
        self.participants.insert(session.clone(), participant);
        self.welcome(&session, false);
        let described = self.described(&session);
        let event = words::participant_event("participantJoined", &self.cid, &described);
        self.tell_others(&session, &event);
        self.emit(Event::Joined {
            cid: self.cid.clone(),
            user,
            session: session.clone(),
        });
        self.review_subscriptions();
    }

    /// The same connections over a new signalling connection.
    fn join_fast(&mut self, join: Join) {
        let session = join.request.session.clone();
        let at = At {
            edge: join.edge.clone(),
            session: session.clone(),
        };
        let found = self
            .leg_at(&at)
            .filter(|_| self.is_of(&session, &join.grant.user));
        let Some(leg) = found.and_then(|id| self.legs.get_mut(&id)) else {
            let event = words::error_event(RECONNECT_FAILED, "the session is over", Advice::Rejoin);
            // It may be gone already.
            let _ = join.outbox.try_send(Outgoing::Event(event));
            return;
        };
        leg.line = Some(Line {
            id: join.line,
            outbox: join.outbox,
            heard: Instant::now(),
        });
        leg.lost = None;
        let offer = leg.subscriber.unanswered();
        self.welcome(&session, true);
        if let (Some(offer), Some(leg)) = (offer, self.leg_of_mut(&session)) {
            leg.event(words::subscriber_offer(
                &offer.sdp,
                offer.restart,
                offer.number,
            ));
        }
    }

    /// The same participant on another media server: others see nothing of it.
    fn join_migrating(&mut self, join: Join) {
        let session = join.request.session.clone();
        let Some(new) = self.new_leg(&join) else {
            return;
        };
        let left = self.participants.get_mut(&session).and_then(|participant| {
            participant.grant = join.grant;
            let former = Former {
                leg: std::mem::replace(&mut participant.leg, new),
                since: Instant::now(),
                notified: false,
            };
            participant.former.replace(former)
        });
        if let Some(former) = left {
            self.drop_leg(former.leg);
        }
        self.welcome(&session, false);
        self.review_subscriptions();
    }

    fn new_leg(&mut self, join: &Join) -> Option<LegId> {
        match self.try_new_leg(join) {
            Ok(id) => Some(id),
            Err(error) => {
                let event = words::error_event(INTERNAL, &error.to_string(), Advice::None);
                let _ = join.outbox.try_send(Outgoing::Event(event));
                None
            }
        }
    }

    fn try_new_leg(&mut self, join: &Join) -> Result<LegId, RtcError> {
        let now = Instant::now();
        let leg = Leg {
            session: join.request.session.clone(),
            edge: join.edge.clone(),
            publisher: Link::new(self.local, now)?,
            published: BTreeMap::new(),
            subscriber: Subscriber::new(Link::new(self.local, now)?),
            line: Some(Line {
                id: join.line,
                outbox: join.outbox.clone(),
                heard: now,
            }),
            lost: None,
            subscriptions: Vec::new(),
            paused: Vec::new(),
        };
        self.next_leg += 1;
        let id = LegId(self.next_leg);
        self.legs.insert(id, leg);
        Ok(id)
    }

    /// The answer to a join.
    fn welcome(&mut self, session: &str, reconnected: bool) {
        let sessions = self.participants.keys().cloned().collect::<Vec<_>>();
        let participants = sessions
            .iter()
            .map(|session| self.described(session))
            .collect::<Vec<_>>();
        let event = json!({ "joinResponse": {
            "callState": {
                "participants": participants,
                "startedAt": self.started_at,
                "participantCount": { "total": participants.len() },
                "pins": [],
            },
            "reconnected": reconnected,
            "fastReconnectDeadlineSeconds": self.shared.keep.as_secs(),
            "publishOptions": words::publish_options(),
        } });
        self.tell(session, &event);
    }

    fn is_of(&self, session: &str, user: &str) -> bool {
        let participant = self.participants.get(session);
        participant.is_some_and(|participant| participant.grant.user == user)
    }

    pub(super) fn heard(&mut self, at: &At, line: u64) {
        let total = self.participants.len();
        let leg = self.leg_at(at).and_then(|id| self.legs.get_mut(&id));
        if let Some(leg) = leg
            && let Some(of_leg) = leg.line.as_mut().filter(|of_leg| of_leg.id == line)
        {
            of_leg.heard = Instant::now();
            leg.event(words::health(total));
        }
    }

    pub(super) fn lost(&mut self, at: &At, line: u64) {
        let Some(id) = self.leg_at(at) else { return };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        // It may be connected again already.
        if leg.line.as_ref().is_none_or(|of_leg| of_leg.id == line) {
            leg.line = None;
            leg.lost.get_or_insert_with(Instant::now);
        }
        self.let_former_go(id);
    }

    pub(super) fn leave(&mut self, at: &At) {
        let Some(id) = self.leg_at(at) else { return };
        let current = self.participants.get(&at.session);
        if current.is_some_and(|participant| participant.leg == id) {
            self.remove(&at.session);
        } else {
            self.let_former_go(id);
        }
    }

    /// Ends the connections that a participant has left for others.
    fn let_former_go(&mut self, id: LegId) {
        let mut all = self.participants.values_mut();
        let owner = all.find(|p| p.former.is_some_and(|former| former.leg == id));
        if let Some(participant) = owner {
            participant.former = None;
            self.drop_leg(id);
            self.review_subscriptions();
        }
    }

    /// Somebody is out.
    pub(super) fn remove(&mut self, session: &str) {
        if !self.participants.contains_key(session) {
            return;
        }
        let described = self.described(session);
        let Some(participant) = self.participants.remove(session) else {
            return;
        };
        self.drop_leg(participant.leg);
        if let Some(former) = participant.former {
            self.drop_leg(former.leg);
        }
        let event = words::participant_event("participantLeft", &self.cid, &described);
        self.tell_others(session, &event);
        self.emit(Event::Left {
            cid: self.cid.clone(),
            user: participant.grant.user,
            session: session.to_owned(),
        });
        self.review_subscriptions();
    }

    fn drop_leg(&mut self, id: LegId) {
        self.close_links(id, Instant::now());
        self.legs.remove(&id);
    }

    pub(super) fn close_links(&mut self, id: LegId, now: Instant) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.publisher.close(now, &self.socket);
            leg.subscriber.link.close(now, &self.socket);
        }
    }

    /// Gives up those who do not come back, and completes migrations.
    pub(super) fn look_after_sessions(&mut self, now: Instant) {
        let keep = self.shared.keep;
        let gone = |leg: &Leg| leg.lost.is_some_and(|lost| now - lost >= keep);
        let over = self
            .participants
            .iter()
            .filter(|(_, participant)| self.legs.get(&participant.leg).is_none_or(gone))
            .map(|(session, _)| session.clone())
            .collect::<Vec<_>>();
        for session in over {
            self.remove(&session);
        }
        let migrating = self
            .participants
            .iter()
            .filter_map(|(session, p)| Some((session.clone(), p.leg, p.former?)))
            .collect::<Vec<_>>();
        for (session, new, former) in migrating {
            let passed = now - former.since;
            if passed >= MIGRATION {
                self.let_former_go(former.leg);
            } else if !former.notified && self.has_moved(new, former.leg, passed) {
                if let Some(leg) = self.legs.get_mut(&former.leg) {
                    leg.event(words::migration_complete());
                }
                if let Some(participant) = self.participants.get_mut(&session) {
                    participant.former = Some(Former {
                        notified: true,
                        ..former
                    });
                }
            }
        }
    }

    /// Whether the new connections do what the former ones did.
    fn has_moved(&self, new: LegId, former: LegId, passed: Duration) -> bool {
        let (Some(new), Some(former)) = (self.legs.get(&new), self.legs.get(&former)) else {
            return false;
        };
        let audible = |(_, track): &(&TrackKind, &Published)| !track.muted;
        let mut before = former.published.iter().filter(audible);
        let published = before.all(|(kind, _)| new.published.contains_key(kind));
        let sends = new.published.is_empty() || new.publisher.connected;
        let has_sections = !former.subscriber.sections.is_empty();
        let receives = !has_sections || new.subscriber.link.connected;
        // A client that does not publish again is not waited for.
        (published && sends && receives) || passed > MIGRATION / 3
    }

    /// What a client announces has come.
    pub(super) fn take_tracks(&mut self, id: LegId, tracks: Vec<TrackInfo>) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let session = leg.session.clone();
        let mut begun = Vec::new();
        for info in tracks {
            let kind = info.track_type;
            let known = leg.published.remove(&kind);
            let muted = info.muted;
            let was = known.as_ref().is_some_and(|known| !known.muted);
            if !muted && !was {
                begun.push(kind);
            }
            let requested_layers = known
                .filter(|known| known.info.mid == info.mid)
                .and_then(|known| known.requested_layers);
            let published = Published {
                info,
                muted,
                requested_layers,
            };
            leg.published.insert(kind, published);
        }
        for kind in begun {
            self.begun(&session, id, kind);
        }
        self.review_subscriptions();
    }
}
