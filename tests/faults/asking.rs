//! Asking as the app asks, and what goes wrong then.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use salon_account::FixedCredential;
use salon_backend_client::{Backend, TokenRequest, preflight};
use salon_base::Fault;
use salon_http::{Limits, http_client_builder};
use salon_meeting::stream::StreamSettings;
use salon_profile::{Profile, Profiles};
use salon_token::JoinGrant;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::servers::{Act, http, ok, server};

/// Who asks, to the backend.
pub(crate) const CREDENTIAL: &str = "planted-credential-51d0";
/// The room that is asked for.
pub(crate) const ROOM: &str = "reading-club-123";

/// As the app's, but without the proxy of whoever runs the test.
pub(crate) fn client() -> reqwest::ClientBuilder {
    http_client_builder(Limits::default()).no_proxy()
}

/// Whose calls of Stream's they are, as the settings say.
pub(crate) fn app() -> StreamSettings<'static> {
    StreamSettings {
        api_key: Some("key"),
        ..StreamSettings::default()
    }
}

/// Gives up soon: for rows in which nothing comes.
pub(crate) fn hurried() -> reqwest::ClientBuilder {
    let limits = Limits {
        connect: Duration::from_millis(300),
        total: Duration::from_millis(300),
    };
    http_client_builder(limits).no_proxy()
}

/// Asks the backend of a built-in profile at `base` for a token.
pub(crate) async fn ask(profile: &str, base: &str, client: reqwest::ClientBuilder) -> Fault {
    let request = TokenRequest {
        room: ROOM,
        session: None,
        display_name: "Ann",
        server: Some("wss://media.example"),
        server_locked: false,
        stream: app(),
    };
    ask_for(profile, base, client, request, CREDENTIAL).await
}

/// As [`ask`], for this and as this one.
pub(crate) async fn ask_for(
    profile: &str,
    base: &str,
    client: reqwest::ClientBuilder,
    request: TokenRequest<'_>,
    credential: &str,
) -> Fault {
    let outcome = outcome(profile, base, client, request, credential);
    outcome.await.unwrap_err()
}

/// As [`ask_for`], whatever comes of it.
pub(crate) async fn outcome(
    profile: &str,
    base: &str,
    client: reqwest::ClientBuilder,
    request: TokenRequest<'_>,
    credential: &str,
) -> Result<JoinGrant, Fault> {
    let credential = Some(credential).filter(|text| !text.is_empty());
    let credentials = FixedCredential::new(credential.map(SecretString::from));
    let backend = Backend::new(
        &built_in(profile),
        base.parse().unwrap(),
        Arc::new(credentials),
        client.build().unwrap(),
    )?;
    backend.token(&request).await
}

fn built_in(name: &str) -> Profile {
    Profiles::load(&[]).0.require(name).unwrap().clone()
}

fn address(of: SocketAddr) -> String {
    format!("http://{of}/")
}

/// What a backend's answers lead to, one for each connection.
pub(crate) async fn answers(profile: &str, acts: Vec<Act>) -> Fault {
    ask(profile, &address(server(acts).await), client()).await
}

/// What it leads to that no answer comes, or not all of it.
pub(crate) async fn silence(profile: &str, act: Act) -> Fault {
    ask(profile, &address(server(vec![act]).await), hurried()).await
}

/// What one answer leads to.
pub(crate) async fn answer(profile: &str, act: Act) -> Fault {
    answers(profile, vec![act]).await
}

/// What a token of LiveKit's leads to that has these claims instead of the right ones.
pub(crate) async fn livekit(change: impl FnOnce(&mut Value)) -> Fault {
    let mut claims = livekit_claims();
    change(&mut claims);
    token("livekit-meetings", &signed("HS256", &claims)).await
}

/// What a token leads to.
pub(crate) async fn token(profile: &str, token: &str) -> Fault {
    let answered = match profile {
        "stream-rest" => json!({ "success": true, "data": { "token": token, "userId": "ann" } }),
        "next-video-call" => json!({ "token": token, "userId": "ann" }),
        _ => json!({ "token": token, "room_name": ROOM, "participant_name": "Ann" }),
    };
    answer(profile, ok(&answered)).await
}

/// A right answer, given by a clock that is `ahead` seconds wrong, with a token of ours.
pub(crate) async fn wrong_clock(ahead: i64) -> Fault {
    let body = json!({ "token": signed("HS256", &livekit_claims()), "room_name": ROOM });
    answer(
        "livekit-meetings",
        http("200 OK", &date(ahead), body.to_string()),
    )
    .await
}

fn date(ahead: i64) -> String {
    let seconds = Duration::from_secs(ahead.unsigned_abs());
    let now = SystemTime::now();
    let date = if ahead < 0 {
        now - seconds
    } else {
        now + seconds
    };
    format!("Date: {}\r\n", httpdate::fmt_http_date(date))
}

/// What a media server's refusal leads to.
pub(crate) async fn media_server(status: &str, words: &str, ahead: i64) -> Fault {
    let token = signed("HS256", &livekit_claims());
    let words = words.replace("<TOKEN>", &token);
    let address = server(vec![http(status, &date(ahead), words)]).await;
    media_server_at(&format!("ws://{address}/"), client()).await
}

/// As [`media_server`], wherever it is.
pub(crate) async fn media_server_at(url: &str, client: reqwest::ClientBuilder) -> Fault {
    let (client, url) = (client.build().unwrap(), url.parse().unwrap());
    let token = signed("HS256", &livekit_claims());
    preflight::check(&client, &url, &token).await.unwrap_err()
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(now.unwrap().as_secs()).unwrap()
}

/// Those of a right token.
pub(crate) fn livekit_claims() -> Value {
    json!({
        "iss": "key", "sub": "ann", "name": "Ann", "jti": "1",
        "iat": now(), "nbf": now(), "exp": now() + 600,
        "video": {
            "room": ROOM, "roomJoin": true, "canPublish": true, "canSubscribe": true,
            "canPublishData": true,
        },
    })
}

/// Those of a right token of Stream's.
pub(crate) fn stream_claims() -> Value {
    json!({ "user_id": "ann", "iat": now(), "exp": now() + 3600 })
}

/// A token; the signature is nobody's.
pub(crate) fn signed(alg: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": alg, "typ": "JWT" });
    format!("{}.{}.c2ln", part(&header), part(claims))
}

/// What an answer leads to if the administrator has locked the media server `wss://media.example`.
pub(crate) async fn locked_answer(act: Act) -> Fault {
    let request = TokenRequest {
        room: ROOM,
        session: Some("session-1"),
        display_name: "Ann",
        server: Some("wss://media.example"),
        server_locked: true,
        stream: app(),
    };
    let base = address(server(vec![act]).await);
    ask_for("salon", &base, client(), request, CREDENTIAL).await
}

/// What a right token leads to, if settings and meeting say this of Stream and the answers after it are
/// these.
pub(crate) async fn of_stream(profile: &str, stream: StreamSettings<'_>, after: Vec<Act>) -> Fault {
    let token = signed("HS256", &stream_claims());
    let first = match profile {
        "stream-rest" => json!({ "success": true, "data": { "token": token, "userId": "ann" } }),
        _ => json!({ "token": token, "userId": "ann" }),
    };
    let answers = std::iter::once(ok(&first)).chain(after).collect();
    let request = TokenRequest {
        room: ROOM,
        display_name: "Ann",
        stream,
        ..TokenRequest::default()
    };
    let base = address(server(answers).await);
    ask_for(profile, &base, client(), request, CREDENTIAL).await
}

/// What an answer leads to that is given for a meeting session.
pub(crate) async fn session_answer(act: Act) -> Fault {
    let request = TokenRequest {
        room: ROOM,
        session: Some("session-1"),
        display_name: "Ann",
        server: None,
        server_locked: false,
        stream: app(),
    };
    let base = address(server(vec![act]).await);
    ask_for("salon", &base, client(), request, CREDENTIAL).await
}
