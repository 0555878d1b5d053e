//! The double of the Stream service with the unmodified SDK in two browsers, without anything of the
//! app's call layer: the double is no friend of the app's adapter alone.

mod again;
mod permission;
mod refusals;
mod understood;

use std::time::Duration;

use anyhow::{Result, anyhow};
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::sound::{Heard, SILENCE_DBFS, listen_until};
use salon_harness::stream::{Stream, write_log};
use salon_harness::world::{APP_SINK, CHROMIUM_SINK, World};
use salon_support::stream::Seen;
use salon_support::stream::sfu::{Advice, Strike};
use serde_json::json;

use crate::near::stays_near;

const CID: &str = "default:two-browsers";
/// After this, something is taken not to come any more.
const LIMIT: Duration = Duration::from_secs(110);
const SECOND: Duration = Duration::from_secs(1);
/// Hertz of the two microphones.
const TONES: [f64; 2] = [440.0, 660.0];
/// Both microphones have a peak of -20 dBFS.
const TONE_DBFS: f64 = -23.0;
/// Decibels by which a tone may be off after it was coded and played.
const TOLERANCE: f64 = 3.0;
/// What is red on the left and blue on the right: parts of the picture and their colours.
const SCREEN: [(&str, [f64; 4], [u8; 3]); 2] = [
    ("left", [0.1, 0.2, 0.3, 0.6], [255, 0, 0]),
    ("right", [0.6, 0.2, 0.3, 0.6], [0, 0, 255]),
];
/// How far off each may be: the ends of the range suffer most from being coded.
const WITHIN: u8 = 40;

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let stream = Stream::start(world.folder()).await?;
    let before = report.failures();
    let outcome = call(world, report, &stream).await;
    if outcome.is_err() || report.failures() > before {
        write_log(&stream.double, world.folder())?;
    }
    outcome
}

async fn call(world: &mut World, report: &mut Report, stream: &Stream) -> Result<()> {
    // One after the other: two browsers that start at once would take each other's time.
    let address = stream.guest("amina", CID, TONES[0])?;
    let amina = &world.chromium_playing_to(APP_SINK, &address).await?;
    let amina = &amina.page;
    joins(report, amina, "amina").await?;
    let address = stream.guest("bruno", CID, TONES[1])?;
    let bruno = &world.chromium_playing_to(CHROMIUM_SINK, &address).await?;
    let bruno = &bruno.page;
    joins(report, bruno, "bruno").await?;
    both_see(report, amina, bruno, "in the call").await?;
    heard(world, report, "amina's tone", CHROMIUM_SINK, TONES[0]).await?;
    heard(world, report, "bruno's tone", APP_SINK, TONES[1]).await?;
    switches(world, report, amina, bruno).await?;
    screen(report, amina, bruno).await?;
    reconnections(report, stream, amina, bruno).await?;
    saying(report, stream, amina, bruno).await?;
    again::run(world, report, stream, amina, bruno).await?;
    endings(report, stream, amina, bruno).await?;
    permission::run(report, stream, amina, bruno).await?;
    refusals::run(report, stream, bruno).await?;
    understood::run(report, stream, amina, bruno).await
}

async fn joins(report: &mut Report, page: &Page, name: &str) -> Result<()> {
    let state = page.eval("guest.ready").await?;
    let name = format!("stream: {name} joins with the SDK alone");
    report.check(&name, state == json!("joined"), state);
    Ok(())
}

/// Waits for somebody's pictures: they change, and tell the time at which they were made.
async fn sees(report: &mut Report, page: &Page, whom: &str, when: &str) -> Result<()> {
    let video = format!("video[data-user={whom}][data-kind=videoTrack]");
    page.wait(&video, true, LIMIT).await?;
    let seen = page
        .eval(&format!("harness.pictures({})", json!(video)))
        .await?;
    let name = format!("stream: {whom}'s pictures are painted on the other side, {when}");
    report.check(&name, seen["seen"] == json!(true), seen);
    Ok(())
}

async fn both_see(report: &mut Report, amina: &Page, bruno: &Page, when: &str) -> Result<()> {
    sees(report, amina, "bruno", when).await?;
    sees(report, bruno, "amina", when).await
}

async fn listen(
    world: &World,
    report: &mut Report,
    name: &str,
    (sink, tone): (&str, f64),
    right: fn(Heard) -> bool,
) -> Result<()> {
    let heard = listen_until(&world.sound_server(), sink, tone, SECOND, LIMIT, right).await?;
    report.check(&format!("stream: {name}"), right(heard), json!(heard));
    Ok(())
}

async fn heard(
    world: &World,
    report: &mut Report,
    whose: &str,
    sink: &str,
    tone: f64,
) -> Result<()> {
    let name = format!("{whose} is heard on the other side");
    let right = |heard: Heard| (heard.tone_dbfs - TONE_DBFS).abs() <= TOLERANCE;
    listen(world, report, &name, (sink, tone), right).await
}

/// Waits until something holds of all participants (`all`) as one of them knows it.
async fn knows(report: &mut Report, page: &Page, name: &str, condition: &str) -> Result<()> {
    let waiting = format!(
        "new Promise((resolve) => {{ setTimeout(resolve, {}, false); \
         call.state.participants$.subscribe((all) => {{ if ({condition}) resolve(true); }}); }})",
        LIMIT.as_millis()
    );
    let known = page.eval(&waiting).await?;
    report.check(
        &format!("stream: {name}"),
        known == json!(true),
        json!(null),
    );
    Ok(())
}

/// Bruno's camera and microphone go off and on by the SDK's own managers.
async fn switches(world: &World, report: &mut Report, amina: &Page, bruno: &Page) -> Result<()> {
    // TRACK_TYPE_VIDEO is 2.
    let sends = "all.find((each) => each.userId === 'bruno')?.publishedTracks.includes(2)";
    bruno.eval("call.camera.disable()").await?;
    let off = format!("{sends} === false");
    knows(
        report,
        amina,
        "a camera that goes off is off for the other",
        &off,
    )
    .await?;
    bruno.eval("call.camera.enable()").await?;
    sees(report, amina, "bruno", "after his camera was off").await?;
    bruno.eval("call.microphone.disable()").await?;
    let silent = |heard: Heard| heard.level_dbfs < SILENCE_DBFS;
    let name = "who mutes is not heard";
    listen(world, report, name, (APP_SINK, TONES[1]), silent).await?;
    bruno.eval("call.microphone.enable()").await?;
    heard(world, report, "the tone of who unmutes", APP_SINK, TONES[1]).await
}

/// Whether the screen that the SDK's page shares is painted in its colours, and the right way round.
pub(crate) async fn painted(
    report: &mut Report,
    page: &Page,
    video: &str,
    what: &str,
) -> Result<()> {
    for (side, part, colour) in SCREEN {
        let options = json!({ "part": part, "within": WITHIN });
        let given = (json!(video), json!(colour), options);
        let look = format!("harness.colour({}, {}, {})", given.0, given.1, given.2);
        let painted = page.eval(&look).await?;
        let name = format!("{what} is painted in its colours, {side}");
        report.check(&name, painted["near"] == json!(true), painted);
    }
    Ok(())
}

async fn screen(report: &mut Report, amina: &Page, bruno: &Page) -> Result<()> {
    amina.eval("call.screenShare.enable()").await?;
    let video = "video[data-user=amina][data-kind=screenShareTrack]";
    painted(report, bruno, video, "stream: a shared screen").await?;
    amina.eval("call.screenShare.disable()").await?;
    // TRACK_TYPE_SCREEN_SHARE is 3.
    let over = "all.find((each) => each.userId === 'amina')?.publishedTracks.includes(3) === false";
    knows(
        report,
        bruno,
        "a screen that is shared no longer is gone",
        over,
    )
    .await
}

/// Begins to watch for coming back: through which states, and whether as the same connection.
fn watch_coming_back() -> String {
    format!(
        "window.back = new Promise((resolve) => {{ setTimeout(resolve, {}, null); \
         const session = () => call.state.localParticipant?.sessionId; \
         const before = session(); const states = []; \
         call.state.callingState$.subscribe((state) => {{ states.push(state); \
         if (state === 'joined' && states.length > 1) \
         resolve({{ states, same: session() === before }}); }}); }}), null",
        LIMIT.as_millis()
    )
}

/// Bruno loses his connection in each way that the SDK mends by itself.
async fn reconnections(
    report: &mut Report,
    stream: &Stream,
    amina: &Page,
    bruno: &Page,
) -> Result<()> {
    let rejoin = Strike::Error {
        code: 204,
        advice: Advice::Rejoin,
    };
    // What each is known by: whether he keeps his connection's id, and the state he passes through.
    for (name, strike, same, through) in [
        ("fast", Strike::DropSignalling, true, "reconnecting"),
        ("rejoin", rejoin, false, "reconnecting"),
        ("migrate", Strike::GoAway, true, "migrating"),
    ] {
        bruno.eval(&watch_coming_back()).await?;
        stream.double.media()[0].strike(CID, "bruno", strike);
        let back = bruno.eval("window.back").await?;
        let states = back["states"].as_array();
        let passed = states.is_some_and(|all| all.contains(&json!(through)));
        let right = passed && back["same"] == json!(same);
        report.check(&format!("stream: {name}: he is back"), right, back);
        both_see(report, amina, bruno, &format!("after {name}")).await?;
    }
    Ok(())
}

/// Begins to wait for what Amina says.
const HEAR: &str = "window.said = new Promise((resolve) => { \
    call.on('custom', ({ custom }) => resolve(custom.text)); }), null";

/// What is said by way of the coordinator arrives, also after it was away.
async fn saying(report: &mut Report, stream: &Stream, amina: &Page, bruno: &Page) -> Result<()> {
    for (text, away) in [("Hello", false), ("Are you back?", true)] {
        if away {
            let before = stream.double.seen().len();
            stream.double.drop_connections();
            // Both clients connect again, and watch their call again.
            let watching = |seen: &[Seen]| {
                let asks = |each: &&Seen| matches!(each, Seen::Requested { action, .. } if action == "calls");
                seen[before..].iter().filter(asks).count() >= 2
            };
            tokio::time::timeout(LIMIT, stream.double.wait_until(watching)).await?;
        }
        bruno.eval(HEAR).await?;
        let say = format!("call.sendCustomEvent({})", json!({ "text": text }));
        amina.eval(&say).await?;
        let said = bruno.eval("window.said").await?;
        let name = format!("stream: {text:?} arrives");
        report.check(&name, said == json!(text), said);
    }
    Ok(())
}

/// Waits until a page has left its call.
const LEFT: &str = "new Promise((resolve) => { setTimeout(resolve, 60000, false); \
    call.state.callingState$.subscribe((state) => { if (state === 'left') resolve(true); }); })";

async fn endings(report: &mut Report, stream: &Stream, amina: &Page, bruno: &Page) -> Result<()> {
    stream
        .double
        .ask("POST block", CID, json!({ "user_id": "bruno" }))
        .map_err(|refusal| anyhow!(refusal.message))?;
    let left = bruno.eval(LEFT).await?;
    report.check("stream: who is blocked is out", left == json!(true), left);
    let alone = "all.length === 1";
    knows(report, amina, "who is blocked is gone for the other", alone).await?;
    for (name, page) in [("amina", amina), ("bruno", bruno)] {
        let check = format!("stream: {name}'s page reaches for nothing else and keeps nothing");
        stays_near(page, &[], report, &check).await?;
    }
    bruno.go(&stream.guest("bruno", CID, TONES[1])?).await?;
    let again = bruno.eval("guest.ready").await.err();
    let again = again.map(|error| error.to_string());
    let refused = again.as_ref().is_some_and(|why| why.contains("code 17"));
    report.check(
        "stream: who is blocked may not come again",
        refused,
        json!(again),
    );
    amina.eval("call.endCall()").await?;
    let left = amina.eval(LEFT).await?;
    report.check(
        "stream: who ends the call is out",
        left == json!(true),
        left,
    );
    Ok(())
}
