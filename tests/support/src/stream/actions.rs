//! What can be asked of a call, and by whom.

mod captures;
mod lifecycle;
mod moderation;
mod saying;

use serde_json::{Map, Value, json};

use super::orders::Orders;
use super::refusal::Refusal;
use super::sfu::MediaServer;
use super::tokens::Caller;
use super::world::World;

/// A request about one call.
pub(crate) struct Asked<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
    pub(crate) cid: &'a str,
    /// What is asked, with how: `POST join`.
    pub(crate) action: &'a str,
    pub(crate) body: &'a Map<String, Value>,
    pub(crate) media: &'a [MediaServer],
}

impl Asked<'_> {
    /// The user who asks; none: a backend.
    fn user(&self) -> Option<&str> {
        match self.caller {
            Caller::User(user) => Some(user),
            Caller::Backend => None,
        }
    }

    /// In whose name: a backend's requests are the call's beginner's.
    fn actor(&self, world: &World) -> String {
        let beginner = || world.call(self.cid).map(|call| call.created_by.clone());
        self.user()
            .map(String::from)
            .or_else(|| beginner().ok())
            .unwrap_or_default()
    }

    /// Refuses unless whoever asks may do this.
    fn need(&self, world: &World, capability: &str) -> Result<(), Refusal> {
        world.call(self.cid)?;
        let Some(user) = self.user() else {
            return Ok(());
        };
        let capabilities = world.capabilities(self.cid, user);
        if capabilities.iter().any(|each| each == capability) {
            Ok(())
        } else {
            Err(Refusal::not_allowed(user, capability, self.cid))
        }
    }

    fn text(&self, name: &str) -> Result<&str, Refusal> {
        let value = self.body.get(name).and_then(Value::as_str);
        value.ok_or_else(|| Refusal::input(format!("{name} is a required field")))
    }

    fn flag(&self, name: &str) -> bool {
        self.body.get(name) == Some(&Value::Bool(true))
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let list = self.body.get(name).and_then(Value::as_array);
        let text = |value: &Value| value.as_str().map(String::from);
        list.into_iter().flatten().filter_map(text).collect()
    }
}

/// An answer that says nothing.
fn done() -> Value {
    json!({ "duration": "0.10ms" })
}

/// Does what is asked, unless it may not be done.
pub(crate) fn run(
    world: &mut World,
    asked: &Asked<'_>,
    orders: &mut Orders,
) -> Result<Value, Refusal> {
    // Whether there are such calls is found out before who may do what in them.
    world.kind(asked.kind)?;
    match asked.action {
        "GET" => lifecycle::get(world, asked),
        "POST" => lifecycle::get_or_create(world, asked, orders),
        "PATCH" => lifecycle::update(world, asked, orders),
        "POST join" => lifecycle::join(world, asked, orders),
        "POST mark_ended" => lifecycle::end(world, asked, orders),
        "POST ring" => lifecycle::ring(world, asked, orders),
        "POST accept" => lifecycle::accept(world, asked, orders),
        "POST reject" => lifecycle::reject(world, asked, orders),
        "POST members" => lifecycle::members(world, asked, orders),
        "POST event" => saying::event(world, asked, orders),
        "POST reaction" => saying::reaction(world, asked, orders),
        "POST mute_users" => moderation::mute(world, asked, orders),
        "POST kick" => moderation::kick(world, asked, orders),
        "POST block" => moderation::block(world, asked, orders),
        "POST unblock" => moderation::unblock(world, asked, orders),
        "POST user_permissions" => moderation::permit(world, asked, orders),
        "POST request_permission" => moderation::request(world, asked, orders),
        "POST start_recording" | "POST recordings/composite/start" => {
            captures::record(world, asked, orders, true)
        }
        "POST stop_recording" | "POST recordings/composite/stop" => {
            captures::record(world, asked, orders, false)
        }
        "POST start_closed_captions" => captures::caption(world, asked, orders, true),
        "POST stop_closed_captions" => captures::caption(world, asked, orders, false),
        "POST start_transcription" => captures::transcribe(world, asked, orders, true),
        "POST stop_transcription" => captures::transcribe(world, asked, orders, false),
        other => Err(Refusal::missing(format!("there is no {other} here"))),
    }
}
