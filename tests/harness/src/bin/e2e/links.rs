//! Links, and starts of an app that runs already.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::desktop::Desktop;
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, Driven, World};
use serde_json::json;
use zbus::zvariant::Value;

use crate::story::party::{LIMIT, LOBBY};

const HOME: &str = "[data-testid=home-input]";
const ASK: &str = "[data-testid=ask]";
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
/// A sign-in that nobody asked for.
const PLANTED: &str = "planted-sign-in-93c1";

/// Links that are refused, with the code and the beginning of the sentence.
const REFUSED: [(&str, &str, &str); 8] = [
    (
        "salon://join",
        "link-invalid",
        "This is not a meeting link.",
    ),
    (
        "salon://elsewhere?room=tea",
        "link-invalid",
        "This is not a meeting link.",
    ),
    (
        "ftp://meet.example/join/tea",
        "link-invalid",
        "This is not a meeting link.",
    ),
    (
        "https://meet.example/join/tea",
        "link-other-site",
        "The link is of another web site",
    ),
    (
        "salon://join?room=a%2Fb",
        "room-name-invalid",
        "This room name cannot be used.",
    ),
    (
        "salon://join?room=tea&server=wss://evil.example",
        "link-server-not-allowed",
        "The link leads to a server that this app does not use.",
    ),
    (
        "salon://join?room=tea&server=ws://10.0.0.1:7880",
        "link-server-not-allowed",
        "The link leads to a server that this app does not use.",
    ),
    (
        "salon://sign-in?state=guessed&token=planted-sign-in-93c1",
        "sign-in-not-asked",
        "A link tried to sign you in without you having asked for it.",
    ),
];

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let desktop = Desktop::start(&world.folder().join("desktop")).await?;
    let app = started_with_a_link(world, &desktop, report).await?;
    let page = &app.page;
    page.press("[data-testid=back]").await?;
    page.wait(HOME, true, LIMIT).await?;

    world.minimise(true)?;
    see(page, "hidden").await?;
    again(world, &desktop, &[], "a plain second start", report).await?;
    raised(page, "a plain second start", report).await?;
    let home = page.wait(HOME, true, LIMIT).await;
    report.check(
        "links: a plain second start leads nowhere else",
        home.is_ok(),
        json!(home.ok()),
    );

    by_the_bus(world, &desktop, page, report).await?;

    world.minimise(true)?;
    see(page, "hidden").await?;
    let link = "salon://join?room=tea&title=Tea%20at%20five";
    again(
        world,
        &desktop,
        &[link],
        "a second start with a link",
        report,
    )
    .await?;
    lobby(page, "Tea at five", "the first app shows its lobby", report).await?;
    raised(page, "a second start with a link", report).await?;

    refused(world, &desktop, page, report).await?;
    pasted(page, report).await?;
    nothing_else_changes(world, &desktop, page, report).await?;
    in_a_call(world, &desktop, page, report).await?;
    let logs = world.app_logs()?;
    report.check(
        "links: what was planted is in no log",
        !logs.contains(PLANTED) && logs.contains("a link was handed over"),
        json!(logs.len()),
    );
    report.check(
        "links: nothing panicked",
        !logs.contains("panicked"),
        json!(logs.len()),
    );
    Ok(())
}

/// What was asked at the first start is not asked of another.
async fn started_with_a_link(
    world: &mut World,
    desktop: &Desktop,
    report: &mut Report,
) -> Result<Driven> {
    let server = world.server_url();
    let arguments = [
        "--dev",
        "--fake-devices=only",
        "--server",
        &server,
        "--name",
        "Ann",
        "salon://join?room=coffee&title=Coffee",
    ];
    let options = AppOptions {
        arguments: arguments.map(String::from).to_vec(),
        environment: desktop.environment(),
        ..AppOptions::default()
    };
    let app = world.app(options).await?;
    lobby(&app.page, "Coffee", "a first start with a link", report).await?;
    Ok(app)
}

/// A second start, which has to end with success.
async fn again(
    world: &mut World,
    desktop: &Desktop,
    arguments: &[&str],
    what: &str,
    report: &mut Report,
) -> Result<()> {
    let ended = world.start_again(arguments, desktop).await;
    let name = format!("links: {what} ends with success");
    let figures = json!(ended.as_ref().err().map(ToString::to_string));
    report.check(&name, ended.as_ref().is_ok_and(|ended| *ended), figures);
    Ok(())
}

/// What a desktop does that knows the app by its entry (Desktop Entry Specification, "D-Bus Activation").
async fn by_the_bus(
    world: &World,
    desktop: &Desktop,
    page: &Page,
    report: &mut Report,
) -> Result<()> {
    let bus = desktop.bus();
    let path = "/app/salon/desktop";
    let app = zbus::Proxy::new(
        bus,
        "app.salon.desktop",
        path,
        "org.freedesktop.Application",
    );
    let app = app.await?;
    let nothing = HashMap::<&str, Value<'_>>::new();
    world.minimise(true)?;
    see(page, "hidden").await?;
    app.call_method("Activate", &(&nothing,)).await?;
    raised(page, "the desktop's call", report).await?;
    page.press("[data-testid=home-settings]").await?;
    page.wait(HOME, false, LIMIT).await?;
    let no_parameters: &[Value<'_>] = &[];
    app.call_method("ActivateAction", &("join", no_parameters, &nothing))
        .await?;
    let led = page.wait(HOME, true, LIMIT).await.is_ok();
    let name = "links: the desktop entry's action leads to where a meeting is joined";
    report.check(name, led, json!(led));
    // A hundred that are none, each without end, fill nothing and stop nothing.
    let many = vec![format!("salon://join?room={}", "x".repeat(100_000)); 100];
    app.call_method("Open", &(&many, &nothing)).await?;
    let link = "salon://join?room=cake&title=Cake";
    app.call_method("Open", &(&[link][..], &nothing)).await?;
    lobby(page, "Cake", "a link that the desktop hands over", report).await?;
    page.press("[data-testid=back]").await?;
    page.wait(HOME, true, LIMIT).await.map(drop)
}

/// Waits until the page is `visible` or `hidden`.
async fn see(page: &Page, state: &str) -> Result<bool> {
    let seen = format!(
        "new Promise((done) => {{ const begin = performance.now(); const look = () => \
         document.visibilityState === {} ? done(true) \
         : performance.now() - begin > {} ? done(false) : setTimeout(look, 100); look(); }})",
        json!(state),
        LIMIT.as_millis(),
    );
    Ok(page.eval(&seen).await? == json!(true))
}

async fn raised(page: &Page, what: &str, report: &mut Report) -> Result<()> {
    let visible = see(page, "visible").await?;
    let name = format!("links: {what} brings the window back");
    report.check(&name, visible, json!(visible));
    Ok(())
}

/// Waits for the lobby of a meeting that is called so.
async fn lobby(page: &Page, title: &str, check: &str, report: &mut Report) -> Result<()> {
    let deadline = tokio::time::Instant::now() + LIMIT;
    let shown = loop {
        page.wait(LOBBY, true, LIMIT).await.ok();
        // One lobby may follow another, without an event for what is in it.
        let shown = page.text("main h1").await?;
        if shown == title || tokio::time::Instant::now() > deadline {
            break shown;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    report.check(&format!("links: {check}"), shown == title, json!(shown));
    Ok(())
}

/// Each is told, and the app stays where it is.
async fn refused(
    world: &mut World,
    desktop: &Desktop,
    page: &Page,
    report: &mut Report,
) -> Result<()> {
    for (link, code, sentence) in REFUSED {
        world.start_again(&[link], desktop).await?;
        let note = format!("[data-testid=error][data-code={code}]");
        let waited = page.wait(&note, true, LIMIT).await;
        let words = page.text("[data-testid=error]").await?;
        let title = page.text("main h1").await?;
        report.check(
            &format!(
                "links: {code} for {}",
                link.split("&token").next().unwrap_or(link)
            ),
            waited.is_ok() && words.contains(sentence) && title == "Tea at five",
            json!({ "words": words, "lobby": title }),
        );
        let button = "[data-testid=error] button";
        page.press(button).await?;
        page.wait(button, false, LIMIT).await?;
    }
    let inside = page
        .eval(&format!(
            "document.documentElement.outerHTML.includes({0}) || \
             JSON.stringify(localStorage).includes({0})",
            json!(PLANTED)
        ))
        .await?;
    report.check(
        "links: a sign-in that nobody asked for is not in the page",
        inside == json!(false),
        inside,
    );
    Ok(())
}

/// As somebody copies them from a browser.
async fn pasted(page: &Page, report: &mut Report) -> Result<()> {
    for (input, title) in [
        ("https://localhost/join/tea%20room", "tea room"),
        ("  salon://join?room=garden \n", "garden"),
        ("Plain name", "Plain name"),
    ] {
        page.press("[data-testid=back]").await?;
        page.type_into("home-input", input).await?;
        page.click("home-join").await?;
        lobby(page, title, &format!("pasted: {}", input.trim()), report).await?;
    }
    Ok(())
}

/// Neither a link nor another start's command line chooses backend, profile or server.
async fn nothing_else_changes(
    world: &mut World,
    desktop: &Desktop,
    page: &Page,
    report: &mut Report,
) -> Result<()> {
    let link = "salon://join?room=second&backend=https://evil.example&profile=salon&dev=false";
    again(world, desktop, &[link], "a link that wants more", report).await?;
    asked_in_a_lobby(page, "Stay here", report).await?;
    lobby(page, "Plain name", "which leads nowhere unasked", report).await?;
    again(world, desktop, &[link], "the same link", report).await?;
    asked_in_a_lobby(page, "Open it", report).await?;
    lobby(page, "second", "of which only the room counts", report).await?;
    let arguments = [
        "--backend",
        "https://evil.example/",
        "--profile",
        "salon",
        "--server",
        "wss://evil.example",
        "--dev=false",
        "third",
    ];
    let what = "a second start with another backend";
    again(world, desktop, &arguments, what, report).await?;
    asked_in_a_lobby(page, "Open it", report).await?;
    lobby(page, "third", "of which only the room counts, too", report).await?;
    let dev = page.wait("[data-testid=dev-banner]", true, LIMIT).await;
    report.check(
        "links: the app is what it was",
        dev.is_ok(),
        json!(dev.ok()),
    );
    page.click("lobby-join").await?;
    let joined = page.wait(CONNECTED, true, LIMIT).await;
    report.check(
        "links: and joins at its own server",
        joined.is_ok(),
        json!(joined.ok()),
    );
    Ok(())
}

/// Presses the button of a question that says so.
fn answer(label: &str) -> String {
    format!(
        "[...document.querySelectorAll('{ASK} button')]\
         .filter((one) => one.innerText.trim() === {}).map((one) => one.click()).length",
        json!(label)
    )
}

/// A link from outside does not take a lobby's place unasked.
async fn asked_in_a_lobby(page: &Page, label: &str, report: &mut Report) -> Result<()> {
    let asked = page.wait(ASK, true, LIMIT).await;
    report.check(
        "links: in a lobby one asks first, and says which room it is",
        asked.is_ok() && page.text(ASK).await?.contains("(Room “"),
        json!(asked.ok()),
    );
    page.eval(&answer(label)).await?;
    page.wait(ASK, false, LIMIT).await?;
    Ok(())
}

/// A link does not end a call; the user may.
async fn in_a_call(
    world: &mut World,
    desktop: &Desktop,
    page: &Page,
    report: &mut Report,
) -> Result<()> {
    let link = "salon://join?room=fourth";
    world.start_again(&[link], desktop).await?;
    let asked = page.wait(ASK, true, LIMIT).await;
    report.check(
        "links: in a call one asks first",
        asked.is_ok(),
        json!(asked.ok()),
    );
    page.eval(&answer("Stay here")).await?;
    page.wait(ASK, false, LIMIT).await?;
    let still = page.wait(CONNECTED, true, LIMIT).await;
    report.check(
        "links: who stays is in the call",
        still.is_ok(),
        json!(still.ok()),
    );
    world.start_again(&[link], desktop).await?;
    page.wait(ASK, true, LIMIT).await?;
    page.eval(&answer("Leave and join")).await?;
    lobby(page, "fourth", "who leaves is in the other's lobby", report).await
}
