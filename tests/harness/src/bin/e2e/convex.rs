//! The whole story on the double of a Convex deployment (contract P3, with LiveKit's tokens).

use anyhow::{Context as _, Result};
use reqwest::Url;
use salon_harness::marketplace::Marketplace;
use salon_harness::product::{Site as _, Who};
use salon_harness::report::Report;
use salon_harness::world::World;
use serde_json::json;

use crate::story::acts::Story;
use crate::story::party::{LIMIT, Party, SIGN_IN, SIGNED_IN};

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let site = Marketplace::start("convex-livekit", &world.server_url()).await?;
    let amina = Party::start(world, &site, Who::Requester).await?;
    let bruno = Party::start(world, &site, Who::Offerer).await?;
    let mut story = Story {
        name: "convex",
        site,
        amina,
        bruno,
    };
    let token = by_link(world, &story, report).await?;
    let pasted = story.bruno.paste(&story.site).await;
    let figures = json!(pasted.as_ref().err().map(ToString::to_string));
    report.check("convex: signing in by pasting", pasted.is_ok(), figures);
    story.play(report).await?;
    story.secrets(world, &[token], 2, report)?;
    Ok(())
}

/// The requester signs in on the web site, which leads back with a link; the token.
async fn by_link(
    world: &mut World,
    story: &Story<Marketplace>,
    report: &mut Report,
) -> Result<String> {
    let amina = &story.amina;
    amina.page().wait(SIGN_IN, true, LIMIT).await?;
    amina
        .page()
        .press("[data-testid=sign-in] button.quiet")
        .await?;
    let opened: Url = amina.desktop.opened(LIMIT).await?.parse()?;
    let of_the_site = opened.as_str().starts_with(&story.site.url());
    report.check(
        "convex: the web site is opened for signing in",
        of_the_site && opened.path() == "/sign-in/salon",
        json!(opened.path()),
    );
    let state = opened.query_pairs().find(|(name, _)| name == "state");
    let (_, state) = state.context("the web site is given no state")?;
    let token = story.site.token(Who::Requester).await?;
    let mut link = Url::parse("salon://sign-in")?;
    link.query_pairs_mut()
        .append_pair("backend", &story.site.url())
        .append_pair("state", &state)
        .append_pair("token", &token);
    let ended = world.start_again(&[link.as_str()], &amina.desktop).await?;
    report.check(
        "convex: the link is handed to the app that waits",
        ended,
        json!(ended),
    );
    amina
        .sees(report, "convex: signing in by a link", SIGNED_IN, true)
        .await;
    Ok(token)
}
