//! A product's backend, asked as its profile says: tokens, and the user's meeting sessions.

pub mod convex;
pub mod rest;

use std::sync::Arc;

use url::Url;

use crate::account::{Credentials, Later};
use crate::meeting::feed::Feed;
use crate::meeting::live::LiveBackend;
use crate::meeting::session::Status;
use crate::meeting::stream::StreamAsked;
use crate::meeting::{Provider, is_loopback};
use crate::plain::line;
use crate::profile::Profile;
use crate::token::JoinGrant;
use crate::{Code, Fault};

pub use convex::ConvexBackend;
pub use rest::RestBackend;

/// What a token is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest<'a> {
    /// The room, or the call's id; empty: the backend says.
    pub room: &'a str,
    /// The backend's meeting session, if it is one.
    pub session: Option<&'a str>,
    /// What the others are to see.
    pub display_name: &'a str,
    /// The media server, if the answer does not name it.
    pub server: Option<&'a str>,
    /// The administrator has locked it: no answer may name another one.
    pub server_locked: bool,
    /// What is known of a call of Stream's.
    pub stream: StreamAsked<'a>,
}

/// The backend that a profile describes.
#[derive(Debug)]
pub enum Backend {
    /// Asked over HTTP.
    Rest(Box<RestBackend>),
    /// A Convex deployment.
    Convex(Box<ConvexBackend>),
}

impl Backend {
    /// The backend at `base`, as its profile says.
    ///
    /// # Errors
    /// [`Code::BackendInsecure`] for an address without HTTPS that is not on this computer.
    pub fn new(
        profile: &Profile,
        base: Url,
        credentials: Arc<dyn Credentials>,
        client: reqwest::Client,
    ) -> Result<Self, Fault> {
        if profile.rest.is_some() {
            let rest = RestBackend::new(profile, base, credentials, client)?;
            return Ok(Self::Rest(Box::new(rest)));
        }
        let convex = ConvexBackend::new(profile, base, credentials, client)?;
        Ok(Self::Convex(Box::new(convex)))
    }

    /// It, if it is asked over HTTP.
    pub fn rest(&self) -> Option<&RestBackend> {
        match self {
            Self::Rest(rest) => Some(&**rest),
            Self::Convex(_) => None,
        }
    }

    /// A fresh token, inspected.
    ///
    /// # Errors
    /// A [`Fault`] that names the cause; among them everything that an inspection finds.
    pub async fn token(&self, asked: &TokenRequest<'_>) -> Result<JoinGrant, Fault> {
        match self {
            Self::Rest(rest) => rest.token(asked).await,
            Self::Convex(convex) => convex.token(asked).await,
        }
    }
}

impl Backend {
    fn live(&self) -> &dyn LiveBackend {
        match self {
            Self::Rest(rest) => &**rest,
            Self::Convex(convex) => &**convex,
        }
    }
}

impl LiveBackend for Backend {
    fn provider(&self) -> Provider {
        self.live().provider()
    }

    fn server(&self) -> Option<&Url> {
        self.live().server()
    }

    fn feed(&self) -> Option<Feed> {
        self.live().feed()
    }

    fn one<'a>(&'a self, id: &'a str) -> Option<Later<'a, Result<Status, Fault>>> {
        self.live().one(id)
    }

    fn end<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        self.live().end(id)
    }

    fn cancel<'a>(&'a self, id: &'a str) -> Later<'a, Result<(), Fault>> {
        self.live().cancel(id)
    }
}

/// Characters of a backend's words.
const LONGEST_MESSAGE: usize = 300;

/// A backend's words, for people.
fn plain(words: &str) -> String {
    line(words, LONGEST_MESSAGE)
}

/// HTTPS, or HTTP on this computer; no user name or password, which would be sent along.
pub(crate) fn require_secure(base: &Url) -> Result<(), Fault> {
    let secure = match base.scheme() {
        "https" => true,
        "http" => is_loopback(base),
        _ => false,
    };
    if !secure {
        return Err(Code::BackendInsecure.into());
    }
    if !base.username().is_empty() || base.password().is_some() {
        let why = "its address has a user name or a password";
        return Err(Fault::new(Code::BackendInsecure, why));
    }
    Ok(())
}
