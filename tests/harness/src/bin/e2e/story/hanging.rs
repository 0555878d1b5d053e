//! A page that hangs in a call keeps neither its window nor its call.

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use salon_harness::product::{Product, Site as _};
use salon_harness::report::Report;
use salon_harness::usage::find;
use salon_harness::world::World;
use serde_json::json;

use super::acts::{Story, leave};
use super::party::{LIMIT, RING, SIGNED_IN};
use super::until;
use crate::call::GUEST_TILE;
use crate::page_process::{processes, signal};

/// The requester's page hangs in a call. Closed once its window would ask first, and closed again it would
/// only hide, with an app that goes on ringing: but the page does not leave, and nothing else would stop
/// what it sends.
pub(super) async fn closed(
    world: &World,
    story: &mut Story<Product>,
    report: &mut Report,
) -> Result<()> {
    for party in [&story.amina, &story.bruno] {
        party.page().wait(SIGNED_IN, true, LIMIT).await?;
    }
    story.site.accept().await?;
    let (amina, bruno) = (&story.amina, &story.bruno);
    bruno
        .page()
        .press(&format!("{RING} button.primary"))
        .await?;
    story.meet().await?;
    let driver = amina.app.driver.id();
    let program = find(driver, "salon")?.context("the app does not run")?;
    let pages = processes(&amina.app)?;
    signal(&pages, Signal::STOP)?;
    let shown = world.windows_of(program.id)?.len();
    world.close_windows_of(program.id)?;
    world.close_windows_of(program.id)?;
    let hidden = until(|| Ok(world.windows_of(program.id)?.is_empty())).await?;
    report.check(
        "story: closed twice, the window of a page that hangs in a call is gone",
        shown == 1 && hidden,
        json!({ "shown": shown }),
    );
    let check = "story: the other side sees it leave";
    bruno.sees(report, check, GUEST_TILE, false).await;
    let ended = until(|| Ok(find(driver, "salon")?.is_none())).await?;
    report.check(
        "story: nothing of it goes on with camera and microphone",
        ended,
        json!({ "pages": pages }),
    );
    // A process that is stopped does not notice that what it belongs to has ended.
    signal(&pages, Signal::KILL)?;
    leave(bruno.page()).await?;
    bruno.page().wait(SIGNED_IN, true, LIMIT).await?;
    Ok(())
}
