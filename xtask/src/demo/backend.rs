//! The reference backend on this machine, and what the product's web site would ask it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use ureq::http::{Method, Request};

use super::calls::Calls;
use super::children::{Owned, Scratch, program};
use super::round::{Meeting, Offer, text};

/// How long the backend may take to listen.
const START: Duration = Duration::from_secs(30);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// A day: the demo's sign-ins are not renewed.
const ACCESS_SECONDS: &str = "86400";

/// One of the backend's demo accounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    /// What the person is called.
    pub(super) name: &'static str,
    /// What they sign in with.
    pub(super) email: &'static str,
    /// Known to everybody; the backend listens on the loopback interface only.
    pub(super) password: &'static str,
}

/// Asks for something, and accepts an offer.
pub(super) const AMINA: Account = Account {
    name: "Amina",
    email: "amina@salon.example",
    password: "amina-demo",
};
/// Offers it, and is rung.
pub(super) const BRUNO: Account = Account {
    name: "Bruno",
    email: "bruno@salon.example",
    password: "bruno-demo",
};

/// A running backend, with both signed in.
pub(super) struct Backend {
    _process: Owned,
    /// Its address.
    pub(super) url: String,
    agent: ureq::Agent,
    /// Access token.
    pub(super) amina: String,
    /// Access token.
    pub(super) bruno: String,
}

impl Backend {
    /// Starts it on a free port, and waits until it listens.
    pub(super) fn start(built: &Path, scratch: &Scratch, calls: &Calls) -> Result<Self> {
        println!("Starting the reference backend on this machine");
        let file = format!("salon-backend{}", std::env::consts::EXE_SUFFIX);
        let mut process = Owned::start(
            calls
                .trust(&mut program(built.join(file)))
                .env("RUST_LOG", "warn")
                .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
                .args(["--access-seconds", ACCESS_SECONDS])
                .arg("--database")
                .arg(scratch.join("backend.sqlite3"))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        // It prints its address.
        let url = process.first_line("the backend", START)?;
        let agent = ureq::Agent::config_builder()
            // It is on this machine.
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER))
            .build()
            .into();
        let mut backend = Self {
            _process: process,
            url,
            agent,
            amina: String::new(),
            bruno: String::new(),
        };
        backend.amina = backend.sign_in(&AMINA)?;
        backend.bruno = backend.sign_in(&BRUNO)?;
        Ok(backend)
    }

    fn sign_in(&self, account: &Account) -> Result<String> {
        let body = json!({ "email": account.email, "password": account.password });
        let signed_in = self.ask("", Method::POST, "auth/login", Some(&body))?;
        Ok(text(&signed_in, "accessToken")?.to_owned())
    }

    /// Amina asks and Bruno offers; the offer that waits for her. The backend's demo begins with
    /// one.
    pub(super) fn offer(&self, title: &str) -> Result<Offer> {
        if let Some(pending) = Offer::pending(&self.offers()?) {
            return Ok(pending);
        }
        let request = json!({ "title": title });
        let request = self.ask(&self.amina, Method::POST, "requests", Some(&request))?;
        let path = format!("requests/{}/offers", text(&request, "id")?);
        let message = json!({ "message": "Gladly. I have time now." });
        let offer = self.ask(&self.bruno, Method::POST, &path, Some(&message))?;
        Offer::read(&offer)
    }

    /// Amina accepts; the meeting that this leads to.
    pub(super) fn accept(&self, offer: &Offer) -> Result<Meeting> {
        let path = format!("offers/{}", offer.id);
        let accepted = json!({ "status": "accepted" });
        let decided = self.ask(&self.amina, Method::PATCH, &path, Some(&accepted))?;
        Ok(Meeting {
            id: text(&decided, "meetSessionId")?.to_owned(),
        })
    }

    /// Offers that Amina has got.
    pub(super) fn offers(&self) -> Result<Value> {
        self.ask(&self.amina, Method::GET, "offers", None)
    }

    /// Her meetings that are not over.
    pub(super) fn meetings(&self) -> Result<Value> {
        self.ask(&self.amina, Method::GET, "meeting-sessions", None)
    }

    /// One meeting, over or not.
    pub(super) fn meeting(&self, meeting: &Meeting) -> Result<Value> {
        let path = format!("meeting-sessions/{}", meeting.id);
        self.ask(&self.amina, Method::GET, &path, None)
    }

    fn ask(&self, token: &str, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/api/v1/{path}", self.url.trim_end_matches('/')));
        if !token.is_empty() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let answer = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string())?)
            }
            None => self.agent.run(request.body(())?),
        };
        let mut answer = answer.with_context(|| format!("the backend does not answer {path}"))?;
        let said = answer.body_mut().read_to_string()?;
        if !answer.status().is_success() {
            bail!("the backend answers {path}: {} {said}", answer.status());
        }
        serde_json::from_str(&said).with_context(|| format!("the backend answers {path}"))
    }
}
