//! A company's network around the app, which lets less and less out: the call goes on by what is left, and is
//! seen and heard on both sides.

use std::time::Duration;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::relay::Relay;
use salon_harness::report::Report;
use salon_harness::wall::{GROUP, Wall};
use salon_harness::world::{AppOptions, World};
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
    let app = world.app(options.clone()).await?;
    let page = &app.page;
    page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
        .await?;
    page.eval(COUNT).await?;
    page.click("lobby-join").await?;
    page.wait(CONNECTED, true, LIMIT).await?;
    let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
    page.wait(&tile, true, LIMIT).await?;
    pictures(page, guest, report, &format!("{name}pictures")).await?;
    tones(world, report).await?;
    let ways = page.eval(WAYS).await?;
    let all = ways
        .as_array()
        .is_some_and(|ways| !ways.is_empty() && ways.iter().all(|one| one == way));
    report.check(&format!("{name}{way}"), all, ways);
    page.click("control-leave").await?;
    page.wait("[data-testid=home-input]", true, LIMIT).await?;
    page.clone().end().await?;
    Ok(())
}
