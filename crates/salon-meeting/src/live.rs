//! The user's meeting sessions as they happen: one loop that owns the list, what rings, and what
//! the desktop is told. It works while somebody is signed in.

mod ending;
mod missing;
mod wants;

use std::fmt;
use std::future::pending;
use std::sync::Arc;

use salon_account::AccountState;
use salon_base::address::address;
use salon_base::{Code, Fault};
use salon_settings::Settings;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep_until;

pub use self::wants::{Backends, Desktop, LiveBackend};

use self::missing::{Missing, Page};
use crate::feed::{Feed, FeedState, SessionsState};
use crate::meeting::{Meeting, Source};
use crate::ring::{Moment, Ring, RingEvent};
use crate::server;
use crate::session::{MeetingSession, Status};

/// How a meeting session is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It took place.
    Complete,
    /// It will not take place.
    Cancel,
}

/// What somebody wants.
#[derive(Debug)]
pub enum Command {
    /// The page goes to the lobby.
    Join {
        /// The meeting session's.
        id: String,
        /// What to join.
        answer: oneshot::Sender<Result<Meeting, Fault>>,
    },
    /// Somebody outside of the page wants to go to the lobby: the notification, the tray.
    Open {
        /// The meeting session's.
        id: String,
    },
    /// Stops ringing.
    Dismiss {
        /// The meeting session's.
        id: String,
    },
    /// Ends a meeting session for everyone.
    End {
        /// The meeting session's.
        id: String,
        /// How.
        ending: Ending,
        /// Whether it worked; absent: nobody waits, and it is tried for longer.
        answer: Option<oneshot::Sender<Result<(), Fault>>>,
    },
    /// The backend has confirmed an end.
    Ended {
        /// The meeting session's.
        id: String,
        /// How it ended.
        status: Status,
    },
    /// The backend knows of no such meeting session.
    Gone {
        /// The meeting session's.
        id: String,
    },
    /// The page is in a call.
    Entered {
        /// Its meeting session, if it has one.
        session: Option<String>,
    },
    /// The page is in no call any more.
    Left {
        /// The call's meeting session, if it has one.
        session: Option<String>,
        /// The others had been there and are gone.
        alone: bool,
    },
    /// Brings the window to the front.
    Raise,
}

/// Where to tell the loop what is wanted, and the state that it publishes. Clones are the same.
#[derive(Clone, Debug)]
pub struct Sessions {
    inbox: mpsc::UnboundedSender<Command>,
    state: watch::Receiver<SessionsState>,
}

impl Sessions {
    /// The newest state.
    pub fn state(&self) -> SessionsState {
        self.state.borrow().clone()
    }

    /// Tells of changes.
    pub fn subscribe(&self) -> watch::Receiver<SessionsState> {
        self.state.clone()
    }

    /// Never waits.
    pub fn tell(&self, command: Command) {
        // The loop ends with the program only.
        let _ = self.inbox.send(command);
    }

    /// Stops the ringing of a meeting session and says how to join it.
    ///
    /// # Errors
    /// [`Code::MeetingCompleted`], [`Code::MeetingCancelled`] or [`Code::MeetingNotFound`].
    pub async fn join(&self, id: String) -> Result<Meeting, Fault> {
        self.ask(|answer| Command::Join { id, answer }).await
    }

    /// Ends a meeting session for everyone. That it has ended so already is no error.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn end(&self, id: String, ending: Ending) -> Result<(), Fault> {
        let end = |answer| Command::End {
            id,
            ending,
            answer: Some(answer),
        };
        self.ask(end).await
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, Fault>>) -> Command,
    ) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        self.tell(command(answer));
        answered
            .await
            .unwrap_or_else(|_| Err(Fault::new(Code::Internal, "the list of meetings ended")))
    }
}

/// What [`live`] needs.
pub struct Parts<D> {
    /// Who is signed in.
    pub account: watch::Receiver<AccountState>,
    /// The settings in force.
    pub settings: watch::Receiver<Arc<Settings>>,
    /// The backend.
    pub backends: Backends,
    /// Page and desktop; made with where to tell what the user does there.
    pub desktop: D,
}

impl<D> fmt::Debug for Parts<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// The inbox, before there is a loop: what [`Parts::desktop`] tells goes there.
pub fn inbox() -> (Sessions, Inbox) {
    let (inbox, commands) = mpsc::unbounded_channel();
    let (publish, state) = watch::channel(SessionsState::default());
    let sessions = Sessions { inbox, state };
    let own = sessions.clone();
    (
        sessions,
        Inbox {
            own,
            commands,
            publish,
        },
    )
}

/// The loop's end of [`Sessions`].
#[derive(Debug)]
pub struct Inbox {
    own: Sessions,
    commands: mpsc::UnboundedReceiver<Command>,
    publish: watch::Sender<SessionsState>,
}

/// Runs for as long as the program does, in a Tokio runtime.
pub async fn live<D: Desktop>(inbox: Inbox, parts: Parts<D>) {
    let Inbox {
        own,
        mut commands,
        publish,
    } = inbox;
    let Parts {
        mut account,
        mut settings,
        backends,
        desktop,
    } = parts;
    let mut live = Live {
        ring: Ring::new(Moment::now()),
        following: None,
        who: None,
        heard: FeedState::default(),
        in_call: false,
        page: Page::default(),
        missing: Missing::default(),
        settings: settings.borrow_and_update().clone(),
        own,
        publish,
        backends,
        desktop,
    };
    live.account(&account.borrow_and_update().clone());
    loop {
        live.publish();
        let deadline = live.ring.deadline();
        tokio::select! {
            Ok(()) = account.changed() => {
                let state = account.borrow_and_update().clone();
                live.account(&state);
            }
            Ok(()) = settings.changed() => live.settings = settings.borrow_and_update().clone(),
            state = next(&mut live.following) => live.hear(state),
            Some(command) = commands.recv() => live.command(command),
            () = until(deadline) => {
                let events = live.ring.tick(Moment::now().instant);
                live.tell(events);
            }
        }
    }
}

/// What the feed says next; never, if there is none or it has nothing more to say.
async fn next(following: &mut Option<Following>) -> FeedState {
    match following {
        Some(Following {
            feed: Some(feed), ..
        }) => match feed.changed().await {
            Some(state) => state,
            None => pending().await,
        },
        _ => pending().await,
    }
}

async fn until(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => pending().await,
    }
}

#[derive(Debug)]
struct Following {
    backend: Arc<dyn LiveBackend>,
    feed: Option<Feed>,
}

/// Whose list it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Who {
    profile: String,
    host: String,
    user: String,
    turn: u64,
}

impl Who {
    fn of(state: &AccountState) -> Option<Self> {
        let (backend, user) = (state.backend.as_ref()?, state.user.as_ref()?);
        Some(Self {
            profile: backend.profile.clone(),
            host: backend.host.clone(),
            user: user.id.clone(),
            turn: state.turn,
        })
    }

    /// Somebody whose id was not known yet may be the same as one whose id is.
    fn may_be(&self, other: &Self) -> bool {
        let known = |who: &Self| !who.user.is_empty();
        self.turn == other.turn
            && self.profile == other.profile
            && self.host == other.host
            && (self.user == other.user || !known(self) || !known(other))
    }
}

struct Live<D> {
    ring: Ring,
    following: Option<Following>,
    who: Option<Who>,
    heard: FeedState,
    in_call: bool,
    page: Page,
    missing: Missing,
    settings: Arc<Settings>,
    own: Sessions,
    publish: watch::Sender<SessionsState>,
    backends: Backends,
    desktop: D,
}

impl<D: Desktop> Live<D> {
    fn account(&mut self, state: &AccountState) {
        let who = Who::of(state);
        let same = match (&self.who, &who) {
            // A list may need the id to be asked for.
            (Some(before), Some(now)) if before != now && !self.has_feed() => false,
            (Some(before), Some(now)) => before.may_be(now),
            (None, None) => true,
            _ => false,
        };
        self.who = who;
        if same {
            return;
        }
        let events = self.ring.sign_out();
        self.tell(events);
        self.ring = Ring::new(Moment::now());
        self.ring.set_in_call(self.in_call);
        self.heard = FeedState::default();
        self.missing = Missing::default();
        self.page.lobby = None;
        // The list before this one ends first, with its connection.
        self.following = None;
        self.following = self.who.as_ref().and((self.backends)()).map(|backend| {
            let feed = backend.feed();
            tracing::info!(lists = feed.is_some(), "following the user's meetings");
            Following { backend, feed }
        });
    }

    fn has_feed(&self) -> bool {
        matches!(&self.following, Some(Following { feed: Some(_), .. }))
    }

    fn hear(&mut self, state: FeedState) {
        let before = self.active();
        if let Some(sessions) = &state.sessions {
            let events = self.ring.heard(sessions, &state.answered, Moment::now());
            self.tell(events);
        }
        self.heard = state;
        for id in before.iter().chain(&self.missing.ids()) {
            self.look_after(id);
        }
    }

    fn active(&self) -> Vec<String> {
        let active = self.ring.active().iter();
        active.map(|session| session.id.clone()).collect()
    }

    /// Tells of one that was active if it is over now. That a list does not have it is no end: lists
    /// are short by mistake, too. So one that the page shows is asked for.
    fn look_after(&mut self, id: &str) {
        if let Some(status) = self.ring.ended_as(id) {
            self.missing.remove(id);
            self.desktop.over(id, status);
        } else if self.ring.lists(id) || !self.page.shows(id) {
            self.missing.remove(id);
        } else if let Some(following) = &self.following {
            self.missing.ask_for(id, &following.backend, &self.own);
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Join { id, answer } => {
                // Nobody waits any more: the page was loaded anew.
                let _ = answer.send(self.join(&id));
            }
            Command::Open { id } => match self.join(&id) {
                Ok(meeting) => self.desktop.open(&meeting),
                Err(fault) => {
                    tracing::info!(%fault, "a meeting cannot be opened");
                    self.desktop.raise();
                }
            },
            Command::Dismiss { id } => {
                let stopped = self.ring.dismissed(&id);
                self.tell(stopped);
            }
            Command::End { id, ending, answer } => self.end(id, ending, answer),
            Command::Ended { id, status } => {
                let was_on = self.ring.lists(&id) || self.missing.remove(&id);
                let stopped = self.ring.ended(&id, status);
                self.tell(stopped);
                if was_on {
                    let status = self.ring.ended_as(&id).unwrap_or(status);
                    self.desktop.over(&id, status);
                }
            }
            Command::Gone { id } => {
                // How it ended nobody says; and should it be listed again, it can be joined again.
                if self.missing.remove(&id) {
                    self.desktop.over(&id, Status::Completed);
                }
            }
            Command::Entered { session } => {
                self.page.call.clone_from(&session);
                if let Some(id) = &session {
                    let stopped = self.ring.joined(id);
                    self.tell(stopped);
                    // It may have gone from the list while the page was on its way.
                    if self.heard.sessions.is_some() && self.ring.ended_as(id).is_none() {
                        self.look_after(id);
                    }
                }
                self.set_in_call(true);
            }
            Command::Left { session, alone } => {
                self.set_in_call(false);
                self.page.left(session.as_deref());
                self.missing.keep(|id| self.page.shows(id));
                let open = |id: &String| self.ring.status(id).is_none_or(|s| s == Status::Active);
                if alone && let Some(id) = session.filter(open) {
                    self.end(id, Ending::Complete, None);
                }
            }
            Command::Raise => self.desktop.raise(),
        }
    }

    fn set_in_call(&mut self, in_call: bool) {
        self.in_call = in_call;
        self.ring.set_in_call(in_call);
    }

    fn join(&mut self, id: &str) -> Result<Meeting, Fault> {
        let following = self.following.as_ref().ok_or(Code::BackendNotSignedIn)?;
        match self.ring.status(id) {
            Some(Status::Completed) => return Err(Code::MeetingCompleted.into()),
            Some(Status::Cancelled) => return Err(Code::MeetingCancelled.into()),
            Some(Status::Active) | None => {}
        }
        let session = self.ring.active().iter().find(|session| session.id == id);
        let session = session.ok_or(Code::MeetingNotFound)?;
        let meeting = meeting_of(session, &*following.backend, &self.settings);
        let stopped = self.ring.joined(id);
        self.tell(stopped);
        self.page.lobby = Some(id.to_owned());
        Ok(meeting)
    }

    fn end(&self, id: String, ending: Ending, answer: Option<oneshot::Sender<Result<(), Fault>>>) {
        let Some(following) = &self.following else {
            if let Some(answer) = answer {
                let _ = answer.send(Err(Code::BackendNotSignedIn.into()));
            }
            return;
        };
        let (backend, own) = (following.backend.clone(), self.own.clone());
        // Somebody who waits is told soon; otherwise the end is worth a minute's patience: without
        // it, the meeting stays open for ever.
        let attempts = if answer.is_some() { 1 } else { 6 };
        tokio::spawn(async move {
            let ended = ending::end(&*backend, &id, ending, attempts).await;
            let (status, result) = ended;
            if let Some(status) = status {
                own.tell(Command::Ended {
                    id: id.clone(),
                    status,
                });
            }
            match (answer, result) {
                (Some(answer), result) => {
                    let _ = answer.send(result);
                }
                (None, Err(fault)) => tracing::warn!(%fault, "a meeting was not completed"),
                (None, Ok(())) => tracing::info!("the last one left: the meeting is completed"),
            }
        });
    }

    fn tell(&mut self, events: impl IntoIterator<Item = RingEvent>) {
        for event in events {
            match event {
                RingEvent::Ring(session) => {
                    tracing::info!(session = session.id, "a meeting rings");
                    self.desktop.ring(&session, self.settings.notifications);
                }
                RingEvent::Stop { id, why } => {
                    tracing::info!(session = id, ?why, "it rings no more");
                    self.desktop.stop(&id, why);
                }
                RingEvent::OpenLobby(session) => {
                    if let Some(following) = &self.following {
                        tracing::info!(session = session.id, "straight into the lobby");
                        let meeting = meeting_of(&session, &*following.backend, &self.settings);
                        self.desktop.open(&meeting);
                        self.page.lobby = Some(session.id);
                    }
                }
            }
        }
    }

    fn answered_elsewhere(&self) -> Vec<String> {
        let answered = |id: &String| self.heard.answered.contains(id);
        self.active().into_iter().filter(answered).collect()
    }

    fn publish(&mut self) {
        // A product without meeting sessions has none: that is no fault.
        let code = self.heard.fault.as_ref().map(|fault| fault.code);
        let none = code == Some(Code::BackendEndpointMissing);
        let no_feed = matches!(&self.following, Some(following) if following.feed.is_none());
        let known = none || no_feed || self.heard.sessions.is_some();
        let state = SessionsState {
            sessions: known.then(|| self.ring.active().to_vec()),
            ringing: self.ring.ringing(),
            missed: self.ring.missed(),
            ringtone: self.settings.ringtone && self.ring.audible().is_some(),
            answered_elsewhere: self.answered_elsewhere(),
            fault: self.heard.fault.clone().filter(|_| !none),
        };
        let changed = self.publish.send_if_modified(|held| {
            let changed = *held != state;
            held.clone_from(&state);
            changed
        });
        if changed {
            self.desktop.show(&state);
        }
    }
}

/// The meeting that a session is about.
fn meeting_of(session: &MeetingSession, backend: &dyn LiveBackend, settings: &Settings) -> Meeting {
    let server = server::known(settings, backend.provider(), backend.server());
    let title = [&session.title, &session.other_party, &session.call_id]
        .into_iter()
        .find(|text| !text.is_empty());
    Meeting {
        provider: backend.provider(),
        room: session.call_id.clone(),
        title: title.cloned().unwrap_or_default(),
        server_url: server.map(address).unwrap_or_default(),
        source: Source::Backend,
        session: Some(session.id.clone()),
        call_type: None,
    }
}
