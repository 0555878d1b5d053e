//! The user's meeting sessions at a backend that is asked over HTTP.

use url::Url;

use super::{LARGEST_ANSWER, Outgoing, RestBackend, path};
use crate::account::Later;
use crate::meeting::Provider;
use crate::meeting::feed::{Asker, Feed, Pace, Wanted, follow};
use crate::meeting::live::LiveBackend;
use crate::profile::Method;
use crate::profile::template::Values;
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
    async fn change(&self, template: Option<&str>, session: &str) -> Result<(), Fault> {
        let template = template.ok_or(Code::BackendEndpointMissing)?;
        let user = self.credentials.user().unwrap_or_default();
        let values = Values {
            session,
            user: &user.id,
            ..Values::default()
        };
        let path = path(template, &values)?;
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
