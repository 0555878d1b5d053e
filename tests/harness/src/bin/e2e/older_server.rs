//! A server that does not know joining with one connection: the SDK takes two, one to send and one
//! to receive.

use std::time::Duration;

use anyhow::Result;
use salon_harness::older_server::OlderServer;
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, World};
use serde_json::json;

use crate::call::{APP, COUNT, GUEST, GUEST_TILE, pictures, tones};

const LIMIT: Duration = Duration::from_secs(110);
/// Those that carry something.
const CONNECTED: &str =
    "window.connections.filter((each) => each.connectionState === 'connected').length";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let older = OlderServer::start(world.server_port()).await?;
    let chromium = world.chromium().await?;
    world.guest(&chromium.page, GUEST).await?;
    let arguments = world.dev_arguments_at(APP, &older.url());
    let options = AppOptions {
        arguments,
        ..AppOptions::default()
    };
    let app = world.app(options).await?;
    let page = &app.page;
    page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
        .await?;
    page.eval(COUNT).await?;
    page.click("lobby-join").await?;
    let connected = "[data-testid=call-state][data-state=connected]";
    let joined = page.wait(connected, true, LIMIT).await;
    report.check(
        "older server: the call is joined",
        joined.is_ok() && older.refused() > 0,
        json!({ "milliseconds": joined.ok(), "refused": older.refused() }),
    );
    let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
    page.wait(&tile, true, LIMIT).await?;
    pictures(page, &chromium.page, report, "older server: pictures").await?;
    tones(world, report).await?;
    let connections = page.number(CONNECTED).await?;
    report.check(
        "older server: there are two connections",
        (connections - 2.0).abs() < f64::EPSILON,
        json!(connections),
    );
    page.click("control-leave").await?;
    let home = page.wait("[data-testid=home-input]", true, LIMIT).await;
    report.check(
        "older server: the app leaves",
        home.is_ok(),
        json!(home.ok()),
    );
    Ok(())
}
