//! The page's life: its process may die, or somebody loads it anew. Either way it is in no call any
//! more, and whatever counted on it has to know; the page that comes after it is told, and offers the
//! way back. A page that dies again within a minute is not opened again unasked: what asks is a page
//! without a script (`ui/public/stopped.html`), and where even that dies nothing can be shown, so
//! that the app ends.
//!
//! That a process died, WebKitGTK and WKWebView say. WebView2 shows a page of its own, from which
//! the user loads ours anew.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use salon_meeting::held::HeldMeeting;
use salon_meeting::live::{Command, Sessions};
use salon_settings::LiveSettings;
use serde::Serialize;
use tauri::{AppHandle, Manager as _};
use tokio::sync::watch;

use crate::kept_history::KeptHistory;
use crate::links::{Links, Problems};
use crate::open_meetings::OpenMeetings;
use crate::window::WINDOW;

/// A second death within this time is no accident.
const SOON: Duration = Duration::from_secs(60);
/// Who has not said within this time whether they return to a call is not there: nothing waits for the answer any
/// more, which may come all the same.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Where the app begins.
const BEGINNING: &str = "/";
/// What asks whether the app is to be opened again.
const STOPPED: &str = "/stopped.html";

/// What the page before left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// Its process died; otherwise it was loaded anew.
    pub died: bool,
    /// The meeting whose call it was in.
    pub meeting: Option<HeldMeeting>,
}

/// What a page that begins is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// None was there before it: what the app was started with is for this one.
    pub(crate) first: bool,
    /// Absent: nothing was lost.
    pub(crate) lost: Option<Lost>,
}

/// What follows from a death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The page is opened again.
    Open,
    /// The user is asked first.
    Ask,
    /// Nothing can be shown: the app ends.
    End,
}

/// What is known of the page that is there, and of the one before.
#[derive(Debug, Default)]
pub struct PageLife {
    state: Mutex<State>,
    in_call: watch::Sender<bool>,
    in_room: watch::Sender<bool>,
    question: watch::Sender<Option<u64>>,
}

#[derive(Debug, Default)]
struct State {
    begun: bool,
    /// It is on the way into a call.
    connecting: bool,
    /// The meeting whose call it is in.
    call: Option<HeldMeeting>,
    lost: Option<Lost>,
    /// What the page has last been told that it may return to.
    offered: Option<HeldMeeting>,
    died: Option<Instant>,
    asking: bool,
    /// How often it was open whether to return to a call.
    questions: u64,
    /// Which of these nobody is expected to answer any more.
    given_up: Option<u64>,
}

impl State {
    /// In a call, on the way into one, or about to be asked whether to return to one.
    fn is_in_call(&self) -> bool {
        let question = self.question();
        self.connecting || self.call.is_some() || (question.is_some() && question != self.given_up)
    }

    /// By its number, the question whether to return to a call, if it is open.
    fn question(&self) -> Option<u64> {
        let lost = self.lost.as_ref().and_then(|lost| lost.meeting.as_ref());
        lost.or(self.offered.as_ref()).map(|_| self.questions)
    }
}

/// Tells whoever listens, if it is news.
fn tell<T: PartialEq>(told: &watch::Sender<T>, now: T) {
    told.send_if_modified(|before| {
        let news = *before != now;
        *before = now;
        news
    });
}

impl PageLife {
    /// Whether that makes a difference to who must not disturb a call is told after each change.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock();
        let changed = change(&mut state);
        tell(&self.in_call, state.is_in_call());
        tell(&self.in_room, state.call.is_some());
        tell(&self.question, state.question());
        changed
    }

    /// Lets nobody wait for an answer that does not come, as long as the app runs.
    pub(crate) async fn have_patience(&self) {
        let mut question = self.question.subscribe();
        loop {
            let open = *question.borrow_and_update();
            let answered = question.changed();
            let Some(open) = open else {
                if answered.await.is_err() {
                    return;
                }
                continue;
            };
            if tokio::time::timeout(PATIENCE, answered).await.is_err() {
                tracing::info!("nobody says whether to return to the call: nothing waits for it");
                self.change(|state| state.given_up = Some(open));
                // The same one is not waited for again.
                if question.changed().await.is_err() {
                    return;
                }
            }
        }
    }

    /// A page begins.
    pub(crate) fn begins(&self) -> Beginning {
        self.change(|state| {
            state.asking = false;
            let lost = state.lost.take();
            state.offered = lost.as_ref().and_then(|lost| lost.meeting.clone());
            Beginning {
                first: !std::mem::replace(&mut state.begun, true),
                lost,
            }
        })
    }

    /// It is on the way into a call; or not any more, and does not want to return to one, either.
    pub(crate) fn connecting(&self, connecting: bool) {
        self.change(|state| {
            state.connecting = connecting;
            state.offered = None;
        });
    }

    /// It is in the call of a meeting.
    pub(crate) fn entered(&self, meeting: HeldMeeting) {
        self.change(|state| {
            state.offered = None;
            state.call = Some(meeting);
        });
    }

    /// It has left the call.
    pub(crate) fn left(&self) {
        self.change(|state| state.call = None);
    }

    /// Whether it is in a call, on the way into one, or about to be asked whether to return to one.
    pub(crate) fn in_call(&self) -> watch::Receiver<bool> {
        self.in_call.subscribe()
    }

    /// Whether it is in a call: not only on the way, nor asked whether to return.
    pub(crate) fn in_room(&self) -> watch::Receiver<bool> {
        self.in_room.subscribe()
    }

    /// It is gone without having left; the meeting whose call it was in.
    fn replaced(&self) -> Option<HeldMeeting> {
        self.change(|state| {
            state.connecting = false;
            let meeting = state.call.take()?;
            state.questions += 1;
            state.lost = Some(Lost {
                died: false,
                meeting: Some(meeting.clone()),
            });
            Some(meeting)
        })
    }

    /// Its process has died.
    fn died(&self, now: Instant) -> (Next, Option<HeldMeeting>) {
        self.change(|state| {
            let before = state.died.replace(now);
            let soon = before.is_some_and(|before| now.duration_since(before) < SOON);
            state.connecting = false;
            let call = state.call.take();
            // It may have died before the user could answer.
            let lost = state.lost.take().and_then(|lost| lost.meeting);
            let unanswered = lost.or(state.offered.take()).filter(|_| soon);
            state.questions += 1;
            state.lost = Some(Lost {
                died: true,
                meeting: call.clone().or(unanswered),
            });
            let next = match (state.asking, soon) {
                (true, _) => Next::End,
                (false, true) => Next::Ask,
                (false, false) => Next::Open,
            };
            state.asking = next == Next::Ask;
            (next, call)
        })
    }
}

/// Another page takes the place of the one that was there.
pub(crate) fn replaced(app: &AppHandle) {
    let call = app.try_state::<PageLife>().and_then(|life| life.replaced());
    gone(app, call);
}

/// The process of the page has died.
fn died(app: &AppHandle) {
    let Some(life) = app.try_state::<PageLife>() else {
        return;
    };
    let (next, call) = life.died(Instant::now());
    tracing::error!(?next, in_call = call.is_some(), "the page's process died");
    gone(app, call);
    // Nobody is there to be asked, nor to return.
    let guest = app
        .try_state::<LiveSettings>()
        .is_some_and(|settings| settings.now().guest);
    match next {
        Next::End => app.exit(1),
        _ if guest => app.exit(1),
        Next::Open => open(app, BEGINNING),
        Next::Ask => open(app, STOPPED),
    }
}

fn open(app: &AppHandle, path: &str) {
    let Some(window) = app.get_webview_window(WINDOW) else {
        return;
    };
    let opened = window.url().and_then(|mut url| {
        url.set_path(path);
        window.navigate(url)
    });
    if let Err(error) = opened {
        tracing::error!(%error, "the page cannot be opened again");
        app.exit(1);
    }
}

/// What others do for the page waits for the next one; the call that it was in is over, and the
/// meeting goes on.
fn gone(app: &AppHandle, call: Option<HeldMeeting>) {
    if let Some(links) = app.try_state::<Links>() {
        links.page_left();
    }
    if let Some(problems) = app.try_state::<Problems>() {
        problems.page_left();
    }
    if let Some(meetings) = app.try_state::<OpenMeetings>() {
        meetings.page_left();
    }
    let Some(meeting) = call else {
        return;
    };
    if let Some(sessions) = app.try_state::<Sessions>() {
        sessions.tell(Command::Left {
            session: meeting.meeting.session,
            alone: false,
        });
    }
    if let Some(history) = app.try_state::<KeptHistory>() {
        history.interrupted();
    }
}

/// Hears when the process of the window's page dies.
///
/// # Errors
/// If the window has gone.
#[cfg(target_os = "linux")]
pub(crate) fn watch(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt as _;

    let app = window.app_handle().clone();
    window.with_webview(move |webview| {
        webview
            .inner()
            .connect_web_process_terminated(move |_, reason| {
                tracing::error!(?reason, "WebKit ended the page");
                died(&app);
            });
    })
}

/// Has the app hear when the process of a window's page dies.
#[cfg(target_os = "macos")]
pub(crate) fn watched(builder: tauri::Builder<tauri::Wry>) -> tauri::Builder<tauri::Wry> {
    builder.on_web_content_process_terminate(|webview| died(webview.app_handle()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use salon_base::Provider;
    use salon_meeting::{Meeting, Source};

    fn meeting(room: &str) -> HeldMeeting {
        let meeting = Meeting {
            provider: Provider::Livekit,
            room: room.into(),
            title: String::new(),
            server_url: String::new(),
            source: Source::Backend,
            session: None,
            call_type: None,
        };
        HeldMeeting {
            id: room.into(),
            meeting,
        }
    }

    fn lost(died: bool, room: Option<&str>) -> Option<Lost> {
        Some(Lost {
            died,
            meeting: room.map(meeting),
        })
    }

    #[test]
    fn the_first_page_has_lost_nothing_and_later_ones_do_not_begin_as_it_did() {
        let life = PageLife::default();
        assert_eq!(
            life.begins(),
            Beginning {
                first: true,
                lost: None
            }
        );
        assert_eq!(life.replaced(), None);
        assert_eq!(
            life.begins(),
            Beginning {
                first: false,
                lost: None
            }
        );
    }

    #[test]
    fn the_meeting_of_a_page_that_went_in_a_call_can_be_returned_to() {
        let life = PageLife::default();
        life.begins();
        life.entered(meeting("a"));
        assert_eq!(life.replaced(), Some(meeting("a")));
        assert_eq!(life.begins().lost, lost(false, Some("a")));
        life.entered(meeting("b"));
        assert_eq!(life.died(Instant::now()), (Next::Open, Some(meeting("b"))));
        assert_eq!(life.begins().lost, lost(true, Some("b")));
        // Once told, it is not told again.
        assert_eq!(life.begins().lost, None);
        life.entered(meeting("c"));
        life.left();
        assert_eq!(life.replaced(), None);
        assert_eq!(life.begins().lost, None);
    }

    #[test]
    fn a_second_death_within_a_minute_asks_and_a_third_ends_it() {
        let life = PageLife::default();
        let start = Instant::now();
        life.begins();
        life.entered(meeting("a"));
        assert_eq!(life.died(start).0, Next::Open);
        life.begins();
        let soon = start + SOON / 2;
        // Nobody had answered yet whether they want to return.
        assert_eq!(life.died(soon), (Next::Ask, None));
        assert_eq!(life.died(soon).0, Next::End);

        life.begins();
        assert_eq!(life.died(soon + SOON).0, Next::Open);
    }

    #[test]
    fn the_way_back_is_still_offered_after_a_second_death_but_not_later() {
        let life = PageLife::default();
        let start = Instant::now();
        life.entered(meeting("a"));
        life.died(start);
        life.begins();
        life.died(start + SOON / 2);
        assert_eq!(life.begins().lost, lost(true, Some("a")));
        life.died(start + SOON * 3);
        assert_eq!(life.begins().lost, lost(true, None));
    }

    #[test]
    fn new_versions_wait_for_who_is_connecting_and_for_who_may_return_to_a_call() {
        let life = PageLife::default();
        let in_call = life.in_call();
        let quiet = || !*in_call.borrow();
        life.begins();
        assert!(quiet());
        life.connecting(true);
        assert!(!quiet());
        // In vain.
        life.connecting(false);
        assert!(quiet());
        life.connecting(true);
        life.entered(meeting("a"));
        life.connecting(false);
        assert!(!quiet());
        life.left();
        assert!(quiet());
        // It dies in the call, and the next one asks.
        life.entered(meeting("a"));
        let start = Instant::now();
        life.died(start);
        assert!(!quiet());
        life.begins();
        assert!(!quiet());
        life.connecting(false);
        assert!(quiet());
        // On the way there, there is nothing to return to.
        life.connecting(true);
        life.died(start + SOON * 2);
        assert!(quiet());
    }

    /// A question that nobody answers, put by a page that begins or by the one without a script.
    #[tokio::test(start_paused = true)]
    async fn new_versions_do_not_wait_for_ever_for_who_does_not_say_whether_to_return() {
        for page_begins in [true, false] {
            let life = std::sync::Arc::new(PageLife::default());
            let patient = life.clone();
            let patience = tokio::spawn(async move { patient.have_patience().await });
            let mut in_call = life.in_call();
            life.begins();
            life.entered(meeting("a"));
            let start = Instant::now();
            life.died(start);
            if page_begins {
                life.begins();
            }
            let asked = tokio::time::Instant::now();
            in_call.wait_for(|in_call| !in_call).await.unwrap();
            assert!(asked.elapsed() >= PATIENCE);
            // The answer may still come, and holds them back as any other call.
            life.connecting(true);
            assert!(*in_call.borrow());
            life.entered(meeting("a"));
            life.connecting(false);
            // So does the next question, from its beginning.
            assert_eq!(life.replaced(), Some(meeting("a")));
            assert!(*in_call.borrow());
            let asked = tokio::time::Instant::now();
            in_call.wait_for(|in_call| !in_call).await.unwrap();
            assert!(asked.elapsed() >= PATIENCE);
            patience.abort();
        }
    }
}
