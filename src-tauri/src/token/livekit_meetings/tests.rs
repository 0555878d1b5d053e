//! Against a backend that answers what a test tells it to, over a real socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::meeting::{Provider, Source};

/// Answers each connection with the next of these texts, as they are; an empty one cuts it off.
fn backend(answers: Vec<String>) -> (Url, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 8192];
            let mut length = stream.read(&mut request).unwrap();
            // Head and body may come apart.
            if !String::from_utf8_lossy(&request[..length]).contains("participant_name") {
                length += stream.read(&mut request[length..]).unwrap();
            }
            requests.push(String::from_utf8_lossy(&request[..length]).into_owned());
            stream.write_all(answer.as_bytes()).unwrap();
            let _ = stream.shutdown(Shutdown::Both);
        }
        requests
    });
    (url.parse().unwrap(), served)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

fn meeting() -> Meeting {
    Meeting {
        provider: Provider::Livekit,
        room: "reading-club-123".into(),
        title: "Club".into(),
        server_url: "ws://127.0.0.1:7880".into(),
        source: Source::Backend,
        session: None,
    }
}

fn token(video: serde_json::Value) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "iss": "key", "sub": "ann", "video": video });
    format!("{}.{}.c2ln", part(json!({ "alg": "HS256" })), part(claims))
}

fn good_answer() -> String {
    let token = token(json!({ "room": "reading-club-123", "roomJoin": true }));
    let body = json!({
        "token": token, "room_name": "reading-club-123", "participant_name": "Ann",
    });
    http("200 OK", "", &body.to_string())
}

fn source(base: Url) -> LiveKitMeetings {
    let bearer = Some(SecretString::from("planted-user-jwt"));
    LiveKitMeetings::new(crate::token::http_client().unwrap(), base, bearer).unwrap()
}

async fn outcome(answers: Vec<String>) -> (Result<MeetingToken, Code>, Vec<String>) {
    let (base, served) = backend(answers);
    let result = source(base).fetch(&meeting(), "Ann").await;
    (result.map_err(|fault| fault.code), served.join().unwrap())
}

#[tokio::test]
async fn the_contract_is_kept() {
    let (result, requests) = outcome(vec![good_answer()]).await;
    let token = result.unwrap();
    assert_eq!(
        (token.identity.as_str(), token.room.as_str()),
        ("ann", "reading-club-123")
    );
    assert!(requests[0].starts_with("POST /api/reading-clubs/meetings/token HTTP/1.1"));
    assert!(
        requests[0]
            .to_lowercase()
            .contains("authorization: bearer planted-user-jwt")
    );
    assert!(
        requests[0].contains(r#""reading_club_id":123"#),
        "{}",
        requests[0]
    );
    assert!(!format!("{token:?}").contains("eyJ"));
}

#[tokio::test]
async fn each_fault_has_its_own_code() {
    let video = |video| http("200 OK", "", &json!({ "token": token(video) }).to_string());
    let cases = [
        (http("401 Unauthorized", "", "{}"), Code::BackendNotSignedIn),
        (
            http("429 Too Many Requests", "Retry-After: 60\r\n", "{}"),
            Code::BackendRateLimited,
        ),
        (
            http("500 Error", "", r#"{"error":"Failed to generate token"}"#),
            Code::BackendError,
        ),
        (http("200 OK", "", "<html>"), Code::BackendAnswerNotJson),
        (http("200 OK", "", "{}"), Code::BackendAnswerNoToken),
        (http("200 OK", "", r#"{"token":"x"}"#), Code::TokenNotJwt),
        (
            http("200 OK", "", &"x".repeat(LARGEST_ANSWER + 1)),
            Code::BackendAnswerTooLarge,
        ),
        (
            http("302 Found", "Location: https://elsewhere.example/\r\n", ""),
            Code::BackendError,
        ),
        (video(json!({})), Code::TokenGrantsEmpty),
        (
            video(json!({ "room": "other", "roomJoin": true })),
            Code::TokenOtherRoom,
        ),
    ];
    for (answer, expected) in cases {
        let (result, _) = outcome(vec![answer.clone()]).await;
        assert_eq!(
            result.unwrap_err(),
            expected,
            "{}",
            &answer[..answer.len().min(120)]
        );
    }
}

#[tokio::test]
async fn a_busy_backend_is_asked_once_more() {
    let busy = http("503 Busy", "Retry-After: 0\r\n", "{}");
    let (result, requests) = outcome(vec![busy.clone(), good_answer()]).await;
    assert!(result.is_ok());
    assert_eq!(requests.len(), 2);
    let (result, _) = outcome(vec![busy.clone(), busy]).await;
    assert_eq!(result.unwrap_err(), Code::BackendError);
}

#[tokio::test]
async fn redirects_stay_on_the_server() {
    let redirect = http("307 Temporary Redirect", "Location: /v2/token\r\n", "");
    let (result, requests) = outcome(vec![redirect, good_answer()]).await;
    assert!(result.is_ok());
    assert!(
        requests[1].starts_with("POST /v2/token "),
        "{}",
        requests[1]
    );
}

#[tokio::test]
async fn nobody_there_and_cut_off_are_told_apart_from_answers() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let base = format!("http://{free}/").parse().unwrap();
    let fault = source(base).fetch(&meeting(), "Ann").await.unwrap_err();
    assert_eq!(fault.code, Code::BackendUnreachableRefused);
    let (result, _) = outcome(vec![String::new(), String::new()]).await;
    assert_eq!(result.unwrap_err(), Code::BackendUnreachableRefused);
}

#[tokio::test]
async fn without_a_sign_in_nothing_is_sent() {
    let base = "https://backend.example/".parse().unwrap();
    let client = crate::token::http_client().unwrap();
    let source = LiveKitMeetings::new(client, base, None).unwrap();
    let fault = source.fetch(&meeting(), "Ann").await.unwrap_err();
    assert_eq!(fault.code, Code::BackendNotSignedIn);
}

#[test]
fn unencrypted_backends_are_refused() {
    let base = "http://backend.example/".parse().unwrap();
    let client = crate::token::http_client().unwrap();
    let fault = LiveKitMeetings::new(client, base, None).unwrap_err();
    assert_eq!(fault.code, Code::BackendInsecure);
}
