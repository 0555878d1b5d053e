//! A long call: the server restarted in the middle, and memory.

use std::time::Duration;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::usage::measure;
use salon_harness::world::World;
use serde_json::json;

use crate::call::{GUEST_TILE, begin, pictures};

const LIMIT: Duration = Duration::from_secs(60);
const MINUTE: Duration = Duration::from_secs(60);
/// Minutes of the call whose memory is measured, after the first.
const MINUTES: u32 = 4;
/// Growth of memory that is still flat.
const GROWTH: f64 = 1.05;
/// How long the server stays away when it does not come back at once.
const OUTAGE: Duration = Duration::from_secs(18);

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let (app, chromium) = begin(world).await?;
    app.page.click("lobby-join").await?;
    app.page
        .wait(
            "[data-testid=call-state][data-state=connected]",
            true,
            LIMIT,
        )
        .await?;
    app.page
        .wait(&format!("{GUEST_TILE}[data-camera=on] canvas"), true, LIMIT)
        .await?;

    // Memory is read at the minutes: there is nothing else to wait for.
    tokio::time::sleep(MINUTE).await;
    let first = measure(&[app.driver.id()])?;
    let mut last = first;
    for _ in 0..MINUTES {
        tokio::time::sleep(MINUTE).await;
        last = measure(&[app.driver.id()])?;
    }
    let growth = last.pss as f64 / first.pss as f64;
    let cpu = (last.cpu - first.cpu) / (MINUTE.as_secs_f64() * f64::from(MINUTES));
    let figures = json!({ "first": first, "last": last, "growth": growth, "cores": cpu });
    report.check("five minutes: memory is flat", growth < GROWTH, figures);
    pictures(&app.page, &chromium.page, report, "after five minutes").await?;
    let logs = world.app_logs()?;
    let bad: Vec<_> = logs
        .lines()
        .filter(|line| line.contains(" ERROR ") || line.contains("panicked"))
        .collect();
    report.check(
        "five minutes: no error in the log",
        bad.is_empty(),
        json!(bad),
    );

    restart(world, &app.page, &chromium.page, report, "restarted", None).await?;
    // Longer than the SDK tries by itself, so that the call layer has to begin anew.
    let outage = Some(OUTAGE);
    restart(world, &app.page, &chromium.page, report, "away", outage).await
}

/// The server goes away, for a while or only to come back, and everything is as before.
async fn restart(
    world: &mut World,
    app: &Page,
    guest: &Page,
    report: &mut Report,
    how: &str,
    outage: Option<Duration>,
) -> Result<()> {
    world.stop_server();
    let state = |state: &str| format!("[data-testid=call-state][data-state={state}]");
    let noticed = app.wait(&state("reconnecting"), true, LIMIT).await;
    report.check(
        &format!("server {how}: the app says so"),
        noticed.is_ok(),
        json!(noticed.ok()),
    );
    if let Some(outage) = outage {
        // An outage has a length, there is nothing in it to wait for.
        tokio::time::sleep(outage).await;
        let still = app.wait(&state("reconnecting"), true, LIMIT).await;
        report.check(
            &format!("server {how}: the app goes on trying"),
            still.is_ok(),
            json!(outage.as_secs()),
        );
    }
    world.start_server().await?;
    let back = app.wait(&state("connected"), true, LIMIT).await;
    report.check(
        &format!("server {how}: the app is back by itself"),
        back.is_ok(),
        json!(back.ok()),
    );
    // The guest's own way back takes as long as it takes.
    let condition = json!({ "participant": crate::call::APP, "camera": true });
    guest
        .number(&format!("guest.waitFor({condition}, 60000)"))
        .await?;
    let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
    let shown = app.wait(&tile, true, LIMIT).await;
    report.check(
        &format!("server {how}: the guest is shown"),
        shown.is_ok(),
        json!(shown.ok()),
    );
    guest.wait("#pictures video", true, LIMIT).await?;
    let participants = guest.eval("guest.participants()").await?;
    report.check(
        &format!("server {how}: everybody is there once"),
        participants.as_array().map(Vec::len) == Some(2),
        participants,
    );
    pictures(app, guest, report, &format!("after the server was {how}")).await
}
