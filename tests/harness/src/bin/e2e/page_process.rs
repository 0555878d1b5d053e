//! The process of the app's page dies in a call: the window comes back by itself and leads back to the
//! meeting; the second time it asks first.
//!
//! WebDriver's session dies with the page. From there on the app is used as a user does: what is on
//! the screen is seen, and what can be pressed there is pressed.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::screen::{ACCENT, Colour};
use salon_harness::usage::find_all;
use salon_harness::world::{AppOptions, Driven, World};
use serde_json::json;

use crate::call::{APP, GUEST, guest_sees};

const LIMIT: Duration = Duration::from_secs(110);
/// As the system cuts it.
const PROGRAM: &str = "WebKitWebProces";
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
/// What the light theme has behind everything; a question dims it.
const GROUND: Colour = [0xf5, 0xf6, 0xfa];
/// The bar of dev mode, which every page of the app has.
const BANNER: Colour = [0xff, 0xc8, 0x57];
/// Where the guest shows the app.
const SHOWN: &str = "#pictures video";
/// Pictures of the app that the guest has been shown.
const PICTURES: &str =
    "document.querySelector('#pictures video').getVideoPlaybackQuality().totalVideoFrames";

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let chromium = world.chromium().await?;
    world.guest(&chromium.page, GUEST).await?;
    let guest = &chromium.page;
    let app = world
        .app(AppOptions {
            arguments: world.dev_arguments(APP),
            environment: vec![("GTK_THEME".to_owned(), "Adwaita".to_owned())],
            ..AppOptions::default()
        })
        .await?;
    app.page.click("lobby-join").await?;
    app.page.wait(CONNECTED, true, LIMIT).await?;
    let sees = json!({ "participant": APP, "camera": true });
    guest_sees(guest, sees).await?;
    is_seen(guest, report, "page: the app is in the call").await?;

    kill(&app)?;
    let asks = world.screen().wait_for(ACCENT, LIMIT).await;
    report.check(
        "page: a window whose page died in a call comes back by itself, and asks",
        asks.is_ok() && !world.screen().look()?.has(GROUND),
        json!(asks.as_ref().ok()),
    );
    keep(world, screenshots, "page-died")?;
    let before = guest.number(PICTURES).await?;
    world.screen().click(asks?)?;
    let lobby = world.screen().wait_for(ACCENT, LIMIT).await;
    let after = guest.number(PICTURES).await?;
    report.check(
        "page: until the user returns nobody sees them",
        lobby.is_ok() && before > 0.0 && (after - before).abs() < f64::EPSILON,
        json!({ "before": before, "after": after }),
    );
    keep(world, screenshots, "page-lobby")?;
    let shows = world.screen().look()?;
    let (ground, banner) = (shows.has(GROUND), shows.has(BANNER));
    world.screen().click(lobby?)?;
    is_seen(guest, report, "page: it leads back into the meeting").await?;

    kill(&app)?;
    let asks = world.screen().wait_for(ACCENT, LIMIT).await;
    let shows = world.screen().look()?;
    report.check(
        "page: one that dies again within a minute is not begun again unasked",
        asks.is_ok() && ground && banner && shows.has(GROUND) && !shows.has(BANNER),
        json!(asks.as_ref().ok()),
    );
    keep(world, screenshots, "page-stopped")?;
    let name = "page: asked for, it begins and leads back once more";
    tokio::select! {
        seen = is_seen(guest, report, name) => seen?,
        stopped = press_on(world, asks?) => stopped?,
    }
    Ok(())
}

/// Presses what goes on, and then whatever comes next.
async fn press_on(world: &World, first: (usize, usize)) -> Result<()> {
    let mut place = first;
    loop {
        world.screen().click(place)?;
        place = world.screen().wait_for(ACCENT, LIMIT).await?;
    }
}

/// The guest is shown pictures of the app that change: those of before do so no more.
async fn is_seen(guest: &Page, report: &mut Report, name: &str) -> Result<()> {
    guest.wait(SHOWN, true, LIMIT).await?;
    let pictures = format!("harness.pictures({})", json!(SHOWN));
    let pictures = guest.eval(&pictures).await?;
    report.check(name, pictures["seen"] == json!(true), pictures);
    Ok(())
}

/// A picture of the screen, if somebody wants it.
fn keep(world: &World, folder: Option<&Path>, name: &str) -> Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(folder)?;
    let picture = world.screen().look()?;
    picture.write(&folder.join(format!("{name}.png")))
}

/// Kills the process of the app's page.
fn kill(app: &Driven) -> Result<()> {
    let found = processes(app)?;
    anyhow::ensure!(
        found.len() == 1,
        "the app has {} processes for its page",
        found.len()
    );
    signal(&found, Signal::KILL)
}

/// Those of the app's page.
pub(crate) fn processes(app: &Driven) -> Result<Vec<u32>> {
    find_all(app.driver.id(), PROGRAM)
}

pub(crate) fn signal(processes: &[u32], signal: Signal) -> Result<()> {
    for process in processes {
        let process = Pid::from_raw(process.cast_signed()).context("no process")?;
        kill_process(process, signal)?;
    }
    Ok(())
}
