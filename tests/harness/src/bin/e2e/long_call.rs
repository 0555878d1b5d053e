//! A long call: memory.

use std::time::Duration;

use anyhow::Result;
use salon_harness::report::Report;
use salon_harness::usage::measure;
use salon_harness::world::World;
use serde_json::json;

use crate::call::{GUEST_TILE, begin, pictures};

const LIMIT: Duration = Duration::from_secs(110);
const MINUTE: Duration = Duration::from_secs(60);
/// Minutes of the call whose memory is measured, after the first.
const MINUTES: u32 = 4;
/// Growth of memory that is still flat.
const GROWTH: f64 = 1.05;

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
    Ok(())
}
