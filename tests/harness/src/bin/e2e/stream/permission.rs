//! A call of a type in which only its host is seen, until the host permits it to somebody else.

use anyhow::{Result, anyhow};
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::stream::Stream;
use serde_json::{Value, json};

use super::{LIMIT, TONES, knows, sees};

const CID: &str = "livestream:permission";
/// What Bruno is permitted.
const PERMITTED: &str = "send-video";

pub(super) async fn run(
    report: &mut Report,
    stream: &Stream,
    amina: &Page,
    bruno: &Page,
) -> Result<()> {
    let host = json!({ "data": { "created_by_id": "amina" } });
    let created = stream.double.ask("POST", CID, host);
    created.map_err(|refusal| anyhow!(refusal.message))?;
    amina.go(&stream.guest("amina", CID, TONES[0])?).await?;
    amina.eval("guest.ready").await?;
    bruno.go(&stream.watcher("bruno", CID, TONES[1])?).await?;
    bruno.eval("guest.ready").await?;
    sees(report, bruno, "amina", "who is host of a livestream").await?;

    let refused = bruno.eval("call.camera.enable()").await.err();
    let refused = refused.map(|error| error.to_string());
    report.check(
        "stream: who may not be seen is told so",
        refused
            .as_ref()
            .is_some_and(|why| why.contains("permission")),
        json!(refused),
    );
    // TRACK_TYPE_VIDEO is 2.
    let unseen =
        "all.find((each) => each.userId === 'bruno')?.publishedTracks.includes(2) === false";
    knows(report, amina, "and is not seen by the host", unseen).await?;

    let wait = format!(
        "window.permitted = new Promise((resolve) => {{ setTimeout(resolve, {}, false); \
         call.state.ownCapabilities$.subscribe((all) => {{ \
         if (all.includes('{PERMITTED}')) resolve(true); }}); }}), null",
        LIMIT.as_millis()
    );
    bruno.eval(&wait).await?;
    let permit = format!("call.grantPermissions('bruno', ['{PERMITTED}']).then(() => null)");
    amina.eval(&permit).await?;
    let told = bruno.eval("window.permitted").await?;
    let name = "stream: whom the host permits it is told so";
    report.check(name, told == Value::Bool(true), told);
    bruno.eval("call.camera.enable()").await?;
    sees(report, amina, "bruno", "once the host permits it").await
}
