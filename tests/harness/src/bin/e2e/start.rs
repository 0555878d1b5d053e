//! The start on desktops of all kinds: one whose portal and keyring take calls and never answer, and one
//! that is dark and becomes light. And what is loaded for it.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use salon_base::Provider;
use salon_harness::desktop::Desktop;
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, Driven, World};
use salon_history::{History, NewEntry};
use salon_product::FOLDER;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(110);
const LOBBY: &str = "[data-testid=lobby-join]:not(:disabled)";
const HOME: &str = "[data-testid=home-input]";
/// What the page has loaded to begin with: files, bytes, and whose SDKs.
const LOADED: &str = "(async () => { \
    const all = [...document.querySelectorAll('script[src], link[href]')]; \
    const files = [location.href, ...new Set(all.map(({ src, href }) => src ?? href))]; \
    const loaded = { files: files.length, bytes: 0, sdks: [] }; \
    for (const each of files) { const text = await (await fetch(each)).text(); \
    loaded.bytes += new TextEncoder().encode(text).length; \
    if (text.includes('livekit.SignalRequest')) loaded.sdks.push('livekit'); \
    if (text.includes('X-Stream-Client')) loaded.sdks.push('stream'); } \
    return loaded; })()";
/// Titles of past meetings: one is to be forgotten, one is not.
const OLD: &str = "Xylophone";
const YOUNG: &str = "Harpsichord";
/// What GTK asks on the thread that everything waits for.
const ASKED_BY_GTK: &str = "org.freedesktop.portal.Inhibit";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    silent(world, report).await?;
    dark(world, report).await?;
    forgetful(world, report).await
}

/// What is older than the setting says is on the disk no more once the app has been started.
async fn forgetful(world: &mut World, report: &mut Report) -> Result<()> {
    let desktop = Desktop::start(&world.folder().join("forgetful")).await?;
    let data = world.folder().join("forgetful-data");
    let folder = data.join(FOLDER);
    std::fs::create_dir_all(&folder)?;
    let now = Timestamp::now();
    let history = History::open(&folder.join("history.sqlite3"), now.as_millisecond())?;
    for (title, days) in [(OLD, 31), (YOUNG, 29)] {
        let started = (now - SignedDuration::from_hours(24 * days)).as_millisecond();
        let id = history.begin(&NewEntry {
            title: title.to_owned(),
            room: title.to_lowercase(),
            provider: Provider::Livekit,
            profile: None,
            session_id: None,
            started_at: started,
        })?;
        history.finish(id, started, "left", None)?;
    }
    drop(history);
    let environment = [
        ("XDG_DATA_HOME", data.display().to_string()),
        ("SALON_HISTORY_DAYS", "30".to_owned()),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    let options = AppOptions {
        arguments: vec!["--dev".to_owned()],
        environment: [desktop.environment(), environment.to_vec()].concat(),
        ..AppOptions::default()
    };
    let app = world.app(options).await?;
    app.page.wait(HOME, true, LIMIT).await?;
    // Nothing tells of it: the files are looked at until it is gone.
    let gone = async {
        while on_disk(&folder, OLD)? {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(())
    };
    let gone = tokio::time::timeout(LIMIT, gone).await;
    report.check(
        "start: of what is older than the setting not a byte is on the disk",
        gone.is_ok_and(|looked| looked.is_ok()),
        json!(null),
    );
    app.page.click("home-history").await?;
    let entry = "[data-testid=history-entry]";
    let shown = app.page.wait_for_text(entry, YOUNG, LIMIT).await;
    report.check(
        "start: what is younger is there",
        shown.is_ok(),
        json!(null),
    );
    app.page.end().await
}

/// Whether a file there has this text, however it is written.
fn on_disk(folder: &Path, text: &str) -> Result<bool> {
    for file in std::fs::read_dir(folder)? {
        let bytes = std::fs::read(file?.path())?;
        let mut parts = bytes.windows(text.len());
        if parts.any(|part| part.eq_ignore_ascii_case(text.as_bytes())) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn silent(world: &mut World, report: &mut Report) -> Result<()> {
    let desktop = Desktop::start(&world.folder().join("silent")).await?;
    let silent = desktop.be_silent().await?;
    let arguments = world.dev_arguments("Start");
    let app = app(world, &desktop, arguments).await?;
    let lobby = app.page.wait(LOBBY, true, LIMIT).await;
    let held = silent.held();
    report.check(
        "start: the lobby comes while portal and keyring answer nothing",
        lobby.is_ok() && !held.is_empty(),
        json!({ "milliseconds": lobby.ok(), "not answered": held }),
    );
    report.check(
        "start: nobody waits for what GTK would ask",
        !held.iter().any(|call| call.contains(ASKED_BY_GTK)),
        json!(held),
    );
    silent.let_go().await?;
    let after = app.page.wait(LOBBY, true, LIMIT).await;
    report.check(
        "start: a late answer does no harm",
        after.is_ok(),
        json!(null),
    );
    app.page.end().await
}

async fn dark(world: &mut World, report: &mut Report) -> Result<()> {
    let desktop = Desktop::start(&world.folder().join("dark")).await?;
    desktop.be_dark().await?;
    let app = app(world, &desktop, vec!["--dev".into()]).await?;
    app.page.wait(HOME, true, LIMIT).await?;
    let loaded = app.page.eval(LOADED).await?;
    report.check(
        "start: nothing of the providers' SDKs is loaded for it",
        loaded["sdks"] == json!([]) && loaded["files"] != json!(0),
        loaded,
    );
    for (scheme, check) in [
        ("dark", "start: on a dark desktop the page is dark"),
        ("light", "start: the page becomes light with the desktop"),
    ] {
        if scheme == "light" {
            desktop.become_light().await?;
        }
        // An element says so, as that is what can be waited for.
        let watch = format!(
            "(() => {{ const query = matchMedia('(prefers-color-scheme: {scheme})'); \
             const say = () => document.body.toggleAttribute('data-{scheme}', query.matches); \
             query.addEventListener('change', say); say(); return true; }})()"
        );
        app.page.eval(&watch).await?;
        let seen = app
            .page
            .wait(&format!("body[data-{scheme}]"), true, LIMIT)
            .await;
        report.check(check, seen.is_ok(), json!(seen.ok()));
    }
    app.page.end().await
}

async fn app(world: &mut World, desktop: &Desktop, arguments: Vec<String>) -> Result<Driven> {
    let options = AppOptions {
        arguments,
        environment: desktop.environment(),
        ..AppOptions::default()
    };
    world.app(options).await
}
