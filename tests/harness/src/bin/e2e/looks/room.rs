//! A call with whatever its screen can show: what the room says and asks, tiles without a picture and
//! why, somebody's screen, the connection that broke.

use std::path::PathBuf;

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::host::Host;
use salon_harness::sound::Microphone;
use salon_harness::token::claims;
use salon_harness::world::{AppOptions, Driven, ROOM, World};
use serde_json::json;

use super::{ASK, CONNECTED, HOME, LIMIT, Looks};
use crate::call::{APP, GUEST, GUEST_TILE};
use crate::film::{Film, publish, publish_as};

/// What the room says of the microphone.
const BAR: &str = "[data-testid=device-microphone]";
const SCREEN: &str = "[data-testid=screen]";

/// Who and what else is there.
pub(super) struct Others {
    guest: Driven,
    headset: Microphone,
    _desk: Microphone,
    /// In a format that nothing here decodes.
    unknown: PathBuf,
    /// One whose key frame never comes.
    keyless: PathBuf,
}

/// The app at the lobby, in a theme.
pub(super) async fn start(world: &mut World, theme: &str) -> Result<Driven> {
    let mut arguments = world.dev_arguments(APP);
    arguments.retain(|argument| !argument.starts_with("--fake-devices"));
    // The camera is; the microphones can be pulled out.
    arguments.push("--fake-devices=when-none".to_owned());
    let environment = vec![("GTK_THEME".to_owned(), theme.to_owned())];
    let options = AppOptions {
        arguments,
        environment,
        ..AppOptions::default()
    };
    world.app(options).await
}

fn own(state: &str) -> String {
    format!("[data-testid=tile][data-local=true][data-mic={state}]")
}

fn tile(participant: &str) -> String {
    format!("[data-testid=tile][data-participant={participant}]")
}

impl Others {
    pub(super) async fn come(world: &mut World) -> Result<Self> {
        let sound = world.sound_server();
        let headset = Microphone::plug_in(&sound, "Headset", 440).await?;
        let desk = Microphone::plug_in(&sound, "Desk", 660).await?;
        headset.be_default().await?;
        let guest = world.chromium().await?;
        world.guest(&guest.page, GUEST).await?;
        let mut film = Film::vp9(&guest.page).await?;
        film.frames.remove(0);
        let [unknown, keyless] =
            ["unknown.ivf", "keyless.ivf"].map(|name| world.folder().join(name));
        Film::av1().write(&unknown)?;
        film.write(&keyless)?;
        Ok(Self {
            guest,
            headset,
            _desk: desk,
            unknown,
            keyless,
        })
    }

    /// The app goes from its lobby through a call with them, and home.
    pub(super) async fn meet(
        &mut self,
        world: &mut World,
        page: &Page,
        looks: &mut Looks<'_>,
    ) -> Result<()> {
        page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
            .await?;
        looks.at(world, page, "lobby").await?;
        page.click("lobby-join").await?;
        page.wait(CONNECTED, true, LIMIT).await?;
        page.wait(&format!("{GUEST_TILE}[data-picture=on]"), true, LIMIT)
            .await?;
        page.click("control-chat").await?;
        page.type_into("chat-input", "Hello").await?;
        page.click("chat-send").await?;
        page.wait("[data-testid=chat-message]", true, LIMIT).await?;
        let host = Host::new(world)?;
        // What is not shown yet looks as if it were off.
        host.sees(APP, LIMIT).await?;
        page.click("control-mic").await?;
        page.wait(&own("off"), true, LIMIT).await?;
        looks.at(world, page, "room").await?;
        squeezed(page, looks).await?;
        page.click("control-chat").await?;
        self.bars(world, page, &host, looks).await?;
        self.tiles(world, page, looks).await?;
        self.screen(world, page, looks).await?;
        broken(world, page, looks).await?;
        page.reload().await?;
        page.wait(ASK, true, LIMIT).await?;
        looks.at(world, page, "return").await?;
        page.press(&format!("{ASK} .quiet")).await?;
        page.wait(HOME, true, LIMIT).await.map(drop)
    }

    /// What the room says and asks.
    async fn bars(
        &mut self,
        world: &World,
        page: &Page,
        host: &Host,
        looks: &mut Looks<'_>,
    ) -> Result<()> {
        page.click("control-camera").await?;
        let off = "[data-testid=tile][data-local=true][data-camera=off]";
        page.wait(off, true, LIMIT).await?;
        let [microphone, camera] =
            ["microphone", "camera"].map(|role| format!("[data-testid=asked-{role}]"));
        host.unmute(APP, "MICROPHONE").await?;
        page.wait(&microphone, true, LIMIT).await?;
        host.unmute(APP, "CAMERA").await?;
        page.wait(&camera, true, LIMIT).await?;
        looks.at(world, page, "room-asked").await?;
        page.press(&format!("{camera} .primary")).await?;
        page.press(&format!("{microphone} .primary")).await?;
        page.wait(&own("on"), true, LIMIT).await?;
        muted(world, page, host, looks).await?;
        self.headset.pull().await?;
        let gone = "You are heard through “Desk”";
        page.wait_for_text(BAR, gone, LIMIT).await?;
        looks.at(world, page, "room-gone").await?;
        for state in ["off", "on"] {
            page.click("control-mic").await?;
            page.wait(&own(state), true, LIMIT).await?;
        }
        self.headset.plug().await?;
        page.wait_for_text(BAR, "is back", LIMIT).await?;
        looks.at(world, page, "room-back").await?;
        page.press(&format!("{BAR} button")).await?;
        page.wait_for_text(BAR, "in use again", LIMIT).await?;
        page.press(&format!("{BAR} button")).await?;
        page.wait(BAR, false, LIMIT).await.map(drop)
    }

    /// Tiles without a picture, and why there is none; and the sign that the meeting is recorded.
    async fn tiles(&self, world: &World, page: &Page, looks: &mut Looks<'_>) -> Result<()> {
        self.guest.page.eval("guest.setCamera(false)").await?;
        let mut recorder = claims(ROOM, "unknown");
        recorder["video"]["recorder"] = json!(true);
        let publishing = [
            publish_as(world, &self.unknown, "unknown", &recorder)?,
            publish(world, &self.keyless, "keyless")?,
        ];
        for (participant, why) in [
            (GUEST, "Camera off"),
            ("unknown", "which cannot be shown here"),
            ("keyless", "Waiting for the picture"),
        ] {
            let said = page.wait_for_text(&tile(participant), why, LIMIT).await;
            looks.report.check(
                &format!("looks: a tile without a picture says why ({why})"),
                said.is_ok(),
                json!(page.text(&tile(participant)).await?),
            );
        }
        page.wait("[data-testid=recording]", true, LIMIT).await?;
        looks.at(world, page, "tiles").await?;
        drop(publishing);
        for participant in ["unknown", "keyless"] {
            page.wait(&tile(participant), false, LIMIT).await?;
        }
        self.guest.page.eval("guest.setCamera(true)").await?;
        let on = format!("{}[data-picture=on]", tile(GUEST));
        page.wait(&on, true, LIMIT).await.map(drop)
    }

    /// Somebody shares a screen; and the user could.
    async fn screen(&self, world: &World, page: &Page, looks: &mut Looks<'_>) -> Result<()> {
        let guest = &self.guest.page;
        guest.eval("guest.setScreen(true)").await?;
        page.wait(&format!("{SCREEN}[data-picture=on]"), true, LIMIT)
            .await?;
        page.point_at("[data-testid=control-screen]").await?;
        let said = page.wait(".tooltip", true, LIMIT).await;
        let words = page.text(".tooltip").await?;
        looks.report.check(
            "looks: a button says what it does to whoever points at it",
            said.is_ok() && words.contains("Share your screen"),
            json!(words),
        );
        looks.at(world, page, "screen").await?;
        page.point_at("h1").await?;
        page.wait(".tooltip", false, LIMIT).await?;
        page.click("control-chat").await?;
        looks.at(world, page, "screen-chat").await?;
        page.click("control-chat").await?;
        guest.eval("guest.setScreen(false)").await?;
        page.wait(SCREEN, false, LIMIT).await.map(drop)
    }
}

/// A name that is far too long.
async fn squeezed(page: &Page, looks: &mut Looks<'_>) -> Result<()> {
    let squeezed = page
        .eval(
            "(() => { const label = document.querySelector('[data-testid=tile][data-local=true] footer'); \
             const words = label.querySelector('bdi'); const name = words.textContent; \
             words.textContent = 'long'.repeat(50); \
             const tile = label.parentElement.getBoundingClientRect(); \
             const sign = label.querySelector('svg').getBoundingClientRect(); \
             const seen = { sign: sign.width, inside: label.getBoundingClientRect().right <= tile.right }; \
             words.textContent = name; return seen; })()",
        )
        .await?;
    looks.report.check(
        "looks: a name of 200 letters leaves the muted sign in sight",
        squeezed == json!({ "sign": 16, "inside": true }),
        squeezed,
    );
    Ok(())
}

/// The server goes and comes back.
async fn broken(world: &mut World, page: &Page, looks: &mut Looks<'_>) -> Result<()> {
    world.stop_server();
    let state = "[data-testid=call-state][data-state=reconnecting]";
    page.wait(state, true, LIMIT).await?;
    looks.at(world, page, "room-broken").await?;
    world.start_server().await?;
    page.wait(CONNECTED, true, LIMIT).await?;
    page.wait(GUEST_TILE, true, LIMIT).await.map(drop)
}

/// The host mutes the user, who sees that it was not their own doing and can unmute.
async fn muted(world: &World, page: &Page, host: &Host, looks: &mut Looks<'_>) -> Result<()> {
    const MUTED: &str = "[data-testid=switched-off-microphone]";
    host.mute(APP, "MICROPHONE").await?;
    page.wait(MUTED, true, LIMIT).await?;
    page.wait(&own("off"), true, LIMIT).await?;
    looks.at(world, page, "room-muted").await?;
    page.press(&format!("{MUTED} button")).await?;
    page.wait(&own("on"), true, LIMIT).await?;
    page.wait(MUTED, false, LIMIT).await.map(drop)
}
