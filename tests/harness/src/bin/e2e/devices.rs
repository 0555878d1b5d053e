//! What a call does to the devices of a desktop: its display neither locks nor sleeps meanwhile, and may
//! again at once after it, also after a crash.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use salon_harness::desktop::{Desktop, Display};
use salon_harness::report::Report;
use salon_harness::usage::find;
use salon_harness::world::{AppOptions, World};
use serde_json::json;

use crate::call::APP;

const LIMIT: Duration = Duration::from_secs(110);
const LOBBY: &str = "[data-testid=lobby-join]:not(:disabled)";
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
const HOME: &str = "[data-testid=home-input]";
/// Who keeps the display on.
const SALON: &str = "Salon";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let desktop = Desktop::start(&world.folder().join("desktop")).await?;
    let mut display = desktop.display().await?;
    let options = AppOptions {
        arguments: world.dev_arguments(APP),
        environment: desktop.environment(),
        ..AppOptions::default()
    };
    let app = world.app(options.clone()).await?;
    app.page.wait(LOBBY, true, LIMIT).await?;
    report.check(
        "devices: in the lobby the display may go dark",
        display.may_go_dark(),
        json!(null),
    );
    app.page.click("lobby-join").await?;
    app.page.wait(CONNECTED, true, LIMIT).await?;
    kept(
        report,
        &mut display,
        "devices: in a call the display stays on",
        &[SALON],
    )
    .await;

    // Whoever keeps it on may crash, and starts anew without a memory.
    drop(display);
    desktop.forget_display().await?;
    let mut display = desktop.display().await?;
    let check = "devices: it stays on when whoever keeps it on has started anew";
    kept(report, &mut display, check, &[SALON]).await;

    app.page.click("control-leave").await?;
    app.page.wait(HOME, true, LIMIT).await?;
    kept(
        report,
        &mut display,
        "devices: after the call it may go dark",
        &[],
    )
    .await;

    // Back into the same meeting, and the app dies there.
    app.page.end().await?;
    drop(app.driver);
    let app = world.app(options).await?;
    app.page.click("lobby-join").await?;
    app.page.wait(CONNECTED, true, LIMIT).await?;
    display.is_kept_on_by(&[SALON], LIMIT).await?;
    let program = find(app.driver.id(), "salon")?.context("the app does not run")?;
    let process = Pid::from_raw(program.id.try_into()?).context("no process has this id")?;
    kill_process(process, Signal::KILL)?;
    kept(
        report,
        &mut display,
        "devices: nor does a crash keep it on",
        &[],
    )
    .await;
    Ok(())
}

async fn kept(report: &mut Report, display: &mut Display, check: &str, by: &[&str]) {
    let outcome = display.is_kept_on_by(by, LIMIT).await;
    let why = outcome.as_ref().err().map(ToString::to_string);
    report.check(check, outcome.is_ok(), json!(why));
}
