//! The real app and a guest in one call on the double, as in a call on LiveKit.

use std::path::Path;

use anyhow::{Result, anyhow};
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::stream::{self, Stream};
use salon_harness::world::{CHROMIUM_SINK, ROOM, World};
use salon_support::StreamDouble;
use salon_support::stream::sfu::JoinFault;
use serde_json::json;

use super::{CONNECTED, JOIN, LIMIT, TONE, address, second, strikes};
use crate::call::{
    APP, COUNT, GUEST, GUEST_TILE, SCREEN, cameras, hands, leaving, messages, microphones,
    pictures, shoot, tones,
};
use crate::near::{OWN, WATCH, stays_near};
use crate::stream::painted;

pub(super) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let stream = Stream::start(world.folder()).await?;
    let (double, cid) = (&stream.double, stream::cid());
    let ben = address(world, double, (GUEST, &double.token(GUEST)), &cid, TONE)?;
    let chromium = world.chromium_playing_to(CHROMIUM_SINK, &ben).await?;
    let guest = &chromium.page;
    guest.eval("guest.ready").await?;

    let options = stream::dev_app(world, double, APP)?;
    let driven = world.app(options).await?;
    let app = &driven.page;
    app.wait(JOIN, true, LIMIT).await?;
    app.eval(COUNT).await?;
    app.eval(WATCH).await?;
    joins(app, report, "adapter: the app joins").await?;
    pictures(app, guest, report, "adapter: pictures").await?;
    tones(world, report).await?;
    microphones(world, app, guest, report).await?;
    cameras(world, app, guest, report).await?;
    messages(app, guest, report).await?;
    hands(app, guest, report).await?;
    reconnections(world, double, app, guest, report).await?;
    shared_screen(&stream, app, guest, report, screenshots).await?;
    second::run(world, &stream, (app, guest), report).await?;
    leaving(app, guest, report).await?;
    again(app, guest, report, "after leaving").await?;
    put_out(double, app, report).await?;
    again(app, guest, report, "after being put out").await?;
    stays_near(
        app,
        OWN,
        report,
        "adapter: the app's page reaches for nothing else",
    )
    .await?;
    leaving(app, guest, report).await?;
    full(double, app, report).await
}

/// The app loses its connection in each way that the SDK mends by itself.
async fn reconnections(
    world: &World,
    double: &StreamDouble,
    app: &Page,
    guest: &Page,
    report: &mut Report,
) -> Result<()> {
    let watch = format!(
        "window.back = new Promise((done) => {{ \
         const badge = document.querySelector('[data-testid=call-state]'); const states = []; \
         setTimeout(done, {}, states); \
         new MutationObserver(() => {{ states.push(badge.dataset.state); \
         if (states.includes('reconnecting') && states.at(-1) === 'connected') done(states); }})\
         .observe(badge, {{ attributeFilter: ['data-state'] }}); }}), null",
        LIMIT.as_millis()
    );
    for (name, strike) in strikes() {
        app.eval(&watch).await?;
        for user in others(double)? {
            // It is on one of them.
            for server in double.media() {
                server.strike(&stream::cid(), &user, strike.clone());
            }
        }
        let states = app.eval("window.back").await?;
        let last = states.as_array().and_then(|states| states.last());
        let check = format!("adapter: {name}: the app is back");
        report.check(&check, last == Some(&json!("connected")), states);
        pictures(
            app,
            guest,
            report,
            &format!("adapter: {name}: pictures of the app"),
        )
        .await?;
        tones(world, report).await?;
    }
    Ok(())
}

/// Into a call that is full: the app says so, in the lobby.
async fn full(double: &StreamDouble, app: &Page, report: &mut Report) -> Result<()> {
    app.type_into("home-input", ROOM).await?;
    app.click("home-join").await?;
    app.wait(JOIN, true, LIMIT).await?;
    for server in double.media() {
        server.fail_next_join(JoinFault::CallFull);
    }
    app.click("lobby-join").await?;
    let said = app
        .wait("[data-testid=error][data-code=room-full]", true, LIMIT)
        .await;
    let name = "adapter: the app says that the call is full";
    report.check(name, said.is_ok(), json!(said.ok()));
    Ok(())
}

/// Users who are in the call beside the guest.
fn others(double: &StreamDouble) -> Result<Vec<String>> {
    let call = double.call(&stream::cid());
    let call = call.map_err(|refusal| anyhow!(refusal.message))?;
    let present = call["call"]["session"]["participants"].as_array();
    let users = present.into_iter().flatten();
    let users = users.filter_map(|each| each["user"]["id"].as_str());
    Ok(users
        .filter(|user| *user != GUEST)
        .map(str::to_owned)
        .collect())
}

/// From the lobby into the call.
async fn joins(app: &Page, report: &mut Report, name: &str) -> Result<()> {
    app.click("lobby-join").await?;
    let joined = app.wait(CONNECTED, true, LIMIT).await;
    let figures = match &joined {
        Ok(milliseconds) => json!({ "milliseconds": milliseconds }),
        Err(_) => app.eval("document.body.innerText").await?,
    };
    report.check(name, joined.is_ok(), figures);
    app.wait(GUEST_TILE, true, LIMIT).await.map(drop)
}

/// From home into the same call once more.
async fn again(app: &Page, guest: &Page, report: &mut Report, when: &str) -> Result<()> {
    app.type_into("home-input", ROOM).await?;
    app.click("home-join").await?;
    app.wait(JOIN, true, LIMIT).await?;
    joins(
        app,
        report,
        &format!("adapter: the app joins again, {when}"),
    )
    .await?;
    pictures(app, guest, report, &format!("adapter: pictures {when}")).await
}

/// Somebody puts the app out: it says so, at home.
async fn put_out(double: &StreamDouble, app: &Page, report: &mut Report) -> Result<()> {
    for user in others(double)? {
        for server in double.media() {
            server.remove(&stream::cid(), &user);
        }
    }
    let said = app
        .wait("[data-testid=error][data-code=removed]", true, LIMIT)
        .await;
    report.check(
        "adapter: the app says that it was put out",
        said.is_ok(),
        json!(said.ok()),
    );
    app.wait("[data-testid=home-input]", true, LIMIT)
        .await
        .map(drop)
}

/// Somebody with nothing but the SDK shares a screen that is red on the left and blue on the right: the
/// app paints it large, in its colours and the right way round.
async fn shared_screen(
    stream: &Stream,
    app: &Page,
    guest: &Page,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let first = guest.window().await?;
    guest.new_window().await?;
    let carla = stream.watcher("carla", &stream::cid(), TONE)?;
    guest.go(&carla).await?;
    guest.eval("guest.ready").await?;
    guest.eval("call.screenShare.enable()").await?;
    app.wait(&format!("{SCREEN}[data-picture=on]"), true, LIMIT)
        .await?;
    let video = format!("{SCREEN} video");
    painted(report, app, &video, "adapter: in the app, the SDK's screen").await?;
    shoot(app, screenshots, "stream-screen").await?;
    guest.eval("call.screenShare.disable()").await?;
    let gone = app.wait(SCREEN, false, LIMIT).await;
    report.check(
        "adapter: a screen that is shared no longer is gone from the app",
        gone.is_ok(),
        json!(gone.ok()),
    );
    guest.eval("call.leave()").await?;
    guest.close_window().await?;
    guest.switch(first).await
}
