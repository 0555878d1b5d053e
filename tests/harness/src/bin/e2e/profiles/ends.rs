//! How a meeting ends of which neither party saw the other go.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use salon_harness::product::Site;
use salon_harness::report::Report;
use salon_harness::usage::find;
use salon_support::StreamDouble;
use salon_support::stream::Seen;
use salon_support::stream::sfu::{Event, Strike};

use crate::story::acts::{Story, leave};

/// The media server tells nobody anything for so long: less than after what a client takes it for gone.
const SILENCE: Duration = Duration::from_secs(8);

impl<S: Site> Story<S> {
    /// Both hang up before either has heard that the other did.
    pub(super) async fn both_leave_at_once(
        &self,
        double: &StreamDouble,
        session: &str,
        report: &mut Report,
    ) -> Result<()> {
        let (cid, users) = present(double).context("nobody has joined")?;
        for user in users {
            double.media()[0].strike(&cid, &user, Strike::SilentFor(SILENCE));
        }
        let left = tokio::join!(leave(self.amina.page()), leave(self.bruno.page()));
        left.0?;
        left.1?;
        let check = "both hanging up at once completes it";
        self.has_status(session, "completed", check, report).await?;
        self.is_home(&self.amina, report).await;
        self.is_home(&self.bruno, report).await;
        Ok(())
    }

    /// One app is killed, and the other hangs up before the media server misses anybody.
    pub(super) async fn one_dies(self, session: &str, report: &mut Report) -> Result<()> {
        let app = find(self.bruno.app.driver.id(), "salon")?
            .context("there is no app")?
            .id;
        let app = Pid::from_raw(app.cast_signed()).context("no process")?;
        kill_process(app, Signal::KILL)?;
        leave(self.amina.page()).await?;
        let check = "hanging up completes it, though the other's app has just died";
        self.has_status(session, "completed", check, report).await?;
        self.is_home(&self.amina, report).await;
        self.amina.app.page.end().await
    }
}

/// The call that somebody joined last, and who ever did.
fn present(double: &StreamDouble) -> Option<(String, BTreeSet<String>)> {
    let joins: Vec<_> = double
        .seen()
        .into_iter()
        .filter_map(|seen| match seen {
            Seen::Media(Event::Joined { cid, user, .. }) => Some((cid, user)),
            _ => None,
        })
        .collect();
    let (last, _) = joins.last()?.clone();
    let users = joins.into_iter().filter(|(cid, _)| *cid == last);
    Some((last.clone(), users.map(|(_, user)| user).collect()))
}
