//! Which meeting sessions ring: lists go in, events come out. No clock, no sockets, no sound.
//!
//! A meeting session rings at most once in the life of this. What has ended stays ended, whatever
//! a later list says (contract P3: there is no way back).

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::session::{MeetingSession, Role, Status};

/// Nobody answers for this long: missed.
pub const RINGS_FOR: Duration = Duration::from_secs(60);
/// In the first list only what was created this recently rings: the app was off meanwhile.
const FRESH_AT_FIRST: Duration = Duration::from_secs(5 * 60);
/// Later lists show by themselves what is new; this is for a computer that slept, and leaves room
/// for clocks that disagree.
const FRESH_LATER: Duration = Duration::from_secs(30 * 60);
/// As many ring at a time; what comes on top is shown only.
const MOST_RINGING: usize = 8;
/// As many of those that were missed are told of.
const MOST_MISSED: usize = 8;
/// Meeting sessions remembered, the present list on top.
const REMEMBERED: usize = 2_000;

/// Now, by both clocks: one that never jumps, and the one that backends use.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// For how long something rings.
    pub instant: Instant,
    /// Milliseconds since 1970.
    pub unix_ms: u64,
}

impl Moment {
    /// What the system's clocks say.
    pub fn now() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            // Tokio's, so that tests can let time pass.
            instant: tokio::time::Instant::now().into_std(),
            unix_ms: u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// How old something is; zero if it is of the future, by a clock that is ahead.
    fn age_of(self, created_at: u64) -> Duration {
        Duration::from_millis(self.unix_ms.saturating_sub(created_at))
    }
}

/// Why it does not ring any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// The other party called it off.
    Cancelled,
    /// It took place, or was ended for everyone.
    Completed,
    /// The backend does not list it any more and does not say why.
    Gone,
    /// The user is in it on another device.
    AnsweredElsewhere,
    /// The user is in it here.
    Joined,
    /// The user does not want to hear of it.
    Dismissed,
    /// Nobody answered.
    Missed,
    /// Nobody is signed in any more.
    SignedOut,
}

/// What is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RingEvent {
    /// Begins to ring.
    Ring(MeetingSession),
    /// Rings no more.
    Stop {
        /// The meeting session's.
        id: String,
        /// Why.
        why: StopReason,
    },
    /// The user asked for this meeting and it is there: straight into the lobby.
    OpenLobby(MeetingSession),
}

#[derive(Clone, Copy, Debug)]
struct Known {
    status: Status,
    rings_until: Option<Instant>,
    /// The order in which ringing began, for which one is heard.
    turn: u64,
    /// It was said that the backend wants it back.
    warned: bool,
}

/// All meeting sessions of one user, as far as ringing goes.
#[derive(Debug)]
pub struct Ring {
    started_ms: u64,
    heard_any: bool,
    in_call: bool,
    turns: u64,
    known: HashMap<String, Known>,
    /// Ids of `known`, the oldest first.
    order: VecDeque<String>,
    active: Vec<MeetingSession>,
    /// Ids of those that nobody answered, the newest last.
    missed: VecDeque<String>,
}

impl StopReason {
    /// Whether the user did not get to answer it.
    fn is_missed(self) -> bool {
        match self {
            Self::Cancelled | Self::Completed | Self::Gone | Self::Missed => true,
            Self::AnsweredElsewhere | Self::Joined | Self::Dismissed | Self::SignedOut => false,
        }
    }
}

impl Ring {
    /// Begins with nothing heard. What was created before `now` is old.
    pub fn new(now: Moment) -> Self {
        Self {
            started_ms: now.unix_ms,
            heard_any: false,
            in_call: false,
            turns: 0,
            known: HashMap::new(),
            order: VecDeque::new(),
            active: Vec::new(),
            missed: VecDeque::new(),
        }
    }

    /// A list came: all active ones, and perhaps some that ended. `answered` are ids of those that
    /// the user is in on another device.
    pub fn heard(
        &mut self,
        list: &[MeetingSession],
        answered: &[String],
        now: Moment,
    ) -> Vec<RingEvent> {
        let first = !std::mem::replace(&mut self.heard_any, true);
        let mut events = Vec::new();
        let mut listed = HashSet::new();
        self.active.clear();
        for session in list {
            if !listed.insert(session.id.as_str()) {
                continue;
            }
            let stopped = self.take_in(session, answered, first, now);
            events.extend(stopped);
        }
        let gone: Vec<_> = self.ringing_now().map(str::to_owned).collect();
        for id in gone.iter().filter(|id| !listed.contains(id.as_str())) {
            events.extend(self.stop(id, StopReason::Gone));
        }
        self.active
            .sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        self.forget(&listed);
        events
    }

    fn take_in(
        &mut self,
        session: &MeetingSession,
        answered: &[String],
        first: bool,
        now: Moment,
    ) -> Option<RingEvent> {
        let answered = answered.contains(&session.id);
        let Some(known) = self.known.get_mut(&session.id) else {
            self.remember(session);
            if session.status != Status::Active {
                return None;
            }
            self.active.push(session.clone());
            return (!answered)
                .then(|| self.begin(session, first, now))
                .flatten();
        };
        if !known.status.may_become(session.status) {
            if !std::mem::replace(&mut known.warned, true) {
                tracing::warn!(
                    session = session.id,
                    was = ?known.status,
                    wanted = ?session.status,
                    "a meeting session that has ended stays ended"
                );
            }
            return None;
        }
        known.status = session.status;
        if answered {
            self.missed.retain(|id| *id != session.id);
        }
        let why = match session.status {
            _ if answered && session.status != Status::Active => StopReason::AnsweredElsewhere,
            Status::Completed => StopReason::Completed,
            Status::Cancelled => StopReason::Cancelled,
            Status::Active => {
                self.active.push(session.clone());
                if !answered {
                    return None;
                }
                StopReason::AnsweredElsewhere
            }
        };
        self.stop(&session.id, why)
    }

    /// A meeting session that was not heard of before.
    fn begin(&mut self, session: &MeetingSession, first: bool, now: Moment) -> Option<RingEvent> {
        let age = now.age_of(session.created_at);
        let fresh = match (session.role, first) {
            (_, false) => age < FRESH_LATER,
            (Role::Offerer, true) => age < FRESH_AT_FIRST,
            (Role::Requester, true) => session.created_at >= self.started_ms,
        };
        // One's own old request is no news, unless the clocks disagree a little.
        let slack = u64::try_from(FRESH_AT_FIRST.as_millis()).unwrap_or(u64::MAX);
        let since_start = session.created_at.saturating_add(slack) >= self.started_ms;
        match session.role {
            Role::Requester if !fresh || !since_start => None,
            // Nobody is taken out of a call: then it rings, silently.
            Role::Requester if !self.in_call => Some(RingEvent::OpenLobby(session.clone())),
            _ if !fresh || self.ringing_now().count() >= MOST_RINGING => None,
            _ => {
                self.turns += 1;
                let turn = self.turns;
                let known = self.known.get_mut(&session.id)?;
                known.rings_until = Some(now.instant + RINGS_FOR);
                known.turn = turn;
                Some(RingEvent::Ring(session.clone()))
            }
        }
    }

    fn remember(&mut self, session: &MeetingSession) {
        let known = Known {
            status: session.status,
            rings_until: None,
            turn: 0,
            warned: false,
        };
        self.known.insert(session.id.clone(), known);
        self.order.push_back(session.id.clone());
    }

    /// Drops the oldest that are not listed, if there are too many.
    fn forget(&mut self, listed: &HashSet<&str>) {
        for _ in 0..self.order.len().saturating_sub(REMEMBERED) {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            if listed.contains(oldest.as_str()) {
                self.order.push_back(oldest);
            } else {
                self.known.remove(&oldest);
            }
        }
    }

    fn stop(&mut self, id: &str, why: StopReason) -> Option<RingEvent> {
        self.known.get_mut(id)?.rings_until.take()?;
        if why.is_missed() {
            self.missed.push_back(id.into());
            if self.missed.len() > MOST_MISSED {
                self.missed.pop_front();
            }
        }
        Some(RingEvent::Stop { id: id.into(), why })
    }

    /// The user does not want to hear of it.
    pub fn dismissed(&mut self, id: &str) -> Option<RingEvent> {
        self.stop(id, StopReason::Dismissed)
    }

    /// The user goes to its lobby.
    pub fn joined(&mut self, id: &str) -> Option<RingEvent> {
        self.missed.retain(|missed| missed != id);
        self.stop(id, StopReason::Joined)
    }

    /// The backend has confirmed that it ended; the list may say so later.
    pub fn ended(&mut self, id: &str, status: Status) -> Option<RingEvent> {
        self.active.retain(|session| session.id != id);
        let known = self.known.get_mut(id)?;
        if known.status.may_become(status) {
            known.status = status;
        }
        let stopped = match known.status {
            Status::Active => None,
            Status::Completed => self.stop(id, StopReason::Completed),
            Status::Cancelled => self.stop(id, StopReason::Cancelled),
        };
        // Whoever ended it here had heard it.
        self.missed.retain(|missed| missed != id);
        stopped
    }

    /// Whether the user is in a call: then nothing is heard, only seen.
    pub fn set_in_call(&mut self, in_call: bool) {
        self.in_call = in_call;
    }

    /// Time passed: what rang long enough is missed.
    pub fn tick(&mut self, now: Instant) -> Vec<RingEvent> {
        let over: Vec<_> = self
            .known
            .iter()
            .filter(|(_, known)| known.rings_until.is_some_and(|until| until <= now))
            .map(|(id, _)| id.clone())
            .collect();
        over.iter()
            .filter_map(|id| self.stop(id, StopReason::Missed))
            .collect()
    }

    /// Nobody is signed in any more.
    pub fn sign_out(&mut self) -> Vec<RingEvent> {
        self.active.clear();
        self.ringing()
            .iter()
            .filter_map(|id| self.stop(id, StopReason::SignedOut))
            .collect()
    }

    /// When [`Self::tick`] is next of use.
    pub fn deadline(&self) -> Option<Instant> {
        self.known
            .values()
            .filter_map(|known| known.rings_until)
            .min()
    }

    /// Ids of those that ring, the one that began first at the front.
    pub fn ringing(&self) -> Vec<String> {
        let mut ids: Vec<_> = self
            .known
            .iter()
            .filter(|(_, known)| known.rings_until.is_some())
            .map(|(id, known)| (known.turn, id))
            .collect();
        ids.sort();
        ids.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// Ids of the last ones that rang in vain, the newest last: neither answered nor dismissed, anywhere.
    pub fn missed(&self) -> Vec<String> {
        self.missed.iter().cloned().collect()
    }

    /// The one that is heard.
    pub fn audible(&self) -> Option<String> {
        if self.in_call {
            return None;
        }
        self.ringing().into_iter().next()
    }

    /// The active ones, the newest first.
    pub fn active(&self) -> &[MeetingSession] {
        &self.active
    }

    /// Where a meeting session is in its life, as far as it was told.
    pub fn status(&self, id: &str) -> Option<Status> {
        self.known.get(id).map(|known| known.status)
    }

    /// How a meeting session ended, if it was told that it did.
    pub fn ended_as(&self, id: &str) -> Option<Status> {
        self.status(id).filter(|status| *status != Status::Active)
    }

    /// Whether the newest list has it, and as active.
    pub fn lists(&self, id: &str) -> bool {
        self.active.iter().any(|session| session.id == id)
    }

    fn ringing_now(&self) -> impl Iterator<Item = &str> {
        self.known
            .iter()
            .filter(|(_, known)| known.rings_until.is_some())
            .map(|(id, _)| id.as_str())
    }
}

#[cfg(test)]
mod tests;
