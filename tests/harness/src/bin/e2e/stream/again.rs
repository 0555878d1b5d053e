//! Whoever has left, or was put out, comes again in the same tab.

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::stream::Stream;
use salon_harness::world::{APP_SINK, World};
use serde_json::json;

use super::{CID, LEFT, TONES, both_see, heard, knows};

pub(super) async fn run(
    world: &World,
    report: &mut Report,
    stream: &Stream,
    amina: &Page,
    bruno: &Page,
) -> Result<()> {
    for (who, gone) in [("who has left", Gone::Left), ("who was put out", Gone::Out)] {
        match gone {
            Gone::Left => drop(bruno.eval("call.leave()").await?),
            Gone::Out => stream.double.media()[0].remove(CID, "bruno"),
        }
        let left = bruno.eval(LEFT).await?;
        report.check(&format!("stream: {who} is out"), left == json!(true), left);
        let alone = format!("{who} is gone for the other");
        knows(report, amina, &alone, "all.length === 1").await?;
        let state = bruno.eval("guest.again()").await?;
        let name = format!("stream: {who} joins again in the same tab");
        report.check(&name, state == json!("joined"), state);
        let when = format!("when {who} is in again");
        both_see(report, amina, bruno, &when).await?;
        let whose = format!("{when}, his tone");
        heard(world, report, &whose, APP_SINK, TONES[1]).await?;
    }
    Ok(())
}

/// How he goes.
#[derive(Clone, Copy)]
enum Gone {
    Left,
    Out,
}
