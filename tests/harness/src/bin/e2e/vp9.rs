//! Somebody publishes VP9 from a file with LiveKit's Go SDK, after the app has joined: a key frame comes
//! every two seconds and not for the asking, and the section for it is made after the app's own.

use std::time::Duration;

use anyhow::Result;
use salon_harness::report::Report;
use salon_harness::world::{ROOM, World};
use serde_json::json;

use crate::call::{GUEST_TILE, begin};
use crate::film::{Film, publish};

const LIMIT: Duration = Duration::from_secs(110);
/// Calls that the publisher comes to: what goes wrong there does so now and then.
const CALLS: u32 = 4;

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let (app, chromium) = begin(world).await?;
    let app = &app.page;
    let file = world.folder().join("vp9.ivf");
    Film::vp9(&chromium.page).await?.write(&file)?;
    for call in 1..=CALLS {
        app.click("lobby-join").await?;
        let guest = format!("{GUEST_TILE}[data-camera=on] canvas");
        app.wait(&guest, true, LIMIT).await?;
        let identity = format!("gopher-{call}");
        let publishing = publish(world, &file, &identity)?;
        let tile = format!("[data-testid=tile][data-participant={identity}]");
        let shown = app
            .wait(&format!("{tile}[data-picture=on]"), true, LIMIT)
            .await;
        let video = json!(format!("{tile} video"));
        let enough = json!({ "pictures": 3, "stamps": 0, "limit": LIMIT.as_millis() });
        let moving = format!("harness.pictures({video}, {enough})");
        let moving = app.eval(&moving).await?;
        report.check(
            &format!("vp9: the Go SDK's picture is in its tile, call {call}"),
            shown.is_ok() && moving["seen"] == json!(true),
            json!({ "milliseconds": shown.ok(), "moving": moving, "says": app.text(&tile).await? }),
        );
        drop(publishing);
        app.click("control-leave").await?;
        app.type_into("home-input", ROOM).await?;
        app.click("home-join").await?;
    }
    Ok(())
}
