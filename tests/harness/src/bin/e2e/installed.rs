//! A copy that a package installed in a system of its own: a link that is clicked there reaches it, it meets a
//! second one in a call, which an upgrade leaves alone, and what it kept is there afterwards. `./x test-packages` says where it is.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use salon_harness::desktop::Desktop;
use salon_harness::host::Host;
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, World, required};
use serde_json::{Value, json};

use crate::call::{GUEST_TILE, shoot};

/// Systems in folders are read for the first time.
const LIMIT: Duration = Duration::from_secs(110);
/// A package manager looks for what is new, and unpacks it.
const LONG: Duration = Duration::from_secs(300);
const HOME: &str = "[data-testid=home-input]";
const LOBBY: &str = "[data-testid=lobby-join]:not(:disabled)";
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
const ENTRY: &str = "[data-testid=history-entry]";
const EMPTY: &str = "[data-testid=history-empty]";
/// As the settings file has it; nobody says it otherwise.
const NAME: &str = "Amina";
const SECOND: &str = "Bruno";

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let kept = PathBuf::from(std::env::var_os("SALON_KEPT").context("SALON_KEPT is not set")?);
    let past: usize = std::env::var("SALON_PAST_MEETINGS")?.parse()?;
    let (config, data) = (kept.join("config"), kept.join("data"));
    let settings = config.join("salon/settings.toml");
    if past == 0 {
        std::fs::create_dir_all(config.join("salon"))?;
        std::fs::write(&settings, format!("name = '{NAME}'\n"))?;
    }
    let desktop = Desktop::start(&world.folder().join("desktop")).await?;
    let mut environment = desktop.environment();
    let own = [("XDG_CONFIG_HOME", &config), ("XDG_DATA_HOME", &data)];
    environment.extend(own.map(|(name, folder)| (name.into(), folder.display().to_string())));
    let server = world.server_url();
    let arguments = ["--dev", "--fake-devices=only", "--server", &server].map(String::from);
    let options = AppOptions {
        arguments: arguments.to_vec(),
        environment: environment.clone(),
        ..AppOptions::default()
    };
    let app = world.app(options).await?;
    let page = &app.page;
    page.wait(HOME, true, LIMIT).await?;
    let windows = world.windows()?;
    report.check(
        "installed: its window comes up",
        windows.len() == 1,
        json!(windows),
    );

    page.click("home-history").await?;
    // One of the two is there once the history was asked.
    page.wait(&format!("{ENTRY}, {EMPTY}"), true, LIMIT).await?;
    let listed = page
        .eval(&format!(
            "document.querySelectorAll({}).length",
            json!(ENTRY)
        ))
        .await?;
    report.check(
        "installed: past meetings are those of before",
        listed == json!(past),
        listed,
    );
    page.click("back").await?;
    page.wait(HOME, true, LIMIT).await?;

    let link = format!(
        "salon://join?room={}&title=Clicked",
        salon_harness::world::ROOM
    );
    let opened = click(world, &link, &environment).await?;
    let lobby = page.wait(LOBBY, true, LIMIT).await;
    let title = page.text("main h1").await?;
    report.check(
        "installed: a clicked link reaches the app that runs",
        lobby.is_ok() && title == "Clicked",
        json!({ "lobby": title, "xdg-open": opened }),
    );
    let second = AppOptions {
        arguments: world.dev_arguments(SECOND),
        ..AppOptions::default()
    };
    let _second = world.partner(second)?;
    page.click("lobby-join").await?;
    let joined = page.wait(CONNECTED, true, LIMIT).await;
    report.check(
        "installed: it joins the call",
        joined.is_ok(),
        json!(joined.ok()),
    );
    let host = Host::new(world)?;
    for name in [NAME, SECOND] {
        let seen = host.sees(name, LIMIT).await;
        let check = format!("installed: the server has camera and microphone of {name}");
        report.check(
            &check,
            seen.is_ok(),
            json!(seen.err().map(|error| error.to_string())),
        );
    }
    page.wait(&format!("{GUEST_TILE}[data-camera=on] canvas"), true, LIMIT)
        .await?;
    let pictures = format!("harness.pictures({})", json!(format!("{GUEST_TILE} video")));
    let shown = page.eval(&pictures).await?;
    report.check(
        "installed: the second copy's pictures are painted",
        shown["seen"] == json!(true),
        shown,
    );
    if let Some(program) = std::env::var_os("SALON_DURING_CALL") {
        let log = std::fs::File::create(world.folder().join("during-the-call.log"))?;
        let mut during = tokio::process::Command::new(program);
        during.stdin(Stdio::null()).stdout(log.try_clone()?);
        let ended = during.stderr(log).kill_on_drop(true).status();
        let ended = tokio::time::timeout(LONG, ended).await;
        let ended = ended.context("what is done during the call does not end")??;
        report.check(
            "installed: a newer version takes its place during the call",
            ended.success(),
            json!(ended.to_string()),
        );
        let connected = page.wait(CONNECTED, true, LIMIT).await.is_ok();
        let shown = page.eval(&pictures).await?;
        let heard = host.sees(NAME, LIMIT).await;
        report.check(
            "installed: and the call goes on",
            connected && shown["seen"] == json!(true) && heard.is_ok(),
            json!({ "connected": connected, "pictures": shown, "server": heard.is_ok() }),
        );
    }
    shoot(page, screenshots, "installed").await?;
    page.click("control-leave").await?;
    page.wait(HOME, true, LIMIT).await?;
    app.page.end().await?;
    let errors = world.app_logs()?;
    report.check(
        "installed: the page's process is in a sandbox",
        !errors.contains("is not in a sandbox"),
        Value::Null,
    );
    Ok(())
}

/// Clicks a link in the system that the app is installed in; whether it was opened.
async fn click(world: &World, link: &str, environment: &[(String, String)]) -> Result<bool> {
    let log = std::fs::File::create(world.folder().join("xdg-open.log"))?;
    let mut open = tokio::process::Command::new(required("SALON_XDG_OPEN")?);
    open.arg(link)
        .env("DISPLAY", world.screen().display())
        .env("XDG_RUNTIME_DIR", world.folder().join("runtime"))
        .env("XDG_STATE_HOME", world.folder().join("state"))
        .env("PULSE_SERVER", world.sound_server())
        .envs(environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true);
    let ended = tokio::time::timeout(LIMIT, open.status()).await;
    Ok(ended.context("xdg-open does not end")??.success())
}
