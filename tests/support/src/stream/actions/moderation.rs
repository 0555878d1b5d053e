//! What participants may do to each other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Asked, done};
use crate::stream::kinds::publishable;
use crate::stream::orders::{Audience, MediaOrder, Orders};
use crate::stream::refusal::Refusal;
use crate::stream::sfu::TrackKind;
use crate::stream::world::World;

pub(super) fn mute(
    world: &World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "mute-users")?;
    let by = asked.actor(world);
    let kinds = [
        ("audio", TrackKind::Audio),
        ("video", TrackKind::Video),
        ("screenshare", TrackKind::ScreenShare),
        ("screenshare_audio", TrackKind::ScreenShareAudio),
    ];
    let asked_for = kinds.into_iter().filter(|(name, _)| asked.flag(name));
    let tracks: Vec<_> = asked_for.map(|(_, kind)| kind).collect();
    let mut whom: BTreeSet<String> = asked.texts("user_ids").into_iter().collect();
    if asked.flag("mute_all_users") {
        let session = world.call(asked.cid)?.session.as_ref();
        let present = session.into_iter().flat_map(|each| &each.present);
        whom = present.map(|each| each.user.clone()).collect();
        whom.remove(&by);
    }
    for user in &whom {
        let order = MediaOrder::Mute(user.clone(), tracks.clone());
        orders.media.push(order);
    }
    let fields = json!({ "from_user_id": by, "muted_user_ids": whom, "reason": "muted" });
    orders.tell(Audience::Call, "call.user_muted", fields);
    Ok(done())
}

fn shut_out(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
    user: &str,
) -> Result<(), Refusal> {
    world.call_mut(asked.cid)?.blocked.insert(user.to_owned());
    let fields = json!({
        "user": world.user_json(user),
        "blocked_by_user": world.user_json(&asked.actor(world)),
    });
    let audience = Audience::CallAnd(vec![user.to_owned()]);
    orders.tell(audience, "call.blocked_user", fields);
    Ok(())
}

pub(super) fn kick(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "kick-user")?;
    let user = world.user(asked.text("user_id")?)?.id.clone();
    let fields = json!({
        "user": world.user_json(&user), "kicked_by_user": world.user_json(&asked.actor(world)),
    });
    orders.tell(Audience::Call, "call.kicked_user", fields);
    if asked.flag("block") {
        shut_out(world, asked, orders, &user)?;
    }
    orders.media.push(MediaOrder::Remove(user));
    Ok(done())
}

pub(super) fn block(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "block-users")?;
    let user = world.user(asked.text("user_id")?)?.id.clone();
    shut_out(world, asked, orders, &user)?;
    orders.media.push(MediaOrder::Remove(user));
    Ok(done())
}

pub(super) fn unblock(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "block-users")?;
    let user = world.user(asked.text("user_id")?)?.id.clone();
    world.call_mut(asked.cid)?.blocked.remove(&user);
    let fields = json!({ "user": world.user_json(&user) });
    let audience = Audience::CallAnd(vec![user]);
    orders.tell(audience, "call.unblocked_user", fields);
    Ok(done())
}

pub(super) fn permit(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "update-call-permissions")?;
    let user = world.user(asked.text("user_id")?)?.id.clone();
    let call = world.call_mut(asked.cid)?;
    let given = call.given.entry(user.clone()).or_default();
    let taken = call.taken.entry(user.clone()).or_default();
    for capability in asked.texts("grant_permissions") {
        taken.remove(&capability);
        given.insert(capability);
    }
    for capability in asked.texts("revoke_permissions") {
        given.remove(&capability);
        taken.insert(capability);
    }
    let capabilities = world.capabilities(asked.cid, &user);
    let publish = publishable(&capabilities);
    let fields = json!({ "user": world.user_json(&user), "own_capabilities": capabilities });
    orders.tell(Audience::Call, "call.permissions_updated", fields);
    orders.media.push(MediaOrder::Permit(user, publish));
    Ok(done())
}

pub(super) fn request(
    world: &World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "read-call")?;
    let permissions = asked.texts("permissions");
    let settings = &world.call(asked.cid)?.settings;
    for permission in &permissions {
        let of = match permission.as_str() {
            "send-audio" => "audio",
            "send-video" => "video",
            "screenshare" => "screensharing",
            other => return Err(Refusal::input(format!("permission {other} is unknown"))),
        };
        if settings[of]["access_request_enabled"] != true {
            let why = format!("requests for {permission} are disabled for this call");
            return Err(Refusal::input(why));
        }
    }
    let fields = json!({
        "permissions": permissions, "user": world.user_json(&asked.actor(world)),
    });
    let whom = world.able(asked.cid, "update-call-permissions");
    orders.tell(Audience::Among(whom), "call.permission_request", fields);
    Ok(done())
}
