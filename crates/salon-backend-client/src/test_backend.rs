//! For tests: the reference backend in this process, people who have accounts there, and a line to
//! it that can be cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use reference_backend::{AccountId, Config, NewAccount, Running};
use reqwest::Method;
use salon_account::{Credentials, User};
use salon_base::{Code, Fault, Later};
use salon_profile::{Profile, Profiles};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

use crate::rest::RestBackend;

#[derive(Debug)]
pub(crate) struct TestBackend {
    running: Arc<Running>,
    client: reqwest::Client,
    _folder: TempDir,
}

/// Somebody with an account; the app's credentials for it.
pub(crate) struct Person {
    pub(crate) id: AccountId,
    name: String,
    running: Arc<Running>,
    held: Mutex<SecretString>,
    /// How often the backend refused a credential.
    pub(crate) replaced: AtomicUsize,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Credentials for Person {
    fn credential(&self) -> Later<'_, Result<SecretString, Fault>> {
        Box::pin(async { Ok(self.held.lock().clone()) })
    }

    fn replace<'a>(&'a self, refused: &'a SecretString) -> Later<'a, Result<SecretString, Fault>> {
        Box::pin(async {
            self.replaced.fetch_add(1, Ordering::Relaxed);
            let held = self.held.lock().clone();
            if held.expose_secret() != refused.expose_secret() {
                return Ok(held);
            }
            let fresh = self.running.access_token(&self.id).await;
            let fresh = fresh.ok_or(Code::SignInExpired)?;
            *self.held.lock() = fresh.clone();
            Ok(fresh)
        })
    }

    fn user(&self) -> Option<User> {
        Some(User {
            id: self.id.as_ref().to_owned(),
            name: self.name.clone(),
        })
    }
}

impl Person {
    /// The same, signed in once more.
    pub(crate) async fn on_another_device(&self) -> Arc<Self> {
        let token = self.running.access_token(&self.id).await.unwrap();
        Arc::new(Self {
            id: self.id.clone(),
            name: self.name.clone(),
            running: self.running.clone(),
            held: Mutex::new(token),
            replaced: AtomicUsize::default(),
        })
    }
}

impl TestBackend {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::loopback(folder.path().join("backend.sqlite3"));
        change(&mut config);
        Self {
            running: Arc::new(reference_backend::start(config).await.unwrap()),
            client: salon_http::http_client().unwrap(),
            _folder: folder,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address
    }

    pub(crate) fn url(&self) -> Url {
        format!("http://{}", self.running.address).parse().unwrap()
    }

    pub(crate) async fn person(&self, name: &str) -> Arc<Person> {
        let account = NewAccount {
            id: None,
            email: format!("{}@salon.example", name.to_lowercase()),
            name: name.into(),
            password: "planted password".into(),
        };
        let id = self.running.add_account(account).await.unwrap();
        let token = self.running.access_token(&id).await.unwrap();
        Arc::new(Person {
            id,
            name: name.into(),
            running: self.running.clone(),
            held: Mutex::new(token),
            replaced: AtomicUsize::default(),
        })
    }

    /// The app's side for one person, over an address that leads here.
    pub(crate) fn rest(&self, at: &Url, person: &Arc<Person>) -> RestBackend {
        RestBackend::new(&profile(), at.clone(), person.clone(), self.client.clone()).unwrap()
    }

    async fn send(&self, method: Method, who: &Person, path: &str, body: Value) -> Value {
        let token = who.running.access_token(&who.id).await.unwrap();
        let url = self.url().join(path).unwrap();
        let request = self.client.request(method, url).json(&body);
        let answer = request
            .bearer_auth(token.expose_secret())
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// `requester` asks, `offerer` offers, `requester` accepts; the session's id.
    pub(crate) async fn agree(&self, requester: &Person, offerer: &Person) -> String {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let title = json!({ "title": "Help with a hedge" });
        let request = self
            .send(Method::POST, requester, "/api/v1/requests", title)
            .await;
        let path = format!("/api/v1/requests/{}/offers", text(&request["id"]));
        let offer = self.send(Method::POST, offerer, &path, json!({})).await;
        let path = format!("/api/v1/offers/{}", text(&offer["id"]));
        let accepted = json!({ "status": "accepted" });
        let decided = self.send(Method::PATCH, requester, &path, accepted).await;
        text(&decided["meetSessionId"])
    }

    /// Asks for the call's token with the credential that `who` has, as the app does on joining.
    pub(crate) async fn gets_token(&self, who: &Person, id: &str) {
        let credential = who.held.lock().clone();
        let path = format!("/api/v1/meeting-sessions/{id}/token");
        let request = self.client.post(self.url().join(&path).unwrap());
        let answer = request.bearer_auth(credential.expose_secret());
        let status = answer.send().await.unwrap().status();
        assert!(status.is_success(), "{status}");
    }

    /// `end` or `cancel`, by somebody else's app.
    pub(crate) async fn act(&self, who: &Person, id: &str, action: &str) {
        let path = format!("/api/v1/meeting-sessions/{id}/{action}");
        self.send(Method::POST, who, &path, Value::Null).await;
    }
}

/// The profile of the reference backend.
pub(crate) fn profile() -> Profile {
    Profiles::load(&[]).0.require("salon").unwrap().clone()
}

/// A way to an address that can be cut and mended.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) url: Url,
    whole: watch::Sender<bool>,
}

impl Line {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (whole, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut state = state.clone();
                tokio::spawn(async move {
                    if !*state.borrow() {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(address).await else {
                        return;
                    };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self {
            url: url.parse().unwrap(),
            whole,
        }
    }

    pub(crate) fn cut(&self) {
        self.whole.send_replace(false);
    }

    pub(crate) fn mend(&self) {
        self.whole.send_replace(true);
    }
}
