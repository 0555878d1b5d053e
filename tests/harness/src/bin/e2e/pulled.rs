//! Microphones that are pulled out and plugged in again in mid-call: what is shown as on is heard, what
//! went is told, what comes back is taken or offered, and nothing comes on that was switched off.

use std::time::Duration;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::sound::{Heard, Microphone, SILENCE_DBFS, keep_awake, listen, listen_until};
use salon_harness::world::{AppOptions, CHROMIUM_SINK, World};
use serde_json::json;

use crate::call::{APP, GUEST, GUEST_TILE, guest_sees};

const LIMIT: Duration = Duration::from_secs(110);
const SECOND: Duration = Duration::from_secs(1);
/// Hertz, of what each of the two hears.
const HEADSET: u32 = 440;
const DESK: u32 = 660;
/// A tone that is louder is there.
const THERE_DBFS: f64 = -40.0;
const NO_CAMERA: &str = "[data-testid=error][data-code=no-camera]";
const BAR: &str = "[data-testid=device-microphone]";

struct Call<'a> {
    app: &'a Page,
    guest: &'a Page,
    sound: String,
    report: &'a mut Report,
}

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let sound = world.sound_server();
    let mut headset = Microphone::plug_in(&sound, "Headset", HEADSET).await?;
    let mut desk = Microphone::plug_in(&sound, "Desk", DESK).await?;
    headset.be_default().await?;
    let _awake = keep_awake(&sound, CHROMIUM_SINK)?;
    let chromium = world.chromium().await?;
    world.guest(&chromium.page, GUEST).await?;
    let mut arguments = world.dev_arguments(APP);
    arguments.retain(|argument| !argument.starts_with("--fake-devices"));
    // Neither camera nor another microphone.
    arguments.push("--fake-devices=off".to_owned());
    let app = world
        .app(AppOptions {
            arguments,
            ..AppOptions::default()
        })
        .await?;
    // The devices have been looked for by then.
    app.page.wait(NO_CAMERA, true, LIMIT).await?;
    app.page.click("lobby-join").await?;
    app.page.wait(GUEST_TILE, true, LIMIT).await?;
    let mut call = Call {
        app: &app.page,
        guest: &chromium.page,
        sound,
        report,
    };
    call.hears(HEADSET, "the guest hears the microphone")
        .await?;

    headset.pull().await?;
    call.tells("“Headset” is gone. You are heard through “Desk”.")
        .await?;
    call.hears(DESK, "the call goes on with the other one")
        .await?;
    headset.plug().await?;
    call.tells("“Headset” is back and in use again.").await?;
    call.hears(HEADSET, "back, it is heard again by itself")
        .await?;

    headset.pull().await?;
    call.tells("“Headset” is gone. You are heard through “Desk”.")
        .await?;
    call.switch(false).await?;
    headset.plug().await?;
    call.tells("“Headset” is back. It is used when you turn the microphone on.")
        .await?;
    call.is_silent("what was switched off meanwhile stays off")
        .await?;
    call.switch(true).await?;
    call.hears(HEADSET, "switched on it is the one that was used before")
        .await?;

    headset.pull().await?;
    call.tells("“Headset” is gone. You are heard through “Desk”.")
        .await?;
    call.switch(false).await?;
    call.switch(true).await?;
    call.hears(DESK, "switched on while it is away, the other one is heard")
        .await?;
    headset.plug().await?;
    call.tells("“Headset” is back. You are heard through “Desk”.")
        .await?;
    call.app.press(&format!("{BAR} button")).await?;
    call.hears(HEADSET, "the offer is taken: it is heard again")
        .await?;

    desk.pull().await?;
    headset.pull().await?;
    call.tells("“Headset” is gone. Nobody hears you now.")
        .await?;
    call.shows(false, "without any it is not shown as on")
        .await?;
    headset.plug().await?;
    call.shows(true, "back, it is shown as on").await?;
    call.hears(HEADSET, "and is heard").await
}

impl Call<'_> {
    fn check(&mut self, name: &str, passed: bool, figures: serde_json::Value) {
        self.report
            .check(&format!("pulled: {name}"), passed, figures);
    }

    async fn hears(&mut self, hertz: u32, name: &str) -> Result<()> {
        let right = |heard: Heard| heard.tone_dbfs > THERE_DBFS;
        let hertz = f64::from(hertz);
        let heard = listen_until(&self.sound, CHROMIUM_SINK, hertz, SECOND, LIMIT, right).await?;
        self.check(name, right(heard), json!(heard));
        Ok(())
    }

    /// Nothing comes, nor does anything of what was on its way.
    async fn is_silent(&mut self, name: &str) -> Result<()> {
        let right = |heard: Heard| heard.level_dbfs < SILENCE_DBFS;
        let hertz = f64::from(HEADSET);
        listen_until(&self.sound, CHROMIUM_SINK, hertz, SECOND, LIMIT, right).await?;
        let heard = listen(&self.sound, CHROMIUM_SINK, hertz, 2 * SECOND).await?;
        self.check(name, right(heard), json!(heard));
        Ok(())
    }

    /// The room says it.
    async fn tells(&mut self, words: &str) -> Result<()> {
        let bar = format!("{BAR} p");
        let told = self.app.wait_for_text(&bar, words, LIMIT).await;
        let name = format!("the room says: {}", words.replace(['“', '”'], ""));
        let shown = self.app.text(&bar).await?;
        self.check(&name, told.is_ok(), json!(shown));
        Ok(())
    }

    async fn switch(&self, on: bool) -> Result<()> {
        self.app.click("control-mic").await?;
        self.sees(on).await.map(drop)
    }

    async fn shows(&mut self, on: bool, name: &str) -> Result<()> {
        let tile = format!(
            "[data-testid=tile][data-local=true][data-mic={}]",
            if on { "on" } else { "off" }
        );
        let shown = self.app.wait(&tile, true, LIMIT).await;
        let seen = self.sees(on).await?;
        let figures = json!({ "own": shown.as_ref().ok(), "guest": seen });
        self.check(name, shown.is_ok() && seen >= 0.0, figures);
        Ok(())
    }

    async fn sees(&self, on: bool) -> Result<f64> {
        guest_sees(self.guest, json!({ "participant": APP, "microphone": on })).await
    }
}
