//! The real app and a guest in one call on the double, as in a call on LiveKit.

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, CHROMIUM_SINK, ROOM, World};
use salon_support::StreamDouble;
use salon_support::stream::Config;
use serde_json::{Value, json};

use super::{LIMIT, address};
use crate::call::{
    APP, COUNT, GUEST, GUEST_TILE, cameras, leaving, messages, microphones, pictures, tones,
};

/// Of both microphones, hertz.
const TONE: f64 = 440.0;
/// Which hosts the page has reached for. What it keeps is the app's own.
const REACHED: &str = "[...new Set(performance.getEntriesByType('resource')\
    .map(({ name }) => new URL(name)).filter(({ protocol }) => protocol !== 'tauri:')\
    .map(({ hostname }) => hostname))]";

pub(super) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let double = StreamDouble::start(Config::default()).await?;
    let cid = format!("default:{ROOM}");
    let ben = address(world, &double, (GUEST, &double.token(GUEST)), &cid, TONE)?;
    let chromium = world.chromium_playing_to(CHROMIUM_SINK, &ben).await?;
    let guest = &chromium.page;
    guest.eval("guest.ready").await?;

    let config = world.folder().join("stream-config");
    let settings = config.join("salon");
    std::fs::create_dir_all(&settings)?;
    let text = format!("stream_url = {}\n", json!(double.url));
    std::fs::write(settings.join("settings.toml"), text)?;
    let given = [
        ("XDG_CONFIG_HOME", config.display().to_string()),
        ("STREAM_API_KEY", double.key().to_owned()),
        ("STREAM_API_SECRET", double.secret().to_owned()),
    ];
    let arguments = [
        "--dev",
        "--fake-devices=only",
        "--lobby",
        "--profile",
        "stream-rest",
        "--room",
        ROOM,
        "--name",
        APP,
    ];
    let driven = world
        .app(AppOptions {
            arguments: arguments.map(String::from).to_vec(),
            environment: given.map(|(name, value)| (name.into(), value)).to_vec(),
            ..AppOptions::default()
        })
        .await?;
    let app = &driven.page;
    let join = "[data-testid=lobby-join]:not(:disabled)";
    app.wait(join, true, LIMIT).await?;
    app.eval(COUNT).await?;
    app.click("lobby-join").await?;
    let connected = "[data-testid=call-state][data-state=connected]";
    let joined = app.wait(connected, true, LIMIT).await;
    let figures = match &joined {
        Ok(milliseconds) => json!({ "milliseconds": milliseconds }),
        Err(_) => app.eval("document.body.innerText").await?,
    };
    report.check("adapter: the app joins", joined.is_ok(), figures);
    app.wait(GUEST_TILE, true, LIMIT).await?;
    pictures(app, guest, report, "adapter: pictures").await?;
    tones(world, report).await?;
    microphones(world, app, guest, report).await?;
    cameras(world, app, guest, report).await?;
    messages(app, guest, report).await?;
    stays_near(
        app,
        report,
        "adapter: the app's page reaches for nothing else",
    )
    .await?;
    leaving(app, guest, report).await
}

/// Whether the app's page has reached for no host but this machine.
pub(crate) async fn stays_near(app: &Page, report: &mut Report, check: &str) -> Result<()> {
    let reached = app.eval(REACHED).await?;
    let loopback = |host: &Value| host == "127.0.0.1" || host == "localhost";
    let near = reached
        .as_array()
        .is_some_and(|all| all.iter().all(loopback));
    report.check(check, near, reached);
    Ok(())
}
