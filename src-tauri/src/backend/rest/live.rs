//! The user's meeting sessions at a backend that is asked over HTTP.

use serde_json::Value;
use url::Url;

use super::{LARGEST_ANSWER, Outgoing, RestBackend, path};
use crate::account::Later;
use crate::meeting::Provider;
use crate::meeting::feed::{Asker, Feed, Pace, Wanted, follow};
use crate::meeting::live::LiveBackend;
use crate::meeting::parse::status_of_one;
use crate::meeting::session::Status;
use crate::profile::template::Values;
use crate::profile::{Method, OneSession, RestSessions};
use crate::{Code, Fault};

impl LiveBackend for RestBackend {
    fn provider(&self) -> Provider {
        self.provider
    }

    fn server(&self) -> Option<&Url> {
        self.server.as_ref()
    }

    fn feed(&self) -> Option<Feed> {
        let sessions = self.rest.sessions.as_ref()?;
        let user = self.credentials.user().unwrap_or_default();
        let values = Values {
            user: &user.id,
            ..Values::default()
        };
        let wanted = Wanted::new(sessions, |template| path(template, &values))
            .inspect_err(|fault| tracing::warn!(%fault, "the list of meetings cannot be asked for"))
            .ok()?;
        Some(follow(
            Asker::new(self.clone()),
            wanted,
            Pace::new(sessions.poll_seconds),
        ))
    }

    fn one<'a>(&'a self, id: &'a str) -> Option<Later<'a, Result<Status, Fault>>> {
        let sessions = self.rest.sessions.as_ref()?;
        let one = sessions.one.as_ref()?;
        Some(Box::pin(self.ask_for_one(sessions, one, id)))
    }

    fn end<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        let sessions = self.rest.sessions.as_ref();
        Box::pin(self.change(sessions.and_then(|sessions| sessions.end.as_deref()), id))
    }

    fn cancel<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        let sessions = self.rest.sessions.as_ref();
        Box::pin(self.change(sessions.and_then(|sessions| sessions.cancel.as_deref()), id))
    }
}

impl RestBackend {
    async fn ask_for_one(
        &self,
        sessions: &RestSessions,
        one: &OneSession,
        session: &str,
    ) -> Result<Status, Fault> {
        let path = self.path_of(&one.path, session)?;
        let outgoing = Outgoing {
            largest: LARGEST_ANSWER,
            about_session: true,
            ..Outgoing::get(&path)
        };
        let answer = self.exchange(outgoing).await?.json()?;
        let found = answer.pointer(&one.at).unwrap_or(&Value::Null);
        status_of_one(found, &sessions.fields)
    }

    fn path_of(&self, template: &str, session: &str) -> Result<String, Fault> {
        let user = self.credentials.user().unwrap_or_default();
        let values = Values {
            session,
            user: &user.id,
            ..Values::default()
        };
        path(template, &values)
    }

    async fn change(&self, template: Option<&str>, session: &str) -> Result<(), Fault> {
        let template = template.ok_or(Code::BackendEndpointMissing)?;
        let path = self.path_of(template, session)?;
        let outgoing = Outgoing {
            method: Method::Post,
            // What has ended cannot end again.
            repeatable: true,
            largest: LARGEST_ANSWER,
            about_session: true,
            ..Outgoing::get(&path)
        };
        self.exchange(outgoing).await.map(drop)
    }
}
