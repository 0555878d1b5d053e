//! A product on Convex (contract P3): the double of a deployment, behind a door that writes down what
//! is said.

use anyhow::{Context as _, Result, anyhow};
use salon_support::ConvexDouble;
use salon_support::convex::{Config, Fault};
use serde_json::{Value, json};

use crate::door::Door;
use crate::product::{Site, Who};
use crate::token::{KEY, SECRET};

/// The double and its web site.
#[derive(Debug)]
pub struct Marketplace {
    double: ConvexDouble,
    profile: &'static str,
    door: Door,
    requests: u32,
}

/// The double's name for somebody.
fn account(who: Who) -> &'static str {
    match who {
        Who::Requester => "amina",
        Who::Offerer => "bruno",
    }
}

impl Marketplace {
    /// Starts one with this profile, whose calls are on this media server.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start(profile: &'static str, server_url: &str) -> Result<Self> {
        Self::start_with(profile, server_url, |_| {}).await
    }

    /// The same with something in the double's configuration changed.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_with(
        profile: &'static str,
        server_url: &str,
        change: impl FnOnce(&mut Config),
    ) -> Result<Self> {
        let mut door = Door::prepare().await?;
        let mut config = Config {
            livekit_key: KEY.into(),
            livekit_secret: SECRET.into(),
            livekit_url: server_url.into(),
            ..Config::default()
        };
        change(&mut config);
        let double = ConvexDouble::start(config).await?;
        let port = double.url.rsplit(':').next().unwrap_or_default().parse()?;
        door.open(port);
        Ok(Self {
            double,
            profile,
            door,
            requests: 0,
        })
    }

    /// The next run of this function answers with this.
    pub fn answer_next_of(&self, function: &str, answer: Value) {
        self.double.fail_next_of(function, Fault::Answer(answer));
    }

    /// Calls a function for somebody.
    ///
    /// # Errors
    /// What it says.
    async fn call(&self, who: Who, function: &str, arguments: Value) -> Result<Value> {
        let called = self.double.call(account(who), function, arguments).await;
        called.map_err(|said| anyhow!("{function}: {said}"))
    }
}

impl Site for Marketplace {
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
        Ok(self.double.user_token(account(who)))
    }

    async fn accept(&mut self) -> Result<String> {
        let offer = match self.double.open_offer() {
            Some(offer) => offer,
            None => {
                self.requests += 1;
                let title = json!({ "title": format!("Request {}", self.requests) });
                let create = "demandes:createDemande";
                let request = self.call(Who::Requester, create, title).await?;
                let offer = json!({ "demandeId": request["demandeId"], "message": "Gladly" });
                let create = "offres:createOffre";
                let made = self.call(Who::Offerer, create, offer).await?;
                text(&made["offreId"])?
            }
        };
        let accepted = json!({ "offreId": offer, "status": "accepted" });
        let decide = "offres:updateOffreStatus";
        let decided = self.call(Who::Requester, decide, accepted).await?;
        text(&decided["meetSessionId"])
    }

    async fn cancel(&self, id: &str) -> Result<()> {
        let (cancel, session) = ("meetSessions:cancelMeetSession", json!({ "sessionId": id }));
        self.call(Who::Requester, cancel, session).await.map(drop)
    }

    async fn status(&self, id: &str) -> Result<String> {
        let (get, session) = ("meetSessions:getMeetSession", json!({ "sessionId": id }));
        let session = self.call(Who::Requester, get, session).await?;
        text(&session["status"])
    }
}

fn text(value: &Value) -> Result<String> {
    let text = value.as_str().map(str::to_owned);
    text.with_context(|| format!("no text: {value}"))
}
