//! The way to a call of Stream's: a marketplace on Convex, a coordinator of a few lines that checks tokens
//! as Stream's does, and a media server that answers at all.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use salon_support::ConvexDouble;
use salon_support::convex::Config;
use serde_json::{Value, json};

use super::*;
use crate::account::{Credentials, Later, User};
use crate::meeting::stream::StreamAsked;

const KEY: &str = "key-of-the-app";
const SECRET: &str = "planted-stream-secret-0123456789abcdef";

/// What the coordinator thinks of the app and of who comes.
#[derive(Clone)]
struct App {
    key: &'static str,
    secret: &'static str,
    knows: bool,
    media: SocketAddr,
}

/// Status and body that a request gets.
fn answered(app: &App, request: &str) -> (&'static str, Value) {
    let refused = |status, code: u64, message: &str| {
        let message = format!("JoinCall failed with error: \"{message}\"");
        (status, json!({ "code": code, "message": message }))
    };
    let line = request.lines().next().unwrap_or_default();
    let path = line.split(' ').nth(1).unwrap_or_default();
    let header = |name: &str| {
        let line = request
            .lines()
            .find(|line| line.to_lowercase().starts_with(name));
        line.and_then(|line| line.split_once(": "))
            .map(|(_, value)| value)
    };
    if header("stream-auth-type") != Some("jwt") {
        return refused("401 Unauthorized", 5, "unauthenticated");
    }
    if !path.contains(&format!("api_key={}", app.key)) {
        return refused("401 Unauthorized", 2, "api_key not found");
    }
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&[""; 0]);
    let key = DecodingKey::from_secret(app.secret.as_bytes());
    let token = header("authorization").unwrap_or_default();
    let claims = match jsonwebtoken::decode::<Value>(token, &key, &validation) {
        Ok(read) => read.claims,
        Err(error) if *error.kind() == ErrorKind::ExpiredSignature => {
            return refused("401 Unauthorized", 40, "token is expired");
        }
        Err(_) => return refused("401 Unauthorized", 43, &format!("bad signature of {token}")),
    };
    let user = claims["user_id"].as_str().unwrap_or_default();
    if !path.contains(&format!("user_id={user}")) {
        return refused("401 Unauthorized", 5, "user_id is not the token's");
    }
    if !app.knows {
        let words = format!("the user {user} does not exist");
        return refused("404 Not Found", 16, &words);
    }
    if !path.starts_with("/video/call/default/reading-club-7/join?") || !line.starts_with("POST ") {
        return refused("404 Not Found", 16, "there is nothing of that kind");
    }
    let server = json!({ "edge_name": "here", "url": format!("http://{}/twirp", app.media) });
    let credentials = json!({ "server": server, "token": "t", "ice_servers": [] });
    (
        "200 OK",
        json!({ "call": {}, "credentials": credentials, "created": true }),
    )
}

async fn coordinator(app: App) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut request, mut piece) = (String::new(), [0; 8192]);
            // Its body is small and does not matter.
            while !request.contains("\r\n\r\n") {
                match stream.read(&mut piece).await {
                    Ok(length) if length > 0 => {
                        request.push_str(&String::from_utf8_lossy(&piece[..length]));
                    }
                    _ => break,
                }
            }
            let (status, body) = answered(&app, &request);
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes()).await;
        }
    });
    address
}

/// Somebody who is signed in at the marketplace.
#[derive(Debug)]
struct Bruno(secrecy::SecretString);

impl Credentials for Bruno {
    fn credential(&self) -> Later<'_, Result<secrecy::SecretString, Fault>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn replace<'a>(
        &'a self,
        _refused: &'a secrecy::SecretString,
    ) -> Later<'a, Result<secrecy::SecretString, Fault>> {
        Box::pin(std::future::ready(Err(Code::SignInExpired.into())))
    }

    fn user(&self) -> Option<User> {
        Some(User {
            id: "bruno".into(),
            name: "Bruno".into(),
        })
    }
}

/// From the marketplace to the media server.
async fn walk_to_call(stream: StreamAsked<'_>) -> Vec<Step> {
    let config = Config {
        stream_secret: SECRET.into(),
        ..Config::default()
    };
    let double = ConvexDouble::start(config).await.unwrap();
    let profile = built_in("convex");
    let way = Way {
        profile: &profile,
        backend: double.url.parse().unwrap(),
        credentials: Arc::new(Bruno(double.user_token("bruno").into())),
        client: http_client_builder(Limits::default())
            .no_proxy()
            .build()
            .unwrap(),
        room: "reading-club-7",
        session: None,
        server: None,
        server_locked: false,
        stream,
        ports: soon(),
    };
    walk(&way).await
}

/// With the coordinator there.
async fn walk_by_way_of(coordinator: SocketAddr) -> Vec<Step> {
    let url = format!("http://{coordinator}/video").parse().unwrap();
    walk_to_call(StreamAsked {
        api_key: Some(KEY),
        url: Some(&url),
        dev: true,
        ..StreamAsked::default()
    })
    .await
}

async fn walk_by(change: impl FnOnce(&mut App)) -> Vec<Step> {
    let mut app = App {
        key: KEY,
        secret: SECRET,
        knows: true,
        media: http("404 Not Found", "").await,
    };
    change(&mut app);
    walk_by_way_of(coordinator(app).await).await
}

/// An address at which nobody is.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn the_way_into_a_call_of_streams_is_walked_to_the_media_server() {
    let steps = walk_by(|_| {}).await;
    let named: Vec<_> = steps.iter().map(|step| step.name).collect();
    let expected = [
        "name (DNS)",
        "connection",
        "encryption (TLS)",
        "endpoint",
        "token",
        "what it says",
        "coordinator",
        "media server",
    ];
    assert_eq!(named, expected, "{steps:#?}");
    let skipped = that(&steps, Status::Skipped);
    assert_eq!(skipped, ["encryption (TLS)", "endpoint"], "{steps:#?}");
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    let text = walk::text(&steps);
    assert!(
        text.contains(KEY) && text.contains("127.0.0.1 answers"),
        "{text}"
    );
    assert!(!text.contains("eyJ") && !text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn what_a_coordinator_objects_to_is_named_where_the_way_breaks() {
    let gone = nobody().await;
    for (steps, name, code) in [
        (
            walk_by(|app| app.secret = "another-secret-0123456789abcdef0123").await,
            "coordinator",
            Code::TokenSignatureWrong,
        ),
        (
            walk_by(|app| app.key = "another-app").await,
            "coordinator",
            Code::TokenKeyUnknown,
        ),
        (
            walk_by_way_of(gone).await,
            "coordinator",
            Code::ServerUnreachableRefused,
        ),
        (
            walk_by(|app| app.media = gone).await,
            "media server",
            Code::ServerUnreachableRefused,
        ),
    ] {
        assert_eq!(that(&steps, Status::Failed), [name], "{steps:#?}");
        let failed = steps.iter().find(|step| step.name == name).unwrap();
        assert_eq!(failed.code, Some(code), "{steps:#?}");
        let text = walk::text(&steps);
        // The coordinator repeats a token; nobody else does.
        assert!(!text.contains("eyJ"), "{text}");
    }
    // Who was never connected cannot be let in yet, and that is no fault.
    let steps = walk_by(|app| app.knows = false).await;
    assert_eq!(that(&steps, Status::Failed), [""; 0], "{steps:#?}");
    let coordinator = steps
        .iter()
        .find(|step| step.name == "coordinator")
        .unwrap();
    assert!(
        coordinator.sentence.contains("bruno has not been here"),
        "{steps:#?}"
    );
    assert!(that(&steps, Status::Skipped).contains(&"media server"));
}

#[tokio::test]
async fn without_an_app_the_way_ends_at_the_token() {
    let steps = walk_to_call(StreamAsked::default()).await;
    assert_eq!(that(&steps, Status::Failed), ["token"], "{steps:#?}");
    let token = steps.iter().find(|step| step.name == "token").unwrap();
    assert_eq!(token.code, Some(Code::StreamKeyMissing));
    assert!(walk::text(&steps).contains("STREAM_API_KEY"));
}
