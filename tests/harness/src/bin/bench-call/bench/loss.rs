//! A partner's tone and pictures while packets are lost on their way to the app and to Chromium, who are
//! in the same call at the same time.

use std::time::Duration;

use anyhow::{Context, Result};
use salon_harness::loss::Loss;
use salon_harness::service::Service;
use salon_harness::sound::{Tone, record};
use salon_harness::world::{APP_SINK, CHROMIUM_SINK, Driven, World};
use serde_json::{Value, json};

use super::{Figures, LIMIT, SETTLING};

/// What is measured while so many of a hundred packets are lost.
macro_rules! lost {
    ($per_cent:literal) => {
        (
            $per_cent,
            [
                concat!($per_cent, " % lost: holes in the sound, % of the time"),
                concat!($per_cent, " % lost: what is not the tone, dB"),
                concat!($per_cent, " % lost: pictures frozen, % of the time"),
                concat!($per_cent, " % lost: longest freeze, ms"),
            ],
        )
    };
}
const LOST: [(u32, [&str; 4]); 4] = [lost!(2), lost!(5), lost!(10), lost!(20)];
/// For each of them.
const MEASURED: Duration = Duration::from_secs(10);
const PARTNER: &str = "[data-testid=tile][data-name=Partner][data-picture=on] video";
/// What the partner plays, hertz.
const TONE: f64 = 440.0;

/// One round of all shares of loss.
pub(super) async fn round(
    world: &mut World,
    service: &Service,
    app: &mut Figures,
    chromium: &mut Figures,
) -> Result<()> {
    let ours = world.app(service.app(world, "Ann")?).await?;
    let theirs = world.chromium_at(&service.lobby(world, "Bo")?).await?;
    for driven in [&ours, &theirs] {
        join_without_sound(driven).await?;
    }
    tokio::time::sleep(SETTLING).await;
    for (per_cent, names) in LOST {
        let lost = Loss::of(world.media_port(), per_cent)?;
        tokio::time::sleep(SETTLING).await;
        let server = world.sound_server();
        let (our, their) = tokio::try_join!(
            measure(&ours, &server, APP_SINK),
            measure(&theirs, &server, CHROMIUM_SINK)
        )?;
        drop(lost);
        for (figures, values) in [(&mut *app, our), (&mut *chromium, their)] {
            for (name, value) in names.into_iter().zip(values) {
                figures.entry(name).or_default().push(value);
            }
        }
    }
    for driven in [ours, theirs] {
        driven.page.end().await?;
    }
    Ok(())
}

/// The only tone that is heard, and the only pictures, are the partner's.
async fn join_without_sound(driven: &Driven) -> Result<()> {
    let page = &driven.page;
    page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
        .await?;
    page.click("lobby-join").await?;
    page.wait("[data-testid=control-mic]", true, LIMIT).await?;
    page.click("control-mic").await?;
    page.click("control-camera").await?;
    page.wait(PARTNER, true, LIMIT).await?;
    Ok(())
}

/// In the order of the names.
async fn measure(driven: &Driven, server: &str, sink: &str) -> Result<[f64; 4]> {
    let looked = format!(
        "harness.pictures({}, {{ milliseconds: {} }})",
        json!(PARTNER),
        MEASURED.as_millis()
    );
    let (samples, seen) =
        tokio::try_join!(record(server, sink, MEASURED), driven.page.eval(&looked))?;
    let Tone { holes, noise } = Tone::of(&samples, TONE);
    let figure =
        |name: &str, value: &Value| value[name].as_f64().context("no pictures were counted");
    Ok([
        100.0 * holes,
        noise,
        100.0 * figure("frozen", &seen)?,
        figure("longestFreeze", &seen)?,
    ])
}
