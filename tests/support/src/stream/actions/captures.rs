//! What is kept or written down of a call: recordings, captions, transcriptions. Nothing is: only that
//! it is said to be.

use serde_json::{Value, json};

use super::{Asked, done};
use crate::stream::orders::{Audience, Orders};
use crate::stream::refusal::Refusal;
use crate::stream::world::World;

/// Refuses unless there is something to start, or to stop.
fn change(now: &mut bool, to: bool, what: &str) -> Result<(), Refusal> {
    if *now == to {
        let is = if to { "already" } else { "not" };
        return Err(Refusal::input(format!("call is {is} being {what}")));
    }
    *now = to;
    Ok(())
}

pub(super) fn record(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
    on: bool,
) -> Result<Value, Refusal> {
    let verb = if on { "start" } else { "stop" };
    asked.need(world, &format!("{verb}-record-call"))?;
    change(&mut world.call_mut(asked.cid)?.recording, on, "recorded")?;
    let event = if on { "started" } else { "stopped" };
    let fields = json!({ "egress_id": "egress-1", "recording_type": "composite" });
    orders.tell(Audience::Call, &format!("call.recording_{event}"), fields);
    Ok(done())
}

pub(super) fn caption(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
    on: bool,
) -> Result<Value, Refusal> {
    let verb = if on { "start" } else { "stop" };
    asked.need(world, &format!("{verb}-closed-captions-call"))?;
    change(&mut world.call_mut(asked.cid)?.captioning, on, "captioned")?;
    let event = if on { "started" } else { "stopped" };
    let kind = format!("call.closed_captions_{event}");
    orders.tell(Audience::Call, &kind, json!({}));
    Ok(done())
}

pub(super) fn transcribe(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
    on: bool,
) -> Result<Value, Refusal> {
    let verb = if on { "start" } else { "stop" };
    asked.need(world, &format!("{verb}-transcription-call"))?;
    change(
        &mut world.call_mut(asked.cid)?.transcribing,
        on,
        "transcribed",
    )?;
    let event = if on { "started" } else { "stopped" };
    let kind = format!("call.transcription_{event}");
    orders.tell(Audience::Call, &kind, json!({ "egress_id": "egress-1" }));
    Ok(done())
}
