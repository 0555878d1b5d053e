//! The media server goes away in mid-call and comes back.

use std::time::Duration;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::world::World;
use serde_json::json;

use crate::call::{APP, GUEST_TILE, begin, camera_is_closed, pictures};

const LIMIT: Duration = Duration::from_secs(110);
/// How long the server stays away when it does not come back at once.
const OUTAGE: Duration = Duration::from_secs(18);

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let (app, chromium) = begin(world).await?;
    app.page.click("lobby-join").await?;
    app.page
        .wait(&format!("{GUEST_TILE}[data-camera=on] canvas"), true, LIMIT)
        .await?;
    restart(world, &app.page, &chromium.page, report, "restarted", None).await?;
    // Longer than the SDK tries by itself, so that the call layer has to begin anew.
    let outage = Some(OUTAGE);
    restart(world, &app.page, &chromium.page, report, "away", outage).await?;
    stays_off(world, &app.page, &chromium.page, report).await
}

/// A camera that the user has switched off is off when the server is back, and on when the user wants it.
async fn stays_off(world: &mut World, app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    app.click("control-camera").await?;
    sees_camera(guest, false).await?;
    world.stop_server();
    app.wait(&state("reconnecting"), true, LIMIT).await?;
    tokio::time::sleep(OUTAGE).await;
    world.start_server().await?;
    app.wait(&state("connected"), true, LIMIT).await?;
    let off = sees_camera(guest, false).await?;
    report.check(
        "server away: a camera that was off is off",
        off >= 0.0,
        json!(off),
    );
    camera_is_closed(world, "server away: and closed", report)?;
    app.click("control-camera").await?;
    let on = sees_camera(guest, true).await?;
    report.check("server away: switched on, it is seen", on >= 0.0, json!(on));
    let shown = "after the server was away with the camera off";
    pictures(app, guest, report, shown).await
}

/// Milliseconds until the guest knows the app's camera so; -1: never.
async fn sees_camera(guest: &Page, on: bool) -> Result<f64> {
    let condition = json!({ "participant": APP, "present": true, "camera": on });
    guest
        .number(&format!("guest.waitFor({condition}, 60000)"))
        .await
}

fn state(state: &str) -> String {
    format!("[data-testid=call-state][data-state={state}]")
}

/// The server goes away, for a while or only to come back, and everything is as before.
async fn restart(
    world: &mut World,
    app: &Page,
    guest: &Page,
    report: &mut Report,
    how: &str,
    outage: Option<Duration>,
) -> Result<()> {
    world.stop_server();
    let noticed = app.wait(&state("reconnecting"), true, LIMIT).await;
    report.check(
        &format!("server {how}: the app says so"),
        noticed.is_ok(),
        json!(noticed.ok()),
    );
    if let Some(outage) = outage {
        // An outage has a length, there is nothing in it to wait for.
        tokio::time::sleep(outage).await;
        let still = app.wait(&state("reconnecting"), true, LIMIT).await;
        report.check(
            &format!("server {how}: the app goes on trying"),
            still.is_ok(),
            json!(outage.as_secs()),
        );
    }
    world.start_server().await?;
    let back = app.wait(&state("connected"), true, LIMIT).await;
    report.check(
        &format!("server {how}: the app is back by itself"),
        back.is_ok(),
        json!(back.ok()),
    );
    // The guest's own way back takes as long as it takes.
    let condition = json!({ "participant": APP, "camera": true });
    guest
        .number(&format!("guest.waitFor({condition}, 60000)"))
        .await?;
    let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
    let shown = app.wait(&tile, true, LIMIT).await;
    report.check(
        &format!("server {how}: the guest is shown"),
        shown.is_ok(),
        seen_by_both(app, guest).await?,
    );
    guest.wait("#pictures video", true, LIMIT).await?;
    let participants = guest.eval("guest.participants()").await?;
    report.check(
        &format!("server {how}: everybody is there once"),
        participants.as_array().map(Vec::len) == Some(2),
        participants,
    );
    pictures(app, guest, report, &format!("after the server was {how}")).await
}

/// Whom the app shows and how, and what the guest knows.
async fn seen_by_both(app: &Page, guest: &Page) -> Result<serde_json::Value> {
    let tiles =
        "[...document.querySelectorAll('[data-testid=tile]')].map((tile) => ({ ...tile.dataset }))";
    Ok(json!({ "app": app.eval(tiles).await?, "guest": guest.eval("guest.trouble()").await? }))
}
