//! A product whose users meet: the reference backend, seen from its web site.

use std::path::Path;

use anyhow::{Context, Result, bail};
use reqwest::Method;
use salon_backend::{AccountId, Config, LiveKit, Running};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::door::Door;
use crate::token::{KEY, SECRET};

/// Asks for something.
pub const REQUESTER: &str = "demo.Amina";
/// Offers it.
pub const OFFERER: &str = "demo.Bruno";
/// What the requester signs in with.
pub const REQUESTER_SIGN_IN: (&str, &str) = ("amina@salon.example", "amina-demo");
/// Title of the first request.
pub const TITLE: &str = "Planning a small garden";

/// The reference backend with its demo accounts, behind a door that writes down what is said.
#[derive(Debug)]
pub struct Product {
    running: Running,
    door: Door,
    client: reqwest::Client,
    requests: u32,
}

impl Product {
    /// Starts one whose calls are on this media server.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start(folder: &Path, server_url: &str) -> Result<Self> {
        let mut door = Door::prepare().await?;
        let mut config = Config::loopback(folder.join("product.sqlite3"));
        config.demo = true;
        config.public_url = Some(door.url().parse()?);
        config.livekit = Some(LiveKit {
            url: server_url.parse()?,
            key: KEY.into(),
            secret: SECRET.into(),
        });
        let running = salon_backend::start(config).await?;
        door.open(running.address.port());
        Ok(Self {
            running,
            door,
            client: reqwest::Client::builder().no_proxy().build()?,
            requests: 0,
        })
    }

    /// Its address, for the app.
    pub fn url(&self) -> String {
        self.door.url()
    }

    /// Tokens that the app and it have exchanged.
    pub fn tokens(&self) -> Vec<String> {
        self.door.tokens()
    }

    /// What somebody could copy from the web site to sign in.
    ///
    /// # Errors
    /// If there is no such account.
    pub async fn token(&self, who: &str) -> Result<String> {
        let id = AccountId::from(who.to_owned());
        let token = self.running.access_token(&id).await;
        let token = token.with_context(|| format!("no account {who}"))?;
        Ok(token.expose_secret().to_owned())
    }

    /// The requester accepts the offer that waits, or one to a new request; the meeting session.
    ///
    /// # Errors
    /// If the backend refuses.
    pub async fn accept(&mut self) -> Result<String> {
        let offers = self.ask(REQUESTER, Method::GET, "offers", None).await?;
        let pending = offers["offers"]
            .as_array()
            .and_then(|offers| offers.iter().find(|offer| offer["status"] == "pending"))
            .map(|offer| offer["id"].clone());
        let offer = match pending {
            Some(offer) => offer,
            None => {
                self.requests += 1;
                let title = json!({ "title": format!("Request {}", self.requests) });
                let request = self
                    .ask(REQUESTER, Method::POST, "requests", Some(title))
                    .await?;
                let path = format!("requests/{}/offers", text(&request["id"])?);
                let message = Some(json!({ "message": "Gladly" }));
                self.ask(OFFERER, Method::POST, &path, message).await?["id"].clone()
            }
        };
        let path = format!("offers/{}", text(&offer)?);
        let accept = Some(json!({ "status": "accepted" }));
        let decided = self.ask(REQUESTER, Method::PATCH, &path, accept).await?;
        Ok(text(&decided["meetSessionId"])?.to_owned())
    }

    /// The requester calls a meeting session off.
    ///
    /// # Errors
    /// If the backend refuses.
    pub async fn cancel(&self, id: &str) -> Result<()> {
        let path = format!("meeting-sessions/{id}/cancel");
        self.ask(REQUESTER, Method::POST, &path, None).await?;
        Ok(())
    }

    /// Where a meeting session is in its life.
    ///
    /// # Errors
    /// If the backend does not know it.
    pub async fn status(&self, id: &str) -> Result<String> {
        let path = format!("meeting-sessions/{id}");
        let session = self.ask(REQUESTER, Method::GET, &path, None).await?;
        Ok(text(&session["status"])?.to_owned())
    }

    async fn ask(
        &self,
        who: &str,
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

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}
