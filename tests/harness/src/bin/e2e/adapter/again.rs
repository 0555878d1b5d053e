//! Whoever has left, or was put out, comes again in the same page.

use anyhow::Result;
use salon_harness::report::Report;
use salon_harness::world::APP_SINK;
use serde_json::json;

use super::{CID, LIMIT, TONES, Two, comes};

impl Two<'_> {
    pub(super) async fn again(&self, report: &mut Report) -> Result<()> {
        let gone = json!({ "participant": "ben", "present": false });
        let name = "who leaves is gone for the other";
        comes(report, name, (self.ann, gone), (self.ben, "guest.leave()")).await?;
        self.is_open(report, "after leaving", "").await?;
        self.comes_again(report, "after leaving").await?;

        for server in self.double.media() {
            server.remove(CID, "ben");
        }
        let over = format!("guest.over({})", LIMIT.as_millis());
        let state = self.ben.eval(&over).await?;
        report.check(
            "adapter: who is put out is told so",
            state == json!({ "kind": "disconnected", "reason": "removed" }),
            state,
        );
        self.is_open(report, "after being put out", "").await?;
        self.comes_again(report, "after being put out").await
    }

    async fn comes_again(&self, report: &mut Report, when: &str) -> Result<()> {
        let joined = self.ben.eval("guest.again()").await?;
        let name = format!("adapter: joined again in the same page, {when}");
        report.check(&name, joined == json!("ben"), joined);
        self.see_each_other(report, when).await?;
        self.heard(report, &format!("{when}: his tone"), APP_SINK, TONES[1])
            .await
    }
}
