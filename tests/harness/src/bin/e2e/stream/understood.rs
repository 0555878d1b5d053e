//! Whether the SDK understood everything that the double said in the whole run. What it cannot read it
//! leaves out, and then waits for: an answer with a time that it takes for none is a join that stalls.

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::stream::Stream;
use salon_support::stream::sfu::Strike;
use serde_json::json;

use super::{LIMIT, TONES};

const CID: &str = "default:understood";
/// What the SDK has said of itself in this tab so far, over all its pages.
const NOTED: &str = "JSON.parse(sessionStorage.sdk)";

pub(super) async fn run(
    report: &mut Report,
    stream: &Stream,
    amina: &Page,
    bruno: &Page,
) -> Result<()> {
    for (name, page) in [("amina", amina), ("bruno", bruno)] {
        let noted = page.eval(NOTED).await?;
        let understood = noted["lines"] != json!(0) && noted["unread"] == json!([]);
        let name = format!("stream: {name}'s SDK understands all that the service says");
        report.check(&name, understood, noted);
    }
    // That it would have said so.
    bruno.go(&stream.guest("bruno", CID, TONES[1])?).await?;
    bruno.eval("guest.ready").await?;
    let wait = format!(
        "window.said = new Promise((resolve) => {{ setTimeout(resolve, {}, false); \
         addEventListener('unread', () => resolve(true)); }}), null",
        LIMIT.as_millis()
    );
    bruno.eval(&wait).await?;
    stream.double.media()[0].strike(CID, "bruno", Strike::Unreadable);
    let said = bruno.eval("window.said").await?;
    let name = "stream: and says so of what it does not understand";
    report.check(name, said == json!(true), said);
    Ok(())
}
