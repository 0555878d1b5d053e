//! A call of a type in which only its host is seen, until somebody permits it to others.

use anyhow::{Result, anyhow};
use salon_harness::report::Report;
use serde_json::{Value, json};

use super::{LIMIT, Two, comes};

const CID: &str = "livestream:permission";

impl Two<'_> {
    pub(super) async fn permission(&self, report: &mut Report) -> Result<()> {
        let asked = |action: &str, body: Value| {
            let answer = self.double.ask(action, CID, body);
            answer.map_err(|refusal| anyhow!("{refusal:?}"))
        };
        asked("POST", json!({ "data": { "created_by_id": "ann" } }))?;
        self.join(CID).await?;
        // His camera is on, and yet nobody gets it.
        let unseen = json!({ "participant": "ben", "camera": false });
        let name = "who may not be seen is not seen";
        comes(report, name, (self.ann, unseen), (self.ben, "null")).await?;
        let refused = "guest.setCamera(true).then(() => null, ({ code }) => code)";
        let refused = self.ben.eval(refused).await?;
        report.check(
            "adapter: and is told so",
            refused == json!("permission-asked"),
            refused,
        );
        let permit = json!({ "user_id": "ben", "grant_permissions": ["send-video"] });
        let waiting = format!(
            "guest.waitFor({}, {})",
            json!({ "asked": "camera" }),
            LIMIT.as_millis()
        );
        asked("POST user_permissions", permit)?;
        let told = self.ben.number(&waiting).await?;
        report.check(
            "adapter: whoever is permitted what they asked for is asked whether they still want it",
            told >= 0.0,
            json!({ "milliseconds": told }),
        );
        let seen = json!({ "participant": "ben", "camera": true });
        let name = "and is seen, once they do";
        comes(
            report,
            name,
            (self.ann, seen),
            (self.ben, "guest.setCamera(true)"),
        )
        .await?;
        self.see_each_other(report, "in a livestream").await
    }
}
