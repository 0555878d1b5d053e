//! What clients ask over HTTP.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::{At, Event, Method, Room};
use crate::stream::sfu::TrackKind;
use crate::stream::sfu::link::LegId;
use crate::stream::sfu::words::{self, Asked, Cause, Subscription, TrackInfo};

/// `PARTICIPANT_NOT_FOUND`
const NOT_FOUND: u16 = 200;
/// `PARTICIPANT_MEDIA_TRANSPORT_FAILURE`
const MEDIA_FAILED: u16 = 205;
/// `REQUEST_VALIDATION_FAILED`
const INVALID: u16 = 400;
/// `PERMISSION_DENIED`
const DENIED: u16 = 403;
/// How much a client may subscribe to.
const SUBSCRIPTIONS: usize = 256;

fn refusal(code: u16, message: &str) -> Value {
    json!({ "error": words::error(code, message, false) })
}

impl Room {
    pub(super) fn call(&mut self, at: &At, method: Method, asked: &Asked) -> Value {
        let Some(id) = self.leg_at(at) else {
            return refusal(NOT_FOUND, "nobody is in with this session");
        };
        match method {
            Method::SetPublisher => self.set_publisher(id, asked),
            Method::SendAnswer => self.answered(id, asked),
            Method::IceRestart => self.restart_ice(id, asked),
            Method::UpdateSubscriptions => self.subscribe(id, asked),
            Method::UpdateMuteStates => self.mute_states(id, asked),
        }
    }

    fn set_publisher(&mut self, id: LegId, asked: &Asked) -> Value {
        let tracks = asked.list::<TrackInfo>();
        let Some(leg) = self.legs.get_mut(&id) else {
            return refusal(NOT_FOUND, "gone");
        };
        let allowed = self.participants.get(&leg.session);
        let allowed = allowed.map_or(&[][..], |participant| &participant.grant.publish);
        // A client goes on announcing what it may not send any more, muted.
        let refused = |track: &&TrackInfo| !track.muted && !allowed.contains(&track.track_type);
        if let Some(refused) = tracks.iter().find(refused) {
            let words = format!("{} may not be published", refused.track_type.word());
            return refusal(DENIED, &words);
        }
        if !leg.publisher.is_alive() {
            return refusal(MEDIA_FAILED, "the connection is closed");
        }
        let answer = match leg.publisher.answer(&asked.sdp) {
            Ok(answer) => answer,
            Err(error) => return refusal(INVALID, &error.to_string()),
        };
        self.take_tracks(id, tracks);
        json!({ "sdp": answer, "sessionId": asked.session_id, "iceRestart": false })
    }

    fn answered(&mut self, id: LegId, asked: &Asked) -> Value {
        let Some(leg) = self.legs.get_mut(&id) else {
            return refusal(NOT_FOUND, "gone");
        };
        let answered = leg.subscriber.answered(asked.negotiation_id, &asked.sdp);
        self.review_subscriptions();
        match answered {
            Ok(()) => json!({}),
            Err(error) => refusal(INVALID, &error),
        }
    }

    fn restart_ice(&mut self, id: LegId, asked: &Asked) -> Value {
        if let Some(leg) = self.legs.get_mut(&id) {
            if asked.is_of_subscriber() {
                if !leg.subscriber.link.is_alive() {
                    return refusal(MEDIA_FAILED, "the connection is closed");
                }
                leg.subscriber.restart_ice();
            } else {
                // The publisher's offers come from the client.
                leg.event(words::publisher_ice_restart());
            }
        }
        self.review_subscriptions();
        json!({})
    }

    fn subscribe(&mut self, id: LegId, asked: &Asked) -> Value {
        let mut wanted = asked.list::<Subscription>();
        wanted.truncate(SUBSCRIPTIONS);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.subscriptions = wanted;
        }
        self.review_subscriptions();
        json!({})
    }

    fn mute_states(&mut self, id: LegId, asked: &Asked) -> Value {
        for state in &asked.mute_states {
            self.set_muted(id, state.track_type, state.muted, Cause::Muted);
        }
        self.review_subscriptions();
        json!({})
    }

    fn set_muted(&mut self, id: LegId, kind: TrackKind, muted: bool, cause: Cause) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let session = leg.session.clone();
        let Some(track) = leg.published.get_mut(&kind) else {
            return;
        };
        if track.muted == muted {
            return;
        }
        let allowed = self.participants.get(&session);
        let allowed = allowed.is_some_and(|p| p.grant.publish.contains(&kind));
        if !muted && !allowed {
            return;
        }
        track.muted = muted;
        if muted {
            self.ended(&session, kind, cause);
        } else {
            self.begun(&session, id, kind);
        }
    }

    /// A track is there for the others.
    pub(super) fn begun(&mut self, session: &str, id: LegId, kind: TrackKind) {
        let Some(participant) = self.participants.get(session) else {
            return;
        };
        // A participant that moves to another media server has published before.
        let former = participant
            .former
            .and_then(|former| self.legs.get(&former.leg));
        let before = former.and_then(|leg| leg.published.get(&kind));
        if participant.leg != id || before.is_some_and(|track| !track.muted) {
            return;
        }
        let user = participant.grant.user.clone();
        let described = self.described(session);
        self.tell_all(&words::track_published(&user, session, kind, &described));
        self.emit(Event::Published {
            cid: self.cid.clone(),
            user,
            session: session.to_owned(),
            track: kind,
        });
    }

    /// A track is there no longer.
    fn ended(&mut self, session: &str, kind: TrackKind, cause: Cause) {
        let Some(participant) = self.participants.get(session) else {
            return;
        };
        let user = participant.grant.user.clone();
        let described = self.described(session);
        let event = words::track_unpublished(&user, session, kind, cause, &described);
        self.tell_all(&event);
        self.emit(Event::Unpublished {
            cid: self.cid.clone(),
            user,
            session: session.to_owned(),
            track: kind,
        });
    }

    /// A moderator mutes somebody.
    pub(super) fn moderate(&mut self, user: &str, kinds: &[TrackKind]) {
        for session in self.sessions_of(user) {
            let Some(id) = self.participants.get(&session).map(|p| p.leg) else {
                continue;
            };
            for kind in kinds {
                self.set_muted(id, *kind, true, Cause::Moderation);
            }
        }
        self.review_subscriptions();
    }

    /// Somebody may publish this from now on, and nothing else.
    pub(super) fn permit(&mut self, user: &str, kinds: &[TrackKind]) {
        for session in self.sessions_of(user) {
            let Some(participant) = self.participants.get_mut(&session) else {
                continue;
            };
            participant.grant.publish = kinds.to_vec();
            let id = participant.leg;
            self.tell(&session, &words::grants(kinds));
            let withdrawn = TrackKind::ALL
                .into_iter()
                .filter(|kind| !kinds.contains(kind));
            for kind in withdrawn {
                self.set_muted(id, kind, true, Cause::PermissionRevoked);
            }
        }
        self.review_subscriptions();
    }

    /// For `user`, a track of `of` is held back, or goes on.
    pub(super) fn pause(&mut self, user: &str, of: &str, kind: TrackKind, paused: bool) {
        for session in self.sessions_of(user) {
            for source in self.sessions_of(of) {
                let event = words::inbound_state(of, &source, kind, paused);
                let Some(leg) = self.leg_of_mut(&session) else {
                    continue;
                };
                leg.paused.retain(|held| *held != (source.clone(), kind));
                if paused {
                    leg.paused.push((source, kind));
                }
                leg.event(event);
            }
        }
        self.review_layers();
    }

    /// Tells publishers which layers are seen, where that has changed.
    pub(super) fn review_layers(&mut self) {
        let mut seen = std::collections::BTreeMap::<_, BTreeSet<String>>::new();
        for leg in self.legs.values() {
            for section in &leg.subscriber.sections {
                let (Some(source), Some(origin)) = (&section.source, section.forward.wanted())
                else {
                    continue;
                };
                let layers = seen.entry((origin.leg, source.kind)).or_default();
                layers.extend(origin.rid.map(|rid| rid.to_string()));
            }
        }
        for (id, leg) in &mut self.legs {
            let mut events = Vec::new();
            for (kind, track) in &mut leg.published {
                if !kind.is_picture() || track.muted || track.info.layers.len() < 2 {
                    continue;
                }
                let seen = seen.remove(&(*id, *kind)).unwrap_or_default();
                if track.requested_layers.as_ref() != Some(&seen) {
                    events.push(crate::stream::sfu::layers::change(&track.info, &seen));
                    track.requested_layers = Some(seen);
                }
            }
            for event in events {
                leg.event(event);
            }
        }
    }

    pub(super) fn send_offers_again(&mut self, now: Instant) {
        for leg in self.legs.values_mut() {
            if let Some(offer) = leg.subscriber.due(now) {
                leg.event(words::subscriber_offer(
                    &offer.sdp,
                    offer.restart,
                    offer.number,
                ));
            }
        }
    }
}
