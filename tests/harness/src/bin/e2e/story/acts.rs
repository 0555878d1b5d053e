//! What happens between the two, whichever product they met on.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use salon_harness::browser::Page;
use salon_harness::desktop::Notification;
use salon_harness::product::{Site, TITLE, Who};
use salon_harness::report::Report;
use serde_json::{Value, json};

use super::party::{LIMIT, LOBBY, MEETING, Party, RING, SIGNED_IN};
use crate::call::GUEST_TILE;

const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
/// What the contract has said to the offerer.
const HEADING: &str = "Your offer was accepted!";
const JOIN: &str = "Join the meeting";

/// The two and their product; `name` stands before the names of the checks.
pub(crate) struct Story<S> {
    pub(crate) name: &'static str,
    pub(crate) site: S,
    pub(crate) amina: Party,
    pub(crate) bruno: Party,
}

impl<S: Site> Story<S> {
    /// From the accepted offer to the end, in each way that it can end.
    pub(crate) async fn play(&mut self, report: &mut Report) -> Result<()> {
        let id = self.accepted(report).await?;
        self.by_notification(report).await?;
        self.both_meet(report).await?;
        self.another_meanwhile(report).await?;
        self.the_last_one_completes(&id, report).await?;
        self.cancelled(report).await?;
        self.ended_for_everyone(report).await
    }

    fn check(&self, report: &mut Report, name: &str, passed: bool, figures: Value) {
        report.check(&format!("{}: {name}", self.name), passed, figures);
    }

    fn named(&self, name: &str) -> String {
        format!("{}: {name}", self.name)
    }

    fn both(&self) -> [&Party; 2] {
        [&self.amina, &self.bruno]
    }

    /// The requester accepts: straight into the lobby; the offerer is rung.
    pub(crate) async fn accepted(&mut self, report: &mut Report) -> Result<String> {
        let id = self.site.accept().await?;
        let name = self.named("the requester goes straight into the lobby");
        self.amina.sees(report, &name, LOBBY, true).await;
        let name = self.named("the offerer is rung");
        self.bruno.sees(report, &name, RING, true).await;
        let words = self.bruno.page().text(RING).await?;
        let said = [HEADING, TITLE, Who::Requester.name(), JOIN];
        let right = said.iter().all(|part| words.contains(part));
        self.check(report, "in the words of the contract", right, json!(words));
        let shown = self.bruno.desktop.notifications(LIMIT, open);
        let shown = shown.await.unwrap_or_default();
        let right = shown.last().is_some_and(|notification| {
            notification.summary == HEADING
                && notification.body == format!("{TITLE}\n{}", Who::Requester.name())
                && action(notification, JOIN).is_some()
        });
        let figures = json!(format!("{shown:?}"));
        self.check(report, "the system shows it as well", right, figures);
        Ok(id)
    }

    /// The offerer joins from the system's notification.
    async fn by_notification(&mut self, report: &mut Report) -> Result<()> {
        let desktop = &mut self.bruno.desktop;
        let shown = desktop.notifications(LIMIT, open).await?;
        let notification = shown.last().context("no notification")?;
        let join = action(notification, JOIN).context("no such action")?;
        desktop.press(notification.id, join).await?;
        let name = self.named("its button leads into the lobby");
        self.bruno.sees(report, &name, LOBBY, true).await;
        let name = self.named("and it rings no longer");
        self.bruno.sees(report, &name, RING, false).await;
        Ok(())
    }

    pub(crate) async fn meet(&self) -> Result<()> {
        for party in self.both() {
            party.join().await?;
            party.page().wait(CONNECTED, true, LIMIT).await?;
        }
        for party in self.both() {
            let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
            party.page().wait(&tile, true, LIMIT).await?;
        }
        Ok(())
    }

    pub(crate) async fn both_meet(&self, report: &mut Report) -> Result<()> {
        self.meet().await?;
        for (other, party) in [(&self.bruno, &self.amina), (&self.amina, &self.bruno)] {
            let name = other.who.name();
            let seen = moving(party.page()).await;
            let shown = party.page().text(GUEST_TILE).await?;
            let right = seen.is_ok() && shown.contains(name);
            let figures = json!({ "seen": seen.ok(), "name": shown });
            let check = format!("{name} is seen by the other");
            self.check(report, &check, right, figures);
        }
        Ok(())
    }

    /// Nobody is taken out of a call: then the requester is rung, too, in words of their own.
    async fn another_meanwhile(&mut self, report: &mut Report) -> Result<()> {
        let id = self.site.accept().await?;
        for party in self.both() {
            let name = self.named(&format!("{} is rung during the call", party.who.name()));
            party.sees(report, &name, RING, true).await;
        }
        let words = self.amina.page().text(RING).await?;
        let said = ["You accepted the offer", Who::Offerer.name(), JOIN];
        let right = said.iter().all(|part| words.contains(part));
        let check = "the requester in the requester's words";
        self.check(report, check, right, json!(words));
        let shown = self.amina.desktop.notifications(LIMIT, open).await;
        let heading = "You accepted an offer: the meeting can begin";
        let right = shown.as_ref().is_ok_and(|shown| {
            let last = shown.last();
            last.is_some_and(|one| one.summary == heading && one.body.contains("Bruno"))
        });
        let check = "and the system says it so";
        self.check(report, check, right, json!(format!("{shown:?}")));
        self.site.cancel(&id).await?;
        for party in self.both() {
            let name = party.who.name();
            let check = self.named(&format!("cancelled, {name} is rung no longer"));
            party.sees(report, &check, RING, false).await;
            let check = self.named(&format!("and {name} is in the call as before"));
            party.sees(report, &check, CONNECTED, true).await;
        }
        Ok(())
    }

    pub(crate) async fn the_last_one_completes(&self, id: &str, report: &mut Report) -> Result<()> {
        leave(self.bruno.page()).await?;
        self.bruno.page().wait(SIGNED_IN, true, LIMIT).await?;
        self.amina.page().wait(GUEST_TILE, false, LIMIT).await?;
        let status = self.site.status(id).await?;
        let check = "with one still there the meeting goes on";
        self.check(report, check, status == "active", json!(status));
        leave(self.amina.page()).await?;
        let check = "hanging up as the last completes it";
        self.has_status(id, "completed", check, report).await?;
        for party in self.both() {
            self.is_home(party, report).await;
        }
        Ok(())
    }

    pub(crate) async fn is_home(&self, party: &Party, report: &mut Report) {
        let name = party.who.name();
        let check = self.named(&format!("that leads {name} home"));
        party.sees(report, &check, SIGNED_IN, true).await;
        let check = self.named(&format!("where {name} has it no more"));
        party.sees(report, &check, MEETING, false).await;
    }

    /// Waits for it: the backend tells its listeners, of which this is none.
    pub(crate) async fn has_status(
        &self,
        id: &str,
        wanted: &str,
        check: &str,
        report: &mut Report,
    ) -> Result<()> {
        let deadline = tokio::time::Instant::now() + LIMIT;
        loop {
            let status = self.site.status(id).await?;
            let right = status == wanted;
            if right || tokio::time::Instant::now() > deadline {
                self.check(report, check, right, json!(status));
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn cancelled(&mut self, report: &mut Report) -> Result<()> {
        let id = self.site.accept().await?;
        self.bruno.page().wait(RING, true, LIMIT).await?;
        self.bruno.desktop.notifications(LIMIT, open).await?;
        self.amina.page().wait(LOBBY, true, LIMIT).await?;
        self.site.cancel(&id).await?;
        let name = self.named("a cancelled one stops ringing");
        self.bruno.sees(report, &name, RING, false).await;
        let closed = |all: &[Notification]| all.iter().all(|one| one.closed);
        let closed = self.bruno.desktop.notifications(LIMIT, closed).await;
        let figures = json!(closed.as_ref().err().map(ToString::to_string));
        let check = "and its notification goes";
        self.check(report, check, closed.is_ok(), figures);
        let name = self.named("the requester is led out of its lobby");
        self.amina.sees(report, &name, SIGNED_IN, true).await;
        let name = self.named("and is told why");
        let told = "[data-testid=error][data-code^=meeting-]";
        self.amina.sees(report, &name, told, true).await;
        Ok(())
    }

    async fn ended_for_everyone(&mut self, report: &mut Report) -> Result<()> {
        let id = self.site.accept().await?;
        let join = format!("{RING} button.primary");
        self.bruno.page().press(&join).await?;
        let name = self.named("the card's button leads into the lobby, too");
        self.bruno.sees(report, &name, LOBBY, true).await;
        self.meet().await?;
        self.amina.page().click("control-leave").await?;
        self.amina.page().click("leave-end").await?;
        let check = "ended for everyone";
        self.has_status(&id, "completed", check, report).await?;
        for party in self.both() {
            let name = self.named(&format!("{} is home again", party.who.name()));
            party.sees(report, &name, SIGNED_IN, true).await;
        }
        Ok(())
    }
}

/// Whether the last one is shown.
pub(crate) fn open(all: &[Notification]) -> bool {
    all.last().is_some_and(|last| !last.closed)
}

/// The key of the action with this label.
pub(crate) fn action<'a>(notification: &'a Notification, label: &str) -> Option<&'a str> {
    let pairs = notification.actions.chunks(2);
    let mut found = pairs.filter(|pair| pair.get(1).is_some_and(|one| one == label));
    Some(found.next()?.first()?.as_str())
}

/// Waits until the picture of the other changes. How often it does is not asked: two apps encode and
/// paint on the cores of one machine here.
async fn moving(page: &Page) -> Result<Value> {
    let video = json!(format!("{GUEST_TILE} video"));
    let look = format!("harness.pictures({video}, {{ pictures: 3, stamps: 0 }})");
    let seen = page.eval(&look).await?;
    if seen["seen"] != json!(true) {
        bail!("the picture stands still: {seen}");
    }
    Ok(seen)
}

/// Hangs up without ending it for everyone.
pub(crate) async fn leave(page: &Page) -> Result<()> {
    page.click("control-leave").await?;
    page.click("leave-only").await
}
