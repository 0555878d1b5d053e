//! What is heard and shown while a meeting rings.

use std::time::Duration;

use anyhow::Result;
use salon_harness::product::{Product, Site as _, TITLE, Who};
use salon_harness::report::Report;
use salon_harness::sound::{Heard, SILENCE_DBFS, keep_awake, listen, listen_until};
use salon_harness::world::{APP_SINK, World};
use serde_json::json;

use crate::story::acts::open;
use crate::story::party::{LIMIT, Party, RING, SIGNED_IN};

/// The lower of the ringtone's two tones, in hertz.
const TONE: f64 = 440.0;
/// Longer than a ring and the silence after it, so that some of the ring is in it.
const ROUND: Duration = Duration::from_millis(3_200);
/// What the system shows, from the first line to the last button.
const WORDS: [&str; 2] = ["Your offer was accepted!", TITLE];

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let folder = world.folder().to_owned();
    let mut site = Product::start(&folder, &world.server_url()).await?;
    let mut bruno = Party::start(world, &site, Who::Offerer).await?;
    bruno.paste(&site).await?;
    let _awake = keep_awake(&world.sound_server(), APP_SINK)?;
    let quiet = once(world).await?;
    report.check("heard: nothing at first", is_silent(quiet), json!(quiet));

    site.accept().await?;
    bruno.page().wait(RING, true, LIMIT).await?;
    rings(world, "the ringtone is heard", report).await?;
    shown(&mut bruno, report).await?;
    dismiss(&mut bruno, report).await?;
    silence(world, "dismissed, it is silent", report).await?;

    set(&bruno, "ringtone", false).await?;
    site.call_next("Tea & <b>cake</b>");
    site.accept().await?;
    bruno.page().wait(RING, true, LIMIT).await?;
    let posted = bruno.desktop.notifications(LIMIT, open).await?;
    // On the bus the text is markup; what a user wrote is not.
    let body = posted.last().map_or("", |one| one.body.as_str());
    report.check(
        "heard: without the ringtone it is shown all the same, as text",
        body == "Tea &amp; &lt;b&gt;cake&lt;/b&gt;\nAmina",
        json!(body),
    );
    let heard = once(world).await?;
    report.check("heard: but not heard", is_silent(heard), json!(heard));
    // Switched on while it rings: counts at once.
    set(&bruno, "ringtone", true).await?;
    rings(world, "switched on again, it is heard at once", report).await?;
    dismiss(&mut bruno, report).await?;
    silence(world, "dismissed again, it is silent", report).await?;

    set(&bruno, "notifications", false).await?;
    let before = bruno.desktop.notifications(LIMIT, |_| true).await?.len();
    site.accept().await?;
    let check = "heard: without notifications the page rings all the same";
    bruno.sees(report, check, RING, true).await;
    rings(world, "and is heard", report).await?;
    let posted = bruno.desktop.notifications(LIMIT, |_| true).await?.len();
    report.check(
        "heard: the system shows none",
        posted == before,
        json!({ "before": before, "after": posted }),
    );
    dismiss(&mut bruno, report).await?;

    set(&bruno, "notifications", true).await?;
    speak(&bruno, "fr").await?;
    site.accept().await?;
    bruno.page().wait(RING, true, LIMIT).await?;
    let posted = bruno.desktop.notifications(LIMIT, open).await?;
    let buttons = posted.last().map(|one| labels(&one.actions));
    report.check(
        "heard: in another language, the system says it in that",
        buttons.as_deref()
            == Some(&["Ouvrir Salon", "Rejoindre la réunion", "Ignorer"].map(str::to_owned)),
        json!(buttons),
    );
    Ok(())
}

/// What is written on a notification's buttons.
fn labels(actions: &[String]) -> Vec<String> {
    let labels = actions.chunks(2).filter_map(|pair| pair.get(1));
    labels.cloned().collect()
}

fn is_silent(heard: Heard) -> bool {
    heard.level_dbfs < SILENCE_DBFS
}

async fn once(world: &World) -> Result<Heard> {
    listen(&world.sound_server(), APP_SINK, TONE, ROUND).await
}

/// Listens until it rings: a busy machine begins late.
async fn rings(world: &World, name: &str, report: &mut Report) -> Result<()> {
    until(world, name, report, |heard| {
        heard.tone_dbfs > SILENCE_DBFS + 20.0
    })
    .await
}

/// Listens until there is nothing for a whole round.
async fn silence(world: &World, name: &str, report: &mut Report) -> Result<()> {
    until(world, name, report, is_silent).await
}

async fn until(
    world: &World,
    name: &str,
    report: &mut Report,
    right: impl Fn(Heard) -> bool,
) -> Result<()> {
    let server = world.sound_server();
    let heard = listen_until(&server, APP_SINK, TONE, ROUND, LIMIT, &right).await?;
    report.check(&format!("heard: {name}"), right(heard), json!(heard));
    Ok(())
}

/// Word for word: what the contract says.
async fn shown(bruno: &mut Party, report: &mut Report) -> Result<()> {
    let posted = bruno.desktop.notifications(LIMIT, open).await?;
    let [summary, title] = WORDS;
    let right = posted.last().is_some_and(|one| {
        one.summary == summary
            && one.body == format!("{title}\n{}", Who::Requester.name())
            && labels(&one.actions) == ["Open Salon", "Join the meeting", "Dismiss"]
    });
    let figures = json!(format!("{:?}", posted.last()));
    report.check("heard: the system says it in words", right, figures);
    Ok(())
}

async fn dismiss(bruno: &mut Party, report: &mut Report) -> Result<()> {
    bruno.page().press(&format!("{RING} button.quiet")).await?;
    let check = "heard: dismissed, the card is gone";
    bruno.sees(report, check, RING, false).await;
    let closed = bruno
        .desktop
        .notifications(LIMIT, |all| all.iter().all(|one| one.closed));
    let figures = json!(closed.await.err().map(|error| error.to_string()));
    let check = "heard: and so is the notification";
    report.check(check, figures.is_null(), figures);
    Ok(())
}

/// Throws a switch in the settings, and comes back.
async fn set(bruno: &Party, setting: &str, on: bool) -> Result<()> {
    let page = bruno.page();
    page.click("home-settings").await?;
    let switch = format!("[data-testid=setting-{setting}] input");
    page.wait(&switch, true, LIMIT).await?;
    page.eval(&format!(
        "(() => {{ const one = document.querySelector({}); if (one.checked !== {on}) one.click(); }})()",
        json!(switch)
    ))
    .await?;
    let saved = "main > [role=status]";
    page.eval(&format!(
        "new Promise((done) => {{ const begin = performance.now(); const look = () => \
         document.querySelector({0})?.textContent.endsWith('saved') ? done(true) \
         : performance.now() - begin > {1} ? done(false) : setTimeout(look, 50); look(); }})",
        json!(saved),
        LIMIT.as_millis(),
    ))
    .await?;
    page.press("main > header button").await?;
    page.wait(SIGNED_IN, true, LIMIT).await?;
    Ok(())
}

/// Chooses another language in the settings, and comes back.
async fn speak(bruno: &Party, language: &str) -> Result<()> {
    let page = bruno.page();
    page.click("home-settings").await?;
    let choice = "[data-testid=setting-language] select";
    page.wait(choice, true, LIMIT).await?;
    page.eval(&format!(
        "(() => {{ const one = document.querySelector({}); one.value = {}; \
         one.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()",
        json!(choice),
        json!(language)
    ))
    .await?;
    page.wait(&format!("html[lang={language}]"), true, LIMIT)
        .await?;
    page.press("main > header button").await?;
    page.wait(SIGNED_IN, true, LIMIT).await?;
    Ok(())
}
