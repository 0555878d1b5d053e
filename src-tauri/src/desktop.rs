//! What the desktop shows of the user's meetings: notifications, the tray, a badge; and what the
//! page is told. `docs/decisions/ringing.md` says what is done where.

#[cfg(target_os = "linux")]
mod awake;
mod closing;
mod notification;
#[cfg(target_os = "linux")]
mod theme;
mod tray;
mod written;

use std::collections::HashMap;

use salon_meeting::feed::SessionsState;
use salon_meeting::live::{Command, Sessions};
use salon_meeting::ring::StopReason;
use salon_meeting::session::{MeetingSession, Status};
use salon_meeting::{Meeting, live};
use salon_settings::Beside;
use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _, UserAttentionType};

pub use closing::Closing;
pub(crate) use notification::Notification;
pub use written::Written;
#[cfg(target_os = "linux")]
pub(crate) use {awake::keep as keep_display_on, theme::follow as follow_theme};

use crate::open_meetings::OpenMeetings;
use crate::window::{self, WINDOW};
use notification::Answer;
use tray::Tray;

/// Event with the [`SessionsState`].
const SESSIONS: &str = "sessions";
/// Event with a [`MeetingOver`].
const OVER: &str = "meeting-over";

/// A meeting session has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct MeetingOver {
    /// The meeting session's id.
    pub session: String,
    /// How it ended.
    pub status: Status,
}

/// The system's desktop, and the app's page.
#[derive(Debug)]
pub struct Desktop {
    app: AppHandle,
    tray: Tray,
    sessions: Sessions,
    /// By meeting session. Closed when dropped.
    notifications: HashMap<String, Notification>,
}

impl Desktop {
    /// With a tray icon, if there can be one. [`OpenMeetings`] have to be managed by the app. What
    /// the user does outside of the page is told to `sessions`.
    pub fn new(app: AppHandle, sessions: Sessions, beside: Option<&Beside>) -> Self {
        let tray = Tray::new(app.clone(), sessions.clone(), beside.map(Beside::tray));
        if let Some(closing) = app.try_state::<Closing>().filter(|_| tray.has_icon()) {
            closing.has_icon();
        }
        Self {
            tray,
            app,
            sessions,
            notifications: HashMap::new(),
        }
    }

    fn attention(&self, wanted: bool) {
        let Some(window) = self.app.get_webview_window(WINDOW) else {
            return;
        };
        let kind = wanted.then_some(UserAttentionType::Critical);
        if let Err(error) = window.request_user_attention(kind) {
            tracing::debug!(%error, "no attention is drawn to the window");
        }
    }

    /// How many ring, on the app's icon.
    fn badge(&self, ringing: usize) {
        let Some(window) = self.app.get_webview_window(WINDOW) else {
            return;
        };
        #[cfg(windows)]
        let set = window.set_overlay_icon((ringing > 0).then(tray::dot));
        #[cfg(not(windows))]
        let set = {
            let count = i64::try_from(ringing).ok().filter(|count| *count > 0);
            window.set_badge_count(count)
        };
        if let Err(error) = set {
            tracing::debug!(%error, "no badge");
        }
    }
}

impl live::Desktop for Desktop {
    fn show(&mut self, state: &SessionsState) {
        if let Err(error) = self.app.emit_to(WINDOW, SESSIONS, state) {
            tracing::warn!(%error, "the page cannot be told of meetings");
        }
        self.tray.show(state);
        self.badge(state.ringing.len());
        if state.ringing.is_empty() {
            self.attention(false);
        }
    }

    fn ring(&mut self, session: &MeetingSession, notify: bool) {
        self.attention(true);
        if !notify {
            return;
        }
        let (id, sessions) = (session.id.clone(), self.sessions.clone());
        let notification = Notification::show(&self.app, session, move |answer| {
            sessions.tell(match answer {
                Answer::Join => Command::Open { id },
                Answer::Dismiss => Command::Dismiss { id },
                Answer::Look => Command::Raise,
            });
        });
        self.notifications.insert(session.id.clone(), notification);
    }

    fn stop(&mut self, id: &str, _why: StopReason) {
        self.notifications.remove(id);
    }

    fn open(&mut self, meeting: &Meeting) {
        self.raise();
        if let Some(meetings) = self.app.try_state::<OpenMeetings>() {
            meetings.open(&self.app, meeting);
        }
    }

    fn raise(&mut self) {
        window::show(&self.app);
    }

    fn over(&mut self, id: &str, status: Status) {
        let over = MeetingOver {
            session: id.into(),
            status,
        };
        if let Err(error) = self.app.emit_to(WINDOW, OVER, over) {
            tracing::warn!(%error, "the page cannot be told that the meeting is over");
        }
    }
}
