//! The app's call layer on the double of the Stream service: two of its guests in browsers, with the
//! unmodified SDK; and the real app with one of them.

mod again;
mod app;
mod open;
mod permission;
mod second;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, anyhow};
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::sound::{Heard, SILENCE_DBFS, listen_until};
use salon_harness::stream;
use salon_harness::world::{APP_SINK, CHROMIUM_SINK, World};
use salon_support::StreamDouble;
use salon_support::stream::sfu::{Advice, JoinFault, Strike, TrackKind};
use salon_support::stream::{Config, Fault, Refusal, User};
use serde_json::{Value, json};

use crate::near::stays_near;

const CID: &str = "default:two-guests";
/// Of the app.
const JOIN: &str = "[data-testid=lobby-join]:not(:disabled)";
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
/// Of both microphones, hertz.
const TONE: f64 = 440.0;
/// After this, something is taken not to come any more.
const LIMIT: Duration = Duration::from_secs(110);
const SECOND: Duration = Duration::from_secs(1);
/// Hertz of the two microphones.
const TONES: [f64; 2] = [440.0, 660.0];
/// Both microphones have a peak of -20 dBFS.
const TONE_DBFS: f64 = -23.0;
/// Decibels by which a tone may be off after it was coded and played.
const TOLERANCE: f64 = 3.0;
/// Longer than the service takes in one event.
const LONG: usize = 9_000;
/// What the service can do to a connection that the SDK mends by itself.
fn strikes() -> [(&'static str, Strike); 3] {
    let rejoin = Strike::Error {
        code: 204,
        advice: Advice::Rejoin,
    };
    [
        ("fast", Strike::DropSignalling),
        ("rejoin", rejoin),
        ("migrate", Strike::GoAway),
    ]
}

/// Where a browser becomes a guest of a call, whose microphone has one tone.
pub(crate) fn address(
    world: &World,
    double: &StreamDouble,
    (user, token): (&str, &str),
    cid: &str,
    hertz: f64,
) -> Result<String> {
    let page = format!("{}/guest.html", world.page_url());
    let frequency = hertz.to_string();
    let more = [("frequency", frequency.as_str())];
    stream::address(&page, double, (user, token), cid, &more)
}

/// Two in a call, and who serves them.
struct Two<'a> {
    world: &'a World,
    double: &'a StreamDouble,
    ann: &'a Page,
    ben: &'a Page,
}

/// What Ben is told, why, of which call, with what token, and what the double does before.
type Case<'a> = (&'a str, &'a str, &'a str, String, &'a dyn Fn());

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    app::run(world, report, screenshots).await?;
    guests(world, report).await
}

async fn guests(world: &mut World, report: &mut Report) -> Result<()> {
    let double = StreamDouble::start(Config::default()).await?;
    let ann = address(world, &double, ("ann", &double.token("ann")), CID, TONES[0])?;
    let first = world.chromium_playing_to(APP_SINK, &ann).await?;
    let joined = first.page.eval("guest.ready").await?;
    report.check("adapter: a guest joins", joined == json!("ann"), joined);
    let ben = address(world, &double, ("ben", &double.token("ben")), CID, TONES[1])?;
    let second = world.chromium_playing_to(CHROMIUM_SINK, &ben).await?;
    let joined = second.page.eval("guest.ready").await?;
    report.check("adapter: another one joins", joined == json!("ben"), joined);
    let two = Two {
        world,
        double: &double,
        ann: &first.page,
        ben: &second.page,
    };
    two.see_each_other(report, "in the call").await?;
    two.heard(report, "ann's tone", CHROMIUM_SINK, TONES[0])
        .await?;
    two.heard(report, "ben's tone", APP_SINK, TONES[1]).await?;
    two.switches(report).await?;
    two.messages(report).await?;
    two.late_joiner(report).await?;
    two.watch(report).await?;
    two.reconnections(report).await?;
    two.hanging(report).await?;
    two.moderation(report).await?;
    two.again(report).await?;
    two.ending(report).await?;
    two.permission(report).await?;
    two.refusals(report).await?;
    two.requests(report).await?;
    for (name, page) in [("ann", two.ann), ("ben", two.ben)] {
        let check = format!("adapter: {name}'s page reaches for nothing else and keeps nothing");
        stays_near(page, &[], report, &check).await?;
    }
    Ok(())
}

/// Waits until somebody knows something (`guest.waitFor`) while somebody does something.
async fn comes(
    report: &mut Report,
    name: &str,
    (knows, condition): (&Page, Value),
    (does, what): (&Page, &str),
) -> Result<()> {
    let waiting = format!("guest.waitFor({condition}, {})", LIMIT.as_millis());
    let (known, done) = tokio::join!(knows.number(&waiting), does.eval(what));
    done?;
    let milliseconds = known?;
    let name = format!("adapter: {name}");
    report.check(
        &name,
        milliseconds >= 0.0,
        json!({ "milliseconds": milliseconds }),
    );
    Ok(())
}

impl Two<'_> {
    /// Both into a call, from whatever they were in.
    async fn join(&self, cid: &str) -> Result<()> {
        let join = async |page: &Page, user: &str, hertz| {
            let token = self.double.token(user);
            let address = address(self.world, self.double, (user, &token), cid, hertz)?;
            page.go(&address).await?;
            page.eval("guest.ready").await
        };
        let (ann, ben) = tokio::join!(
            join(self.ann, "ann", TONES[0]),
            join(self.ben, "ben", TONES[1])
        );
        ann.and(ben).map(drop)
    }

    async fn see_each_other(&self, report: &mut Report, when: &str) -> Result<()> {
        let look = async |page: &Page| {
            page.wait("#pictures video", true, LIMIT).await?;
            page.eval("harness.pictures('#pictures video')").await
        };
        let (by_ann, by_ben) = tokio::join!(look(self.ann), look(self.ben));
        for (whom, seen) in [("ben", by_ann?), ("ann", by_ben?)] {
            let name = format!("adapter: {whom}'s pictures are painted on the other side, {when}");
            report.check(&name, seen["seen"] == json!(true), seen);
        }
        Ok(())
    }

    async fn listen(
        &self,
        report: &mut Report,
        name: &str,
        (sink, tone): (&str, f64),
        right: fn(Heard) -> bool,
    ) -> Result<()> {
        let server = self.world.sound_server();
        let heard = listen_until(&server, sink, tone, SECOND, LIMIT, right).await?;
        report.check(&format!("adapter: {name}"), right(heard), json!(heard));
        Ok(())
    }

    async fn heard(&self, report: &mut Report, whose: &str, sink: &str, tone: f64) -> Result<()> {
        let name = format!("{whose} is heard on the other side");
        let right = |heard: Heard| (heard.tone_dbfs - TONE_DBFS).abs() <= TOLERANCE;
        self.listen(report, &name, (sink, tone), right).await
    }

    async fn switches(&self, report: &mut Report) -> Result<()> {
        let (ann, ben) = (self.ann, self.ben);
        let muted = json!({ "participant": "ben", "microphone": false });
        comes(
            report,
            "who mutes is seen to",
            (ann, muted),
            (ben, "guest.setMicrophone(false)"),
        )
        .await?;
        let silent = |heard: Heard| heard.level_dbfs < SILENCE_DBFS;
        self.listen(
            report,
            "who mutes is not heard",
            (APP_SINK, TONES[1]),
            silent,
        )
        .await?;
        let on = json!({ "participant": "ben", "microphone": true });
        let name = "who unmutes is seen to";
        comes(report, name, (ann, on), (ben, "guest.setMicrophone(true)")).await?;
        self.heard(report, "the tone of who unmutes", APP_SINK, TONES[1])
            .await?;
        let off = json!({ "participant": "ben", "camera": false });
        let name = "a camera that goes off is off for the other";
        comes(report, name, (ann, off), (ben, "guest.setCamera(false)")).await?;
        let on = json!({ "participant": "ben", "camera": true });
        let name = "a camera that goes on is on for the other";
        comes(report, name, (ann, on), (ben, "guest.setCamera(true)")).await?;
        self.see_each_other(report, "after a camera was off")
            .await?;
        for (shared, name) in [(true, "a shared screen is seen"), (false, "and taken back")] {
            let condition = json!({ "participant": "ben", "screen": shared });
            let what = format!("guest.setScreen({shared})");
            comes(report, name, (ann, condition), (ben, &what)).await?;
        }
        Ok(())
    }

    async fn messages(&self, report: &mut Report) -> Result<()> {
        let long = "long ".repeat(LONG / 5);
        for (name, text) in [
            ("a message arrives", "hello"),
            ("a long one arrives whole", &long),
        ] {
            let condition = json!({ "message": text });
            let what = format!("guest.send({})", json!(text));
            comes(report, name, (self.ben, condition), (self.ann, &what)).await?;
        }
        Ok(())
    }

    async fn late_joiner(&self, report: &mut Report) -> Result<()> {
        let ann = self.ann;
        let first = ann.window().await?;
        ann.new_window().await?;
        let token = self.double.token("late");
        let late = address(self.world, self.double, ("late", &token), CID, 880.0)?;
        ann.go(&late).await?;
        ann.eval("guest.ready").await?;
        let there = json!({ "participant": "late", "camera": true });
        let name = "a late joiner is seen";
        comes(report, name, (self.ben, there), (ann, "null")).await?;
        let others = ann.eval("guest.participants().length").await?;
        report.check(
            "adapter: a late joiner sees all who are there",
            others == json!(3),
            others,
        );
        let gone = json!({ "participant": "late", "present": false });
        let name = "who leaves is gone";
        comes(report, name, (self.ben, gone), (ann, "guest.leave()")).await?;
        ann.close_window().await?;
        ann.switch(first).await
    }

    /// Ben loses his connection in each way that is mended by itself, and in one that is not.
    async fn reconnections(&self, report: &mut Report) -> Result<()> {
        for (name, strike) in strikes() {
            // Who he is for Ann, and whether he was ever said to have come or gone.
            let who = "guest.participants().find(({ identity }) => identity === 'ben')?.id";
            let before = self.ann.eval(who).await?;
            self.ann.eval("guest.events.splice(0), null").await?;
            self.ben.eval("guest.watchBreaks(), null").await?;
            // He is on one of them.
            for server in self.double.media() {
                server.strike(CID, "ben", strike.clone());
            }
            let back = self
                .ben
                .number(&format!("guest.mended({})", LIMIT.as_millis()))
                .await?;
            let check = format!("adapter: {name}: he is back");
            report.check(&check, back >= 0.0, json!({ "milliseconds": back }));
            self.see_each_other(report, &format!("after {name}"))
                .await?;
            self.is_open(report, &format!("after {name}"), "audio video")
                .await?;
            self.heard(report, &format!("{name}: his tone"), APP_SINK, TONES[1])
                .await?;
            let after = self.ann.eval(who).await?;
            let of_him = "guest.events.filter((each) => each.endsWith(' ben'))";
            let events = self.ann.eval(of_him).await?;
            report.check(
                &format!("adapter: {name}: he stays the same for the other"),
                before == after && events == json!([]),
                json!({ "before": before, "after": after, "events": events }),
            );
        }
        Ok(())
    }

    async fn moderation(&self, report: &mut Report) -> Result<()> {
        let muted = json!({ "participant": "ben", "microphone": false });
        let waiting = format!("guest.waitFor({muted}, {})", LIMIT.as_millis());
        for server in self.double.media() {
            server.mute(CID, "ben", &[TrackKind::Audio]);
        }
        let known = self.ann.number(&waiting).await?;
        report.check(
            "adapter: who is muted by a moderator is muted for all",
            known >= 0.0,
            json!({ "milliseconds": known }),
        );
        let own = self.ben.number(&waiting).await?;
        report.check(
            "adapter: and knows it",
            own >= 0.0,
            json!({ "milliseconds": own }),
        );
        let on = json!({ "participant": "ben", "microphone": true });
        comes(
            report,
            "and can unmute",
            (self.ann, on),
            (self.ben, "guest.setMicrophone(true)"),
        )
        .await
    }

    async fn ending(&self, report: &mut Report) -> Result<()> {
        self.double
            .ask("POST mark_ended", CID, Value::Null)
            .map_err(|refusal| anyhow!("{refusal:?}"))?;
        let over = format!("guest.over({})", LIMIT.as_millis());
        let state = self.ann.eval(&over).await?;
        report.check(
            "adapter: a call that ends for all ends",
            state == json!({ "kind": "disconnected", "reason": "ended" }),
            state,
        );
        Ok(())
    }

    /// Where only administrators are heard, Ben asks, and Ann says.
    async fn requests(&self, report: &mut Report) -> Result<()> {
        let (ann, ben) = (self.ann, self.ben);
        let cid = "livestream:asking";
        self.double.know(User {
            id: "ann".into(),
            name: "ann".into(),
            role: "admin".into(),
        });
        self.join(cid).await?;
        comes(
            report,
            "who may not speak asks, and whoever runs the call is shown it",
            (ann, json!({ "request": "ben microphone" })),
            (ben, "guest.setMicrophone(true).catch(() => null)"),
        )
        .await?;
        comes(
            report,
            "the same for a camera",
            (ann, json!({ "request": "ben camera" })),
            (ben, "guest.setCamera(true).catch(() => null)"),
        )
        .await?;
        comes(
            report,
            "who was denied it is told so",
            (ben, json!({ "told": "permission-denied" })),
            (ann, "guest.answer('ben camera', false)"),
        )
        .await?;
        comes(
            report,
            "what is allowed is offered to who asked",
            (ben, json!({ "asked": "microphone" })),
            (ann, "guest.answer('ben microphone', true)"),
        )
        .await?;
        comes(
            report,
            "and once used is with the others",
            (ann, json!({ "participant": "ben", "microphone": true })),
            (ben, "guest.setMicrophone(true)"),
        )
        .await?;
        self.heard(
            report,
            "the tone of who was allowed to speak",
            APP_SINK,
            TONES[1],
        )
        .await?;
        let refused = "guest.setCamera(true).then(() => 'shown', ({ code }) => code)";
        let code = ben.eval(refused).await?;
        report.check(
            "adapter: what was denied is still not allowed",
            code == json!("permission-asked"),
            code,
        );
        Ok(())
    }

    /// Each refusal as Ben is told of it.
    async fn refusals(&self, report: &mut Report) -> Result<()> {
        let double = self.double;
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)?
            .as_secs();
        let claims = |begin: u64, end: u64| {
            double.token_with(&json!({ "user_id": "ben", "iat": begin, "exp": end, "nbf": begin }))
        };
        let good = double.token("ben");
        let (head, _) = good.rsplit_once('.').unwrap_or_default();
        let forged = format!("{head}.c2lnbmF0dXJl");
        let own = "default:refused";
        let first = &double.media()[0];
        let cases: [Case; 9] = [
            (
                "token-signature-wrong",
                "a wrong secret",
                own,
                forged,
                &|| (),
            ),
            (
                "token-expired",
                "a token that has expired",
                own,
                claims(now - 60, now - 30),
                &|| (),
            ),
            (
                "token-not-yet-valid",
                "a token of the future",
                own,
                claims(now + 600, now + 900),
                &|| (),
            ),
            (
                "token-identity-mismatch",
                "somebody else's token",
                own,
                double.token("ann"),
                &|| (),
            ),
            (
                "meeting-not-found",
                "an unknown type",
                "unheard-of:call",
                good.clone(),
                &|| (),
            ),
            (
                "server-refused",
                "no permission",
                own,
                good.clone(),
                &|| {
                    let refusal = Refusal::new(403, 17, "not allowed to join").for_good();
                    double.fail_next_of("join", Fault::Refuse(refusal));
                },
            ),
            ("room-full", "a full call", own, good.clone(), &|| {
                first.fail_next_join(JoinFault::CallFull);
            }),
            (
                "server-refused",
                "by a media server",
                own,
                good.clone(),
                &|| {
                    let advice = Advice::Disconnect;
                    first.fail_next_join(JoinFault::Refuse { code: 403, advice });
                },
            ),
            ("ben", "", own, good, &|| {
                // Another media server is found.
                first.fail_next_join(JoinFault::Full);
            }),
        ];
        for (code, why, cid, token, prepare) in cases {
            prepare();
            let address = address(self.world, double, ("ben", &token), cid, TONES[1])?;
            self.ben.go(&address).await?;
            let said = self
                .ben
                .eval("guest.ready.catch(({ message }) => message)")
                .await?;
            let told = said
                .as_str()
                .is_some_and(|said| said.split(' ').next() == Some(code));
            let name = if code == "ben" {
                "adapter: another media server is found where one is full".into()
            } else {
                format!("adapter: refused with {code}: {why}")
            };
            report.check(&name, told, said);
        }
        Ok(())
    }
}
