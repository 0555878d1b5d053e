//! A list that lacks the meeting that the user is in.

use parking_lot::Mutex;
use salon_account::BackendInfo;
use salon_meeting::session::Role;

use super::*;

/// What a backend answers to who asks for one meeting session.
type Answer = Option<Result<Status, Code>>;

/// A backend whose list and answers a test makes up.
#[derive(Debug)]
struct MadeUp {
    list: watch::Sender<FeedState>,
    /// `None`: it cannot be asked.
    answer: Mutex<Answer>,
    requests: watch::Sender<usize>,
}

impl LiveBackend for MadeUp {
    fn provider(&self) -> Provider {
        Provider::Livekit
    }

    fn server(&self) -> Option<&Url> {
        None
    }

    fn feed(&self) -> Option<Feed> {
        let mut list = self.list.subscribe();
        list.mark_changed();
        Some(Feed::new(list, tokio::spawn(pending())))
    }

    fn one<'a>(&'a self, _id: &'a str) -> Option<Later<'a, Result<Status, Fault>>> {
        let answer = (*self.answer.lock())?;
        self.requests.send_modify(|requests| *requests += 1);
        Some(Box::pin(std::future::ready(answer.map_err(Fault::from))))
    }

    fn end<'a>(&'a self, _id: &'a str) -> Later<'a, Result<(), Fault>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn cancel<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        self.end(id)
    }
}

impl MadeUp {
    fn lists(&self, sessions: &[&MeetingSession]) {
        self.list.send_replace(FeedState {
            sessions: Some(sessions.iter().copied().cloned().collect()),
            ..FeedState::default()
        });
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock() = answer;
    }

    /// Waits until it has been asked so often.
    async fn until_asked(&self, times: usize) {
        let mut requests = self.requests.subscribe();
        soon(requests.wait_for(|requests| *requests >= times))
            .await
            .unwrap();
    }
}

fn session(id: &str) -> MeetingSession {
    MeetingSession {
        id: id.into(),
        offer_id: "o".into(),
        request_id: "r".into(),
        requester_id: "ann".into(),
        offerer_id: "ben".into(),
        call_id: format!("call-{id}"),
        status: Status::Active,
        created_at: 0,
        ended_at: None,
        title: "Help with a hedge".into(),
        other_party: "Ann".into(),
        role: Role::Offerer,
    }
}

/// Time stands still while somebody works, and goes on at once if nobody does: whoever waits in vain
/// does not wait.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(3600), future).await;
    waited.expect("it comes")
}

struct InCall {
    backend: Arc<MadeUp>,
    sessions: Sessions,
    desktop: mpsc::UnboundedReceiver<DesktopCall>,
    account: watch::Sender<AccountState>,
    _settings: watch::Sender<Arc<Settings>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for InCall {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl InCall {
    /// In the call of "a", while "b" is listed too.
    async fn start() -> Self {
        let backend = Arc::new(MadeUp {
            list: watch::Sender::default(),
            answer: Mutex::new(Some(Ok(Status::Active))),
            requests: watch::Sender::default(),
        });
        backend.lists(&[&session("a"), &session("b")]);
        let (tell, desktop) = mpsc::unbounded_channel();
        let (account, accounts) = watch::channel(AccountState {
            backend: Some(BackendInfo {
                profile: "made-up".into(),
                title: "Made up".into(),
                host: "127.0.0.1".into(),
            }),
            user: Some(User::default()),
            ..AccountState::default()
        });
        let (settings, all_settings) = watch::channel(settings(|_| {}));
        let (sessions, inbox) = inbox();
        let known: Arc<dyn LiveBackend> = backend.clone();
        let task = tokio::spawn(live(
            inbox,
            Parts {
                account: accounts,
                settings: all_settings,
                backends: Box::new(move || Some(known.clone())),
                desktop: FakeDesktop(tell),
            },
        ));
        let app = Self {
            backend,
            sessions,
            desktop,
            account,
            _settings: settings,
            task,
        };
        app.shown(&["b", "a"]).await;
        app.sessions.join("a".into()).await.unwrap();
        let session = Some("a".into());
        app.sessions.tell(Command::Entered { session });
        app
    }

    async fn shown(&self, expected: &[&str]) {
        let mut states = self.sessions.subscribe();
        let such = |state: &SessionsState| state.sessions.is_some() && ids(state) == expected;
        soon(states.wait_for(such)).await.unwrap();
    }

    /// Ids of the meetings that the page was told to leave by now.
    fn over(&mut self) -> Vec<(String, Status)> {
        let mut over = Vec::new();
        while let Ok(call) = self.desktop.try_recv() {
            if let DesktopCall::Over(id, status) = call {
                over.push((id, status));
            }
        }
        over
    }

    async fn until_over(&mut self) -> (String, Status) {
        loop {
            if let DesktopCall::Over(id, status) = soon(self.desktop.recv()).await.unwrap() {
                return (id, status);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_short_by_mistake_does_not_end_the_call() {
    let mut app = InCall::start().await;
    app.backend.lists(&[]);
    app.shown(&[]).await;
    app.backend.until_asked(3).await;
    // It cannot be reached meanwhile, and what is not understood is no end either.
    for code in [
        Code::BackendTimeout,
        Code::BackendError,
        Code::BackendEndpointMissing,
    ] {
        app.backend.answers(Some(Err(code)));
        let requests = *app.backend.requests.borrow();
        app.backend.until_asked(requests + 2).await;
    }
    app.backend.lists(&[&session("a")]);
    app.shown(&["a"]).await;
    assert_eq!(app.over(), []);
    // It is there again: nobody is asked any more.
    let requests = *app.backend.requests.borrow();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(*app.backend.requests.borrow(), requests);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_backend_says_has_ended_is_left() {
    for (answer, expected) in [
        (Ok(Status::Completed), Status::Completed),
        (Ok(Status::Cancelled), Status::Cancelled),
        (Err(Code::MeetingCancelled), Status::Cancelled),
        (Err(Code::MeetingNotFound), Status::Completed),
    ] {
        let mut app = InCall::start().await;
        app.backend.lists(&[]);
        app.backend.until_asked(2).await;
        assert_eq!(app.over(), []);
        app.backend.answers(Some(answer));
        assert_eq!(app.until_over().await, ("a".into(), expected));
        // Said once, whatever lists say later.
        app.backend.lists(&[&session("b")]);
        app.shown(&["b"]).await;
        assert_eq!(app.over(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn where_nobody_can_be_asked_the_list_is_believed() {
    let mut app = InCall::start().await;
    app.backend.answers(None);
    app.backend.lists(&[&session("b")]);
    assert_eq!(app.until_over().await, ("a".into(), Status::Completed));
}

#[tokio::test(start_paused = true)]
async fn only_the_meeting_on_the_screen_is_asked_for() {
    let mut app = InCall::start().await;
    app.backend.lists(&[&session("a")]);
    app.shown(&["a"]).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(*app.backend.requests.borrow(), 0);
    // After the call nobody is asked, nor after signing out.
    app.backend.lists(&[]);
    app.backend.until_asked(1).await;
    app.sessions.tell(Command::Left {
        session: Some("a".into()),
        alone: false,
    });
    app.sessions.tell(Command::Entered { session: None });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let requests = *app.backend.requests.borrow();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(*app.backend.requests.borrow(), requests);
    let session = Some("a".into());
    app.sessions.tell(Command::Entered { session });
    app.backend.until_asked(requests + 2).await;
    app.account.send_replace(AccountState::default());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let requests = *app.backend.requests.borrow();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(*app.backend.requests.borrow(), requests);
    assert_eq!(app.over(), []);
}

#[tokio::test]
async fn the_reference_backend_says_of_one_meeting_where_it_is() {
    let (backend, ann, ben) = two().await;
    let eve = backend.person("Eve").await;
    let one = async |who: &Arc<Person>, id: &str| {
        let rest = backend.rest(&backend.url(), who);
        let answer = rest.one(id).expect("its profile says how");
        answer.await.map_err(|fault| fault.code)
    };
    let id = backend.agree(&ann, &ben).await;
    assert_eq!(one(&ben, &id).await, Ok(Status::Active));
    assert_eq!(one(&eve, &id).await, Err(Code::MeetingNotFound));
    assert_eq!(one(&ben, "nothing").await, Err(Code::MeetingNotFound));
    for (action, status) in [("end", Status::Completed), ("cancel", Status::Cancelled)] {
        let id = backend.agree(&ann, &ben).await;
        backend.act(&ann, &id, action).await;
        assert_eq!(one(&ben, &id).await, Ok(status));
    }
}
