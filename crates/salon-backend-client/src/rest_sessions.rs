//! The user's meeting sessions at a backend that is asked over HTTP.

use salon_base::{Code, Fault, Later, Provider};
use salon_meeting::feed::Feed;
use salon_meeting::live::LiveBackend;
use salon_meeting::session::Status;
use salon_profile::template::Values;
use salon_profile::{Method, OneSession, RestSessions};
use serde_json::Value;
use url::Url;

use crate::feed::{Asker, Pace, Wanted, follow};
use crate::parse::status_of_one;
use crate::rest::{LARGEST_ANSWER, Outgoing, RestBackend, path};

impl LiveBackend for RestBackend {
    fn provider(&self) -> Provider {
        self.whose()
    }

    fn server(&self) -> Option<&Url> {
        self.media_server()
    }

    fn feed(&self) -> Option<Feed> {
        let sessions = self.rest().sessions.as_ref()?;
        let user = self.credentials().user().unwrap_or_default();
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
        let sessions = self.rest().sessions.as_ref()?;
        let one = sessions.one.as_ref()?;
        Some(Box::pin(self.ask_for_one(sessions, one, id)))
    }

    fn end<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        let sessions = self.rest().sessions.as_ref();
        Box::pin(self.change(sessions.and_then(|sessions| sessions.end.as_deref()), id))
    }

    fn cancel<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        let sessions = self.rest().sessions.as_ref();
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
        let user = self.credentials().user().unwrap_or_default();
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
