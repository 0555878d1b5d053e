use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Backend, PASSWORD, Person, answer, code, text};

const EVENTS: &str = "/api/v1/meeting-sessions/events";

/// A live list that is being read.
struct Live {
    response: Response,
    unread: String,
}

#[derive(Debug)]
struct Event {
    id: String,
    data: Value,
}

impl Live {
    async fn open(backend: &Backend, who: &Person, last_event_id: Option<&str>) -> Self {
        let mut request = backend.request(Method::GET, EVENTS).bearer_auth(&who.token);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            unread: String::new(),
        }
    }

    /// The next event, or `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
                let Some(data) = field("data: ") else {
                    continue;
                };
                assert_eq!(field("event: "), Some("sessions"));
                return Some(Event {
                    id: field("id: ").unwrap().to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
            let chunk = self.response.chunk().await.ok()??;
            self.unread.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

fn ids(sessions: &Value) -> Vec<&str> {
    sessions
        .as_array()
        .unwrap()
        .iter()
        .map(|session| text(&session["id"]))
        .collect()
}

async fn act(backend: &Backend, who: &Person, id: &str, action: &str) {
    let path = format!("/api/v1/meeting-sessions/{id}/{action}");
    assert_eq!(
        backend.post(who, &path, Value::Null).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_whole_story_reaches_both_as_it_happens() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let mut hers = Live::open(&backend, &ann, None).await;
    let mut his = Live::open(&backend, &ben, None).await;
    let nothing = json!({ "sessions": [], "ended": [] });
    assert_eq!(hers.next().await.unwrap().data, nothing);
    assert_eq!(his.next().await.unwrap().data, nothing);

    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let rings = his.next().await.unwrap();
    assert_eq!(ids(&rings.data["sessions"]), [&id]);
    assert_eq!(rings.data["sessions"][0]["role"], "offerer");
    assert_eq!(rings.data["sessions"][0]["otherPartyName"], "Ann");
    assert_eq!(rings.data["sessions"][0]["title"], "Help with a hedge");
    let joins = hers.next().await.unwrap();
    assert_eq!(joins.data["sessions"][0]["role"], "requester");
    let (_, listed) = backend.get(&ben, "/api/v1/meeting-sessions").await;
    assert_eq!(listed["sessions"], rings.data["sessions"]);

    act(&backend, &ben, &id, "end").await;
    for live in [&mut hers, &mut his] {
        let over = live.next().await.unwrap();
        assert_eq!(over.data["sessions"], json!([]));
        assert_eq!(ids(&over.data["ended"]), [&id]);
        assert_eq!(over.data["ended"][0]["status"], "completed");
        assert!(over.data["ended"][0]["endedAt"].is_i64());
        assert!(over.id.parse::<i64>().unwrap() > rings.id.parse::<i64>().unwrap());
    }
}

#[tokio::test]
async fn a_cancelled_session_stops_ringing_at_once_and_is_told_once() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let first = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let mut his = Live::open(&backend, &ben, None).await;
    assert_eq!(ids(&his.next().await.unwrap().data["sessions"]), [&first]);
    act(&backend, &ann, &first, "cancel").await;
    let event = his.next().await.unwrap();
    assert_eq!(event.data["sessions"], json!([]));
    assert_eq!(event.data["ended"][0]["status"], "cancelled");
    let second = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let event = his.next().await.unwrap();
    assert_eq!(ids(&event.data["sessions"]), [&second]);
    assert_eq!(event.data["ended"], json!([]));
}

#[tokio::test]
async fn who_was_away_learns_what_ended_meanwhile() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let before = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    act(&backend, &ann, &before, "end").await;
    let away = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let mut live = Live::open(&backend, &ben, None).await;
    let seen = live.next().await.unwrap();
    // Without Last-Event-ID the past is of no interest.
    assert_eq!(seen.data["ended"], json!([]));
    drop(live);
    act(&backend, &ann, &away, "cancel").await;
    let stays = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let mut live = Live::open(&backend, &ben, Some(&seen.id)).await;
    let event = live.next().await.unwrap();
    assert_eq!(ids(&event.data["sessions"]), [&stays]);
    assert_eq!(ids(&event.data["ended"]), [&away]);
    let mut again = Live::open(&backend, &ben, Some(&event.id)).await;
    assert_eq!(again.next().await.unwrap().data["ended"], json!([]));
    let mut odd = Live::open(&backend, &ben, Some("not a number")).await;
    assert_eq!(ids(&odd.next().await.unwrap().data["sessions"]), [&stays]);
}

#[tokio::test]
async fn changes_of_others_are_not_heard() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let cem = backend.person("Cem").await;
    let mut live = Live::open(&backend, &cem, None).await;
    live.next().await.unwrap();
    backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    // What comes next is Cem's own, so what was before it was not told.
    let own = backend.accept(&ann, &backend.offer(&ann, &cem).await).await;
    assert_eq!(ids(&live.next().await.unwrap().data["sessions"]), [&own]);
}

#[tokio::test]
async fn one_account_can_listen_on_several_devices_but_not_on_any_number() {
    let backend = Backend::start_with(|config| config.limits.listeners_per_account = 2).await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let mut first = Live::open(&backend, &ben, None).await;
    let mut second = Live::open(&backend, &ben, None).await;
    for live in [&mut first, &mut second] {
        live.next().await.unwrap();
    }
    let third = backend.request(Method::GET, EVENTS).bearer_auth(&ben.token);
    let (status, body) = answer(third).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::TOO_MANY_REQUESTS, "too-many-listeners")
    );
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    for live in [&mut first, &mut second] {
        assert_eq!(ids(&live.next().await.unwrap().data["sessions"]), [&id]);
    }
}

#[tokio::test]
async fn the_list_ends_with_the_access_token() {
    let backend = Backend::start_with(|config| {
        config.lifetimes.access = Duration::from_secs(1);
    })
    .await;
    let ann = backend.person("Ann").await;
    let mut live = Live::open(&backend, &ann, None).await;
    assert!(live.next().await.is_some());
    assert!(live.next().await.is_none());
}

#[tokio::test]
async fn the_list_ends_with_its_sign_in_and_no_other_does() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let (_, tokens) = backend.login(&ann.email, PASSWORD).await;
    let elsewhere = Person {
        id: ann.id.clone(),
        email: ann.email.clone(),
        token: text(&tokens["accessToken"]).to_owned(),
    };
    let mut ends = Live::open(&backend, &elsewhere, None).await;
    let mut stays = Live::open(&backend, &ann, None).await;
    for live in [&mut ends, &mut stays] {
        live.next().await.unwrap();
    }
    let body = json!({ "refreshToken": tokens["refreshToken"] });
    backend.send("/api/v1/auth/logout", body).await;
    assert!(ends.next().await.is_none());
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    assert_eq!(ids(&stays.next().await.unwrap().data["sessions"]), [&id]);
}

#[tokio::test]
async fn the_end_of_the_backend_ends_the_lists() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let mut live = Live::open(&backend, &ann, None).await;
    live.next().await.unwrap();
    backend.running.stop().await;
    assert!(live.next().await.is_none());
}

/// The same account on another device.
async fn on_anheard(backend: &Backend, who: &Person) -> Person {
    let (_, tokens) = backend.login(&who.email, PASSWORD).await;
    Person {
        id: who.id.clone(),
        email: who.email.clone(),
        token: text(&tokens["accessToken"]).to_owned(),
    }
}

async fn answers(backend: &Backend, who: &Person, id: &str) {
    let path = format!("/api/v1/meeting-sessions/{id}/token");
    let (status, body) = backend.post(who, &path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn who_answers_on_one_device_is_told_on_the_others_and_nobody_else_is() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let elsewhere = on_anheard(&backend, &ben).await;
    let older = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let mut answering = Live::open(&backend, &ben, None).await;
    let mut other = Live::open(&backend, &elsewhere, None).await;
    let mut hers = Live::open(&backend, &ann, None).await;
    for live in [&mut answering, &mut other, &mut hers] {
        let event = live.next().await.unwrap();
        assert_eq!(ids(&event.data["sessions"]), [&id, &older]);
        assert_eq!(event.data["sessions"][0].get("answered"), None);
    }
    answers(&backend, &ben, &older).await;
    let heard = other.next().await.unwrap();
    // The newest stays in front.
    assert_eq!(ids(&heard.data["sessions"]), [&id, &older]);
    assert_eq!(heard.data["sessions"][0].get("answered"), None);
    let answered = heard.data["sessions"][1]["answered"].as_i64().unwrap();
    assert!(answered >= heard.data["sessions"][1]["createdAt"].as_i64().unwrap());
    let own = answering.next().await.unwrap();
    assert_eq!(own.data["sessions"][1].get("answered"), None);
    let (_, listed) = backend.get(&elsewhere, "/api/v1/meeting-sessions").await;
    assert_eq!(listed["sessions"], heard.data["sessions"]);
    let path = format!("/api/v1/meeting-sessions/{older}");
    assert_eq!(
        backend.get(&elsewhere, &path).await.1["answered"],
        json!(answered)
    );
    assert_eq!(backend.get(&ann, &path).await.1.get("answered"), None);

    // A second token, a second device, a second later: the first answer stays, and nothing is told.
    backend.clock.advance(Duration::from_secs(1));
    answers(&backend, &ben, &older).await;
    answers(&backend, &elsewhere, &older).await;
    act(&backend, &ann, &id, "cancel").await;
    for live in [&mut answering, &mut other] {
        let event = live.next().await.unwrap();
        assert_eq!(ids(&event.data["ended"]), [&id]);
        assert_eq!(ids(&event.data["sessions"]), [&older]);
    }
    // What she heard first is the end of the other: the other party's devices are his own affair.
    assert_eq!(ids(&hers.next().await.unwrap().data["ended"]), [&id]);
    let (_, listed) = backend.get(&elsewhere, "/api/v1/meeting-sessions").await;
    assert_eq!(listed["sessions"][0]["answered"], json!(answered));
    act(&backend, &ann, &older, "end").await;
    assert_eq!(other.next().await.unwrap().data["ended"][0]["id"], older);
}

#[tokio::test]
async fn a_token_that_was_not_given_is_no_answer() {
    let backend = Backend::start_with(|config| config.livekit = None).await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let elsewhere = on_anheard(&backend, &ben).await;
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let path = format!("/api/v1/meeting-sessions/{id}/token");
    let (status, _) = backend.post(&ben, &path, Value::Null).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let (_, listed) = backend.get(&elsewhere, "/api/v1/meeting-sessions").await;
    assert_eq!(listed["sessions"][0].get("answered"), None);
}
