//! The token of a call ends before the call does.

use std::time::Duration;

use anyhow::Result;
use salon_harness::product::{Product, Site, Who};
use salon_harness::report::Report;
use salon_harness::world::World;
use serde_json::json;
use tokio::time::Instant;

use crate::story::party::{LIMIT, LOBBY, Party, RING};
use crate::story::until_within;

const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
const RECONNECTING: &str = "[data-testid=call-state][data-state=reconnecting]";
/// How long tokens for the media server last.
const LIFE: Duration = Duration::from_secs(2);
/// How long after its end the media server takes a token (`jwt.DefaultLeeway` of its library), and a
/// little more.
const LEEWAY: Duration = Duration::from_secs(63);
/// Longer than all attempts of the SDK together, however busy the machine is.
const ATTEMPTS: Duration = Duration::from_secs(300);

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let folder = world.folder().to_owned();
    let short = |config: &mut reference_backend::Config| config.lifetimes.media = LIFE;
    let mut site = Product::start_with(&folder, &world.server_url(), short).await?;
    let bruno = Party::start(world, &site, Who::Offerer).await?;
    bruno.paste(&site).await?;
    site.accept().await?;
    bruno
        .page()
        .press(&format!("{RING} button.primary"))
        .await?;
    bruno.page().wait(LOBBY, true, LIMIT).await?;
    bruno.join().await?;
    bruno.page().wait(CONNECTED, true, LIMIT).await?;
    // It was made before this.
    let made = Instant::now();
    let first = media_tokens(&site);
    report.check("expiry: joined with one token", first == 1, json!(first));
    // A life has a length, there is nothing in it to wait for; the same holds below.
    tokio::time::sleep_until(made + LIFE + Duration::from_secs(1)).await;
    let check = "expiry: the call goes on when its token has ended";
    bruno.sees(report, check, CONNECTED, true).await;
    report.check(
        "expiry: without another one",
        media_tokens(&site) == first,
        json!(media_tokens(&site)),
    );
    world.stop_server();
    let check = "expiry: the server goes away";
    bruno.sees(report, check, RECONNECTING, true).await;
    tokio::time::sleep_until(made + LIFE + LEEWAY).await;
    // Before that the SDK goes on trying with what it has: a number of times, each of which takes its time
    // on a busy machine.
    let asked = until_within(ATTEMPTS, || Ok(media_tokens(&site) > first)).await?;
    report.check(
        "expiry: a fresh token is asked for",
        asked,
        json!(media_tokens(&site)),
    );
    world.start_server().await?;
    let check = "expiry: the app is back by itself";
    bruno.sees(report, check, CONNECTED, true).await;
    Ok(())
}

/// How many tokens for the media server went to the app.
fn media_tokens(site: &impl Site) -> usize {
    let tokens = site.tokens();
    tokens
        .iter()
        .filter(|token| crate::story::is_media_token(token))
        .count()
}
