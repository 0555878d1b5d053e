//! A backend that is a Convex deployment (contract P3): functions in place of paths.
//!
//! What is asked once goes over Convex's HTTP API, the live list over its sync protocol, spoken by
//! Convex's own client; `docs/decisions/convex.md` says why.

mod answer;
mod function;
mod identity;
mod live;
mod values;

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use super::TokenRequest;
use crate::account::Credentials;
use crate::meeting::feed::Feed;
use crate::meeting::{Provider, is_loopback};
use crate::profile::{Convex, ConvexFunction, Profile};
use crate::token::MeetingToken;
use crate::{Code, Fault};

use function::{Asked, Kind};

pub use live::Pace;

/// One deployment and its user.
#[derive(Clone, Debug)]
pub struct ConvexBackend {
    client: reqwest::Client,
    base: Url,
    credentials: Arc<dyn Credentials>,
    provider: Provider,
    server: Option<Url>,
    convex: Convex,
}

/// What placeholders in arguments stand for.
#[derive(Clone, Copy, Debug, Default)]
struct Values<'a> {
    room: &'a str,
    session: &'a str,
    name: &'a str,
    user: &'a str,
}

impl ConvexBackend {
    /// The deployment at `base`, as the profile says. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Code::BackendInsecure`] for an address without HTTPS that is not on this computer,
    /// [`Code::ProfileInvalid`] for a profile of another kind.
    pub fn new(
        profile: &Profile,
        base: Url,
        credentials: Arc<dyn Credentials>,
        client: reqwest::Client,
    ) -> Result<Self, Fault> {
        let secure = match base.scheme() {
            "https" => true,
            "http" => is_loopback(&base),
            _ => false,
        };
        if !secure || !base.username().is_empty() || base.password().is_some() {
            return Err(Code::BackendInsecure.into());
        }
        let convex = profile.convex.clone().ok_or_else(|| {
            let why = format!("{} is not asked over Convex", profile.name);
            Fault::new(Code::ProfileInvalid, why)
        })?;
        Ok(Self {
            client,
            base,
            credentials,
            provider: profile.provider,
            server: profile.server.clone(),
            convex,
        })
    }

    /// A fresh token, inspected.
    ///
    /// # Errors
    /// A [`Fault`] that names the cause; among them everything that an inspection finds.
    pub async fn token(&self, asked: &TokenRequest<'_>) -> Result<MeetingToken, Fault> {
        let user = self.user_id();
        let values = Values {
            room: asked.room,
            session: asked.session.unwrap_or_default(),
            name: asked.display_name,
            user: &user,
        };
        let token = &self.convex.token;
        let received = self
            .ask(Asked {
                kind: Kind::Query,
                path: &token.function,
                args: fill(&token.args, &values),
                message: &token.answer.message,
            })
            .await?;
        let wanted = answer::Wanted {
            provider: self.provider,
            asked,
            user: &user,
            server: self.server.as_ref(),
        };
        answer::read_token(&token.answer, &wanted, &received)
    }

    /// The live list of the user's meeting sessions. To be called in a Tokio runtime; the
    /// connection lasts as long as the list.
    pub fn sessions(&self) -> Feed {
        self.sessions_at(Pace::default())
    }

    /// As [`Self::sessions`], at another pace.
    pub fn sessions_at(&self, pace: Pace) -> Feed {
        live::follow(self.clone(), pace)
    }

    /// Completes a meeting session.
    ///
    /// # Errors
    /// What the backend says, [`Code::MeetingCompleted`] and [`Code::MeetingCancelled`] among it.
    pub async fn end(&self, session: &str) -> Result<(), Fault> {
        self.change(&self.convex.end, session).await
    }

    /// Cancels a meeting session.
    ///
    /// # Errors
    /// As [`Self::end`], and [`Code::BackendEndpointMissing`] if the profile names no function.
    pub async fn cancel(&self, session: &str) -> Result<(), Fault> {
        let cancel = self.convex.cancel.as_ref();
        let cancel = cancel.ok_or(Code::BackendEndpointMissing)?;
        self.change(cancel, session).await
    }

    /// Whether the profile names a function that cancels.
    pub fn can_cancel(&self) -> bool {
        self.convex.cancel.is_some()
    }

    async fn change(&self, function: &ConvexFunction, session: &str) -> Result<(), Fault> {
        let user = self.user_id();
        let values = Values {
            session,
            user: &user,
            ..Values::default()
        };
        let asked = Asked {
            kind: Kind::Mutation,
            path: &function.function,
            args: fill(&function.args, &values),
            message: &[],
        };
        self.ask(asked).await.map(drop)
    }

    fn active_args(&self) -> Map<String, Value> {
        let user = self.user_id();
        let values = Values {
            user: &user,
            ..Values::default()
        };
        fill(&self.convex.active.args, &values)
    }

    /// The backend's name for the user; empty: not known.
    fn user_id(&self) -> String {
        self.credentials.user().unwrap_or_default().id
    }
}

/// Arguments with what their placeholders stand for. Only whole texts of the profile are looked
/// at: what is put in is not read again.
fn fill(args: &Map<String, Value>, values: &Values<'_>) -> Map<String, Value> {
    let filled = |(name, value): (&String, &Value)| (name.clone(), fill_value(value, values));
    args.iter().map(filled).collect()
}

fn fill_value(value: &Value, values: &Values<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(fill_text(text, values)),
        Value::Array(items) => items.iter().map(|item| fill_value(item, values)).collect(),
        Value::Object(fields) => Value::Object(fill(fields, values)),
        other => other.clone(),
    }
}

fn fill_text(text: &str, values: &Values<'_>) -> String {
    let names = [
        ("{room}", values.room),
        ("{session}", values.session),
        ("{name}", values.name),
        ("{user}", values.user),
    ];
    let (mut filled, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = names.iter().find(|(name, _)| rest.starts_with(name));
        let (length, put) = found.map_or((1, "{"), |(name, value)| (name.len(), value));
        filled.push_str(put);
        rest = &rest[length..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests;
