//! Somebody writes long messages as fast as they can: the app can be used all the while.

use std::time::{Duration, Instant};

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::usage::{Usage, measure};
use salon_harness::world::{Driven, World};
use serde_json::json;

use crate::call::{APP, GUEST_TILE, begin, guest_sees};

const LIMIT: Duration = Duration::from_secs(110);
/// Until what was written before is through: a minute of it takes some minutes on a busy machine.
const BACKLOG: Duration = Duration::from_secs(600);
/// Messages of the short one.
const MESSAGES: u32 = 2_000;
/// How long the long one lasts.
const MINUTE: Duration = Duration::from_secs(60);
/// Nearly as long as one can be; bytes.
const LONG: usize = 13_900;
/// Growth of memory that is still flat.
const GROWTH: f64 = 1.1;
/// What is shown of messages.
const MESSAGE: &str = "[data-testid=chat-message]";
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
const CHAT: &str = "[data-testid=chat-input]";

/// A few thousand messages.
pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let (app, chromium) = joined(world).await?;
    let flood = format!("flood((sent) => sent < {MESSAGES})");
    flooded(&app.page, &chromium.page, report, &flood).await?;
    others_are_read(world, &app.page, &chromium.page, "my own words", report).await?;
    leaves(&app.page, &chromium.page, report).await
}

/// A minute of them, and another: what the second one leaves in memory.
pub(crate) async fn minute(world: &mut World, report: &mut Report) -> Result<()> {
    let (app, chromium) = joined(world).await?;
    let minute = MINUTE.as_millis();
    let flood = format!(
        "(() => {{ const end = performance.now() + {minute}; \
         return flood(() => performance.now() < end); }})()"
    );
    // What a call, a chat and queues that are full need once is there after the first.
    let mut first = None;
    for round in 1..=2 {
        let flooder = chromium.page.window().await?;
        flooded(&app.page, &chromium.page, report, &flood).await?;
        let words = format!("my own words after {round}");
        others_are_read(world, &app.page, &chromium.page, &words, report).await?;
        chromium.page.close_window().await?;
        chromium.page.switch(flooder).await?;
        match first {
            None => first = Some(measure(&[app.driver.id()])?),
            Some(first) => memory_comes_back(&app, first, report).await?,
        }
        app.page.click("control-chat").await?;
        app.page.wait(CHAT, false, LIMIT).await?;
    }
    leaves(&app.page, &chromium.page, report).await
}

/// What went through is given back once the page's garbage collector has seen to it, which it does in
/// its own time. What is kept for good would not be.
async fn memory_comes_back(app: &Driven, first: Usage, report: &mut Report) -> Result<()> {
    let until = Instant::now() + LIMIT;
    let mut every = tokio::time::interval(Duration::from_secs(1));
    let (growth, second) = loop {
        every.tick().await;
        let second = measure(&[app.driver.id()])?;
        let growth = second.pss as f64 / first.pss as f64;
        if growth < GROWTH || Instant::now() > until {
            break (growth, second);
        }
    };
    report.check(
        "flood: memory is where it was",
        growth < GROWTH,
        json!({ "first": first, "second": second, "growth": growth }),
    );
    Ok(())
}

async fn joined(world: &mut World) -> Result<(Driven, Driven)> {
    let (app, chromium) = begin(world).await?;
    app.page.click("lobby-join").await?;
    let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
    app.page.wait(&tile, true, LIMIT).await?;
    let define = format!(
        "(window.flood = async (goOn) => {{ let sent = 0; \
         for (; goOn(sent); sent += 1) await guest.send(`${{sent}} `.padEnd({LONG}, 'flood ')); \
         return sent; }}, true)"
    );
    chromium.page.eval(&define).await?;
    Ok((app, chromium))
}

/// While the guest writes, the chat is opened, written into and closed.
async fn flooded(app: &Page, guest: &Page, report: &mut Report, flood: &str) -> Result<()> {
    let using = async {
        app.click("control-chat").await?;
        app.wait(MESSAGE, true, LIMIT).await?;
        app.type_into("chat-input", "so many words").await?;
        app.click("chat-send").await?;
        app.wait_for_text(MESSAGE, "so many words", LIMIT).await?;
        app.click("control-chat").await?;
        app.wait(CHAT, false, LIMIT).await
    };
    let (sent, used) = tokio::join!(guest.number(flood), using);
    let sent = sent?;
    report.check(
        "flood: meanwhile the chat can be opened, written into and closed",
        used.is_ok() && sent > 0.0,
        json!({ "sent": sent, "error": used.err().map(|error| error.to_string()) }),
    );
    Ok(())
}

/// Whoever comes after it is read.
async fn others_are_read(
    world: &World,
    app: &Page,
    guest: &Page,
    words: &str,
    report: &mut Report,
) -> Result<()> {
    guest.new_window().await?;
    world.guest(guest, "quiet").await?;
    // What is said while somebody is not there they are not told later.
    app.wait(CONNECTED, true, LIMIT).await?;
    app.wait("[data-participant=quiet]", true, LIMIT).await?;
    app.click("control-chat").await?;
    app.wait(CHAT, true, LIMIT).await?;
    // The server itself leaves out what does not fit behind the flood, so it is said again.
    let say = format!("guest.send({})", json!(words));
    guest
        .eval(&format!(
            "(window.saying = setInterval(() => void {say}, 1000), true)"
        ))
        .await?;
    let until = Instant::now() + BACKLOG;
    let read = loop {
        // A piece at a time: the driver ends a script that takes longer.
        let read = app.wait_for_text(MESSAGE, words, LIMIT).await;
        if read.is_ok() || Instant::now() > until {
            break read;
        }
    };
    guest.eval("(clearInterval(saying), true)").await?;
    report.check(
        "flood: after it the newest message is read",
        read.is_ok(),
        json!(read.err().map(|error| error.to_string())),
    );
    let omitted = "[data-testid=chat-omitted]";
    let said = app.wait_for_text(omitted, "left out", LIMIT).await;
    report.check(
        "flood: and how many were left out",
        said.is_ok(),
        json!(said.err().map(|error| error.to_string())),
    );
    Ok(())
}

/// The way out is open.
async fn leaves(app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    let gone = json!({ "participant": APP, "present": false });
    let (gone, left) = tokio::join!(guest_sees(guest, gone), app.click("control-leave"));
    left?;
    let gone = gone?;
    report.check("flood: the app leaves", gone >= 0.0, json!(gone));
    Ok(())
}
