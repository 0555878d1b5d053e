//! What only a call on Stream shows by itself: a picture that the service holds back.

use anyhow::Result;
use salon_harness::stream::{cid, dev_app};
use salon_harness::world::{CHROMIUM_SINK, World};
use salon_support::StreamDouble;
use salon_support::stream::Config;
use salon_support::stream::sfu::TrackKind;
use serde_json::json;

use super::{CONNECTED, LIMIT, Looks, THEMES};
use crate::adapter::address;
use crate::call::{APP, GUEST, GUEST_TILE};

/// Of the guest's microphone, hertz.
const TONE: f64 = 440.0;

pub(super) async fn run(world: &mut World, looks: &mut Looks<'_>) -> Result<()> {
    let double = StreamDouble::start(Config::default()).await?;
    let cid = cid();
    let ben = address(world, &double, (GUEST, &double.token(GUEST)), &cid, TONE)?;
    let guest = world.chromium_playing_to(CHROMIUM_SINK, &ben).await?;
    guest.page.eval("guest.ready").await?;
    for (theme, name) in THEMES {
        looks.theme = name;
        let mut options = dev_app(world, &double, APP)?;
        let variable = ("GTK_THEME".to_owned(), theme.to_owned());
        options.environment.push(variable);
        let driven = world.app(options).await?;
        let page = &driven.page;
        page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
            .await?;
        page.click("lobby-join").await?;
        page.wait(CONNECTED, true, LIMIT).await?;
        page.wait(&format!("{GUEST_TILE}[data-picture=on]"), true, LIMIT)
            .await?;
        let me = page
            .attribute("[data-testid=tile][data-local=true]", "data-participant")
            .await?
            .unwrap_or_default();
        let media = &double.media()[0];
        media.pause(&cid, &me, GUEST, TrackKind::Video, true);
        let note = "Paused: the connection is too slow";
        let said = page.wait_for_text(GUEST_TILE, note, LIMIT).await;
        looks.report.check(
            &format!("looks: a picture that is held back says so to {APP}"),
            said.is_ok(),
            json!(page.text(GUEST_TILE).await?),
        );
        looks.at(world, page, "paused").await?;
        page.click("control-leave").await?;
        page.wait(super::HOME, true, LIMIT).await?;
        driven.page.end().await?;
    }
    Ok(())
}
