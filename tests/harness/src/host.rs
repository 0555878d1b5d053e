//! Somebody with the administration of the test's room, by LiveKit's server API.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::token::{SECRET, claims, sign};
use crate::world::{ROOM, World};

/// How often the server is asked who is there, which it tells nobody by itself.
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// Asks the server's `RoomService`.
#[derive(Debug)]
pub struct Host {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Host {
    /// Of the world's server.
    ///
    /// # Errors
    /// If no token can be signed.
    pub fn new(world: &World) -> Result<Self> {
        let mut claims = claims(ROOM, "host");
        claims["video"]["roomAdmin"] = json!(true);
        Ok(Self {
            client: reqwest::Client::builder().no_proxy().build()?,
            base: format!(
                "http://127.0.0.1:{}/twirp/livekit.RoomService",
                world.server_port()
            ),
            token: sign(&claims, SECRET)?,
        })
    }

    /// Waits until a participant publishes a camera and a microphone.
    ///
    /// # Errors
    /// If that takes longer than `limit`.
    pub async fn sees(&self, name: &str, limit: Duration) -> Result<()> {
        let published = async {
            loop {
                // There is no room before the first one joins.
                if let Ok(participant) = self.participant(name).await {
                    let tracks = participant["tracks"].as_array();
                    if tracks.is_some_and(|tracks| tracks.len() >= 2) {
                        return;
                    }
                }
                tokio::time::sleep(ASKED_EVERY).await;
            }
        };
        if tokio::time::timeout(limit, published).await.is_err() {
            bail!("{name} publishes nothing");
        }
        Ok(())
    }

    /// Asks for a participant's track to be heard or seen again.
    ///
    /// # Errors
    /// If there is no such track, or the server refuses.
    pub async fn unmute(&self, name: &str, source: &str) -> Result<()> {
        self.set_muted(name, source, false).await
    }

    /// Mutes a participant's track.
    ///
    /// # Errors
    /// If there is no such track, or the server refuses.
    pub async fn mute(&self, name: &str, source: &str) -> Result<()> {
        self.set_muted(name, source, true).await
    }

    async fn set_muted(&self, name: &str, source: &str, muted: bool) -> Result<()> {
        let participant = self.participant(name).await?;
        let track = participant["tracks"]
            .as_array()
            .and_then(|tracks| tracks.iter().find(|track| track["source"] == source))
            .context("no such track")?;
        let wish = json!({
            "room": ROOM,
            "identity": participant["identity"],
            "track_sid": track["sid"],
            "muted": muted,
        });
        self.ask("MutePublishedTrack", wish).await.map(drop)
    }

    async fn participant(&self, name: &str) -> Result<Value> {
        let found = self
            .ask("ListParticipants", json!({ "room": ROOM }))
            .await?;
        let participants = found["participants"].as_array().context("nobody")?;
        let named = participants.iter().find(|each| each["name"] == name);
        named.cloned().context("they are not there")
    }

    async fn ask(&self, method: &str, body: Value) -> Result<Value> {
        let answer = self
            .client
            .post(format!("{}/{method}", self.base))
            .bearer_auth(&self.token)
            .json(&body)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}
