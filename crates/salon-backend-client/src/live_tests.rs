//! The loop over the user's meeting sessions, against the reference backend.

mod short_lists;
mod signing_out;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use salon_account::{AccountState, BackendInfo, User};
use salon_base::{Code, Fault, Later, Provider};
use salon_meeting::feed::{Feed, FeedState, SessionsState};
use salon_meeting::live::{Command, Desktop, Ending, LiveBackend, Parts, Sessions, inbox, live};
use salon_meeting::ring::StopReason;
use salon_meeting::session::{MeetingSession, Status};
use salon_meeting::{Meeting, Source};
use salon_settings::Settings;
use tokio::sync::{mpsc, watch};
use url::Url;

use crate::test_backend::{Line, Person, TestBackend};

/// What the desktop was told, a call of [`Desktop`] each.
#[derive(Clone, Debug, PartialEq)]
enum DesktopCall {
    Show(SessionsState),
    Ring(String, bool),
    Stop(String, StopReason),
    Open(Meeting),
    Raise,
    Over(String, Status),
}

struct FakeDesktop(mpsc::UnboundedSender<DesktopCall>);

impl Desktop for FakeDesktop {
    fn show(&mut self, state: &SessionsState) {
        let _ = self.0.send(DesktopCall::Show(state.clone()));
    }
    fn ring(&mut self, session: &MeetingSession, notify: bool) {
        let _ = self.0.send(DesktopCall::Ring(session.id.clone(), notify));
    }
    fn stop(&mut self, id: &str, why: StopReason) {
        let _ = self.0.send(DesktopCall::Stop(id.into(), why));
    }
    fn open(&mut self, meeting: &Meeting) {
        let _ = self.0.send(DesktopCall::Open(meeting.clone()));
    }
    fn raise(&mut self) {
        let _ = self.0.send(DesktopCall::Raise);
    }
    fn over(&mut self, id: &str, status: Status) {
        let _ = self.0.send(DesktopCall::Over(id.into(), status));
    }
}

/// One person's app.
struct App {
    sessions: Sessions,
    desktop: mpsc::UnboundedReceiver<DesktopCall>,
    account: watch::Sender<AccountState>,
    settings: watch::Sender<Arc<Settings>>,
    line: Line,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for App {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn signed_in(person: &Person) -> AccountState {
    AccountState {
        backend: Some(BackendInfo {
            profile: "salon".into(),
            title: "Salon".into(),
            host: "127.0.0.1".into(),
        }),
        user: Some(User {
            id: person.id.as_ref().into(),
            name: String::new(),
        }),
        ..AccountState::default()
    }
}

fn settings(change: impl FnOnce(&mut Settings)) -> Arc<Settings> {
    let mut settings = Settings {
        ringtone: true,
        notifications: true,
        ..Settings::default()
    };
    change(&mut settings);
    Arc::new(settings)
}

impl App {
    /// Signed in, with an empty list heard.
    async fn start(backend: &TestBackend, person: &Arc<Person>) -> Self {
        let line = Line::to(backend.address()).await;
        let (tell, desktop) = mpsc::unbounded_channel();
        let (account, accounts) = watch::channel(signed_in(person));
        let (settings, all_settings) = watch::channel(settings(|_| {}));
        let (sessions, inbox) = inbox();
        let reference: Arc<dyn LiveBackend> = Arc::new(backend.rest(&line.url, person));
        let task = tokio::spawn(live(
            inbox,
            Parts {
                account: accounts,
                settings: all_settings,
                backends: Box::new(move || Some(reference.clone())),
                desktop: FakeDesktop(tell),
            },
        ));
        let mut app = Self {
            sessions,
            desktop,
            account,
            settings,
            line,
            task,
        };
        app.until(|call| shows(call, |state| state.sessions.is_some()))
            .await;
        app
    }

    /// The first thing told that fits, and all that was told before it.
    async fn until(
        &mut self,
        fits: impl Fn(&DesktopCall) -> bool,
    ) -> (DesktopCall, Vec<DesktopCall>) {
        let mut before = Vec::new();
        let wait = async {
            loop {
                let call = self.desktop.recv().await.expect("the loop goes on");
                if fits(&call) {
                    return call;
                }
                before.push(call);
            }
        };
        match tokio::time::timeout(Duration::from_secs(20), wait).await {
            Ok(call) => (call, before),
            Err(_) => panic!("only told: {before:?}"),
        }
    }

    async fn expect(&mut self, expected: DesktopCall) {
        self.until(|call| *call == expected).await;
    }

    /// Waits for a state.
    async fn state(&self, fits: impl Fn(&SessionsState) -> bool) -> SessionsState {
        let mut states = self.sessions.subscribe();
        let wait = states.wait_for(fits);
        let state = tokio::time::timeout(Duration::from_secs(20), wait).await;
        state.expect("in time").expect("the loop goes on").clone()
    }
}

fn shows(call: &DesktopCall, fits: impl Fn(&SessionsState) -> bool) -> bool {
    matches!(call, DesktopCall::Show(state) if fits(state))
}

fn ids(state: &SessionsState) -> Vec<&str> {
    let sessions = state.sessions.iter().flatten();
    sessions.map(|session| session.id.as_str()).collect()
}

async fn two() -> (TestBackend, Arc<Person>, Arc<Person>) {
    let backend = TestBackend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    (backend, ann, ben)
}

#[tokio::test]
async fn accepted_rung_joined_and_completed_by_the_last() {
    let (backend, ann, ben) = two().await;
    let mut hers = App::start(&backend, &ann).await;
    let mut his = App::start(&backend, &ben).await;
    let id = backend.agree(&ann, &ben).await;

    // The requester goes straight into the lobby, and nothing rings.
    let (opened, before) = hers
        .until(|call| matches!(call, DesktopCall::Open(_)))
        .await;
    assert!(
        !before
            .iter()
            .any(|call| matches!(call, DesktopCall::Ring(..)))
    );
    let DesktopCall::Open(meeting) = opened else {
        unreachable!()
    };
    assert_eq!(meeting.session.as_deref(), Some(id.as_str()));
    assert_eq!(meeting.title, "Help with a hedge");
    assert_eq!(meeting.source, Source::Backend);

    his.expect(DesktopCall::Ring(id.clone(), true)).await;
    let state = his.state(|state| !state.ringing.is_empty()).await;
    assert_eq!((ids(&state), state.ringtone), (vec![id.as_str()], true));
    let joined = his.sessions.join(id.clone()).await.unwrap();
    assert_eq!(
        (&joined.room, &joined.session),
        (&meeting.room, &meeting.session)
    );
    his.expect(DesktopCall::Stop(id.clone(), StopReason::Joined))
        .await;
    for app in [&hers, &his] {
        let session = Some(id.clone());
        app.sessions.tell(Command::Entered { session });
    }

    // Leaving while the other is there completes nothing, leaving as the last does.
    let left = |alone| Command::Left {
        session: Some(id.clone()),
        alone,
    };
    hers.sessions.tell(left(false));
    let state = hers.state(|state| !ids(state).is_empty()).await;
    assert_eq!(ids(&state), [&id]);
    his.sessions.tell(left(true));
    for app in [&mut hers, &mut his] {
        app.state(|state| ids(state).is_empty()).await;
        let again = app.sessions.join(id.clone()).await.unwrap_err();
        assert_eq!(again.code, Code::MeetingCompleted);
    }
}

#[tokio::test]
async fn a_cancelled_meeting_stops_ringing_at_once() {
    let (backend, ann, ben) = two().await;
    let mut his = App::start(&backend, &ben).await;
    let id = backend.agree(&ann, &ben).await;
    his.expect(DesktopCall::Ring(id.clone(), true)).await;
    backend.act(&ann, &id, "cancel").await;
    his.expect(DesktopCall::Stop(id.clone(), StopReason::Cancelled))
        .await;
    let state = his.state(|state| ids(state).is_empty()).await;
    assert!(state.ringing.is_empty() && !state.ringtone);
    let late = his.sessions.join(id).await.unwrap_err();
    assert_eq!(late.code, Code::MeetingCancelled);
    let unknown = his.sessions.join("nothing".into()).await.unwrap_err();
    assert_eq!(unknown.code, Code::MeetingNotFound);
    let unknown = his.sessions.end("nothing".into(), Ending::Complete).await;
    assert_eq!(unknown.unwrap_err().code, Code::MeetingNotFound);
}

#[tokio::test]
async fn answered_on_one_device_it_stops_at_once_on_the_other() {
    let backend = TestBackend::start_with(|config| {
        config.livekit = Some(reference_backend::LiveKit {
            url: "wss://livekit.example".parse().unwrap(),
            key: "key".into(),
            secret: "planted-livekit-secret-0123456789abcdef".into(),
        });
    })
    .await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let elsewhere = ben.on_another_device().await;
    let mut answering = App::start(&backend, &ben).await;
    let mut other = App::start(&backend, &elsewhere).await;
    let id = backend.agree(&ann, &ben).await;
    for app in [&mut answering, &mut other] {
        app.expect(DesktopCall::Ring(id.clone(), true)).await;
    }
    answering.sessions.join(id.clone()).await.unwrap();
    answering
        .expect(DesktopCall::Stop(id.clone(), StopReason::Joined))
        .await;
    backend.gets_token(&ben, &id).await;
    other
        .expect(DesktopCall::Stop(id.clone(), StopReason::AnsweredElsewhere))
        .await;
    let state = other.state(|state| state.ringing.is_empty()).await;
    assert_eq!((ids(&state), state.ringtone), (vec![id.as_str()], false));
    assert_eq!(state.answered_elsewhere, [id.as_str()]);
    // It still can be gone on with there, and here it was not elsewhere.
    other.sessions.join(id.clone()).await.unwrap();
    backend.act(&ann, &id, "end").await;
    for app in [&mut answering, &mut other] {
        let (_, before) = app
            .until(|call| shows(call, |state| ids(state).is_empty()))
            .await;
        let again = |call: &DesktopCall| matches!(call, DesktopCall::Ring(..));
        assert!(!before.iter().any(again), "{before:?}");
    }
    let now = answering.state(|state| ids(state).is_empty()).await;
    assert!(now.answered_elsewhere.is_empty());
}

#[tokio::test]
async fn ended_for_everyone_is_told_to_who_is_in_the_call() {
    let (backend, ann, ben) = two().await;
    let mut hers = App::start(&backend, &ann).await;
    let mut his = App::start(&backend, &ben).await;
    let id = backend.agree(&ann, &ben).await;
    for app in [&mut hers, &mut his] {
        app.state(|state| ids(state) == [&id]).await;
        let session = Some(id.clone());
        app.sessions.tell(Command::Entered { session });
    }
    hers.sessions
        .end(id.clone(), Ending::Complete)
        .await
        .unwrap();
    for app in [&mut hers, &mut his] {
        app.expect(DesktopCall::Over(id.clone(), Status::Completed))
            .await;
    }
    // It is over already: that is what was wanted.
    his.sessions
        .end(id.clone(), Ending::Complete)
        .await
        .unwrap();
    let late = his.sessions.end(id, Ending::Cancel).await.unwrap_err();
    assert_eq!(late.code, Code::MeetingCompleted);
}

#[tokio::test]
async fn dismissed_stays_dismissed_when_the_line_breaks() {
    let (backend, ann, ben) = two().await;
    let mut his = App::start(&backend, &ben).await;
    let id = backend.agree(&ann, &ben).await;
    his.expect(DesktopCall::Ring(id.clone(), true)).await;
    his.sessions.tell(Command::Dismiss { id: id.clone() });
    his.expect(DesktopCall::Stop(id.clone(), StopReason::Dismissed))
        .await;
    his.line.cut();
    his.state(|state| state.fault.is_some()).await;
    his.line.mend();
    let state = his.state(|state| state.fault.is_none()).await;
    assert_eq!(ids(&state), [&id]);
    // What rings next is another one.
    let next = backend.agree(&ann, &ben).await;
    let (ring, _) = his
        .until(|call| matches!(call, DesktopCall::Ring(..)))
        .await;
    assert_eq!(ring, DesktopCall::Ring(next.clone(), true));
    // From the tray or a notification.
    his.sessions.tell(Command::Open { id: next.clone() });
    let (opened, _) = his.until(|call| matches!(call, DesktopCall::Open(_))).await;
    assert!(matches!(opened, DesktopCall::Open(meeting) if meeting.session == Some(next)));
    his.sessions.tell(Command::Open { id: "gone".into() });
    his.expect(DesktopCall::Raise).await;
}

#[tokio::test]
async fn ringtone_and_notifications_can_be_switched_off() {
    let (backend, ann, ben) = two().await;
    let mut his = App::start(&backend, &ben).await;
    backend.agree(&ann, &ben).await;
    his.state(|state| state.ringtone).await;
    his.settings.send_replace(settings(|settings| {
        settings.ringtone = false;
        settings.notifications = false;
    }));
    let state = his.state(|state| !state.ringtone).await;
    assert_eq!(state.ringing.len(), 1);
    let next = backend.agree(&ann, &ben).await;
    his.expect(DesktopCall::Ring(next, false)).await;
    his.settings.send_replace(settings(|_| {}));
    his.state(|state| state.ringtone).await;
    // In a call it is seen and not heard.
    his.sessions.tell(Command::Entered { session: None });
    let state = his.state(|state| !state.ringtone).await;
    assert_eq!(state.ringing.len(), 2);
    his.sessions.tell(Command::Left {
        session: None,
        alone: true,
    });
    his.state(|state| state.ringtone).await;
}

#[tokio::test]
async fn with_the_sign_in_it_ends_and_begins() {
    let (backend, ann, ben) = two().await;
    let mut his = App::start(&backend, &ben).await;
    let id = backend.agree(&ann, &ben).await;
    his.expect(DesktopCall::Ring(id.clone(), true)).await;
    his.account.send_replace(AccountState::default());
    his.expect(DesktopCall::Stop(id.clone(), StopReason::SignedOut))
        .await;
    let state = his.state(|state| state.sessions.is_none()).await;
    assert_eq!(state, SessionsState::default());
    let refused = his.sessions.join(id.clone()).await.unwrap_err();
    assert_eq!(refused.code, Code::BackendNotSignedIn);
    let refused = his.sessions.end(id.clone(), Ending::Cancel).await;
    assert_eq!(refused.unwrap_err().code, Code::BackendNotSignedIn);
    his.account.send_replace(signed_in(&ben));
    // It is new, to who has just signed in.
    his.expect(DesktopCall::Ring(id, true)).await;
}

#[tokio::test]
async fn the_last_to_leave_completes_even_if_the_line_is_down() {
    let (backend, ann, ben) = two().await;
    let mut his = App::start(&backend, &ben).await;
    let hers = App::start(&backend, &ann).await;
    let id = backend.agree(&ann, &ben).await;
    his.expect(DesktopCall::Ring(id.clone(), true)).await;
    his.sessions.join(id.clone()).await.unwrap();
    hers.state(|state| ids(state) == [&id]).await;
    his.line.cut();
    his.sessions.tell(Command::Left {
        session: Some(id.clone()),
        alone: true,
    });
    his.state(|state| state.fault.is_some()).await;
    his.line.mend();
    hers.state(|state| ids(state).is_empty()).await;
    let completed = hers.sessions.join(id).await.unwrap_err();
    assert_eq!(completed.code, Code::MeetingCompleted);
}
