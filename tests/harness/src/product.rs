//! Products whose users meet, seen from their web sites; here the reference backend.

use std::path::Path;

use anyhow::{Context, Result, bail};
use reference_backend::{AccountId, Config, Faults, LiveKit, Running, StreamApp};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::door::Door;
use crate::token::{KEY, SECRET};

/// One of the two who meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Amina, who asks for something and accepts an offer.
    Requester,
    /// Bruno, who offers it.
    Offerer,
}

impl Who {
    /// What the other one sees.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requester => "Amina",
            Self::Offerer => "Bruno",
        }
    }

    fn account(self) -> AccountId {
        AccountId::from(format!("demo.{}", self.name()))
    }
}

/// A product's web site: what its users do there, and not in the app.
pub trait Site {
    /// The profile that describes its backend.
    fn profile(&self) -> &'static str;

    /// The backend's address, for the app.
    fn url(&self) -> String;

    /// Tokens that the app and the backend have exchanged, and those that were given to users.
    fn tokens(&self) -> Vec<String>;

    /// What somebody could copy there to sign in.
    ///
    /// # Errors
    /// If there is no such account.
    fn token(&self, who: Who) -> impl Future<Output = Result<String>>;

    /// The requester accepts the offer that waits, or one to a new request; the meeting session.
    ///
    /// # Errors
    /// If the backend refuses.
    fn accept(&mut self) -> impl Future<Output = Result<String>>;

    /// The requester calls a meeting session off.
    ///
    /// # Errors
    /// If the backend refuses.
    fn cancel(&self, id: &str) -> impl Future<Output = Result<()>>;

    /// Where a meeting session is in its life.
    ///
    /// # Errors
    /// If the backend does not know it.
    fn status(&self, id: &str) -> impl Future<Output = Result<String>>;
}

/// What the requester signs in with.
pub const REQUESTER_SIGN_IN: (&str, &str) = ("amina@salon.example", "amina-demo");
/// Title of the first request.
pub const TITLE: &str = "Planning a small garden";

/// The reference backend with its demo accounts, behind a door that writes down what is said.
#[derive(Debug)]
pub struct Product {
    running: Running,
    profile: &'static str,
    door: Door,
    client: reqwest::Client,
    requests: u32,
    /// Of the next new request.
    title: Option<String>,
}

impl Product {
    /// Starts one whose calls are on this media server.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start(folder: &Path, server_url: &str) -> Result<Self> {
        Self::start_with(folder, server_url, |_| {}).await
    }

    /// The same with something in its configuration changed.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_with(
        folder: &Path,
        server_url: &str,
        change: impl FnOnce(&mut Config),
    ) -> Result<Self> {
        let mut door = Door::prepare().await?;
        let mut config = Config::loopback(folder.join("product.sqlite3"));
        config.demo = true;
        config.public_url = Some(door.url().parse()?);
        config.livekit = Some(LiveKit {
            url: server_url.parse()?,
            key: KEY.into(),
            secret: SECRET.into(),
        });
        config.stream = Some(StreamApp {
            key: "stream-key".into(),
            secret: "stream-secret-on-loopback".into(),
        });
        change(&mut config);
        let running = reference_backend::start(config).await?;
        door.open(running.address.port());
        Ok(Self {
            running,
            profile: "salon",
            door,
            client: reqwest::Client::builder().no_proxy().build()?,
            requests: 0,
            title: None,
        })
    }

    /// From now on it is another kind of backend that it serves, with this profile.
    pub fn serve_as(&mut self, profile: &'static str) {
        self.profile = profile;
    }

    /// The next new request is called so.
    pub fn call_next(&mut self, title: &str) {
        self.title = Some(title.to_owned());
    }

    /// From now on gets this wrong.
    pub fn set_faults(&self, faults: Faults) {
        self.running.set_faults(faults);
    }

    async fn ask(
        &self,
        who: Who,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let url = format!("http://{}/api/v1/{path}", self.running.address);
        let mut request = self
            .client
            .request(method, url)
            .bearer_auth(self.token(who).await?);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{path}: {status} {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

impl Site for Product {
    fn profile(&self) -> &'static str {
        self.profile
    }

    fn url(&self) -> String {
        self.door.url()
    }

    fn tokens(&self) -> Vec<String> {
        self.door.tokens()
    }

    async fn token(&self, who: Who) -> Result<String> {
        let token = self.running.access_token(&who.account()).await;
        let token = token.with_context(|| format!("no account {}", who.account()))?;
        Ok(token.expose_secret().to_owned())
    }

    async fn accept(&mut self) -> Result<String> {
        let asks = Who::Requester;
        let offers = self.ask(asks, Method::GET, "offers", None).await?;
        let pending = offers["offers"]
            .as_array()
            .and_then(|offers| offers.iter().find(|offer| offer["status"] == "pending"))
            .map(|offer| offer["id"].clone());
        let offer = match pending {
            Some(offer) => offer,
            None => {
                self.requests += 1;
                let title = self.title.take();
                let title = title.unwrap_or_else(|| format!("Request {}", self.requests));
                let title = Some(json!({ "title": title }));
                let request = self.ask(asks, Method::POST, "requests", title).await?;
                let path = format!("requests/{}/offers", text(&request["id"])?);
                let message = Some(json!({ "message": "Gladly" }));
                let made = self.ask(Who::Offerer, Method::POST, &path, message).await?;
                made["id"].clone()
            }
        };
        let path = format!("offers/{}", text(&offer)?);
        let accept = Some(json!({ "status": "accepted" }));
        let decided = self.ask(asks, Method::PATCH, &path, accept).await?;
        Ok(text(&decided["meetSessionId"])?.to_owned())
    }

    async fn cancel(&self, id: &str) -> Result<()> {
        let path = format!("meeting-sessions/{id}/cancel");
        self.ask(Who::Requester, Method::POST, &path, None).await?;
        Ok(())
    }

    async fn status(&self, id: &str) -> Result<String> {
        let path = format!("meeting-sessions/{id}");
        let session = self.ask(Who::Requester, Method::GET, &path, None).await?;
        Ok(text(&session["status"])?.to_owned())
    }
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}
