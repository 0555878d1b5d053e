//! A backend that is a Convex deployment (contract P3): functions in place of paths.
//!
//! What is asked once goes over Convex's HTTP API, the live list over its sync protocol, spoken by
//! Convex's own client; `docs/decisions/convex.md` says why.

mod follow;
mod function;
mod identity;
mod values;

use std::sync::Arc;

use salon_account::Credentials;
use salon_base::{Code, Fault, Later, Provider};
use salon_meeting::feed::Feed;
use salon_meeting::live::LiveBackend;
use salon_meeting::session::Status;
use salon_profile::template::{Values, fill_map};
use salon_profile::{Convex, ConvexFunction, Profile, StreamApp};
use salon_token::JoinGrant;
use serde_json::{Map, Value};
use url::Url;

use crate::parse::status_of_one;
use crate::rest::{Received, Wanted, read_token};
use crate::token_request::{TokenRequest, require_secure};

use follow::Pace;
use function::{FunctionCall, Kind};

/// One deployment and its user.
#[derive(Clone, Debug)]
pub struct ConvexBackend {
    client: reqwest::Client,
    base: Url,
    credentials: Arc<dyn Credentials>,
    provider: Provider,
    server: Option<Url>,
    stream: Option<StreamApp>,
    convex: Convex,
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
        require_secure(&base)?;
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
            stream: profile.stream.clone(),
            convex,
        })
    }

    /// A fresh token, inspected.
    ///
    /// # Errors
    /// A [`Fault`] that names the cause; among them everything that an inspection finds.
    pub async fn token(&self, request: &TokenRequest<'_>) -> Result<JoinGrant, Fault> {
        let user = self.user_id();
        let values = Values {
            room: request.room,
            session: request.session.unwrap_or_default(),
            name: request.display_name,
            user: &user,
        };
        let token = &self.convex.token;
        let received = self
            .ask(FunctionCall {
                kind: Kind::Query,
                path: &token.function,
                args: fill(&token.args, &values)?,
                message: &token.answer.message,
            })
            .await?;
        let wanted = Wanted {
            provider: self.provider,
            request: *request,
            server: self.server.as_ref(),
            stream: self.stream.as_ref(),
            // A function that is asked for this user's token and answers with another's is wrong.
            user: Some(user.as_str())
                .filter(|user| self.provider == Provider::Stream && !user.is_empty()),
        };
        read_token(&token.answer, wanted, &received)
    }

    /// The live list of the user's meeting sessions, at this pace.
    fn feed_at(&self, pace: Pace) -> Feed {
        follow::follow(self.clone(), pace)
    }

    async fn ask_for_one(&self, function: &ConvexFunction, session: &str) -> Result<Status, Fault> {
        let answer = self.call(Kind::Query, function, session).await?;
        status_of_one(&answer.json()?, &self.convex.fields)
    }

    async fn change(&self, function: &ConvexFunction, session: &str) -> Result<(), Fault> {
        self.call(Kind::Mutation, function, session).await.map(drop)
    }

    /// Calls a function about one meeting session.
    async fn call(
        &self,
        kind: Kind,
        function: &ConvexFunction,
        session: &str,
    ) -> Result<Received, Fault> {
        let user = self.user_id();
        let values = Values {
            session,
            user: &user,
            ..Values::default()
        };
        let call = FunctionCall {
            kind,
            path: &function.function,
            args: fill(&function.args, &values)?,
            message: &[],
        };
        self.ask(call).await
    }

    fn active_args(&self) -> Result<Map<String, Value>, Fault> {
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

impl LiveBackend for ConvexBackend {
    fn provider(&self) -> Provider {
        self.provider
    }

    fn server(&self) -> Option<&Url> {
        self.server.as_ref()
    }

    /// The connection lasts as long as the list. It is one user's.
    fn feed(&self) -> Option<Feed> {
        let args = Value::Object(self.convex.active.args.clone());
        if self.user_id().is_empty() && args.to_string().contains("{user") {
            tracing::warn!(
                "the list of meetings cannot be asked for: who the user is is not known"
            );
            return None;
        }
        Some(self.feed_at(Pace::default()))
    }

    fn one<'a>(&'a self, id: &'a str) -> Option<Later<'a, Result<Status, Fault>>> {
        let function = self.convex.one.as_ref()?;
        Some(Box::pin(self.ask_for_one(function, id)))
    }

    fn end<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        Box::pin(self.change(&self.convex.end, id))
    }

    fn cancel<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        Box::pin(async move {
            let cancel = self.convex.cancel.as_ref();
            self.change(cancel.ok_or(Code::BackendEndpointMissing)?, id)
                .await
        })
    }
}

/// Arguments with what their placeholders stand for.
fn fill(args: &Map<String, Value>, values: &Values<'_>) -> Result<Map<String, Value>, Fault> {
    fill_map(args, values).map_err(|why| Fault::new(Code::ProfileInvalid, why))
}

#[cfg(test)]
mod tests;
