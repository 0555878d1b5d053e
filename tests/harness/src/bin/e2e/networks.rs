//! A company's network around the app, which lets less and less out: the call goes on by what is left, and is
//! seen and heard on both sides.

use std::time::Duration;

use anyhow::Result;
use salon_harness::address::{Address, NETWORK};
use salon_harness::browser::Page;
use salon_harness::relay::Relay;
use salon_harness::report::Report;
use salon_harness::wall::{GROUP, Wall};
use salon_harness::world::{AppOptions, Driven, World};
use salon_support::turn::{PASSWORD, Turn, USER, Way, identity};
use serde_json::Value;

use crate::call::{APP, COUNT, GUEST, GUEST_TILE, pictures, tones};

const LIMIT: Duration = Duration::from_secs(110);
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
/// Of each connection, the way that it has chosen.
const WAYS: &str = "(async () => { \
    const ways = []; \
    for (const connection of window.connections) { \
        if (connection.connectionState !== 'connected') continue; \
        const stats = await connection.getStats(); \
        const transport = [...stats.values()].find((one) => one.type === 'transport'); \
        const pair = stats.get(transport?.selectedCandidatePairId); \
        const own = stats.get(pair?.localCandidateId); \
        ways.push([own?.candidateType, own?.protocol, own?.relayProtocol].join(' ').trim()); \
    } \
    return ways; })()";

/// Of each connection that is used, where it is sent from.
const OWN: &str = "(window.own = async () => { \
    const all = []; \
    for (const connection of window.connections) { \
        const stats = await connection.getStats(); \
        const transport = [...stats.values()].find((one) => one.type === 'transport'); \
        const pair = stats.get(transport?.selectedCandidatePairId); \
        if (!pair) continue; \
        all.push(stats.get(pair.localCandidateId)?.address); \
    } \
    return all; })()";
/// What the room says of the call's state from now on; and waits until all is sent from there.
const WATCH: &str = "(window.states = [], \
    new MutationObserver((all) => window.states.push(...all.map((one) => one.target.dataset.state))) \
        .observe(document.querySelector('[data-testid=call-state]'), { attributeFilter: ['data-state'] }), \
    window.moves = async (address, count) => { \
        for (;;) { \
            const own = await window.own(); \
            const moved = own.filter((one) => one === address); \
            if (moved.length === count) return true; \
            await new Promise((again) => setTimeout(again, 100)); \
        } }, true)";

/// What becomes of whoever joined last, as seen from now on.
const KNOW: &str = "(() => { \
    const last = guest.events.findLast((event) => event.startsWith('joined ')).slice(7); \
    const begin = guest.events.length; \
    window.cameAndWent = () => guest.events.slice(begin).filter((event) => event.endsWith(last)); \
    return last; })()";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let (server_identity, certificate) = identity();
    let turn = Turn::start(Way::Tls(server_identity));
    let trusted = world.folder().join("trusted.pem");
    std::fs::write(&trusted, certificate)?;
    let relay = Relay {
        host: "localhost",
        port: turn.address.port(),
        protocol: "tls",
        username: USER,
        credential: PASSWORD,
    };
    world.serve_relays(&[relay]).await?;
    let chromium = world.chromium().await?;
    world.guest(&chromium.page, GUEST).await?;
    let options = AppOptions {
        arguments: world.dev_arguments(APP),
        environment: vec![("SSL_CERT_FILE".to_owned(), trusted.display().to_string())],
        group: Some(GROUP),
        ..AppOptions::default()
    };
    let guest = &chromium.page;

    let way = "networks: an open one: ";
    call(world, guest, &options, report, way, "host udp").await?;

    moved(world, guest, &options, report, turn.address.port()).await?;

    let wall = Wall::without_udp()?;
    let way = "networks: without UDP: ";
    call(world, guest, &options, report, way, "host tcp").await?;
    drop(wall);

    let wall = Wall::without_udp_and(world.media_tcp_port())?;
    let way = "networks: an encrypted relay alone: ";
    call(world, guest, &options, report, way, "relay udp tls").await?;
    drop(wall);

    let mut relays = turn.relays.clone();
    let given_back = relays.wait_for(Vec::is_empty);
    let given_back = tokio::time::timeout(LIMIT, given_back).await;
    report.check(
        "networks: what was relayed for is given back",
        given_back.is_ok_and(|relays| relays.is_ok()),
        Value::Null,
    );
    Ok(())
}

/// Joins, is seen and heard both ways, and leaves.
async fn call(
    world: &mut World,
    guest: &Page,
    options: &AppOptions,
    report: &mut Report,
    name: &str,
    way: &str,
) -> Result<()> {
    let app = joined(world, options).await?;
    let page = &app.page;
    pictures(page, guest, report, &format!("{name}pictures")).await?;
    tones(world, report).await?;
    let ways = page.eval(WAYS).await?;
    report.check(&format!("{name}{way}"), of_all(&ways, way), ways);
    left(page).await
}

/// In the middle of a call the computer is in another network: its address is gone, and there is another one.
async fn moved(
    world: &mut World,
    guest: &Page,
    options: &AppOptions,
    report: &mut Report,
    relay: u16,
) -> Result<()> {
    let first = Address::new(10)?;
    // By another address the call would go on anyway.
    let wall = Wall::but_from(NETWORK, &[world.media_tcp_port(), relay])?;
    let app = joined(world, options).await?;
    let page = &app.page;
    page.eval(WATCH).await?;
    let name = "networks: at the first address: pictures";
    pictures(page, guest, report, name).await?;
    let before = page.eval(OWN).await?;
    let so = of_all(&before, &first.ip());
    report.check("networks: by the first address", so, before.clone());

    guest.eval(KNOW).await?;
    drop(first);
    let second = Address::new(11)?;
    let count = before.as_array().map_or(0, Vec::len);
    let there = format!("window.moves('{}', {count})", second.ip());
    page.eval(&there).await?;
    let name = "networks: at the second address: pictures";
    pictures(page, guest, report, name).await?;
    tones(world, report).await?;
    let after = page.eval(OWN).await?;
    let so = of_all(&after, &second.ip());
    report.check("networks: by the second address", so, after.clone());
    // What comes back needs a restart of ICE (RFC 8445 section 8.1.1), which the page makes by itself.
    let states = page.eval("window.states").await?;
    let shown = states.as_array();
    let so = shown.is_some_and(|all| {
        all.iter()
            .all(|one| one == "reconnecting" || one == "connected")
    });
    report.check("networks: the room is the same all the time", so, states);
    let came_and_went = guest.eval("window.cameAndWent()").await?;
    let so = came_and_went.as_array().is_some_and(Vec::is_empty);
    report.check(
        "networks: and nobody sees the other one go",
        so,
        came_and_went,
    );
    drop(wall);
    left(page).await
}

fn of_all(values: &Value, value: &str) -> bool {
    let values = values.as_array();
    values.is_some_and(|values| !values.is_empty() && values.iter().all(|one| one == value))
}

async fn joined(world: &mut World, options: &AppOptions) -> Result<Driven> {
    let app = world.app(options.clone()).await?;
    let page = &app.page;
    page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
        .await?;
    page.eval(COUNT).await?;
    page.click("lobby-join").await?;
    page.wait(CONNECTED, true, LIMIT).await?;
    let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
    page.wait(&tile, true, LIMIT).await?;
    Ok(app)
}

async fn left(page: &Page) -> Result<()> {
    page.click("control-leave").await?;
    page.wait("[data-testid=home-input]", true, LIMIT).await?;
    page.clone().end().await
}
