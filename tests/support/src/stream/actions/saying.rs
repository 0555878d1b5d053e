//! What participants say to each other by way of the coordinator.

use serde_json::{Value, json};

use super::{Asked, done};
use crate::stream::orders::{Audience, Orders};
use crate::stream::refusal::Refusal;
use crate::stream::world::World;

/// Most bytes of a custom event's content.
const EVENT_LIMIT: usize = 5 * 1024;

pub(super) fn event(
    world: &World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "read-call")?;
    let custom = asked.body.get("custom").cloned().unwrap_or(json!({}));
    let size = custom.to_string().len();
    if size > EVENT_LIMIT {
        let why = format!("custom event data of {size} bytes is larger than {EVENT_LIMIT}");
        return Err(Refusal::input(why));
    }
    let fields = json!({ "custom": custom, "user": world.user_json(&asked.actor(world)) });
    // Whoever says it hears it too.
    orders.tell(Audience::Call, "custom", fields);
    Ok(done())
}

pub(super) fn reaction(
    world: &World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "create-reaction")?;
    let mut reaction = json!({
        "type": asked.text("type")?, "user": world.user_json(&asked.actor(world)),
    });
    for name in ["emoji_code", "custom"] {
        if let Some(value) = asked.body.get(name) {
            reaction[name] = value.clone();
        }
    }
    let fields = json!({ "reaction": reaction });
    orders.tell(Audience::Call, "call.reaction_new", fields);
    Ok(json!({ "duration": "0.10ms", "reaction": reaction }))
}
