//! What the loop over the user's meeting sessions wants of a backend and of a desktop.

use std::fmt;
use std::sync::Arc;

use salon_base::{Fault, Later, Provider};
use url::Url;

use crate::feed::{Feed, SessionsState};
use crate::meeting::Meeting;
use crate::ring::StopReason;
use crate::session::{MeetingSession, Status};

/// A backend as far as meeting sessions go.
pub trait LiveBackend: fmt::Debug + Send + Sync {
    /// Whose calls these are.
    fn provider(&self) -> Provider;

    /// The profile's media server.
    fn server(&self) -> Option<&Url>;

    /// The live list; absent: the product has no meeting sessions. Called in a Tokio runtime.
    fn feed(&self) -> Option<Feed>;

    /// Where one meeting session is in its life, whether the list has it or not; absent: the
    /// product cannot be asked for one.
    ///
    /// # Errors
    /// [`salon_base::Code::MeetingNotFound`] if there is none; whatever kept the backend from saying.
    fn one<'a>(&'a self, id: &'a str) -> Option<Later<'a, Result<Status, Fault>>>;

    /// Completes a meeting session.
    ///
    /// # Errors
    /// [`salon_base::Code::MeetingCompleted`] and [`salon_base::Code::MeetingCancelled`] if it has ended,
    /// [`salon_base::Code::MeetingNotFound`], [`salon_base::Code::BackendEndpointMissing`] if the product cannot do it.
    fn end<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>>;

    /// Cancels a meeting session.
    ///
    /// # Errors
    /// As [`LiveBackend::end`].
    fn cancel<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>>;
}

/// The backend that the settings choose now, if they choose one.
pub type Backends = Box<dyn Fn() -> Option<Arc<dyn LiveBackend>> + Send>;

/// What is told to the page and to the desktop. Nothing here may wait.
pub trait Desktop: Send {
    /// The state changed: page, tray and badge.
    fn show(&mut self, state: &SessionsState);

    /// A meeting session begins to ring; `notify`: with a notification of the system's.
    fn ring(&mut self, session: &MeetingSession, notify: bool);

    /// It rings no more.
    fn stop(&mut self, id: &str, why: StopReason);

    /// Leads the user into a meeting's lobby.
    fn open(&mut self, meeting: &Meeting);

    /// Brings the window to the front.
    fn raise(&mut self);

    /// The meeting session of the call that the user is in has ended.
    fn over(&mut self, id: &str, status: Status);
}
