//! What a page can do that is not the app's own any more: as little as can be.

use std::time::Duration;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::token::SECRET;
use salon_harness::usage;
use salon_harness::world::{AppOptions, World};
use serde_json::json;

const NAME: &str = "Reach";
const LIMIT: Duration = Duration::from_secs(110);
const LOBBY: &str = "[data-testid=lobby-join]:not(:disabled)";
/// As the kernel cuts it off.
const WEB_PROCESS: &str = "WebKitWebProces";
/// A picture that is on the disk wherever this is tried.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../icons/32x32.png");

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let options = AppOptions {
        arguments: world.dev_arguments(NAME),
        ..AppOptions::default()
    };
    let app = world.app(options).await?;
    let page = &app.page;
    page.wait(LOBBY, true, LIMIT).await?;
    for (command, given, check) in [
        (
            "plugin:image|from_path",
            json!({ "path": PICTURE }),
            "reach: the page reads no picture from the disk",
        ),
        (
            "settings_set",
            json!({ "key": "backend", "value": "https://evil.example" }),
            "reach: the page chooses no other backend",
        ),
        (
            "settings_set",
            json!({ "key": "server", "value": "wss://evil.example" }),
            "reach: the page chooses no other media server",
        ),
        (
            "fetch_token",
            json!({ "id": "made-up", "displayName": "Eve" }),
            "reach: the page gets a token for no meeting that it was not told of",
        ),
    ] {
        let said = asked(page, command, &given).await;
        report.check(check, said.is_err(), json!(said.err()));
    }
    // That refusing is not all it does.
    let told = asked(page, "resolve_meeting", &json!({ "input": "tea" })).await;
    report.check(
        "reach: the page is told of a meeting by an id",
        told.as_ref().is_ok_and(|id| !id.is_empty()),
        json!(told),
    );
    let told = page.eval("window.__TAURI_INTERNALS__.invoke('diagnostics')");
    let told = told.await?;
    let text = told.as_str().unwrap_or_default();
    // The name of who tries this, and the key's secret, which signed a token here.
    let private = [format!("{NAME:?}"), format!("{SECRET:?}")];
    report.check(
        "reach: diagnostics have settings and log, and neither name nor secret",
        ["\nSettings\n", "\nLog\n", " INFO "]
            .iter()
            .all(|part| text.contains(part))
            && !private.iter().any(|part| text.contains(part)),
        told,
    );
    let frozen = page.eval("Object.isFrozen(Object.prototype)").await?;
    report.check(
        "reach: what all objects share cannot be changed",
        frozen == json!(true),
        frozen,
    );
    let base = "(() => { const base = document.createElement('base'); \
        base.href = 'https://evil.example/'; document.head.append(base); \
        const at = document.baseURI; base.remove(); return at; })()";
    let base = page.eval(base).await?;
    report.check(
        "reach: addresses of the page stay the app's own",
        !base.to_string().contains("evil"),
        base,
    );
    let confined = usage::read_all(app.driver.id(), WEB_PROCESS, usage::is_confined)?;
    report.check(
        "reach: the page's process is in a sandbox",
        !confined.is_empty() && confined.iter().all(|confined| *confined),
        json!(confined),
    );
    app.page.end().await
}

/// What a command answers: the id, where it has one.
async fn asked(page: &Page, command: &str, given: &serde_json::Value) -> Result<String, String> {
    let ask = format!(
        "window.__TAURI_INTERNALS__.invoke('{command}', {given}).then(\
         (answer) => ({{ answer: String(answer && answer.id || '') }}),\
         (refusal) => ({{ refusal: JSON.stringify(refusal) }}))"
    );
    let answer = page.eval(&ask).await.map_err(|error| error.to_string())?;
    match (answer["answer"].as_str(), answer["refusal"].as_str()) {
        (Some(id), _) => Ok(id.to_owned()),
        (None, refusal) => Err(refusal.unwrap_or_default().to_owned()),
    }
}
