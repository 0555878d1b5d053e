//! How calls begin, ring, are joined and end.

use serde_json::{Map, Value, json};

use super::{Asked, done};
use crate::clock::stamp;
use crate::stream::kinds::{lay_over, publishable};
use crate::stream::orders::{Audience, MediaOrder, Orders};
use crate::stream::refusal::Refusal;
use crate::stream::sfu::Grant;
use crate::stream::world::World;

pub(super) fn get(world: &World, asked: &Asked<'_>) -> Result<Value, Refusal> {
    asked.need(world, "read-call")?;
    world.state_json(asked.cid, asked.user())
}

/// Begins the call if there is none; whether it did.
fn ensure(world: &mut World, asked: &Asked<'_>, orders: &mut Orders) -> Result<bool, Refusal> {
    if world.call(asked.cid).is_ok() {
        return Ok(false);
    }
    let empty = Map::new();
    let data = asked.body.get("data").and_then(Value::as_object);
    let data = data.unwrap_or(&empty);
    let by = match asked.user() {
        Some(user) => {
            let role = world.user(user)?.role.clone();
            let granted = world.kind(asked.kind)?.granted(&role);
            if !granted.iter().any(|each| each == "create-call") {
                return Err(Refusal::not_allowed(user, "create-call", asked.cid));
            }
            user.to_owned()
        }
        None => {
            let by = data.get("created_by_id").and_then(Value::as_str);
            let by = by.ok_or_else(|| Refusal::input("data.created_by_id is a required field"))?;
            world.user(by)?.id.clone()
        }
    };
    world.begin(asked.kind, asked.id, &by, data)?;
    let fields =
        json!({ "call": world.call_json(asked.cid), "members": members_json(world, asked) });
    let audience = Audience::CallAnd(members_list(world, asked));
    orders.tell(audience, "call.created", fields);
    Ok(true)
}

fn members_json(world: &World, asked: &Asked<'_>) -> Value {
    let call = world.call(asked.cid);
    json!(
        call.map(|call| world.members_json(call))
            .unwrap_or_default()
    )
}

fn members_list(world: &World, asked: &Asked<'_>) -> Vec<String> {
    let call = world.call(asked.cid);
    call.map(|call| call.members.keys().cloned().collect())
        .unwrap_or_default()
}

/// Rings members, or just tells them of the call.
fn call_members(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
    kind: &str,
    whom: Vec<String>,
) -> Result<(), Refusal> {
    let session = world.session(asked.cid)?.0.id.clone();
    let fields = json!({
        "call": world.call_json(asked.cid),
        "members": members_json(world, asked),
        "session_id": session,
        "user": world.user_json(&asked.actor(world)),
        "video": !asked.body.get("video").is_some_and(|video| video == false),
    });
    orders.tell(Audience::CallAnd(whom), kind, fields);
    Ok(())
}

/// Rings or tells, as the request says.
fn announce(world: &mut World, asked: &Asked<'_>, orders: &mut Orders) -> Result<(), Refusal> {
    for (flag, kind) in [("ring", "call.ring"), ("notify", "call.notification")] {
        if asked.flag(flag) {
            let whom = members_list(world, asked);
            call_members(world, asked, orders, kind, whom)?;
        }
    }
    Ok(())
}

pub(super) fn get_or_create(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    let created = ensure(world, asked, orders)?;
    asked.need(world, "read-call")?;
    announce(world, asked, orders)?;
    let mut state = world.state_json(asked.cid, asked.user())?;
    state["created"] = json!(created);
    Ok(state)
}

pub(super) fn update(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "update-call")?;
    let call = world.call_mut(asked.cid)?;
    if let Some(custom) = asked.body.get("custom") {
        call.custom = custom.clone();
    }
    if let Some(over) = asked.body.get("settings_override") {
        lay_over(&mut call.settings, over);
    }
    call.updated = stamp();
    let fields = json!({
        "call": world.call_json(asked.cid),
        "capabilities_by_role": world.grants_json(asked.cid),
    });
    orders.tell(Audience::Call, "call.updated", fields);
    world.state_json(asked.cid, asked.user())
}

pub(super) fn join(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    let Some(user) = asked.user() else {
        return Err(Refusal::input("only users join calls"));
    };
    let name = world.user(user)?.name.clone();
    asked.text("location")?;
    let created = asked.flag("create") && ensure(world, asked, orders)?;
    asked.need(world, "join-call")?;
    let call = world.call(asked.cid)?;
    if call.ended.is_some() {
        asked.need(world, "join-ended-call")?;
    }
    if call.backstage {
        asked.need(world, "join-backstage")?;
    }
    announce(world, asked, orders)?;

    // A client that comes from a server which it has to leave is sent to another, and with it all who
    // come later.
    let mut left = asked.texts("migrating_from_list");
    left.extend(asked.text("migrating_from").map(String::from));
    let home = world.call(asked.cid)?.server;
    let allowed = |server: &usize| !left.iter().any(|name| name == asked.media[*server].name());
    let order = (home..asked.media.len()).chain(0..home);
    let server = order.into_iter().find(allowed).ok_or_else(|| {
        let message = "could not find any available server for this call, try again";
        Refusal::new(503, 101, message)
    })?;
    world.call_mut(asked.cid)?.server = server;
    let media = &asked.media[server];
    let token = media.admit(Grant {
        cid: asked.cid.to_owned(),
        user: user.to_owned(),
        name,
        publish: publishable(&world.capabilities(asked.cid, user)),
    });
    let mut state = world.state_json(asked.cid, Some(user))?;
    state["created"] = json!(created);
    state["credentials"] = json!({
        "token": token,
        // On loopback there is nothing between.
        "ice_servers": [],
        "server": {
            "edge_name": media.name(), "url": media.url(), "ws_endpoint": media.ws_endpoint(),
        },
    });
    state["stats_options"] = json!({
        "enable_rtc_stats": false, "reporting_interval_ms": 10_000,
    });
    Ok(state)
}

pub(super) fn end(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "end-call")?;
    let by = asked.actor(world);
    let call = world.call_mut(asked.cid)?;
    if call.ended.is_none() {
        call.ended = Some(stamp());
        let fields = json!({
            "call": world.call_json(asked.cid), "user": world.user_json(&by), "reason": "ended",
        });
        let whom = members_list(world, asked);
        orders.tell(Audience::CallAnd(whom), "call.ended", fields);
        orders.media.push(MediaOrder::End);
    }
    Ok(done())
}

pub(super) fn ring(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "join-call")?;
    let mut whom = asked.texts("members_ids");
    if whom.is_empty() {
        let session = world.call(asked.cid)?.session.as_ref();
        let present: Vec<_> = session.into_iter().flat_map(|each| &each.present).collect();
        let absent = |id: &String| !present.iter().any(|each| each.user == *id);
        whom = members_list(world, asked);
        whom.retain(absent);
    }
    call_members(world, asked, orders, "call.ring", whom.clone())?;
    Ok(json!({ "duration": "0.10ms", "members_ids": whom }))
}

pub(super) fn accept(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "join-call")?;
    let by = asked.actor(world);
    let (session, _) = world.session(asked.cid)?;
    session.accepted.insert(by.clone(), stamp());
    let fields = json!({ "call": world.call_json(asked.cid), "user": world.user_json(&by) });
    let whom = members_list(world, asked);
    orders.tell(Audience::CallAnd(whom), "call.accepted", fields);
    Ok(done())
}

pub(super) fn reject(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "join-call")?;
    let by = asked.actor(world);
    let (session, _) = world.session(asked.cid)?;
    session.rejected.insert(by.clone(), stamp());
    let mut fields = json!({ "call": world.call_json(asked.cid), "user": world.user_json(&by) });
    if let Some(reason) = asked.body.get("reason") {
        fields["reason"] = reason.clone();
    }
    let whom = members_list(world, asked);
    orders.tell(Audience::CallAnd(whom), "call.rejected", fields);
    Ok(done())
}

pub(super) fn members(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    asked.need(world, "update-call-member")?;
    let before = members_list(world, asked);
    let changed = asked.body.get("update_members").and_then(Value::as_array);
    let changed = match changed {
        Some(members) => world.enrol(asked.cid, members)?,
        None => Vec::new(),
    };
    let mut removed = asked.texts("remove_members");
    let call = world.call_mut(asked.cid)?;
    removed.retain(|id| call.members.remove(id).is_some());
    let all = members_json(world, asked);
    let list = all.as_array().cloned().unwrap_or_default();
    let of = |ids: &[&String]| -> Vec<Value> {
        let is = |member: &&Value| ids.iter().any(|id| member["user_id"] == id.as_str());
        list.iter().filter(is).cloned().collect()
    };
    let (known, new): (Vec<_>, Vec<_>) = changed.iter().partition(|id| before.contains(*id));
    let call = world.call_json(asked.cid);
    for (kind, ids) in [("call.member_added", new), ("call.member_updated", known)] {
        if !ids.is_empty() {
            let fields = json!({ "call": call, "members": of(&ids) });
            let whom = ids.into_iter().cloned().collect();
            orders.tell(Audience::CallAnd(whom), kind, fields);
        }
    }
    if !removed.is_empty() {
        let fields = json!({ "call": call, "members": removed });
        orders.tell(Audience::CallAnd(removed), "call.member_removed", fields);
    }
    Ok(json!({ "duration": "0.10ms", "members": all }))
}
