//! A call of two: pictures, sound, switches, messages, comings and goings.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::sound::{Heard, SILENCE_DBFS, listen, listen_until};
use salon_harness::world::{APP_SINK, AppOptions, CHROMIUM_SINK, World};
use serde_json::{Value, json};

/// What the two are called. The guest's name is its identity.
pub(crate) const APP: &str = "Ann";
pub(crate) const GUEST: &str = "ben";
/// Hertz, of both microphones.
const TONE: f64 = 440.0;
/// Both microphones: 440 Hz with a peak of -20 dBFS.
const TONE_DBFS: f64 = -23.0;
/// After this, something is taken not to come any more. How fast it comes is measured by `./x bench`.
const LIMIT: Duration = Duration::from_secs(110);
const SECOND: Duration = Duration::from_secs(1);
/// Pictures that arrive while the window is minimised.
const WHILE_MINIMISED: u32 = 90;

/// Counts what the page's connections send: packets of sound, bytes of pictures.
const SENT: &str = "(async () => { const sent = { sound: 0, pictures: 0 }; \
    for (const connection of window.connections) \
    for (const each of (await connection.getStats()).values()) \
    if (each.type === 'outbound-rtp') \
    if (each.kind === 'audio') sent.sound += each.packetsSent; \
    else sent.pictures += each.bytesSent; \
    return sent; })()";

/// A message in the app's chat.
const MESSAGE: &str = "[data-testid=chat-message]";
/// A shared screen in the app.
pub(crate) const SCREEN: &str = "[data-testid=screen]";
/// The guest's tile in the app.
pub(crate) const GUEST_TILE: &str = "[data-testid=tile][data-local=false]";

/// Counts the connections that a page makes from now on.
pub(crate) const COUNT: &str = "(window.connections = [], window.RTCPeerConnection = \
    new Proxy(RTCPeerConnection, { construct(target, given, as) { \
    const made = Reflect.construct(target, given, as); \
    window.connections.push(made); return made; } }), true)";

/// Begins a call of the app and a guest.
pub(crate) async fn begin(
    world: &mut World,
) -> Result<(salon_harness::world::Driven, salon_harness::world::Driven)> {
    let chromium = world.chromium().await?;
    world.guest(&chromium.page, GUEST).await?;
    let arguments = world.dev_arguments(APP);
    let app = world
        .app(AppOptions {
            arguments,
            ..AppOptions::default()
        })
        .await?;
    Ok((app, chromium))
}

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let (app, chromium) = begin(world).await?;
    let (app, guest) = (&app.page, &chromium.page);
    lobby(app, report).await?;
    shoot(app, screenshots, "lobby").await?;
    app.eval(COUNT).await?;
    app.click("lobby-join").await?;
    let connected = app
        .wait(
            "[data-testid=call-state][data-state=connected]",
            true,
            LIMIT,
        )
        .await?;
    report.check(
        "the call is joined",
        true,
        json!({ "milliseconds": connected }),
    );
    app.wait(GUEST_TILE, true, LIMIT).await?;
    app.wait(&format!("{GUEST_TILE}[data-camera=on] canvas"), true, LIMIT)
        .await?;
    pictures(app, guest, report, "pictures").await?;
    shoot(app, screenshots, "room").await?;
    tones(world, report).await?;
    microphones(world, app, guest, report).await?;
    speaking(app, guest, report).await?;
    cameras(world, app, guest, report).await?;
    shared_screen(app, guest, report, screenshots).await?;
    messages(app, guest, report).await?;
    hands(app, guest, report).await?;
    late_joiner(world, app, guest, report).await?;
    minimised(world, app, guest, report).await?;
    shoot(app, screenshots, "room-after").await?;
    leaving(app, guest, report).await?;
    shoot(app, screenshots, "home").await?;
    let logs = world.app_logs()?;
    let failed = logs.lines().filter(|line| line.contains("ERROR page"));
    let failed: Vec<_> = failed.collect();
    report.check(
        "nothing failed in the page without being told",
        failed.is_empty(),
        json!(failed),
    );
    Ok(())
}

/// A picture of the page, if somebody wants it.
pub(crate) async fn shoot(page: &Page, folder: Option<&Path>, name: &str) -> Result<()> {
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("{name}.png")), page.screenshot().await?)?;
    }
    Ok(())
}

async fn lobby(app: &Page, report: &mut Report) -> Result<()> {
    app.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
        .await?;
    app.wait("[data-testid=dev-banner]", true, LIMIT).await?;
    app.wait("[data-testid=lobby-preview] + canvas", true, LIMIT)
        .await?;
    let preview = app
        .eval("harness.pictures('[data-testid=lobby-preview]')")
        .await?;
    let moving = preview["seen"] == json!(true);
    report.check("the lobby shows the own camera", moving, preview);
    let meter = "[data-testid=lobby-meter]:not([data-level='0.00'])";
    let metered = app.wait(meter, true, LIMIT).await;
    let level = app
        .attribute("[data-testid=lobby-meter]", "data-level")
        .await?;
    report.check(
        "the microphone's meter moves",
        metered.is_ok(),
        json!({ "level": level }),
    );
    let devices = "navigator.mediaDevices.enumerateDevices()\
                   .then((all) => all.map(({ kind, label }) => `${kind}: ${label}`))";
    let devices = app.eval(devices).await?;
    let named = devices.as_array().is_some_and(|all| {
        all.len() >= 4
            && all
                .iter()
                .all(|each| each.as_str().is_some_and(|d| !d.ends_with(": ")))
    });
    report.check("devices have names", named, devices);
    Ok(())
}

/// Both directions: pictures that change, and time stamps read from them.
pub(crate) async fn pictures(
    app: &Page,
    guest: &Page,
    report: &mut Report,
    name: &str,
) -> Result<()> {
    let in_app = format!("harness.pictures({})", json!(format!("{GUEST_TILE} video")));
    let (in_app, at_guest) = tokio::join!(
        app.eval(&in_app),
        guest.eval("harness.pictures('#pictures video')")
    );
    for (what, shown) in [
        ("the guest's are painted in the app", in_app?),
        ("the app's arrive at the guest", at_guest?),
    ] {
        let name = format!("{name}: {what}");
        report.check(&name, shown["seen"] == json!(true), shown);
    }
    Ok(())
}

pub(crate) async fn tones(world: &World, report: &mut Report) -> Result<()> {
    let sound = world.sound_server();
    let listen = |sink| listen_until(&sound, sink, TONE, SECOND, LIMIT, is_tone);
    let (of_guest, of_app) = tokio::join!(listen(APP_SINK), listen(CHROMIUM_SINK));
    for (name, heard) in [("the guest's", of_guest?), ("the app's", of_app?)] {
        let name = format!("{name} tone is heard on the other side");
        report.check(&name, is_tone(heard), json!(heard));
    }
    Ok(())
}

fn is_tone(heard: Heard) -> bool {
    (heard.tone_dbfs - TONE_DBFS).abs() <= 3.0
}

fn is_silent(heard: Heard) -> bool {
    heard.level_dbfs < SILENCE_DBFS
}

/// Listens until what is heard is right: what was on its way is played first.
async fn hear(
    report: &mut Report,
    name: &str,
    sound: &str,
    sink: &str,
    right: fn(Heard) -> bool,
) -> Result<()> {
    let heard = listen_until(sound, sink, TONE, SECOND, LIMIT, right).await?;
    report.check(name, right(heard), json!(heard));
    Ok(())
}

/// After both have unmuted: the server only tells who begins or ceases to speak.
async fn speaking(app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    let tile = format!("{GUEST_TILE}[data-speaking=true]");
    let shown = app.wait(&tile, true, LIMIT).await;
    report.check("the app shows who speaks", shown.is_ok(), json!(shown.ok()));
    let condition = json!({ "participant": APP, "speaking": true });
    let shown = guest_sees(guest, condition).await?;
    report.check(
        "the guest sees that the app speaks",
        shown >= 0.0,
        json!(shown),
    );
    Ok(())
}

/// Does something on one side while the other waits for the outcome; how long that took.
async fn seen(
    report: &mut Report,
    name: &str,
    waiting: impl Future<Output = Result<f64>>,
    acting: impl Future<Output = Result<()>>,
) -> Result<()> {
    let (waited, acted) = tokio::join!(waiting, acting);
    acted?;
    let milliseconds = waited.unwrap_or(-1.0);
    let come = milliseconds >= 0.0;
    report.check(name, come, json!({ "milliseconds": milliseconds }));
    Ok(())
}

pub(crate) async fn guest_sees(guest: &Page, condition: Value) -> Result<f64> {
    let limit = LIMIT.as_millis();
    guest
        .number(&format!("guest.waitFor({condition}, {limit})"))
        .await
}

async fn app_sees(app: &Page, selector: &str) -> Result<f64> {
    app.wait(selector, true, LIMIT).await
}

async fn guest_does(guest: &Page, call: &str) -> Result<()> {
    guest.eval(call).await.map(drop)
}

pub(crate) async fn microphones(
    world: &World,
    app: &Page,
    guest: &Page,
    report: &mut Report,
) -> Result<()> {
    let sound = world.sound_server();
    for (on, name) in [(false, "the app mutes"), (true, "the app unmutes")] {
        let condition = json!({ "participant": APP, "microphone": on });
        seen(
            report,
            name,
            guest_sees(guest, condition),
            app.click("control-mic"),
        )
        .await?;
        silent_or_not(report, name, &sound, CHROMIUM_SINK, on).await?;
    }
    for (on, name) in [(false, "the guest mutes"), (true, "the guest unmutes")] {
        let tile = format!("{GUEST_TILE}[data-mic={}]", if on { "on" } else { "off" });
        let act = format!("guest.setMicrophone({on})");
        seen(report, name, app_sees(app, &tile), guest_does(guest, &act)).await?;
        silent_or_not(report, name, &sound, APP_SINK, on).await?;
    }
    Ok(())
}

async fn silent_or_not(
    report: &mut Report,
    name: &str,
    sound: &str,
    sink: &str,
    on: bool,
) -> Result<()> {
    if on {
        return hear(
            report,
            &format!("{name}: sound is back"),
            sound,
            sink,
            is_tone,
        )
        .await;
    }
    hear(
        report,
        &format!("{name}: it grows silent"),
        sound,
        sink,
        is_silent,
    )
    .await?;
    // And stays so.
    let heard = listen(sound, sink, TONE, 2 * SECOND).await?;
    let name = format!("{name}: there is silence");
    report.check(&name, is_silent(heard), json!(heard));
    Ok(())
}

/// Nothing is sent of a camera that is off, and it is closed.
async fn camera_is_off(world: &World, app: &Page, report: &mut Report) -> Result<()> {
    let number = |sent: &Value, what: &str| sent[what].as_f64().unwrap_or_default();
    // Sound goes on, and so says how much time has passed for the media.
    let pass = async |packets: f64| -> Result<Value> {
        let begun = number(&app.eval(SENT).await?, "sound");
        let waiting = async {
            loop {
                let sent = app.eval(SENT).await?;
                if number(&sent, "sound") >= begun + packets {
                    return Ok(sent);
                }
            }
        };
        tokio::time::timeout(LIMIT, waiting).await?
    };
    let before = pass(10.0).await?;
    let after = pass(100.0).await?;
    let silent = number(&after, "pictures") > 0.0 && before["pictures"] == after["pictures"];
    let figures = json!({ "before": before, "after": after });
    report.check("a camera that is off sends nothing", silent, figures);
    camera_is_closed(world, "and is closed", report)
}

/// As often as opened.
pub(crate) fn camera_is_closed(world: &World, name: &str, report: &mut Report) -> Result<()> {
    let logs = world.app_logs()?;
    let count = |what: &str| {
        let lines = logs.lines().filter(|line| line.contains(what));
        lines.filter(|line| line.contains("camera")).count()
    };
    let (opened, closed) = (count("a fake device opened"), count("a fake device closed"));
    let figures = json!({ "opened": opened, "closed": closed });
    report.check(name, opened > 0 && opened == closed, figures);
    Ok(())
}

pub(crate) async fn cameras(
    world: &World,
    app: &Page,
    guest: &Page,
    report: &mut Report,
) -> Result<()> {
    for (on, name) in [
        (false, "the app switches its camera off"),
        (true, "the app switches its camera on"),
    ] {
        let condition = json!({ "participant": APP, "camera": on });
        seen(
            report,
            name,
            guest_sees(guest, condition),
            app.click("control-camera"),
        )
        .await?;
        if !on {
            camera_is_off(world, app, report).await?;
        }
    }
    for (on, name) in [
        (false, "the guest switches its camera off"),
        (true, "the guest switches its camera on"),
    ] {
        let tile = format!(
            "{GUEST_TILE}[data-camera={}]",
            if on { "on" } else { "off" }
        );
        let act = format!("guest.setCamera({on})");
        seen(report, name, app_sees(app, &tile), guest_does(guest, &act)).await?;
    }
    pictures(app, guest, report, "pictures after the cameras were off").await
}

/// The guest shares a screen of one colour, `#2e7d32`: it is painted large, and gone when it ends.
async fn shared_screen(
    app: &Page,
    guest: &Page,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    guest_does(guest, "guest.setScreen(true)").await?;
    app.wait(&format!("{SCREEN}[data-picture=on]"), true, LIMIT)
        .await?;
    let shown = app
        .eval(&format!(
            "harness.colour('{SCREEN} video', [0x2e, 0x7d, 0x32])"
        ))
        .await?;
    report.check(
        "the guest's screen is painted in its colours",
        shown["near"] == json!(true),
        shown,
    );
    shoot(app, screenshots, "screen").await?;
    let wider = format!(
        "document.querySelector('{SCREEN}').clientWidth > \
         2 * document.querySelector('{GUEST_TILE}').clientWidth"
    );
    let wider = app.eval(&wider).await?;
    report.check("and larger than the cameras", wider == json!(true), wider);
    let gone = app.wait(SCREEN, false, LIMIT);
    seen(
        report,
        "a screen that is shared no longer is gone",
        gone,
        guest_does(guest, "guest.setScreen(false)"),
    )
    .await
}

pub(crate) async fn messages(app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    app.click("control-chat").await?;
    app.type_into("chat-input", "hello from the app").await?;
    let condition = json!({ "message": "hello from the app" });
    let waiting = guest_sees(guest, condition);
    seen(
        report,
        "a message of the app",
        waiting,
        app.click("chat-send"),
    )
    .await?;
    let waiting = app.wait_for_text(MESSAGE, "hello from the guest", LIMIT);
    let acting = guest_does(guest, "guest.send('hello from the guest')");
    seen(report, "a message of the guest", waiting, acting).await?;
    app.click("control-chat").await
}

pub(crate) async fn hands(app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    for (raised, word) in [(true, "raised"), (false, "lowered")] {
        let condition = json!({ "participant": APP, "hand": raised });
        let name = format!("the app has {word} a hand");
        let waiting = guest_sees(guest, condition);
        seen(report, &name, waiting, app.click("control-hand")).await?;
        let words = format!("{GUEST} {word} their hand.");
        let told = app.wait_for_text("[aria-live=polite]", &words, LIMIT);
        let acting = format!("guest.raiseHand({raised})");
        let name = format!("the guest has {word} a hand");
        seen(report, &name, told, guest_does(guest, &acting)).await?;
    }
    Ok(())
}

async fn late_joiner(world: &World, app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    let first = guest.window().await?;
    guest.new_window().await?;
    world.guest(guest, "late").await?;
    let tile = "[data-testid=tile][data-participant=late]";
    let shown = app.wait(tile, true, LIMIT).await;
    report.check("a late joiner is shown", shown.is_ok(), json!(shown.ok()));
    let counted = app.eval("document.querySelector('[data-testid=participant-count]').textContent");
    let counted = counted.await?;
    report.check("and counted", counted == json!("3"), counted);
    let gone = app.wait(tile, false, LIMIT);
    seen(
        report,
        "a leaver is gone",
        gone,
        guest_does(guest, "guest.leave()"),
    )
    .await?;
    guest.close_window().await?;
    guest.switch(first).await
}

/// A minimised window's timers are throttled, to one or two ticks a second: what others see of us must
/// not wait for them. So there are more pictures than ticks, however slow the machine is.
async fn minimised(world: &World, app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    world.minimise(true)?;
    let hidden = "new Promise((done) => { const look = () => document.hidden && done(true); \
                  document.addEventListener('visibilitychange', look); look(); })";
    app.eval(hidden).await?;
    app.eval("harness.countTicks()").await?;
    let enough = json!({ "pictures": WHILE_MINIMISED });
    let arriving = format!("harness.pictures('#pictures video', {enough})");
    let arrived = guest.eval(&arriving).await?;
    let ticks = app.number("harness.ticks()").await?;
    report.check(
        "minimised: pictures arrive at the guest without the page's timers",
        arrived["seen"] == json!(true) && ticks < f64::from(WHILE_MINIMISED),
        json!({ "arrived": arrived, "ticks": ticks }),
    );
    let name = "minimised: the guest hears the app";
    hear(report, name, &world.sound_server(), CHROMIUM_SINK, is_tone).await?;
    world.minimise(false)
}

pub(crate) async fn leaving(app: &Page, guest: &Page, report: &mut Report) -> Result<()> {
    let condition = json!({ "participant": APP, "present": false });
    let waiting = guest_sees(guest, condition);
    seen(
        report,
        "the app leaves",
        waiting,
        app.click("control-leave"),
    )
    .await?;
    let home = app.wait("[data-testid=home-input]", true, LIMIT).await;
    report.check("and is home again", home.is_ok(), json!(home.ok()));
    let canvases = app
        .number("document.querySelectorAll('canvas').length")
        .await?;
    report.check(
        "nothing of the call is left in the page",
        canvases == 0.0,
        json!(canvases),
    );
    Ok(())
}
