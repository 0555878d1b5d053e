use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reference_backend::Limits;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Backend, PASSWORD, Person, answer, busy, code, text};

const POSTS: &[&str] = &[
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/logout",
    "/oauth/authorize",
    "/oauth/token",
    "/oauth/revoke",
    "/sign-in/salon",
    "/api/video-call/token",
    "/api/reading-clubs/meetings/token",
    "/api/v1/requests",
    "/api/v1/requests/x/offers",
];

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    for path in POSTS {
        let kind = if path.starts_with("/oauth") || path.starts_with("/sign-in") {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        let request = backend.request(Method::POST, path).bearer_auth(&ann.token);
        let request = request
            .header("content-type", kind)
            .body("a".repeat(17 * 1024));
        let response = request.send().await.unwrap();
        // OAuth has no word for it.
        let expected = if *path == "/oauth/token" {
            [StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE]
        } else {
            [StatusCode::PAYLOAD_TOO_LARGE; 2]
        };
        assert!(
            expected.contains(&response.status()),
            "{path}: {}",
            response.status()
        );
    }
}

#[tokio::test]
async fn what_is_not_there_or_not_so_is_told_as_json() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let get = |path| answer(backend.request(Method::GET, path).bearer_auth(&ann.token));
    for path in [
        "/",
        "/api",
        "/api/v1/meeting-sessions/%FF",
        "/api/v1/meeting-sessions/%00",
    ] {
        let (status, body) = get(path).await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::NOT_FOUND, "not-found"),
            "{path}"
        );
    }
    let (status, body) = get("/api/v1/auth/login").await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
    );
    let request = backend.request(Method::POST, "/api/v1/auth/login");
    let (status, body) = answer(request.body("{}")).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type")
    );
    let request = backend.request(Method::POST, "/api/v1/auth/login");
    let request = request.header("content-type", "application/json");
    let (status, body) = answer(request.body("{")).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::BAD_REQUEST, "body-invalid")
    );
}

#[tokio::test]
async fn an_error_does_not_quote_what_was_sent() {
    let backend = Backend::start().await;
    let body = json!({ "email": "a@x.example", "password": ["planted"] });
    let (status, body) = backend.send("/api/v1/auth/login", body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(!body.to_string().contains("planted"), "{body}");
}

#[test]
fn no_body_whatever_is_answered_with_a_fault_of_ours() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let backend = runtime.block_on(Backend::start_with(|config| {
        // What is behind the limits is to be reached.
        config.limits.sign_ins_per_minute = 100_000;
        config.limits.renewals_per_minute = 100_000;
        config.limits.tokens_per_minute = 100_000;
        busy(config);
    }));
    let ann = runtime.block_on(backend.person("Ann"));
    let kinds = prop::sample::select(vec![
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
    ]);
    let bodies = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[\\[{]{0,200}".prop_map(String::into_bytes),
        r#"\{"(title|userId|refreshToken|reading_club_id|message)": ?("[^"\\]{0,40}"|-?[0-9]{1,25}|null|\[\])\}"#
            .prop_map(String::into_bytes),
        "(grant_type|code|state|email|password)=[ -~]{0,40}(&[a-z_]{1,12}=[ -~]{0,20}){0,4}"
            .prop_map(String::into_bytes),
    ];
    let input = (prop::sample::select(POSTS.to_vec()), kinds, bodies);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(300));
    runner
        .run(&input, |(path, kind, body)| {
            let status = runtime.block_on(async {
                let request = backend.request(Method::POST, path).bearer_auth(&ann.token);
                let request = request.header("content-type", kind).body(body);
                request.send().await.unwrap().status()
            });
            prop_assert!(!status.is_server_error(), "{} {}", path, status);
            Ok(())
        })
        .unwrap();
    let health = backend.request(Method::GET, "/health/ready");
    let (status, body) = runtime.block_on(answer(health));
    assert_eq!((status, text(&body["status"])), (StatusCode::OK, "ok"));
}

#[tokio::test]
async fn a_garbled_connection_harms_nobody_else() {
    let backend = Backend::start().await;
    for garbage in [
        &b"\x16\x03\x01\x00\xa5\x01\x00\x00"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n{",
    ] {
        let mut connection = TcpStream::connect(backend.running.address).await.unwrap();
        connection.write_all(garbage).await.unwrap();
        connection.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // Whether by an answer or without one: it comes to an end.
        let _ = connection.read_to_end(&mut answer).await;
    }
    let health = backend.request(Method::GET, "/health/live");
    assert_eq!(answer(health).await.0, StatusCode::OK);
}

/// With room for one connection only: the next is answered when the first has been ended.
async fn with_one_place(change: impl FnOnce(&mut Limits)) -> Backend {
    Backend::start_with(|config| {
        config.limits.connections = 1;
        change(&mut config.limits);
    })
    .await
}

async fn is_answered(backend: &Backend) {
    let health = backend.request(Method::GET, "/health/live");
    assert_eq!(answer(health).await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_says_nothing_does_not_keep_a_place() {
    let backend = with_one_place(|limits| limits.idle = Duration::from_millis(50)).await;
    let silent = TcpStream::connect(backend.running.address).await.unwrap();
    is_answered(&backend).await;
    drop(silent);
    // Nor does who has said something and then nothing more.
    let mut quiet = TcpStream::connect(backend.running.address).await.unwrap();
    let head = b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n";
    quiet.write_all(head).await.unwrap();
    quiet.read_exact(&mut [0; 12]).await.unwrap();
    is_answered(&backend).await;
}

/// A connection on which as little as possible is on its way.
async fn narrow(backend: &Backend) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(backend.running.address).await.unwrap()
}

#[tokio::test]
async fn who_does_not_read_the_answers_does_not_keep_a_place() {
    let backend = with_one_place(|limits| limits.stalled = Duration::from_millis(50)).await;
    let mut stalled = narrow(&backend).await;
    // Some tens of megabytes are asked for, and not read.
    let asked = "GET /api/openapi.json HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1000);
    stalled.write_all(asked.as_bytes()).await.unwrap();
    is_answered(&backend).await;
}

#[tokio::test]
async fn a_live_list_that_is_not_read_does_not_outlive_its_sign_in() {
    let backend = Backend::start_with(|config| {
        busy(config);
        // It is the sign-in that ends it.
        config.limits.stalled = Duration::from_secs(3600);
    })
    .await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let (_, tokens) = backend.login(&ben.email, PASSWORD).await;
    let mut stalled = narrow(&backend).await;
    let head = format!(
        "GET /api/v1/meeting-sessions/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n",
        text(&tokens["accessToken"])
    );
    stalled.write_all(head.as_bytes()).await.unwrap();
    stalled.read_exact(&mut [0; 12]).await.unwrap();
    // Each change sends the whole list anew: far more than waits between two sockets.
    let title = json!({ "title": "\u{1f333}".repeat(200) });
    for _ in 0..90 {
        let offer = long_offer(&backend, &ann, &ben, &title).await;
        backend.accept(&ann, &offer).await;
    }
    assert_eq!(live_lists(&backend).await, "1");
    let body = json!({ "refreshToken": tokens["refreshToken"] });
    backend.send("/api/v1/auth/logout", body).await;
    while live_lists(&backend).await != "0" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // It had not been read to its end, so it was ended from the other side.
    let mut rest = Vec::new();
    let _ = stalled.read_to_end(&mut rest).await;
    assert!(!rest.ends_with(b"\r\n0\r\n\r\n"));
}

async fn long_offer(backend: &Backend, ann: &Person, ben: &Person, title: &Value) -> String {
    let (_, request) = backend.post(ann, "/api/v1/requests", title.clone()).await;
    let path = format!("/api/v1/requests/{}/offers", text(&request["id"]));
    let (status, offer) = backend.post(ben, &path, json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    text(&offer["id"]).to_owned()
}

/// As the metrics count them.
async fn live_lists(backend: &Backend) -> String {
    let response = backend.request(Method::GET, "/metrics").send().await;
    let text = response.unwrap().text().await.unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("salon_live_lists "));
    line.unwrap().to_owned()
}
