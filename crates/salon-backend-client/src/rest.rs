//! A backend that is asked over HTTP.

mod exchange;
pub mod reading;
mod received;
mod refusal;
mod retry;

use std::sync::Arc;

use salon_account::Credentials;
use salon_base::{Code, Fault, Provider};
use salon_profile::template::{Name, Template, Values, fill};
use salon_profile::{CallEndpoint, Method, Profile, Rest, StreamApp, TokenEndpoint, is_dots};
use salon_token::JoinGrant;
use serde_json::Value;
use url::Url;

pub use exchange::Outgoing;
#[cfg(test)]
pub(crate) use exchange::below;
pub use reading::read_token;
use reading::{CallDetails, ReadToken};
pub use received::Received;
pub(crate) use refusal::refusal;

use crate::token_request::{TokenRequest, require_secure};

/// Bytes of an answer; a token takes one or two thousand.
pub const LARGEST_ANSWER: usize = 64 * 1024;
/// Bytes of a list.
pub const LARGEST_LIST: usize = 1024 * 1024;

/// One backend and its user.
#[derive(Clone, Debug)]
pub struct RestBackend {
    client: reqwest::Client,
    base: Url,
    credentials: Arc<dyn Credentials>,
    provider: Provider,
    server: Option<Url>,
    stream: Option<StreamApp>,
    rest: Rest,
}

/// What a token is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Whose token it has to be.
    pub provider: Provider,
    /// What was asked for.
    pub request: TokenRequest<'a>,
    /// The profile's media server, for who asks without knowing the settings.
    pub server: Option<&'a Url>,
    /// The profile's app of Stream's.
    pub stream: Option<&'a StreamApp>,
    /// Whom the token has to be for where the answer does not say, if that is known.
    pub user: Option<&'a str>,
}

impl RestBackend {
    /// The backend at `base`, as its profile says.
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
        let rest = profile.rest.clone().ok_or_else(|| {
            let why = format!("{} is not asked over HTTP", profile.name);
            Fault::new(Code::ProfileInvalid, why)
        })?;
        Ok(Self {
            client,
            base,
            credentials,
            provider: profile.provider,
            server: profile.server.clone(),
            stream: profile.stream.clone(),
            rest,
        })
    }

    /// Who the user is there.
    pub(crate) fn credentials(&self) -> &dyn Credentials {
        &*self.credentials
    }

    /// Whose calls these are.
    pub(crate) fn whose(&self) -> Provider {
        self.provider
    }

    /// The profile's media server.
    pub(crate) fn media_server(&self) -> Option<&Url> {
        self.server.as_ref()
    }

    /// How it is asked.
    pub fn rest(&self) -> &Rest {
        &self.rest
    }

    /// What lets into a meeting, with a fresh token, inspected.
    ///
    /// # Errors
    /// A [`Fault`] that names the cause.
    pub async fn token(&self, request: &TokenRequest<'_>) -> Result<JoinGrant, Fault> {
        let sessions = self.rest.sessions.as_ref();
        let of_session = sessions.and_then(|sessions| sessions.token.as_ref());
        let endpoint = match (request.session, of_session) {
            (Some(_), Some(endpoint)) => endpoint,
            _ => &self.rest.token,
        };
        let user = self.credentials.user().unwrap_or_default();
        let values = Values {
            room: request.room,
            session: request.session.unwrap_or_default(),
            name: request.display_name,
            user: &user.id,
        };
        let received = self.ask_for_token(endpoint, &values).await?;
        let wanted = Wanted {
            provider: self.provider,
            request: *request,
            server: self.server.as_ref(),
            stream: self.stream.as_ref(),
            user: None,
        };
        let token = ReadToken::of(&endpoint.answer, &wanted, &received)?;
        let details = match &self.rest.call {
            Some(call) => self.ask_about_call(call, &values).await?,
            None => CallDetails::default(),
        };
        token.grant(&wanted, &details)
    }

    /// What the token does not tell. A product that has no such endpoint leaves it to the settings.
    async fn ask_about_call(
        &self,
        call: &CallEndpoint,
        values: &Values<'_>,
    ) -> Result<CallDetails, Fault> {
        let path = path(&call.path, values)?;
        let outgoing = Outgoing {
            largest: LARGEST_ANSWER,
            ..Outgoing::get(&path)
        };
        match self.exchange(outgoing).await {
            Ok(received) => CallDetails::of(&call.answer, &received),
            Err(fault) if fault.code == Code::BackendEndpointMissing => {
                tracing::warn!(%fault, "the backend tells nothing of the call");
                Ok(CallDetails::default())
            }
            Err(fault) => Err(fault),
        }
    }

    async fn ask_for_token(
        &self,
        endpoint: &TokenEndpoint,
        values: &Values<'_>,
    ) -> Result<Received, Fault> {
        let path = path(&endpoint.path, values)?;
        let body = endpoint.body.as_ref().map(|body| fill(body, values));
        let body = body.transpose().map_err(profile_invalid)?;
        let outgoing = Outgoing {
            method: endpoint.method,
            body: body.as_ref(),
            // Asking for a token changes nothing there.
            repeatable: true,
            largest: LARGEST_ANSWER,
            message: &endpoint.answer.message,
            about_session: names_session(&endpoint.path),
            ..Outgoing::get(&path)
        };
        self.exchange(outgoing).await
    }

    /// A request to a path below the backend's address, which [`path`] has made; the answer, if
    /// it is not a refusal. A GET may be sent twice.
    ///
    /// # Errors
    /// A [`Fault`] that names the cause.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Received, Fault> {
        let get = Outgoing::get(path);
        let outgoing = match method {
            Method::Get => get,
            Method::Post => Outgoing {
                method,
                body,
                repeatable: false,
                largest: LARGEST_ANSWER,
                ..get
            },
        };
        self.exchange(outgoing).await
    }
}

/// The path that a template makes, below a backend's address.
///
/// # Errors
/// [`Code::MeetingNotFound`] if a value cannot be a part of a path.
pub fn path(template: &str, values: &Values<'_>) -> Result<String, Fault> {
    let template = Template::parse(template).map_err(profile_invalid)?;
    let path = template.path(values);
    let empty = |path: &str| steps(path).filter(|step| step.is_empty()).count();
    let missing = empty(&path) > empty(&template.with_stand_in("x"));
    // Dots would be taken for the way up, encoded or not.
    if missing || steps(&path).any(is_dots) {
        let why = "it has no name that the backend could know";
        return Err(Fault::new(Code::MeetingNotFound, why));
    }
    Ok(path)
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('?').next().unwrap_or_default().split('/')
}

fn names_session(template: &str) -> bool {
    Template::parse(template).is_ok_and(|template| template.has(Name::Session))
}

fn profile_invalid(why: String) -> Fault {
    Fault::new(Code::ProfileInvalid, why)
}

#[cfg(test)]
mod tests;
