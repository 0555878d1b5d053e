use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use salon_account::FixedCredential;
use salon_base::Code;
use salon_meeting::feed::{Feed, FeedState};
use salon_meeting::session::Status;
use salon_profile::Auth;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::*;
use crate::rest::RestBackend;
use crate::test_backend::{Line, TestBackend, profile};

/// Quick, so that what has to be waited for can be.
fn quick() -> Pace {
    Pace {
        shortest_wait: Duration::from_millis(10),
        longest_wait: Duration::from_millis(100),
        poll: Duration::from_millis(50),
        ..Pace::new(None)
    }
}

fn wanted() -> Wanted {
    let sessions = profile().rest.unwrap().sessions.unwrap();
    Wanted::new(&sessions, |path| Ok(path.to_owned())).unwrap()
}

/// Waits for a state that fits; the limit is for a broken build, not for the pace.
async fn until(feed: &mut Feed, what: &str, mut fits: impl FnMut(&FeedState) -> bool) -> FeedState {
    let wait = async {
        let mut state = feed.state();
        while !fits(&state) {
            state = feed.changed().await.expect("the feed goes on");
        }
        state
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    waited.unwrap_or_else(|_| panic!("{what} did not come: {:?}", feed.state()))
}

fn statuses(state: &FeedState) -> Vec<(&str, Status)> {
    let sessions = state.sessions.iter().flatten();
    sessions.map(|s| (s.id.as_str(), s.status)).collect()
}

#[tokio::test]
async fn the_whole_story_of_a_meeting_arrives() {
    let backend = TestBackend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let asker = Asker::new(backend.rest(&backend.url(), &ben));
    let mut feed = follow(asker, wanted(), quick());
    let nothing = |state: &FeedState| state.sessions.as_deref() == Some(&[]);
    until(&mut feed, "an empty list", nothing).await;

    let first = backend.agree(&ann, &ben).await;
    let state = until(&mut feed, "the meeting", |s| !statuses(s).is_empty()).await;
    assert_eq!(statuses(&state), [(first.as_str(), Status::Active)]);
    assert_eq!(state.sessions.unwrap()[0].other_party, "Ann");
    backend.act(&ann, &first, "cancel").await;
    let cancelled = [(first.as_str(), Status::Cancelled)];
    until(&mut feed, "its end", |s| statuses(s) == cancelled).await;

    let second = backend.agree(&ann, &ben).await;
    backend.act(&ben, &second, "end").await;
    let both = [cancelled[0], (second.as_str(), Status::Completed)];
    until(&mut feed, "both ends", |s| statuses(s) == both).await;
}

#[tokio::test]
async fn a_cut_line_is_mended_and_what_ended_meanwhile_is_told() {
    let backend = TestBackend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let line = Line::to(backend.address()).await;
    let mut feed = follow(Asker::new(backend.rest(&line.url, &ben)), wanted(), quick());
    let id = backend.agree(&ann, &ben).await;
    let active = [(id.as_str(), Status::Active)];
    until(&mut feed, "the meeting", |s| statuses(s) == active).await;
    line.cut();
    let away = until(&mut feed, "a fault", |s| s.fault.is_some()).await;
    // What was known is kept.
    assert_eq!(statuses(&away), active);
    backend.act(&ann, &id, "cancel").await;
    line.mend();
    let ended = [(id.as_str(), Status::Cancelled)];
    let back = until(&mut feed, "the end", |s| statuses(s) == ended).await;
    assert_eq!(back.fault, None);
}

#[tokio::test]
async fn the_end_of_the_credential_is_not_noticed() {
    let backend = TestBackend::start_with(|config| {
        config.lifetimes.access = Duration::from_secs(1);
    })
    .await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let asker = Asker::new(backend.rest(&backend.url(), &ben));
    let mut feed = follow(asker, wanted(), quick());
    let mut faults = Vec::new();
    until(&mut feed, "a list", |s| s.sessions.is_some()).await;
    // The stream ends with the credential, which the backend then refuses.
    let renewed = async {
        while ben.replaced.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let renewed = tokio::time::timeout(Duration::from_secs(10), renewed);
    tokio::pin!(renewed);
    loop {
        tokio::select! {
            renewed = &mut renewed => break renewed.unwrap(),
            state = feed.changed() => faults.extend(state.expect("the feed goes on").fault),
        }
    }
    let id = backend.agree(&ann, &ben).await;
    let active = [(id.as_str(), Status::Active)];
    until(&mut feed, "the meeting", |s| {
        faults.extend(s.fault.clone());
        statuses(s) == active
    })
    .await;
    assert_eq!(faults, []);
}

#[tokio::test]
async fn the_same_list_can_be_polled() {
    let backend = TestBackend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let asker = Asker::new(backend.rest(&backend.url(), &ben));
    let polled = Wanted {
        events: None,
        ..wanted()
    };
    let mut feed = follow(asker, polled, quick());
    let id = backend.agree(&ann, &ben).await;
    let active = [(id.as_str(), Status::Active)];
    until(&mut feed, "the meeting", |s| statuses(s) == active).await;
    backend.act(&ann, &id, "cancel").await;
    until(&mut feed, "its end", |s| statuses(s).is_empty()).await;
}

/// What a scripted backend does with one request after another.
#[derive(Clone, Debug)]
enum Reply {
    /// Says this and closes.
    Say(String),
    /// Says this and stays.
    Hold(String),
}

/// Answers by a script, its last line again and again; gives the requests' heads away.
async fn scripted(script: Vec<Reply>) -> (Asker, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut script = script.into_iter().peekable();
        let mut reply = Reply::Say(String::new());
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else {
                    break;
                };
                head.push(byte);
            }
            if let Some(next) = script.next() {
                reply = next;
            }
            let _ = tell.send(String::from_utf8(head).unwrap().to_lowercase());
            match reply.clone() {
                Reply::Say(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                Reply::Hold(text) => {
                    stream.write_all(text.as_bytes()).await.unwrap();
                    tokio::spawn(async move {
                        // Until the other side goes.
                        let _ = stream.read_u8().await;
                    });
                }
            }
        }
    });
    let client = salon_http::http_client().unwrap();
    let mut open = profile();
    if let Some(rest) = &mut open.rest {
        rest.auth = Auth::None;
    }
    let nobody = Arc::new(FixedCredential::new(None));
    let backend = RestBackend::new(&open, url.parse().unwrap(), nobody, client).unwrap();
    (Asker::new(backend), requests)
}

fn stream(events: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{events}"
    )
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

/// A list with one session of this id.
fn list(id: &str) -> String {
    format!(
        r#"{{"sessions":[{{"id":"{id}","callId":"c","status":"active","createdAt":1,"role":"offerer"}}]}}"#
    )
}

fn event(id: &str) -> String {
    format!("event: sessions\nid: rev-{id}\ndata: {}\n\n", list(id))
}

fn has(id: &str) -> impl Fn(&FeedState) -> bool {
    move |state| statuses(state) == [(id, Status::Active)]
}

#[tokio::test]
async fn it_comes_back_with_the_last_id() {
    let script = vec![
        Reply::Say(stream(&event("a"))),
        // Half an event: its id does not count.
        Reply::Say(stream("event: sessions\nid: rev-half\ndata: {}")),
        Reply::Hold(stream(&event("b"))),
    ];
    let (asker, mut requests) = scripted(script).await;
    let mut feed = follow(asker, wanted(), quick());
    until(&mut feed, "the second list", has("b")).await;
    let first = requests.recv().await.unwrap();
    assert!(first.contains("accept: text/event-stream") && !first.contains("last-event-id"));
    for _ in 0..2 {
        let again = requests.recv().await.unwrap();
        assert!(again.contains("last-event-id: rev-a\r\n"), "{again}");
    }
}

#[tokio::test]
async fn silence_is_a_dead_line() {
    let pace = Pace {
        silence: Duration::from_millis(200),
        ..quick()
    };
    let script = vec![
        Reply::Hold(stream(&event("a"))),
        Reply::Hold(stream(&event("b"))),
    ];
    let (asker, _requests) = scripted(script).await;
    let mut feed = follow(asker, wanted(), pace);
    until(&mut feed, "the first list", has("a")).await;
    until(&mut feed, "the second list", has("b")).await;
}

#[tokio::test]
async fn what_holds_events_back_is_got_round() {
    let pace = Pace {
        first_event: Duration::from_millis(200),
        ..quick()
    };
    let script = vec![
        // Comments come, events do not.
        Reply::Hold(stream(": hello\n\n")),
        Reply::Say(answer("200 OK", "etag: \"1\"\r\n", &list("a"))),
        Reply::Say(answer("304 Not Modified", "", "")),
    ];
    let (asker, mut requests) = scripted(script).await;
    let mut feed = follow(asker, wanted(), pace);
    until(&mut feed, "the list", has("a")).await;
    let _events = requests.recv().await;
    assert!(!requests.recv().await.unwrap().contains("if-none-match"));
    let third = requests.recv().await.unwrap();
    assert!(third.starts_with("get /api/v1/meeting-sessions http"));
    assert!(third.contains("if-none-match: \"1\"\r\n"), "{third}");
    assert_eq!(feed.state().fault, None);
}

#[tokio::test]
async fn garbage_is_survived_and_said() {
    let big = format!("event: sessions\ndata: {}\n\n", "x".repeat(300 * 1024));
    let garbage = [
        "data\n\nevent: sessions\ndata: not json\n\n",
        "event: sessions\ndata: {\"sessions\": 7}\n\n",
        "event: other\ndata: {\"sessions\": []}\n\n\u{0}: \u{ffff}\r\r\n\n",
        &big,
    ];
    let script = vec![
        Reply::Hold(stream(&(event("a") + &garbage.concat()))),
        Reply::Hold(stream(&event("b"))),
    ];
    let (asker, _requests) = scripted(script).await;
    let pace = Pace {
        silence: Duration::from_millis(300),
        ..quick()
    };
    let mut feed = follow(asker, wanted(), pace);
    let too_large = |state: &FeedState| {
        state.fault.as_ref().map(|fault| fault.code) == Some(Code::BackendAnswerTooLarge)
    };
    let state = until(&mut feed, "the last fault", too_large).await;
    assert!(has("a")(&state));
    let state = until(&mut feed, "the next list", has("b")).await;
    assert_eq!(state.fault, None);
}

#[tokio::test]
async fn a_product_without_meetings_is_left_alone() {
    let (asker, mut requests) = scripted(vec![Reply::Say(answer("404 Not Found", "", ""))]).await;
    let mut feed = follow(asker, wanted(), quick());
    let missing = |state: &FeedState| {
        state.fault.as_ref().map(|fault| fault.code) == Some(Code::BackendEndpointMissing)
    };
    until(&mut feed, "the word", missing).await;
    assert_eq!(feed.changed().await, None);
    // The events, the list, and no more.
    assert!(requests.recv().await.unwrap().contains("/events"));
    assert!(requests.recv().await.is_some());
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn a_backend_that_asks_for_time_gets_it() {
    let busy = answer("429 Too Many Requests", "retry-after: 1\r\n", "");
    let script = vec![Reply::Say(busy), Reply::Hold(stream(&event("a")))];
    let (asker, _requests) = scripted(script).await;
    let began = std::time::Instant::now();
    let mut feed = follow(asker, wanted(), quick());
    let limited = |state: &FeedState| {
        state.fault.as_ref().map(|fault| fault.code) == Some(Code::BackendRateLimited)
    };
    until(&mut feed, "the fault", limited).await;
    until(&mut feed, "the list", has("a")).await;
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_the_end() {
    let endless = format!("{{\"sessions\":[{}", " ".repeat(2 * 1024 * 1024));
    let script = vec![
        Reply::Say(answer("404 Not Found", "", "")),
        Reply::Say(format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{endless}"
        )),
    ];
    let (asker, _requests) = scripted(script).await;
    let mut feed = follow(asker, wanted(), quick());
    let state = until(&mut feed, "the fault", |state| state.fault.is_some()).await;
    assert_eq!(state.fault.unwrap().code, Code::BackendAnswerTooLarge);
    assert_eq!(state.sessions, None);
}
