//! The reference backend, for faults that are its own.

use reference_backend::{Config, LiveKit, NewAccount, Running, StreamApp, start};
use salon_backend_client::TokenRequest;
use salon_base::Fault;
use salon_token::JoinGrant;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::asking::{app, client, outcome};

/// How often an account may ask for a token in a minute.
const TOKENS_PER_MINUTE: u32 = 2;

/// A backend of its own, with two parties.
struct Reference {
    running: Running,
    requester: String,
    offerer: String,
    _folder: TempDir,
}

impl Reference {
    async fn start(with_keys: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::loopback(folder.path().join("backend.sqlite3"));
        config.limits.tokens_per_minute = TOKENS_PER_MINUTE;
        config.livekit = with_keys.then(|| LiveKit {
            url: "wss://media.example".parse().unwrap(),
            key: "key".into(),
            secret: "planted-livekit-secret-0123456789abcdef".into(),
        });
        config.stream = with_keys.then(|| StreamApp {
            key: "key".into(),
            secret: "planted-stream-secret-0123456789abcdef".into(),
        });
        let running = start(config).await.unwrap();
        let (requester, offerer) = (person(&running, "Ann").await, person(&running, "Ben").await);
        Self {
            running,
            requester,
            offerer,
            _folder: folder,
        }
    }

    async fn outcome(
        &self,
        profile: &str,
        session: Option<&str>,
        credential: &str,
    ) -> Result<JoinGrant, Fault> {
        let request = TokenRequest {
            room: "reading-club-1",
            session,
            display_name: "Ann",
            server: Some("wss://elsewhere.example"),
            server_locked: false,
            stream: app(),
        };
        // A meeting session's room is its call's, which the backend names; P1 does not.
        let request = match session {
            Some(_) if profile != "stream-rest" => TokenRequest {
                room: "",
                server: None,
                ..request
            },
            _ => request,
        };
        let base = format!("http://{}/", self.running.address);
        outcome(profile, &base, client(), request, credential).await
    }

    async fn ask(&self, profile: &str, session: Option<&str>, credential: &str) -> Fault {
        self.outcome(profile, session, credential)
            .await
            .unwrap_err()
    }

    async fn send(&self, method: reqwest::Method, who: &str, path: &str, body: Value) -> Value {
        let url = format!("http://{}/api/v1/{path}", self.running.address);
        let client = client().build().unwrap();
        let request = client.request(method, url).bearer_auth(who).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A meeting session of the two; its id.
    async fn session(&self) -> String {
        use reqwest::Method;
        let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
        let (ann, ben) = (&self.requester, &self.offerer);
        let asked = self
            .send(Method::POST, ann, "requests", json!({ "title": "Hedge" }))
            .await;
        let path = format!("requests/{}/offers", text(&asked, "id"));
        let offer = self
            .send(Method::POST, ben, &path, json!({ "message": "Gladly" }))
            .await;
        let path = format!("offers/{}", text(&offer, "id"));
        let accepted = json!({ "status": "accepted" });
        text(
            &self.send(Method::PATCH, ann, &path, accepted).await,
            "meetSessionId",
        )
    }
}

async fn person(running: &Running, name: &str) -> String {
    let account = NewAccount {
        id: Some(format!("Club.{name}")),
        email: format!("{name}@salon.example").to_lowercase(),
        name: name.into(),
        password: "planted password".into(),
    };
    let id = running.add_account(account).await.unwrap();
    let token = running.access_token(&id).await.unwrap();
    token.expose_secret().to_owned()
}

/// It has no keys to sign tokens with.
pub(crate) async fn without_keys(profile: &str) -> Fault {
    let reference = Reference::start(false).await;
    reference.ask(profile, None, &reference.requester).await
}

/// Somebody that it does not know asks.
pub(crate) async fn stranger(profile: &str) -> Fault {
    let reference = Reference::start(true).await;
    reference
        .ask(profile, None, "planted-credential-51d0")
        .await
}

/// Once more than it allows in a minute.
pub(crate) async fn too_often() -> Fault {
    let reference = Reference::start(true).await;
    let token = reference.requester.clone();
    for _ in 0..TOKENS_PER_MINUTE {
        reference
            .send(reqwest::Method::POST, &token, "stream/token", json!({}))
            .await;
    }
    reference.ask("stream-rest", None, &token).await
}

/// A meeting session that has come to its end this way.
pub(crate) async fn session_after(ending: &str) -> Fault {
    let reference = Reference::start(true).await;
    let session = reference.session().await;
    let path = format!("meeting-sessions/{session}/{ending}");
    reference
        .send(reqwest::Method::POST, &reference.offerer, &path, json!({}))
        .await;
    reference
        .ask("salon", Some(&session), &reference.requester)
        .await
}

/// A meeting session that it never had.
pub(crate) async fn unknown_session() -> Fault {
    let reference = Reference::start(true).await;
    let session = reference.session().await;
    let other: String = session.chars().rev().collect();
    reference
        .ask("salon", Some(&other), &reference.requester)
        .await
}

/// Who joins what, and where or as whose app, by a built-in profile, alone and in a meeting session.
pub(crate) async fn good_tokens(profile: &str) -> [Result<[String; 3], Fault>; 2] {
    let reference = Reference::start(true).await;
    let session = reference.session().await;
    let (alone, together) = (None, Some(session.as_str()));
    let mut tokens = Vec::new();
    for session in [alone, together] {
        let token = reference
            .outcome(profile, session, &reference.offerer)
            .await;
        tokens.push(token.map(|token| match token {
            JoinGrant::Livekit(grant) => [grant.identity, grant.room, grant.server_url],
            JoinGrant::Stream(grant) => [grant.identity, grant.call_id, grant.api_key],
        }));
    }
    tokens.try_into().unwrap()
}
