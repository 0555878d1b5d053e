//! A backend of its own for each test, and callers of it.

use reference_backend::{AccountId, Clock, Config, LiveKit, NewAccount, Running, StreamApp, start};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const LIVEKIT_SECRET: &str = "planted-livekit-secret-0123456789abcdef";
pub(crate) const STREAM_SECRET: &str = "planted-stream-secret-0123456789abcdef";
pub(crate) const PASSWORD: &str = "planted password";

pub(crate) struct Backend {
    pub(crate) running: Running,
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    _folder: TempDir,
}

/// For a test that does in a moment what people do in hours.
pub(crate) fn busy(config: &mut Config) {
    config.limits.requests_per_minute = 100_000;
    config.limits.offers_per_minute = 100_000;
    config.limits.decisions_per_minute = 100_000;
}

pub(crate) struct Person {
    pub(crate) id: AccountId,
    pub(crate) email: String,
    pub(crate) token: String,
}

impl Backend {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::loopback(folder.path().join("backend.sqlite3"));
        config.livekit = Some(LiveKit {
            url: "wss://livekit.example".parse().unwrap(),
            key: "livekit-key".into(),
            secret: LIVEKIT_SECRET.into(),
        });
        config.stream = Some(StreamApp {
            key: "stream-key".into(),
            secret: STREAM_SECRET.into(),
        });
        change(&mut config);
        let clock = config.clock.clone();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            running: start(config).await.unwrap(),
            client,
            clock,
            _folder: folder,
        }
    }

    /// An account with an id that contract P2 has to change.
    pub(crate) async fn person(&self, name: &str) -> Person {
        let email = format!("{}@salon.example", name.to_lowercase());
        let account = NewAccount {
            id: Some(format!("Club.{name}")),
            email: email.clone(),
            name: name.into(),
            password: PASSWORD.into(),
        };
        let id = self.running.add_account(account).await.unwrap();
        let token = self.running.access_token(&id).await.unwrap();
        Person {
            token: token.expose_secret().to_owned(),
            id,
            email,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.running.address))
    }

    pub(crate) async fn get(&self, who: &Person, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path).bearer_auth(&who.token)).await
    }

    pub(crate) async fn post(&self, who: &Person, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.request(Method::POST, path).bearer_auth(&who.token);
        answer(request.json(&body)).await
    }

    pub(crate) async fn patch(&self, who: &Person, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.request(Method::PATCH, path).bearer_auth(&who.token);
        answer(request.json(&body)).await
    }

    /// Without a token.
    pub(crate) async fn send(&self, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> (StatusCode, Value) {
        let body = json!({ "email": email, "password": password });
        self.send("/api/v1/auth/login", body).await
    }

    /// `requester` asks, `offerer` offers; the offer's id.
    pub(crate) async fn offer(&self, requester: &Person, offerer: &Person) -> String {
        let title = json!({ "title": "Help with a hedge" });
        let (status, request) = self.post(requester, "/api/v1/requests", title).await;
        assert_eq!(status, StatusCode::CREATED);
        let path = format!("/api/v1/requests/{}/offers", text(&request["id"]));
        let (status, offer) = self
            .post(offerer, &path, json!({ "message": "Gladly" }))
            .await;
        assert_eq!(status, StatusCode::CREATED);
        text(&offer["id"]).to_owned()
    }

    /// Accepts; the session's id.
    pub(crate) async fn accept(&self, requester: &Person, offer: &str) -> String {
        let path = format!("/api/v1/offers/{offer}");
        let (status, decided) = self
            .patch(requester, &path, json!({ "status": "accepted" }))
            .await;
        assert_eq!(status, StatusCode::OK, "{decided}");
        text(&decided["meetSessionId"]).to_owned()
    }
}

/// Status and JSON body; null if it is empty.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body = response.text().await.unwrap();
    if body.is_empty() {
        return (status, Value::Null);
    }
    let body = serde_json::from_str(&body).unwrap_or_else(|_| panic!("not JSON: {body}"));
    (status, body)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The code of an error, after checking its form.
pub(crate) fn code(body: &Value) -> &str {
    assert!(!text(&body["error"]["message"]).is_empty());
    assert_eq!(body.as_object().unwrap().len(), 1);
    text(&body["error"]["code"])
}
