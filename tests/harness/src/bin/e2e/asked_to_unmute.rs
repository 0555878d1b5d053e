//! The host unmutes by the media server's own API: that is a wish, and the user's to grant.

use std::time::Duration;

use anyhow::Result;
use salon_harness::host::Host;
use salon_harness::report::Report;
use salon_harness::sound::{SILENCE_DBFS, keep_awake, listen};
use salon_harness::world::{CHROMIUM_SINK, World};
use serde_json::{Value, json};

use crate::call::{APP, GUEST_TILE, begin};

const LIMIT: Duration = Duration::from_secs(110);
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

    // What is not shown yet looks as if it were off.
    host.sees(APP, LIMIT).await?;
    app.click("control-mic").await?;
    app.click("control-camera").await?;
    let off = json!({ "participant": APP, "microphone": false, "camera": false });
    sees(off.clone()).await?;
    // What was on its way is played first.
    listen(&sound, CHROMIUM_SINK, TONE, SECOND).await?;
    let (heard, wished) = tokio::join!(
        listen(&sound, CHROMIUM_SINK, TONE, 4 * SECOND),
        host.unmute(APP, "MICROPHONE")
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

    host.unmute(APP, "CAMERA").await?;
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
