//! Against a backend that answers what a test tells it to, over a real socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Mutex;

use proptest::prelude::*;
use salon_account::{FixedCredential, User};
use salon_base::Later;
use salon_http::http_client;
use salon_meeting::stream::StreamSettings;
use salon_profile::{Format, Profiles, TokenAnswer, parse};
use salon_support::token::{now, token};
use salon_token::{LiveKitGrant, StreamGrant};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::*;

/// Answers each connection with the next of these texts, as they are; an empty one cuts it off.
fn backend(answers: Vec<String>) -> (Url, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            requests.push(request(&mut stream));
            stream.write_all(answer.as_bytes()).unwrap();
            let _ = stream.shutdown(Shutdown::Both);
        }
        requests
    });
    (url.parse().unwrap(), served)
}

/// Head and body may come apart.
fn request(stream: &mut impl Read) -> String {
    let (mut request, mut piece) = (Vec::new(), [0; 8192]);
    loop {
        let length = stream.read(&mut piece).unwrap();
        request.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(length > 0, "cut off: {text}");
            continue;
        };
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1).map_or(0, |rest| {
            rest.lines()
                .next()
                .unwrap()
                .trim()
                .parse::<usize>()
                .unwrap()
        });
        if body.len() >= length {
            return text;
        }
    }
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

fn ok(body: &Value) -> String {
    http("200 OK", "", &body.to_string())
}

const ASKED: TokenRequest<'static> = TokenRequest {
    room: "reading-club-123",
    session: None,
    display_name: "Ann",
    server: Some("ws://127.0.0.1:7880"),
    server_locked: false,
    stream: StreamSettings {
        api_key: Some("key"),
        api_key_locked: false,
        call_type: None,
        call_type_locked: false,
        linked_call_type: None,
        url: None,
        dev: false,
    },
};

fn of_livekit(grant: JoinGrant) -> LiveKitGrant {
    match grant {
        JoinGrant::Livekit(grant) => grant,
        JoinGrant::Stream(_) => panic!("Stream's: {grant:?}"),
    }
}

fn of_stream(grant: JoinGrant) -> StreamGrant {
    match grant {
        JoinGrant::Stream(grant) => grant,
        JoinGrant::Livekit(_) => panic!("LiveKit's: {grant:?}"),
    }
}

fn livekit(video: Value) -> String {
    let claims = json!({ "iss": "key", "sub": "ann", "exp": now() + 600.0, "video": video });
    token("HS256", &claims)
}

fn good_token() -> String {
    livekit(json!({ "room": "reading-club-123", "roomJoin": true }))
}

fn good_answer() -> String {
    ok(&json!({
        "token": good_token(), "room_name": "reading-club-123", "participant_name": "Ann",
    }))
}

fn built_in(name: &str) -> Profile {
    Profiles::load(&[]).0.require(name).unwrap().clone()
}

fn fixed() -> Arc<dyn Credentials> {
    let bearer = SecretString::from("planted-user-jwt");
    Arc::new(FixedCredential::new(Some(bearer)))
}

fn source(profile: &Profile, base: Url) -> RestBackend {
    RestBackend::new(profile, base, fixed(), http_client().unwrap()).unwrap()
}

async fn outcome_of(
    profile: &Profile,
    request: TokenRequest<'_>,
    answers: Vec<String>,
) -> (Result<JoinGrant, Fault>, Vec<String>) {
    let (base, served) = backend(answers);
    let result = source(profile, base).token(&request).await;
    (result, served.join().unwrap())
}

async fn outcome(answers: Vec<String>) -> (Result<JoinGrant, Code>, Vec<String>) {
    let (result, requests) = outcome_of(&built_in("livekit-meetings"), ASKED, answers).await;
    (result.map_err(|fault| fault.code), requests)
}

#[tokio::test]
async fn contract_p4_is_kept() {
    let (result, requests) = outcome(vec![good_answer()]).await;
    let granted = result.unwrap();
    assert!(!format!("{granted:?}").contains("eyJ"));
    let grant = of_livekit(granted);
    assert_eq!(
        (
            grant.identity.as_str(),
            grant.room.as_str(),
            grant.server_url.as_str()
        ),
        ("ann", "reading-club-123", "ws://127.0.0.1:7880")
    );
    let request = &requests[0];
    assert!(request.starts_with("POST /api/reading-clubs/meetings/token HTTP/1.1"));
    let bearer = "authorization: bearer planted-user-jwt";
    assert!(request.to_lowercase().contains(bearer), "{request}");
    assert!(request.contains(r#""reading_club_id":123"#), "{request}");
    assert!(request.contains(r#""participant_name":"Ann""#), "{request}");
}

#[tokio::test]
async fn contract_p1_is_kept() {
    let user = |id: &str| json!({ "user_id": id, "iat": now(), "exp": now() + 600.0 });
    let answer = |id: &str| {
        let token = token("HS256", &user("user_1"));
        let data = json!({ "token": token, "userId": id, "expiresAt": "2024-12-31T23:59:59Z" });
        ok(&json!({ "success": true, "data": data, "message": "Token generated successfully" }))
    };
    let profile = built_in("stream-rest");
    let request = TokenRequest {
        room: "call-7",
        ..ASKED
    };
    let (result, requests) = outcome_of(&profile, request, vec![answer("user_1")]).await;
    let grant = of_stream(result.unwrap());
    let (token, json) = (grant.token.clone(), serde_json::to_value(&grant).unwrap());
    let expected = json!({
        "token": token, "apiKey": "key", "identity": "user_1", "name": "Ann",
        "callType": "default", "callId": "call-7", "create": true,
    });
    assert_eq!(json, expected);
    let json = serde_json::to_value(JoinGrant::Stream(grant)).unwrap();
    assert_eq!(json["provider"], "stream");
    assert!(
        requests[0].starts_with("POST /api/v1/stream/token "),
        "{}",
        requests[0]
    );
    let (result, _) = outcome_of(&profile, request, vec![answer("User_1")]).await;
    assert_eq!(result.unwrap_err().code, Code::TokenIdentityMismatch);
    // A refusal that says 200.
    let words = json!({ "success": false, "message": "Failed to generate video call token" });
    let (result, _) = outcome_of(&profile, request, vec![ok(&words)]).await;
    let expected = Fault::new(Code::BackendError, "Failed to generate video call token");
    assert_eq!(result.unwrap_err(), expected);
}

#[tokio::test]
async fn contract_p2_connects_as_who_came_back() {
    let mut profile = built_in("next-video-call");
    if let Some(rest) = &mut profile.rest {
        rest.auth = salon_profile::Auth::Cookie("__Secure-next.session".into());
    }
    let claims = json!({ "user_id": "club_ann", "iat": now(), "exp": now() + 600.0 });
    let answer = || ok(&json!({ "token": token("HS256", &claims), "userId": "club_ann" }));
    let call = |body: Value| vec![answer(), ok(&body)];
    let details = json!({ "apiKey": "theirs", "callType": "livestream", "callId": "their-call" });
    let (result, requests) = outcome_of(&profile, ASKED, call(details.clone())).await;
    let grant = of_stream(result.unwrap());
    assert_eq!(grant.identity, "club_ann");
    let cookie = "cookie: __Secure-next.session=planted-user-jwt\r\n";
    assert!(requests[0].contains(cookie), "{}", requests[0]);
    assert!(requests[0].contains(r#"{"userId":""}"#), "{}", requests[0]);

    // What it says of the call counts more than a setting; the room is the one that was asked for.
    assert!(
        requests[1].starts_with("GET /api/video-call "),
        "{}",
        requests[1]
    );
    assert!(requests[1].contains(cookie), "{}", requests[1]);
    let of =
        |grant: &StreamGrant| [&grant.api_key, &grant.call_type, &grant.call_id].map(String::clone);
    assert_eq!(of(&grant), ["theirs", "livestream", ASKED.room]);
    let request = TokenRequest { room: "", ..ASKED };
    let (result, _) = outcome_of(&profile, request, call(details)).await;
    assert_eq!(
        of(&of_stream(result.unwrap())),
        ["theirs", "livestream", "their-call"]
    );
    // Where it says nothing, the settings do.
    let missing = || http("404 Not Found", "", "<html>");
    for second in [missing(), ok(&json!({}))] {
        let (result, _) = outcome_of(&profile, ASKED, vec![answer(), second]).await;
        assert_eq!(
            of(&of_stream(result.unwrap())),
            ["key", "default", ASKED.room]
        );
    }
    let nothing = TokenRequest {
        stream: StreamSettings::default(),
        ..ASKED
    };
    let (result, _) = outcome_of(&profile, nothing, vec![answer(), missing()]).await;
    assert_eq!(result.unwrap_err().code, Code::StreamKeyMissing);
    // A token that is wrong is told of first, and no call is asked about with it.
    let other = json!({ "token": token("HS256", &claims), "userId": "ann" });
    let (result, requests) = outcome_of(&profile, ASKED, vec![ok(&other)]).await;
    assert_eq!(result.unwrap_err().code, Code::TokenIdentityMismatch);
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn a_meeting_session_has_a_token_of_its_own() {
    let body = json!({
        "token": livekit(json!({ "room": "call-9", "roomJoin": true })), "url": "wss://m.example/",
        "room": "call-9", "identity": "ann", "participantName": "Ann",
    });
    let request = TokenRequest {
        room: "call-9",
        session: Some("s/9"),
        ..ASKED
    };
    for name in ["salon", "livekit-meetings"] {
        let answers = vec![ok(&body)];
        let (result, requests) = outcome_of(&built_in(name), request, answers).await;
        let grant = of_livekit(result.unwrap());
        assert_eq!(
            (grant.room.as_str(), grant.server_url.as_str()),
            ("call-9", "wss://m.example")
        );
        let line = "POST /api/v1/meeting-sessions/s%2F9/token ";
        assert!(requests[0].starts_with(line), "{}", requests[0]);
    }
    // An administrator who locked another server is not overruled.
    let locked = TokenRequest {
        server_locked: true,
        ..request
    };
    let (result, _) = outcome_of(&built_in("salon"), locked, vec![ok(&body)]).await;
    assert_eq!(result.unwrap_err().code, Code::ServerNotAllowed);
    let allowed = TokenRequest {
        server: Some("wss://m.example"),
        ..locked
    };
    let (result, _) = outcome_of(&built_in("salon"), allowed, vec![ok(&body)]).await;
    assert_eq!(of_livekit(result.unwrap()).server_url, "wss://m.example");
    // Without one there is nothing to ask for, and the dots of a name lead nowhere else.
    for session in [None, Some(".."), Some("")] {
        let request = TokenRequest { session, ..request };
        let (result, _) = outcome_of(&built_in("salon"), request, vec![]).await;
        assert_eq!(result.unwrap_err().code, Code::MeetingNotFound);
    }
}

#[tokio::test]
async fn each_fault_has_its_own_code() {
    let video = |video| ok(&json!({ "token": livekit(video) }));
    let cases = [
        (http("401 Unauthorized", "", "{}"), Code::BackendNotSignedIn),
        (http("403 Forbidden", "", "{}"), Code::BackendNotSignedIn),
        (
            http("404 Not Found", "", "<html>"),
            Code::BackendEndpointMissing,
        ),
        (
            http(
                "409 Conflict",
                "",
                r#"{"error":"This meeting was called off."}"#,
            ),
            Code::MeetingCancelled,
        ),
        (
            http("409 Conflict", "", r#"{"error":"session-completed"}"#),
            Code::MeetingCompleted,
        ),
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
        let shown = &answer[..answer.len().min(120)];
        assert_eq!(result.unwrap_err(), expected, "{shown}");
    }
}

#[tokio::test]
async fn a_busy_backend_is_asked_once_more() {
    for busy in [
        http("503 Busy", "Retry-After: 0\r\n", "{}"),
        http("429 Too Many Requests", "Retry-After: 0\r\n", "{}"),
        http(
            "503 Busy",
            "Date: Sat, 21 Nov 2026 10:00:00 GMT\r\nRetry-After: Sat, 21 Nov 2026 10:00:00 GMT\r\n",
            "{}",
        ),
    ] {
        let (result, requests) = outcome(vec![busy.clone(), good_answer()]).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(requests.len(), 2);
    }
    let busy = http("503 Busy", "", "{}");
    let (result, _) = outcome(vec![busy.clone(), busy]).await;
    assert_eq!(result.unwrap_err(), Code::BackendError);
}

#[tokio::test]
async fn what_changes_something_is_not_sent_twice() {
    let (base, served) = backend(vec![http("503 Busy", "Retry-After: 0\r\n", "{}")]);
    let source = source(&built_in("salon"), base);
    let fault = source
        .call(Method::Post, "api/end", None)
        .await
        .unwrap_err();
    assert_eq!(fault.code, Code::BackendError);
    assert_eq!(served.join().unwrap().len(), 1);
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
    let see = http("303 See Other", "Location: /answer\r\n", "");
    let (result, requests) = outcome(vec![see, good_answer()]).await;
    assert!(result.is_ok());
    assert!(requests[1].starts_with("GET /answer "), "{}", requests[1]);
}

#[tokio::test]
async fn nobody_there_and_cut_off_are_told_apart_from_answers() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let base = format!("http://{free}/").parse().unwrap();
    let source = source(&built_in("livekit-meetings"), base);
    let fault = source.token(&ASKED).await.unwrap_err();
    assert_eq!(fault.code, Code::BackendUnreachableRefused);
    let (result, _) = outcome(vec![String::new(), String::new()]).await;
    assert_eq!(result.unwrap_err(), Code::BackendUnreachableRefused);
}

#[tokio::test]
async fn without_a_sign_in_nothing_is_sent() {
    let base = "https://backend.example/".parse().unwrap();
    let nobody = Arc::new(FixedCredential::new(None));
    let profile = built_in("livekit-meetings");
    let source = RestBackend::new(&profile, base, nobody, http_client().unwrap()).unwrap();
    let fault = source.token(&ASKED).await.unwrap_err();
    assert_eq!(fault.code, Code::BackendNotSignedIn);
}

#[test]
fn unencrypted_backends_are_refused() {
    for base in [
        "http://backend.example/",
        "https://ann:pw@backend.example/",
        "ftp://localhost",
    ] {
        let profile = built_in("livekit-meetings");
        let base = base.parse().unwrap();
        let made = RestBackend::new(&profile, base, fixed(), http_client().unwrap());
        assert_eq!(made.unwrap_err().code, Code::BackendInsecure);
    }
}

/// One that can be renewed once.
#[derive(Debug, Default)]
struct Renewable(Mutex<Vec<String>>);

impl Credentials for Renewable {
    fn credential(&self) -> Later<'_, Result<SecretString, Fault>> {
        Box::pin(std::future::ready(Ok(SecretString::from("first"))))
    }

    fn replace<'a>(&'a self, refused: &'a SecretString) -> Later<'a, Result<SecretString, Fault>> {
        let mut replaced = self.0.lock().unwrap();
        replaced.push(refused.expose_secret().to_owned());
        Box::pin(std::future::ready(Ok(SecretString::from("second"))))
    }

    fn user(&self) -> Option<User> {
        None
    }
}

#[tokio::test]
async fn a_refused_credential_is_replaced_once() {
    let no = || http("401 Unauthorized", "", r#"{"error":"second is over"}"#);
    for (answers, good) in [(vec![no(), good_answer()], true), (vec![no(), no()], false)] {
        let (base, served) = backend(answers);
        let credentials = Arc::new(Renewable::default());
        let profile = built_in("livekit-meetings");
        let client = http_client().unwrap();
        let source = RestBackend::new(&profile, base, credentials.clone(), client).unwrap();
        let result = source.token(&ASKED).await;
        let requests = served.join().unwrap();
        assert!(requests[0].contains("Bearer first"), "{}", requests[0]);
        assert!(requests[1].contains("Bearer second"), "{}", requests[1]);
        assert_eq!(*credentials.0.lock().unwrap(), ["first"]);
        match result {
            Ok(_) => assert!(good),
            Err(fault) => {
                assert!(!good, "{fault}");
                // What the backend repeats of a credential is taken out.
                let expected = Fault::new(Code::BackendNotSignedIn, "[credential] is over");
                assert_eq!(fault, expected);
            }
        }
    }
}

#[tokio::test]
async fn a_credential_cannot_make_further_headers() {
    for (auth, secret) in [
        ("\"bearer\"", "a\r\nX: y"),
        ("{ cookie = \"sid\" }", "a; b=c"),
    ] {
        let text = format!(
            "format = 1\nname = \"x\"\ntitle = \"X\"\nprovider = \"livekit\"\n[rest]\nauth = {auth}\n\
             token = {{ path = \"t\", answer = {{ token = \"/token\" }} }}"
        );
        let profile = parse(&text, Format::Toml).unwrap();
        let credentials = Arc::new(FixedCredential::new(Some(SecretString::from(secret))));
        let base = "http://127.0.0.1:9/".parse().unwrap();
        let source = RestBackend::new(&profile, base, credentials, http_client().unwrap()).unwrap();
        let fault = source.token(&ASKED).await.unwrap_err();
        assert_eq!(fault.code, Code::CredentialInvalid);
    }
}

#[test]
fn paths_stay_below_the_address() {
    let base = "https://a.example/root/?x#y".parse().unwrap();
    for (path, expected) in [
        ("a/b", "https://a.example/root/a/b"),
        ("a?b=c", "https://a.example/root/a?b=c"),
        (
            "//evil.example/a",
            "https://a.example/root///evil.example/a",
        ),
    ] {
        assert_eq!(below(&base, path).as_str(), expected);
    }
}

proptest! {
    #[test]
    fn no_path_of_a_profile_leaves_the_backend(path in "[a-z/.:%2eE?#\\\\{}@]{0,30}", room: String) {
        let quoted = path.replace('\\', "\\\\");
        let text = format!(
            "format = 1\nname = \"club\"\ntitle = \"Club\"\nprovider = \"livekit\"\n\
             server = \"wss://media.example\"\n[rest.token]\npath = \"{quoted}\"\n\
             answer = {{ token = \"/token\" }}\n"
        );
        let Ok(profile) = parse(&text, Format::Toml) else { return Ok(()) };
        let endpoint = &profile.rest.unwrap().token;
        let values = Values { room: &room, ..Values::default() };
        let Ok(path) = super::path(&endpoint.path, &values) else { return Ok(()) };
        let base: Url = "https://a.example/root/".parse().unwrap();
        let url = below(&base, &path);
        prop_assert!(url.as_str().starts_with("https://a.example/root/"), "{url}");
    }

    #[test]
    fn any_answer_is_survived(
        body: Vec<u8>,
        text in "[{}\\[\\]\",:0-9a-z]{0,80}",
        token in "[A-Za-z0-9_.-]{0,80}",
    ) {
        let answer = TokenAnswer {
            token: "/token".into(),
            room: Some("/room".into()),
            url: Some("/url".into()),
            ..TokenAnswer::default()
        };
        let json = json!({ "token": token, "url": text }).to_string();
        for provider in [Provider::Livekit, Provider::Stream] {
            let wanted = Wanted { provider, request: ASKED, server: None, stream: None, user: None };
            for body in [body.clone(), text.clone().into_bytes(), json.clone().into_bytes()] {
                let read = read_token(&answer, wanted, &Received::new(body, None));
                prop_assert!(read.is_err());
            }
        }
    }
}
