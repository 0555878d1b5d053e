//! The whole story: A asks, B offers, A accepts, B's app rings, both meet, hanging up completes.
//! Two apps, each on a desktop of its own, and a product's backend. No screenshots: WebKit's driver does
//! not answer when asked for one of an app that has an icon in a tray.

pub(crate) mod acts;
mod hanging;
pub(crate) mod party;
mod secrets;

use std::time::Duration;

use anyhow::Result;
use salon_harness::desktop::Notification;
use salon_harness::product::{Product, REQUESTER_SIGN_IN, Who};
use salon_harness::report::Report;
use salon_harness::usage::find;
use salon_harness::world::World;
use serde_json::{Value, json};

use self::acts::Story;
use self::party::{LIMIT, Party, SIGN_IN, SIGNED_IN};
pub(crate) use self::secrets::is_media_token;

/// The app goes on without a window.
const STAYS: [(&str, &str); 1] = [("SALON_CLOSE_TO_TRAY", "true")];

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let folder = world.folder().to_owned();
    let site = Product::start(&folder, &world.server_url()).await?;
    let amina = Party::start(world, &site, Who::Requester).await?;
    let bruno = Party::start(world, &site, Who::Offerer).await?;
    let mut story = Story {
        name: "story",
        site,
        amina,
        bruno,
    };
    by_browser(world, &story.amina, report).await?;
    by_pasting(&story, report).await?;
    story.play(report).await?;
    story.secrets(world, &[], 3, report)?;
    started_again(world, &mut story, report).await?;
    closed(world, &mut story, report).await?;
    story.bruno.start_app(world, &story.site, &[]).await?;
    hanging::closed(world, &mut story, report).await?;
    story.amina.start_app(world, &story.site, &[]).await?;
    story.amina.page().wait(SIGNED_IN, true, LIMIT).await?;
    signed_out(&story.amina, report).await
}

/// The requester signs in in the system's browser.
async fn by_browser(world: &mut World, amina: &Party, report: &mut Report) -> Result<()> {
    amina.page().wait(SIGN_IN, true, LIMIT).await?;
    amina
        .page()
        .press("[data-testid=sign-in] button.primary")
        .await?;
    let url = amina.desktop.opened(LIMIT).await?;
    let browser = world.chromium_at(&url).await?;
    let (email, password) = REQUESTER_SIGN_IN;
    let form = &browser.page;
    form.send_keys("input[name=email]", email).await?;
    form.send_keys("input[name=password]", password).await?;
    form.press("form button").await?;
    let check = "story: signing in in the browser";
    amina.sees(report, check, SIGNED_IN, true).await;
    let who = amina.page().text(SIGNED_IN).await?;
    report.check(
        "story: it is said who is signed in",
        who.contains("Amina"),
        json!(who),
    );
    Ok(())
}

/// The offerer pastes what the web site gave.
async fn by_pasting(story: &Story<Product>, report: &mut Report) -> Result<()> {
    let signed_in = story.bruno.paste(&story.site).await;
    let figures = json!(signed_in.as_ref().err().map(ToString::to_string));
    report.check("story: signing in by pasting", signed_in.is_ok(), figures);
    let left = story
        .bruno
        .page()
        .eval(&format!(
            "document.documentElement.outerHTML.includes({0}) || \
             [...document.querySelectorAll('input')].some((input) => input.value.includes({0})) || \
             JSON.stringify(localStorage).includes({0})",
            json!(signed_in?)
        ))
        .await?;
    report.check(
        "story: nothing of it stays in the page",
        left == json!(false),
        left,
    );
    Ok(())
}

/// Started again, the app knows its user from the keyring.
async fn started_again(
    world: &mut World,
    story: &mut Story<Product>,
    report: &mut Report,
) -> Result<()> {
    story.amina.start_again(world, &story.site, &STAYS).await?;
    let check = "story: started again, the user is still signed in";
    story.amina.sees(report, check, SIGNED_IN, true).await;
    Ok(())
}

/// Closing the windows of both: only the app that was told to, and has a tray, goes on.
async fn closed(world: &World, story: &mut Story<Product>, report: &mut Report) -> Result<()> {
    let Story { amina, bruno, .. } = story;
    amina.desktop.show_tray().await?;
    world.close_windows()?;
    let program = bruno.app.driver.id();
    let ended = until(|| Ok(find(program, "salon")?.is_none())).await?;
    report.check("story: closing the window ends the app", ended, Value::Null);
    let is_it = |one: &Notification| one.summary == "Salon goes on ringing" && !one.closed;
    let told = amina
        .desktop
        .notifications(LIMIT, |posted| posted.iter().any(is_it));
    let told = told.await?.into_iter().find(is_it);
    let runs = find(amina.app.driver.id(), "salon")?.is_some();
    // The screen may be told later than who shows notifications.
    let gone = until(|| Ok(world.windows()?.is_empty())).await?;
    report.check(
        "story: with a tray it goes on without a window, and says so",
        runs && gone,
        json!({ "runs": runs, "the window is gone": gone }),
    );
    if let Some(told) = told {
        amina.desktop.press(told.id, "default").await?;
    }
    let shown = until(|| Ok(world.windows()?.len() == 1)).await?;
    report.check(
        "story: the notification brings the window back",
        shown,
        Value::Null,
    );
    Ok(())
}

/// Whether it is so in time; of other processes nobody tells.
pub(crate) async fn until(so: impl Fn() -> Result<bool>) -> Result<bool> {
    until_within(LIMIT, so).await
}

/// The same for what takes a while by its nature.
pub(crate) async fn until_within(limit: Duration, so: impl Fn() -> Result<bool>) -> Result<bool> {
    let deadline = tokio::time::Instant::now() + limit;
    while !so()? {
        if tokio::time::Instant::now() > deadline {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(true)
}

async fn signed_out(amina: &Party, report: &mut Report) -> Result<()> {
    amina.page().press(SIGNED_IN).await?;
    amina.page().click("sign-out").await?;
    amina.sees(report, "story: signed out", SIGN_IN, true).await;
    let left = amina.desktop.forgets(0, LIMIT).await?;
    report.check(
        "story: and the keyring is empty",
        left.is_empty(),
        json!(left),
    );
    Ok(())
}
