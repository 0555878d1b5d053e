//! Users and calls, and how they are shown on the wire.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::kinds::{CallType, HOST, lay_over};
use super::refusal::Refusal;
use crate::clock::{since_1970, stamp};

/// Somebody whom the service knows.
#[derive(Clone, Debug)]
pub struct User {
    /// Unique.
    pub id: String,
    /// What others see.
    pub name: String,
    /// In the app: `user`, `admin` ...
    pub role: String,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) role: Option<String>,
    custom: Value,
    created: String,
}

/// One connection of a participant.
#[derive(Debug)]
pub(crate) struct Present {
    pub(crate) user: String,
    /// The connection's id.
    pub(crate) session: String,
    joined: String,
}

/// From the first that comes to the last that goes.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    started: String,
    pub(crate) present: Vec<Present>,
    pub(crate) accepted: BTreeMap<String, String>,
    pub(crate) rejected: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) kind: String,
    id: String,
    pub(crate) created_by: String,
    created: String,
    pub(crate) updated: String,
    pub(crate) ended: Option<String>,
    pub(crate) custom: Value,
    pub(crate) settings: Value,
    pub(crate) backstage: bool,
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) blocked: BTreeSet<String>,
    /// Capabilities that were given to somebody, beside those of the role.
    pub(crate) given: BTreeMap<String, BTreeSet<String>>,
    /// Capabilities that were taken from somebody.
    pub(crate) taken: BTreeMap<String, BTreeSet<String>>,
    pub(crate) recording: bool,
    pub(crate) captioning: bool,
    pub(crate) transcribing: bool,
    pub(crate) session: Option<Session>,
    /// Which media server participants are sent to.
    pub(crate) server: usize,
}

/// All that the coordinator knows.
#[derive(Debug)]
pub(crate) struct World {
    users: BTreeMap<String, (User, String)>,
    pub(crate) calls: BTreeMap<String, Call>,
    kinds: BTreeMap<String, CallType>,
    made: u64,
}

impl World {
    pub(crate) fn new(kinds: Vec<CallType>) -> Self {
        let named = |kind: CallType| (kind.name.clone(), kind);
        Self {
            users: BTreeMap::new(),
            calls: BTreeMap::new(),
            kinds: kinds.into_iter().map(named).collect(),
            made: 0,
        }
    }

    /// An id that nothing else has.
    pub(crate) fn unique(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}-{}-{}", since_1970().as_micros(), self.made)
    }

    /// Makes somebody known, or changes how they are called.
    pub(crate) fn know(&mut self, user: User) {
        let now = stamp();
        let since = self
            .users
            .get(&user.id)
            .map_or(now, |(_, since)| since.clone());
        self.users.insert(user.id.clone(), (user, since));
    }

    pub(crate) fn user(&self, id: &str) -> Result<&User, Refusal> {
        let found = self.users.get(id).map(|(user, _)| user);
        found.ok_or_else(|| Refusal::missing(format!("the user {id} does not exist")))
    }

    pub(crate) fn kind(&self, name: &str) -> Result<&CallType, Refusal> {
        let found = self.kinds.get(name);
        found.ok_or_else(|| Refusal::missing(format!("call type \"{name}\" does not exist")))
    }

    pub(crate) fn call(&self, cid: &str) -> Result<&Call, Refusal> {
        let found = self.calls.get(cid);
        found.ok_or_else(|| Refusal::missing(format!("call with cid \"{cid}\" does not exist")))
    }

    pub(crate) fn call_mut(&mut self, cid: &str) -> Result<&mut Call, Refusal> {
        let found = self.calls.get_mut(cid);
        found.ok_or_else(|| Refusal::missing(format!("call with cid \"{cid}\" does not exist")))
    }

    /// Begins a call. `data` is what the request says of it.
    pub(crate) fn begin(
        &mut self,
        kind: &str,
        id: &str,
        by: &str,
        data: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let now = stamp();
        let mut settings = self.kind(kind)?.beginning();
        if let Some(over) = data.get("settings_override") {
            lay_over(&mut settings, over);
        }
        let call = Call {
            kind: kind.to_owned(),
            id: id.to_owned(),
            created_by: by.to_owned(),
            created: now.clone(),
            updated: now,
            ended: None,
            custom: data.get("custom").cloned().unwrap_or_else(|| json!({})),
            backstage: settings["backstage"]["enabled"] == true,
            settings,
            members: BTreeMap::new(),
            blocked: BTreeSet::new(),
            given: BTreeMap::new(),
            taken: BTreeMap::new(),
            recording: false,
            captioning: false,
            transcribing: false,
            session: None,
            server: 0,
        };
        let cid = format!("{kind}:{id}");
        self.calls.insert(cid.clone(), call);
        let members = data.get("members").and_then(Value::as_array);
        if let Some(members) = members
            && let Err(refusal) = self.enrol(&cid, members)
        {
            self.calls.remove(&cid);
            return Err(refusal);
        }
        Ok(())
    }

    /// Adds members to a call, or changes them; whom.
    pub(crate) fn enrol(&mut self, cid: &str, members: &[Value]) -> Result<Vec<String>, Refusal> {
        let mut ids = Vec::new();
        for member in members {
            let id = member["user_id"].as_str().unwrap_or_default().to_owned();
            if self.user(&id).is_err() {
                let why = format!("the following users are involved but do not exist: [{id}]");
                return Err(Refusal::input(why));
            }
            ids.push(id);
        }
        let call = self.call_mut(cid)?;
        for (id, member) in ids.iter().zip(members) {
            let created = call.members.get(id).map(|member| member.created.clone());
            let member = Member {
                role: member["role"].as_str().map(String::from),
                custom: member.get("custom").cloned().unwrap_or_else(|| json!({})),
                created: created.unwrap_or_else(stamp),
            };
            call.members.insert(id.clone(), member);
        }
        Ok(ids)
    }

    /// What somebody may do in a call.
    pub(crate) fn capabilities(&self, cid: &str, user: &str) -> Vec<String> {
        let Ok(call) = self.call(cid) else {
            return Vec::new();
        };
        if call.blocked.contains(user) {
            return Vec::new();
        }
        let (Ok(kind), Ok(known)) = (self.kind(&call.kind), self.user(user)) else {
            return Vec::new();
        };
        let member = call.members.get(user).and_then(|each| each.role.as_deref());
        let host = (call.created_by == user).then_some(HOST);
        let roles = [Some(known.role.as_str()), member, host];
        let mut capabilities: BTreeSet<&String> = roles
            .into_iter()
            .flatten()
            .flat_map(|role| kind.granted(role))
            .collect();
        capabilities.extend(call.given.get(user).into_iter().flatten());
        let taken = call.taken.get(user);
        let kept = |each: &&String| taken.is_none_or(|taken| !taken.contains(*each));
        capabilities.into_iter().filter(kept).cloned().collect()
    }

    /// Everybody who may do something in a call.
    pub(crate) fn able(&self, cid: &str, capability: &str) -> Vec<String> {
        let can = |user: &&String| {
            let capabilities = self.capabilities(cid, user);
            capabilities.iter().any(|each| each == capability)
        };
        self.users.keys().filter(can).cloned().collect()
    }

    /// The session of a call, which begins if there is none; and whether it just began.
    pub(crate) fn session(&mut self, cid: &str) -> Result<(&mut Session, bool), Refusal> {
        let id = self.unique("session");
        let call = self.call_mut(cid)?;
        let began = call.session.is_none();
        let session = call.session.get_or_insert_with(|| Session {
            id,
            started: stamp(),
            present: Vec::new(),
            accepted: BTreeMap::new(),
            rejected: BTreeMap::new(),
        });
        Ok((session, began))
    }

    pub(crate) fn user_json(&self, id: &str) -> Value {
        let Some((user, since)) = self.users.get(id) else {
            return json!({ "id": id, "role": "user", "custom": {}, "teams": [] });
        };
        json!({
            "id": user.id,
            "name": user.name,
            "role": user.role,
            "language": "",
            "teams": [],
            "blocked_user_ids": [],
            "custom": {},
            "created_at": since,
            "updated_at": since,
        })
    }

    /// The user that has connected.
    pub(crate) fn me_json(&self, id: &str) -> Value {
        let mut me = self.user_json(id);
        me["devices"] = json!([]);
        me
    }

    fn member_json(&self, id: &str, member: &Member) -> Value {
        let mut json = json!({
            "user_id": id,
            "user": self.user_json(id),
            "custom": member.custom,
            "created_at": member.created,
            "updated_at": member.created,
        });
        if let Some(role) = &member.role {
            json["role"] = json!(role);
        }
        json
    }

    pub(crate) fn members_json(&self, call: &Call) -> Vec<Value> {
        let each = |(id, member): (&String, &Member)| self.member_json(id, member);
        call.members.iter().map(each).collect()
    }

    pub(crate) fn present_json(&self, cid: &str, present: &Present) -> Value {
        let capabilities = self.call(cid).ok();
        let member = capabilities.and_then(|call| call.members.get(&present.user));
        let role = member.and_then(|member| member.role.clone());
        let role = role.or_else(|| self.user(&present.user).ok().map(|user| user.role.clone()));
        json!({
            "user": self.user_json(&present.user),
            "user_session_id": present.session,
            "joined_at": present.joined,
            "role": role,
        })
    }

    fn session_json(&self, cid: &str, session: &Session) -> Value {
        let present = session.present.iter();
        let participants: Vec<_> = present.map(|each| self.present_json(cid, each)).collect();
        let mut by_role = BTreeMap::<String, u32>::new();
        for each in &participants {
            let role = each["role"].as_str().unwrap_or_default().to_owned();
            *by_role.entry(role).or_default() += 1;
        }
        json!({
            "id": session.id,
            "started_at": session.started,
            "participants": participants,
            "participants_count_by_role": by_role,
            "anonymous_participant_count": 0,
            "accepted_by": session.accepted,
            "rejected_by": session.rejected,
            "missed_by": {},
        })
    }

    pub(crate) fn call_json(&self, cid: &str) -> Value {
        let Ok(call) = self.call(cid) else {
            return Value::Null;
        };
        let mut json = json!({
            "cid": cid,
            "type": call.kind,
            "id": call.id,
            "created_by": self.user_json(&call.created_by),
            "created_at": call.created,
            "updated_at": call.updated,
            "custom": call.custom,
            "settings": call.settings,
            "backstage": call.backstage,
            "blocked_user_ids": call.blocked,
            "captioning": call.captioning,
            "recording": call.recording,
            "transcribing": call.transcribing,
            "translating": false,
            "current_session_id": call.session.as_ref().map_or("", |session| &session.id),
            "egress": { "broadcasting": false, "rtmps": [] },
            "ingress": {
                "rtmp": { "address": "" }, "srt": { "address": "" }, "whip": { "address": "" },
            },
        });
        if let Some(ended) = &call.ended {
            json["ended_at"] = json!(ended);
        }
        if let Some(session) = &call.session {
            json["session"] = self.session_json(cid, session);
        }
        if call.recording {
            json["egress"]["composite_recording"] = json!({ "status": "running" });
        }
        json
    }

    /// A call as one user sees it.
    pub(crate) fn state_json(&self, cid: &str, user: Option<&str>) -> Result<Value, Refusal> {
        let call = self.call(cid)?;
        let mut json = json!({
            "call": self.call_json(cid),
            "members": self.members_json(call),
            "own_capabilities": user.map(|user| self.capabilities(cid, user)).unwrap_or_default(),
            "duration": "0.10ms",
        });
        if let Some(user) = user
            && let Some(member) = call.members.get(user)
        {
            json["membership"] = self.member_json(user, member);
        }
        Ok(json)
    }

    /// Permissions by role, as `call.updated` carries them.
    pub(crate) fn grants_json(&self, cid: &str) -> Value {
        let kind = self.call(cid).and_then(|call| self.kind(&call.kind));
        kind.map_or(Value::Null, |kind| json!(kind.grants))
    }

    /// Somebody has come; whether that connection is new to the call.
    pub(crate) fn arrive(&mut self, cid: &str, user: &str, session: &str) -> bool {
        let Ok((into, _)) = self.session(cid) else {
            return false;
        };
        let new = !into.present.iter().any(|each| each.session == session);
        if new {
            into.present.push(Present {
                user: user.to_owned(),
                session: session.to_owned(),
                joined: stamp(),
            });
        }
        new
    }

    /// A connection has gone; what it was.
    pub(crate) fn depart(&mut self, cid: &str, session: &str) -> Option<Present> {
        let from = self.call_mut(cid).ok()?.session.as_mut()?;
        let at = from
            .present
            .iter()
            .position(|each| each.session == session)?;
        Some(from.present.remove(at))
    }
}
