//! What the media server is told when a meeting is over.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode as Answer, header};
use axum::response::IntoResponse as _;
use axum::routing::post;
use livekit_api::access_token::TokenVerifier;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::support::{Backend, LIVEKIT_SECRET, Person, text};

const PATIENCE: Duration = Duration::from_secs(10);

/// How a media server takes being asked.
#[derive(Clone, Copy)]
enum Mood {
    Obliging,
    KnowsNoSuchRoom,
    Broken,
    Talkative,
    Silent,
}

/// LiveKit's `RoomService`, as far as it is asked anything.
struct MediaServer {
    url: String,
    /// The heads and bodies of what was asked.
    requests: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
}

type Requests = mpsc::UnboundedSender<(HeaderMap, Bytes)>;

impl MediaServer {
    async fn start(mood: Mood) -> Self {
        let (sender, requests) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let answer = async move |State(requests): State<Requests>,
                                 headers: HeaderMap,
                                 body: Bytes| {
            requests.send((headers, body)).unwrap();
            let protobuf = [(header::CONTENT_TYPE, "application/protobuf")];
            let twirp = |code: &str| axum::Json(json!({ "code": code, "msg": "no" }));
            match mood {
                Mood::Obliging => (protobuf, Bytes::new()).into_response(),
                Mood::KnowsNoSuchRoom => (Answer::NOT_FOUND, twirp("not_found")).into_response(),
                Mood::Broken => (Answer::INTERNAL_SERVER_ERROR, twirp("internal")).into_response(),
                Mood::Talkative => (Answer::BAD_GATEWAY, "<html>no</html>").into_response(),
                Mood::Silent => std::future::pending().await,
            }
        };
        let router = Router::new()
            .route("/twirp/livekit.RoomService/DeleteRoom", post(answer))
            .with_state(sender);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, requests }
    }

    /// The room that was to be deleted, by somebody who may.
    async fn deleted(&mut self) -> String {
        let requests = tokio::time::timeout(PATIENCE, self.requests.recv()).await;
        let (headers, body) = requests.unwrap().unwrap();
        assert_eq!(headers["content-type"], "application/protobuf");
        let bearer = headers["authorization"].to_str().unwrap();
        let verifier = TokenVerifier::with_api_key("livekit-key", LIVEKIT_SECRET);
        let claims = verifier
            .verify(bearer.strip_prefix("Bearer ").unwrap())
            .unwrap();
        assert!(claims.video.room_create && !claims.video.room_join);
        // DeleteRoomRequest: field 1, a string.
        assert_eq!((body[0], usize::from(body[1])), (0x0a, body.len() - 2));
        std::str::from_utf8(&body[2..]).unwrap().to_owned()
    }
}

async fn backend(url: &str) -> (Backend, Person, Person) {
    let url = url.parse().unwrap();
    let backend = Backend::start_with(|config| {
        config.livekit.as_mut().unwrap().url = url;
    })
    .await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    (backend, ann, ben)
}

/// Accepts an offer, ends the meeting, and gives the call's id.
async fn meet(backend: &Backend, ann: &Person, ben: &Person, ending: &str) -> String {
    let id = backend.accept(ann, &backend.offer(ann, ben).await).await;
    let path = format!("/api/v1/meeting-sessions/{id}/{ending}");
    let (status, session) = backend.post(ann, &path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{session}");
    // Once is enough.
    let (status, _) = backend.post(ben, &path, Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT);
    text(&session["callId"]).to_owned()
}

/// Asks until the operator can see it.
async fn until_counted(backend: &Backend, outcome: &str) {
    let wanted = format!("salon_rooms_closed_total{{outcome=\"{outcome}\"}} 1\n");
    let looking = async {
        loop {
            let request = backend.request(Method::GET, "/metrics").send();
            if request
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
                .contains(&wanted)
            {
                return;
            }
        }
    };
    let seen = tokio::time::timeout(PATIENCE, looking).await;
    seen.unwrap_or_else(|_| panic!("never counted as {outcome}"));
}

#[tokio::test]
async fn a_meeting_that_is_over_leads_everybody_out_of_its_room() {
    for ending in ["end", "cancel"] {
        let mut server = MediaServer::start(Mood::Obliging).await;
        let (backend, ann, ben) = backend(&server.url).await;
        let call = meet(&backend, &ann, &ben, ending).await;
        assert_eq!(server.deleted().await, call);
        until_counted(&backend, "closed").await;
        backend.running.stop().await;
        assert!(server.requests.try_recv().is_err(), "asked twice");
    }
}

#[tokio::test]
async fn a_room_that_is_not_there_is_no_failure() {
    let mut server = MediaServer::start(Mood::KnowsNoSuchRoom).await;
    let (backend, ann, ben) = backend(&server.url).await;
    meet(&backend, &ann, &ben, "end").await;
    server.deleted().await;
    until_counted(&backend, "absent").await;
}

#[tokio::test]
async fn a_media_server_in_trouble_is_counted_and_spoils_nothing() {
    for mood in [Mood::Broken, Mood::Talkative] {
        let mut server = MediaServer::start(mood).await;
        let (backend, ann, ben) = backend(&server.url).await;
        meet(&backend, &ann, &ben, "end").await;
        server.deleted().await;
        until_counted(&backend, "failed").await;
    }
    let (backend, ann, ben) = backend("ws://127.0.0.1:1").await;
    meet(&backend, &ann, &ben, "end").await;
    until_counted(&backend, "failed").await;
}

#[tokio::test]
async fn nobody_waits_for_a_media_server_that_does_not_answer() {
    let mut server = MediaServer::start(Mood::Silent).await;
    let (backend, ann, ben) = backend(&server.url).await;
    // Both are answered while the server still has not.
    let first = meet(&backend, &ann, &ben, "end").await;
    assert_eq!(server.deleted().await, first);
    let second = meet(&backend, &ann, &ben, "cancel").await;
    assert_eq!(server.deleted().await, second);
}
