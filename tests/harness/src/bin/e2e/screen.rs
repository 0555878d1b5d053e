//! A window and the whole screen are shared: chosen by keys that a user presses, seen sharp by a Chromium
//! in the same call, and gone from it as soon as they are shared no more.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use salon_harness::browser::Page;
use salon_harness::painted::{Painted, bars};
use salon_harness::report::Report;
use salon_harness::usage;
use salon_harness::world::{Driven, World};
use serde_json::{Value, json};

use crate::call::{APP, COUNT, GUEST_TILE, begin, guest_sees, shoot};

const LIMIT: Duration = Duration::from_secs(110);
/// Between two looks, where nothing tells of a change.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How often what stands still is encoded until it is sharp,
const REFINED: f64 = 10.0;
/// and how often after that to see that it stays so: one a second, while who misses a picture asks for it
/// after three.
const REPEATED: f64 = 6.0;
/// What is off after having been sent through a codec: colours of an area, and those of a fine line.
const OF_AREAS: u8 = 45;
const OF_LINES: u8 = 85;
/// The thread that looks at a screen as long as one is captured.
const CAPTURING: &str = "screen-capture";
/// What others miss of somebody who shares no screen.
const NO_SCREEN: &str = "screen";
const BAR: &str = "[data-testid=sharing]";
const PICKER: &str = "[data-testid=screen-picker]";
/// Pictures encoded of what the app shares, and how many of them are key frames, in all.
const ENCODED: &str = "(async () => { const encoded = [0, 0]; \
    for (const connection of window.connections) \
    for (const sender of connection.getSenders()) \
    if (sender.track?.getSettings().displaySurface !== undefined) \
    for (const each of (await sender.getStats()).values()) \
    if (each.type === 'outbound-rtp') { \
    encoded[0] += each.framesEncoded ?? 0; encoded[1] += each.keyFramesEncoded ?? 0; } \
    return encoded; })()";

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let (app, chromium) = begin(world).await?;
    app.page.eval(COUNT).await?;
    app.page.click("lobby-join").await?;
    app.page.wait(GUEST_TILE, true, LIMIT).await?;
    let slides = Painted::open(world.screen(), "Slides")?;
    let desk = Desk {
        world,
        app: &app,
        guest: &chromium.page,
    };
    desk.nothing_without_its_user(report).await?;
    desk.cancelled(report).await?;
    desk.window(&slides, report, screenshots).await?;
    late_joiner(&desk, &chromium, &slides, report).await?;
    desk.stopped("the app's own button", report, async || {
        desk.app.page.click("sharing-stop").await
    })
    .await?;
    desk.monitor(&slides, report).await?;
    desk.stopped("the control", report, async || {
        desk.app.page.click("control-screen").await
    })
    .await?;
    desk.share("Slides").await?;
    desk.sees("shared again", &slides, (0, 0), false, report)
        .await?;
    drop(slides);
    desk.gone("its window is closed", NO_SCREEN, report).await?;
    let last = Painted::open(world.screen(), "Last")?;
    desk.share("Last").await?;
    desk.sees("before leaving", &last, (0, 0), false, report)
        .await?;
    desk.app.page.click("control-leave").await?;
    desk.gone("the room is left", "present", report).await
}

/// Where it all happens.
struct Desk<'a> {
    world: &'a World,
    app: &'a Driven,
    guest: &'a Page,
}

impl Desk<'_> {
    /// A script asks while nobody touches the computer.
    async fn nothing_without_its_user(&self, report: &mut Report) -> Result<()> {
        let asking = "navigator.mediaDevices.getDisplayMedia()\
                      .then(() => 'shared', (error) => error.name)";
        let outcome = self.app.page.eval(asking).await?;
        let refused = [json!("NotAllowedError"), json!("InvalidStateError")].contains(&outcome);
        report.check("screen: a page alone gets nothing", refused, outcome);
        Ok(())
    }

    /// Opens the picker, by the keyboard.
    async fn ask(&self) -> Result<()> {
        self.world.bring_forward()?;
        self.press("[data-testid=control-screen]:not(:disabled)", "Return")
            .await?;
        self.app.page.wait(PICKER, true, LIMIT).await?;
        Ok(())
    }

    /// Shares what has this in its name.
    async fn share(&self, name: &str) -> Result<()> {
        self.ask().await?;
        let mark = format!(
            "(() => {{ for (const label of document.querySelectorAll('{PICKER} label')) \
             if (label.innerText.includes({})) \
             label.querySelector('input').id = 'chosen'; return true; }})()",
            json!(name)
        );
        self.app.page.eval(&mark).await?;
        self.press("#chosen", "space").await?;
        self.press("[data-testid=screen-share]:not(:disabled)", "Return")
            .await?;
        self.app.page.wait(BAR, true, LIMIT).await?;
        Ok(())
    }

    /// Presses a key where the keyboard is led to.
    async fn press(&self, selector: &str, key: &str) -> Result<()> {
        self.app.page.wait(selector, true, LIMIT).await?;
        let focus = format!("document.querySelector({}).focus()", json!(selector));
        self.app.page.eval(&focus).await?;
        self.world.screen().press(key)
    }

    async fn cancelled(&self, report: &mut Report) -> Result<()> {
        self.ask().await?;
        self.world.screen().press("Escape")?;
        self.app.page.wait(PICKER, false, LIMIT).await?;
        let sharing = self.app.page.text(BAR).await?;
        let failed = self.app.page.text("[role=alert]").await?;
        report.check(
            "screen: who chooses nothing shares nothing, and is told of no failure",
            sharing.is_empty() && failed.is_empty(),
            json!({ "bar": sharing, "told": failed }),
        );
        Ok(())
    }

    /// The window lies below the app's all the time.
    async fn window(
        &self,
        slides: &Painted,
        report: &mut Report,
        screenshots: Option<&Path>,
    ) -> Result<()> {
        self.ask().await?;
        shoot(&self.app.page, screenshots, "screen-picker").await?;
        self.world.screen().press("Escape")?;
        self.app.page.wait(PICKER, false, LIMIT).await?;
        self.share("Slides").await?;
        shoot(&self.app.page, screenshots, "screen-sharing").await?;
        self.sees("a window", slides, (0, 0), false, report).await?;
        slides.paint(true)?;
        self.sees("what changes in it", slides, (0, 0), true, report)
            .await?;
        let rest = self.rests().await;
        report.check(
            "screen: while nothing changes nobody believes that a picture was lost",
            rest.is_ok(),
            json!({ "pictures": rest.as_ref().ok(), "why": rest.as_ref().err().map(ToString::to_string) }),
        );
        slides.paint(false)?;
        self.sees("what changes after a rest", slides, (0, 0), false, report)
            .await
    }

    async fn monitor(&self, slides: &Painted, report: &mut Report) -> Result<()> {
        self.share("The whole screen").await?;
        slides.raise(self.world.screen())?;
        let place = slides.place()?;
        self.sees("the whole screen", slides, place, false, report)
            .await?;
        self.world.bring_forward()
    }

    /// The guest sees the painted window at that place of the picture.
    async fn sees(
        &self,
        what: &str,
        painted: &Painted,
        place: (i16, i16),
        second: bool,
        report: &mut Report,
    ) -> Result<()> {
        let seen = see(self.guest, painted, place, second).await?;
        report.check(
            &format!("screen: {what} is seen sharp by Chromium"),
            seen["seen"] == json!(true),
            seen,
        );
        Ok(())
    }

    /// Waits until pictures are encoded only to say that nothing has changed, and watches some of these;
    /// how many there were in all.
    async fn rests(&self) -> Result<f64> {
        let deadline = tokio::time::Instant::now() + LIMIT;
        let (mut since, mut key_frames) = (0.0, -1.0);
        loop {
            let encoded = self.app.page.eval(ENCODED).await?;
            let [pictures, keys] = [0, 1].map(|of| encoded[of].as_f64().unwrap_or_default());
            if keys != key_frames {
                (since, key_frames) = (pictures, keys);
            }
            // More than it takes to become sharp, and longer than anybody waits for a picture.
            if pictures >= since + REFINED + REPEATED {
                return Ok(pictures);
            }
            if tokio::time::Instant::now() > deadline {
                bail!("{key_frames} key frames so far, and {pictures} pictures");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn stopped(
        &self,
        how: &str,
        report: &mut Report,
        stop: impl AsyncFnOnce() -> Result<()>,
    ) -> Result<()> {
        self.world.bring_forward()?;
        stop().await?;
        self.gone(&format!("stopped by {how}"), NO_SCREEN, report)
            .await
    }

    /// Nothing is shared, with nobody, and nothing captured. `what` of the user the others miss.
    async fn gone(&self, how: &str, what: &str, report: &mut Report) -> Result<()> {
        let condition = json!({ "participant": APP, what: false });
        let unseen = guest_sees(self.guest, condition).await?;
        let bar = self.app.page.wait(BAR, false, LIMIT).await;
        let closed = self.closed().await;
        report.check(
            &format!("screen: {how}: nobody sees it, nothing says so, nothing is captured"),
            unseen >= 0.0 && bar.is_ok() && closed.is_ok(),
            json!({
                "milliseconds": unseen,
                "bar": bar.err().map(|error| error.to_string()),
                "capture": closed.err().map(|error| error.to_string()),
            }),
        );
        Ok(())
    }

    /// Waits until no thread captures a screen.
    async fn closed(&self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + LIMIT;
        let root = self.app.driver.id();
        while usage::has_thread(root, CAPTURING)? {
            if tokio::time::Instant::now() > deadline {
                bail!("a screen is still captured");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }
}

/// Somebody comes when nothing has changed for a while.
async fn late_joiner(
    desk: &Desk<'_>,
    chromium: &Driven,
    slides: &Painted,
    report: &mut Report,
) -> Result<()> {
    desk.rests().await?;
    let first = chromium.page.window().await?;
    let second = chromium.page.new_window().await?;
    chromium.page.switch(second).await?;
    desk.world.guest(&chromium.page, "late").await?;
    let seen = see(&chromium.page, slides, (0, 0), false).await?;
    report.check(
        "screen: who comes late sees it sharp, though nothing changes",
        seen["seen"] == json!(true),
        seen,
    );
    chromium.page.eval("guest.leave()").await?;
    chromium.page.close_window().await?;
    chromium.page.switch(first).await
}

/// What a guest sees at a place of the app's screen, once it is the painted window or it is too late.
async fn see(guest: &Page, painted: &Painted, place: (i16, i16), second: bool) -> Result<Value> {
    let (width, height) = painted.size();
    let (left, top) = (u16::try_from(place.0)?, u16::try_from(place.1)?);
    let bar = width / 4;
    let mut pixels = Vec::new();
    for (number, colour) in (0..).zip(bars(second)) {
        let x = left + number * bar + bar / 2;
        pixels.push(pixel(x, top + height / 4, colour, OF_AREAS));
    }
    // Fine lines: what is not sharp is grey all over.
    for x in (width / 4..width / 4 + 40).step_by(4) {
        let y = top + height * 3 / 4;
        pixels.push(pixel(left + x, y, [0; 3], OF_LINES));
        pixels.push(pixel(left + x + 2, y, [255; 3], OF_LINES));
    }
    let (who, limit) = (json!(APP), LIMIT.as_millis());
    let looking = format!("guest.seeScreen({who}, {}, {limit})", json!(pixels));
    guest.eval(&looking).await
}

fn pixel(x: u16, y: u16, colour: [u8; 3], tolerance: u8) -> Value {
    json!({ "x": x, "y": y, "colour": colour, "tolerance": tolerance })
}
