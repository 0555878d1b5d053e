//! The host unmutes by the media server's own API: that is a wish, and the user's to grant.

use std::time::Duration;

use anyhow::{Context, Result};
use salon_harness::report::Report;
use salon_harness::sound::{SILENCE_DBFS, keep_awake, listen};
use salon_harness::token::{SECRET, claims, sign};
use salon_harness::world::{CHROMIUM_SINK, ROOM, World};
use serde_json::{Value, json};

use crate::call::{APP, GUEST_TILE, begin};

const LIMIT: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(1);
/// Hertz, of the app's microphone.
const TONE: f64 = 440.0;

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let (app, chromium) = begin(world).await?;
    let (app, guest) = (&app.page, &chromium.page);
    app.click("lobby-join").await?;
    app.wait(&format!("{GUEST_TILE}[data-camera=on] canvas"), true, LIMIT)
        .await?;
    let sound = world.sound_server();
    let _awake = keep_awake(&sound, CHROMIUM_SINK)?;
    let host = Host::new(world)?;
    let sees = async |condition: Value| {
        guest
            .number(&format!("guest.waitFor({condition}, 10000)"))
            .await
    };

    app.click("control-mic").await?;
    app.click("control-camera").await?;
    let off = json!({ "participant": APP, "microphone": false, "camera": false });
    sees(off.clone()).await?;
    // What was on its way is played first.
    listen(&sound, CHROMIUM_SINK, TONE, SECOND).await?;
    let (heard, wished) = tokio::join!(
        listen(&sound, CHROMIUM_SINK, TONE, 4 * SECOND),
        host.unmute("MICROPHONE")
    );
    wished?;
    let heard = heard?;
    let asked = app
        .wait("[data-testid=asked-microphone]", true, LIMIT)
        .await;
    report.check(
        "asked: the wish is a question",
        asked.is_ok(),
        json!(asked.ok()),
    );
    report.check(
        "asked: nothing is heard before the yes",
        heard.level_dbfs < SILENCE_DBFS,
        json!(heard),
    );
    let shown = sees(off.clone()).await?;
    report.check(
        "asked: the others see it muted still",
        shown >= 0.0,
        json!(shown),
    );

    host.unmute("CAMERA").await?;
    app.wait("[data-testid=asked-camera]", true, LIMIT).await?;
    let shown = sees(off).await?;
    report.check("asked: no camera is opened", shown >= 0.0, json!(shown));
    app.press("[data-testid=asked-camera] .quiet").await?;

    app.press("[data-testid=asked-microphone] .primary").await?;
    let on = json!({ "participant": APP, "microphone": true, "camera": false });
    let seen = sees(on).await?;
    listen(&sound, CHROMIUM_SINK, TONE, SECOND).await?;
    let heard = listen(&sound, CHROMIUM_SINK, TONE, SECOND).await?;
    report.check(
        "asked: after the yes the app is heard",
        seen >= 0.0 && heard.level_dbfs > SILENCE_DBFS,
        json!({ "milliseconds": seen, "heard": heard }),
    );
    Ok(())
}

/// Somebody with the room's administration, by the server's API.
struct Host {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Host {
    fn new(world: &World) -> Result<Self> {
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

    async fn unmute(&self, source: &str) -> Result<()> {
        let found = self
            .ask("ListParticipants", json!({ "room": ROOM }))
            .await?;
        let participants = found["participants"].as_array().context("nobody")?;
        let app = participants
            .iter()
            .find(|each| each["name"] == APP)
            .context("the app is not there")?;
        let track = app["tracks"]
            .as_array()
            .and_then(|tracks| tracks.iter().find(|track| track["source"] == source))
            .context("no such track")?;
        let wish = json!({
            "room": ROOM, "identity": app["identity"], "track_sid": track["sid"], "muted": false,
        });
        self.ask("MutePublishedTrack", wish).await.map(drop)
    }
}
