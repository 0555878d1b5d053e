//! A second real app comes into the call of the first one and a guest: each of the three sees and hears
//! each other.

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::sound::{Heard, SILENCE_DBFS, listen_until};
use salon_harness::stream::{self, Stream};
use salon_harness::world::{APP_SINK, CHROMIUM_SINK, SECOND_SINK, World};
use serde_json::json;

use super::{CONNECTED, JOIN, LIMIT, SECOND, TOLERANCE, TONE, TONE_DBFS, comes};
use crate::call::{APP, GUEST};

/// What the second app's user is called.
const CARL: &str = "Carl";

/// Everybody of the three, and where what they hear is played.
struct Three<'a> {
    world: &'a World,
    ann: &'a Page,
    carl: &'a Page,
    ben: &'a Page,
}

pub(super) async fn run(
    world: &mut World,
    stream: &Stream,
    (ann, ben): (&Page, &Page),
    report: &mut Report,
) -> Result<()> {
    let mut options = stream::dev_app(world, &stream.double, CARL)?;
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let state = world.folder().join("second-state").display().to_string();
    options.environment.push(own("PULSE_SINK", SECOND_SINK));
    options.environment.push(own("XDG_STATE_HOME", &state));
    let driven = world.app(options).await?;
    let carl = &driven.page;
    carl.wait(JOIN, true, LIMIT).await?;
    carl.click("lobby-join").await?;
    let joined = carl.wait(CONNECTED, true, LIMIT).await;
    let name = "adapter: a second app joins";
    report.check(name, joined.is_ok(), json!(joined.ok()));
    let three = Three {
        world,
        ann,
        carl,
        ben,
    };
    three.see_each_other(report).await?;
    three.hear_each_other(report).await?;
    let gone = json!({ "participant": CARL, "present": false });
    let left = "a second app that leaves is gone";
    let (known, clicked) = tokio::join!(
        comes(report, left, (ben, gone), (ben, "null")),
        carl.click("control-leave")
    );
    clicked?;
    known?;
    driven.page.end().await
}

impl Three<'_> {
    async fn see_each_other(&self, report: &mut Report) -> Result<()> {
        let pairs = [
            (self.ann, APP, CARL),
            (self.ann, APP, GUEST),
            (self.carl, CARL, APP),
            (self.carl, CARL, GUEST),
        ];
        for (page, who, whom) in pairs {
            let tile = format!("[data-testid=tile][data-name={}]", json!(whom));
            let painted = format!("{tile}[data-picture=on]");
            let on = page.wait(&painted, true, LIMIT).await;
            let video = json!(format!("{tile} video"));
            // Three of them film on one computer: how many come in a time is not looked at.
            let enough = json!({ "pictures": 3, "stamps": 2 });
            let seen = format!("harness.pictures({video}, {enough})");
            let seen = page.eval(&seen).await?;
            let right = on.is_ok() && seen["seen"] == json!(true);
            let name = format!("adapter: with two apps in the call, {who} sees {whom}");
            report.check(&name, right, json!({ "on": on.ok(), "seen": seen }));
        }
        for whom in [APP, CARL] {
            let who = format!("({{ name }}) => name === {}", json!(whom));
            let identity = format!("guest.participants().find({who})?.identity");
            let identity = self.ben.eval(&identity).await?;
            let seen = format!("guest.differentPictures({identity}, 2000)");
            let seen = self.ben.eval(&seen).await?;
            let right = seen["count"].as_f64().is_some_and(|count| count > 1.0);
            let name = format!("adapter: with two apps in the call, {GUEST} sees {whom}");
            report.check(&name, right, seen);
        }
        Ok(())
    }

    /// All have the same tone: one of them at a time is heard.
    async fn hear_each_other(&self, report: &mut Report) -> Result<()> {
        self.ben.eval("guest.setMicrophone(false)").await?;
        self.ann.click("control-mic").await?;
        for sink in [APP_SINK, CHROMIUM_SINK] {
            self.hears(report, CARL, sink, is_tone).await?;
        }
        self.hears(report, "nobody", SECOND_SINK, is_silent).await?;
        self.carl.click("control-mic").await?;
        self.ann.click("control-mic").await?;
        for sink in [SECOND_SINK, CHROMIUM_SINK] {
            self.hears(report, APP, sink, is_tone).await?;
        }
        self.hears(report, "nobody", APP_SINK, is_silent).await?;
        self.ann.click("control-mic").await?;
        self.ben.eval("guest.setMicrophone(true)").await?;
        for sink in [SECOND_SINK, APP_SINK] {
            self.hears(report, GUEST, sink, is_tone).await?;
        }
        self.ann.click("control-mic").await
    }

    async fn hears(
        &self,
        report: &mut Report,
        whom: &str,
        sink: &str,
        right: fn(Heard) -> bool,
    ) -> Result<()> {
        let sound = self.world.sound_server();
        let heard = listen_until(&sound, sink, TONE, SECOND, LIMIT, right).await?;
        let name = format!("adapter: with two apps in the call, {whom} is heard at {sink}");
        report.check(&name, right(heard), json!(heard));
        Ok(())
    }
}

fn is_tone(heard: Heard) -> bool {
    (heard.tone_dbfs - TONE_DBFS).abs() <= TOLERANCE
}

fn is_silent(heard: Heard) -> bool {
    heard.level_dbfs < SILENCE_DBFS
}
