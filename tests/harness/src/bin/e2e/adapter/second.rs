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
    carl.eval("harness.knowConnections()").await?;
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
        let look = async |page: &Page, whom: &str| {
            let tile = format!("[data-testid=tile][data-name={}]", json!(whom));
            let painted = format!("{tile}[data-picture=on]");
            let on = page.wait(&painted, true, LIMIT).await;
            let video = json!(format!("{tile} video"));
            // Three of them film on one computer: how many come in a time is not looked at.
            let enough = json!({ "pictures": 3, "stamps": 2 });
            let seen = format!("harness.pictures({video}, {enough})");
            let seen = page.eval(&seen).await?;
            let right = on.is_ok() && seen["seen"] == json!(true);
            anyhow::Ok((right, json!({ "on": on.ok(), "seen": seen })))
        };
        let (ann, carl) = tokio::join!(
            async { anyhow::Ok([look(self.ann, CARL).await?, look(self.ann, GUEST).await?]) },
            async { anyhow::Ok([look(self.carl, APP).await?, look(self.carl, GUEST).await?]) },
        );
        let pairs = [(APP, CARL), (APP, GUEST), (CARL, APP), (CARL, GUEST)];
        for ((who, whom), (right, figures)) in pairs.into_iter().zip(ann?.into_iter().chain(carl?))
        {
            let name = format!("adapter: with two apps in the call, {who} sees {whom}");
            report.check(&name, right, figures);
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
        self.hear(report, CARL, [APP_SINK, CHROMIUM_SINK], SECOND_SINK)
            .await?;
        self.carl.click("control-mic").await?;
        self.ann.click("control-mic").await?;
        self.hear(report, APP, [SECOND_SINK, CHROMIUM_SINK], APP_SINK)
            .await?;
        self.ann.click("control-mic").await?;
        self.ben.eval("guest.setMicrophone(true)").await?;
        self.hear(report, GUEST, [SECOND_SINK, APP_SINK], CHROMIUM_SINK)
            .await?;
        self.ann.click("control-mic").await
    }

    /// One is heard at the two others' sinks, and by nobody at their own.
    async fn hear(
        &self,
        report: &mut Report,
        whom: &str,
        sinks: [&str; 2],
        own: &str,
    ) -> Result<()> {
        let sound = self.world.sound_server();
        let listen = |sink, right| listen_until(&sound, sink, TONE, SECOND, LIMIT, right);
        let (first, second, silent) = tokio::join!(
            listen(sinks[0], is_tone as fn(Heard) -> bool),
            listen(sinks[1], is_tone),
            listen(own, is_silent),
        );
        for (sink, heard) in sinks.into_iter().zip([first?, second?]) {
            let name = format!("adapter: with two apps in the call, {whom} is heard at {sink}");
            let sounds = match is_tone(heard) {
                true => serde_json::Value::Null,
                false => self.carl.eval("harness.sounds()").await?,
            };
            let figures = json!({ "heard": heard, "second": sounds });
            report.check(&name, is_tone(heard), figures);
        }
        let silent = silent?;
        let name = format!("adapter: with two apps in the call, nobody is heard at {own}");
        report.check(&name, is_silent(silent), json!(silent));
        Ok(())
    }
}

fn is_tone(heard: Heard) -> bool {
    (heard.tone_dbfs - TONE_DBFS).abs() <= TOLERANCE
}

fn is_silent(heard: Heard) -> bool {
    heard.level_dbfs < SILENCE_DBFS
}
