//! The system's notifications: of a meeting that rings, with buttons, of a window that was closed
//! while the app goes on, and of a new version. They are an extra: where there is no notification
//! daemon, or no D-Bus, the page rings all the same.

use std::sync::atomic::{AtomicBool, Ordering};

use notify_rust::{NotificationResponse, Timeout};
use salon_meeting::session::{MeetingSession, Role};
use salon_product::NAME;
use tauri::AppHandle;
use tokio::sync::oneshot;

use crate::words::Words;

/// By which the desktop knows the program: the name of its entry there, and of its icon.
#[cfg(any(target_os = "linux", windows))]
const APP_ID: &str = salon_product::ID;
const JOIN: &str = "join";
const DISMISS: &str = "dismiss";
/// Characters of what somebody wrote.
const LONGEST: usize = 200;

/// What the user does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The button "Join the meeting".
    Join,
    /// The button "Dismiss".
    Dismiss,
    /// A click beside the buttons.
    Look,
}

impl Answer {
    fn of(response: &NotificationResponse) -> Option<Self> {
        match response {
            NotificationResponse::Default => Some(Self::Look),
            NotificationResponse::Action(action) => match action.as_str() {
                JOIN => Some(Self::Join),
                DISMISS => Some(Self::Dismiss),
                _ => None,
            },
            // That it is gone does not mean that the user does not want the meeting.
            NotificationResponse::Closed(_) | NotificationResponse::Reply(_) => None,
        }
    }
}

/// A notification that is shown. Closes when dropped, as far as the system can.
#[derive(Debug)]
pub(crate) struct Notification {
    _closes: oneshot::Sender<()>,
}

impl Notification {
    /// Does not wait. `answer` is called at most once.
    pub(super) fn show(
        app: &AppHandle,
        session: &MeetingSession,
        answer: impl FnOnce(Answer) + Send + 'static,
    ) -> Self {
        Self::post(wanted(session, Words::of(app)), move |answered| {
            if let Some(what) = answered {
                answer(what);
            }
        })
    }

    /// Says that the app goes on without its window. Does not wait. `look` is called at most once.
    pub(super) fn still_running(app: &AppHandle, look: impl FnOnce() + Send + 'static) -> Self {
        let words = Words::of(app);
        let mut wanted = of_this_app();
        wanted
            .summary(&words.say("goes-on-ringing"))
            .body(&plain_body(&words.next("goes-on-ringing", &[])))
            .action("default", &words.say("open"));
        Self::with_a_look(wanted, look)
    }

    /// Says that somebody wrote in a call. Does not wait. `look` is called at most once.
    pub(crate) fn of_message(
        app: &AppHandle,
        from: &str,
        words: &str,
        look: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self::with_a_look(message(from, words, Words::of(app)), look)
    }

    /// Says that a new version runs from the next start. Does not wait.
    pub(crate) fn of_update(app: &AppHandle, version: &semver::Version) -> Self {
        let words = Words::of(app);
        let version = version.to_string();
        let body = words.next("updated", &[("version", version.as_str().into())]);
        let mut wanted = of_this_app();
        wanted
            .summary(&words.say("updated"))
            .body(&plain_body(&body));
        Self::post(wanted, |_| {})
    }

    /// Shows one that leads back to the window, and nowhere else.
    fn with_a_look(
        wanted: notify_rust::Notification,
        look: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self::post(wanted, move |answered| {
            if answered == Some(Answer::Look) {
                look();
            }
        })
    }

    fn post(
        wanted: notify_rust::Notification,
        answered: impl FnOnce(Option<Answer>) + Send + 'static,
    ) -> Self {
        let (closes, closed) = oneshot::channel();
        platform::show(wanted, closed, move |response| {
            answered(Answer::of(response));
        });
        Self { _closes: closes }
    }
}

/// One that the desktop knows to be Salon's, and that says nothing yet.
fn of_this_app() -> notify_rust::Notification {
    let mut empty = notify_rust::Notification::new();
    empty.appname(NAME);
    #[cfg(target_os = "linux")]
    empty
        .icon(APP_ID)
        .hint(notify_rust::Hint::DesktopEntry(APP_ID.into()));
    #[cfg(windows)]
    empty.app_id(APP_ID);
    empty
}

fn wanted(session: &MeetingSession, words: &Words) -> notify_rust::Notification {
    let summary = match session.role {
        Role::Offerer => "your-offer-accepted",
        Role::Requester => "you-accepted",
    };
    let mut wanted = of_this_app();
    wanted
        .summary(&words.say(summary))
        .body(&body(session))
        .action("default", &words.say("open"))
        .action(JOIN, &words.say("join-the-meeting"))
        .action(DISMISS, &words.say("dismiss"))
        // It goes when ringing stops.
        .timeout(Timeout::Never);
    #[cfg(target_os = "linux")]
    wanted
        .urgency(notify_rust::Urgency::Critical)
        .hint(notify_rust::Hint::Category("call.incoming".into()))
        // The app has its own ringtone, which can be switched off.
        .hint(notify_rust::Hint::SuppressSound(true));
    wanted
}

fn body(session: &MeetingSession) -> String {
    let lines = [&session.title, &session.other_party];
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    plain_body(&lines.map(String::as_str).collect::<Vec<_>>().join("\n"))
}

fn message(from: &str, text: &str, words: &Words) -> notify_rust::Notification {
    let mut wanted = of_this_app();
    wanted
        .summary(&begin(from))
        .body(&plain_body(&begin(text)))
        .action("default", &words.say("open"));
    #[cfg(target_os = "linux")]
    wanted.hint(notify_rust::Hint::Category("im.received".into()));
    wanted
}

/// As much of what somebody else wrote as has room.
fn begin(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// On D-Bus the body is markup (Desktop Notifications Specification 1.2), elsewhere it is not.
fn plain_body(text: &str) -> String {
    if cfg!(target_os = "linux") {
        escaped(text)
    } else {
        text.into()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Says once that there are none.
fn none(error: &dyn std::fmt::Display) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        tracing::info!(%error, "the system shows no notifications");
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use std::time::Duration;

    use super::{NotificationResponse, none, oneshot};

    /// A daemon that takes longer does not answer at all.
    const LIMIT: Duration = Duration::from_secs(10);

    /// In a task of its own, so that whatever D-Bus does harms nobody.
    pub(super) fn show(
        wanted: notify_rust::Notification,
        closed: oneshot::Receiver<()>,
        answer: impl FnOnce(&NotificationResponse) + Send + 'static,
    ) {
        tauri::async_runtime::spawn(async move {
            let shown = match tokio::time::timeout(LIMIT, wanted.show_async()).await {
                Ok(Ok(shown)) => shown,
                Ok(Err(error)) => return none(&error),
                Err(_) => return none(&"its daemon does not answer"),
            };
            tokio::select! {
                _ = closed => {
                    if tokio::time::timeout(LIMIT, shown.close_async()).await.is_err() {
                        none(&"its daemon does not answer");
                    }
                }
                () = shown.wait_for_action_async(answer) => {}
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::{NotificationResponse, none, oneshot};

    /// On a thread, for waiting blocks here. The system's interfaces behind the library cannot
    /// close what is shown, so `closed` only keeps late answers away; on macOS the library shows
    /// one button of several.
    pub(super) fn show(
        wanted: notify_rust::Notification,
        mut closed: oneshot::Receiver<()>,
        answer: impl FnOnce(&NotificationResponse) + Send + 'static,
    ) {
        let waits = move || match wanted.show() {
            Ok(shown) => {
                let waited = shown.wait_for_response(|response: &NotificationResponse| {
                    if matches!(closed.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
                        answer(response);
                    }
                });
                if let Err(error) = waited {
                    none(&error);
                }
            }
            Err(error) => none(&error),
        };
        let thread = std::thread::Builder::new().name("notification".into());
        if let Err(error) = thread.spawn(waits) {
            none(&error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::english;
    use salon_meeting::session::Status;

    fn session(role: Role) -> MeetingSession {
        MeetingSession {
            id: "s".into(),
            offer_id: String::new(),
            request_id: String::new(),
            requester_id: String::new(),
            offerer_id: String::new(),
            call_id: "c".into(),
            status: Status::Active,
            created_at: 0,
            ended_at: None,
            title: "Tea & <b>cake</b>".into(),
            other_party: "Amina".into(),
            role,
        }
    }

    #[test]
    fn what_somebody_wrote_is_short_and_no_markup() {
        let shown = message("Amina", "<b>tea</b>", english());
        assert_eq!(shown.summary, "Amina");
        #[cfg(target_os = "linux")]
        assert_eq!(shown.body, "&lt;b&gt;tea&lt;/b&gt;");
        let long = message(&"a".repeat(9_000), &"é".repeat(9_000), english());
        assert_eq!(long.summary.chars().count(), LONGEST);
        assert_eq!(long.body.chars().count(), LONGEST);
    }

    #[test]
    fn it_has_the_wording_of_the_part_and_foreign_text_is_no_markup() {
        let offerer = wanted(&session(Role::Offerer), english());
        assert_eq!(offerer.summary, "Your offer was accepted!");
        #[cfg(target_os = "linux")]
        assert_eq!(offerer.body, "Tea &amp; &lt;b&gt;cake&lt;/b&gt;\nAmina");
        assert_ne!(
            wanted(&session(Role::Requester), english()).summary,
            offerer.summary
        );
        let mut untitled = session(Role::Offerer);
        untitled.title.clear();
        assert_eq!(wanted(&untitled, english()).body, "Amina");
    }

    #[test]
    fn answers_are_buttons_only() {
        let action = |name: &str| Answer::of(&NotificationResponse::Action(name.into()));
        assert_eq!(action("join"), Some(Answer::Join));
        assert_eq!(action("dismiss"), Some(Answer::Dismiss));
        assert_eq!(action("other"), None);
        assert_eq!(
            Answer::of(&NotificationResponse::Default),
            Some(Answer::Look)
        );
        let closed = NotificationResponse::Closed(notify_rust::CloseReason::Dismissed);
        assert_eq!(Answer::of(&closed), None);
    }
}
