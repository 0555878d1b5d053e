//! The start on desktops of all kinds: one whose portal and keyring take calls and never answer, and one
//! that is dark and becomes light. And what is loaded for it.

use std::time::Duration;

use anyhow::Result;
use salon_harness::desktop::Desktop;
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, Driven, World};
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
/// What GTK asks on the thread that everything waits for.
const ASKED_BY_GTK: &str = "org.freedesktop.portal.Inhibit";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    silent(world, report).await?;
    dark(world, report).await
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
