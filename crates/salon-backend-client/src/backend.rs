//! The backend that a profile describes, whichever way it is asked.

use std::sync::Arc;

use reqwest::Client;
use salon_account::Credentials;
use salon_base::{Fault, Later, Provider};
use salon_meeting::feed::Feed;
use salon_meeting::live::LiveBackend;
use salon_meeting::session::Status;
use salon_profile::Profile;
use salon_token::JoinGrant;
use url::Url;

use crate::convex::ConvexBackend;
use crate::rest::RestBackend;
use crate::token_request::TokenRequest;

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
    /// [`salon_base::Code::BackendInsecure`] for an address without HTTPS that is not on this computer.
    pub fn new(
        profile: &Profile,
        base: Url,
        credentials: Arc<dyn Credentials>,
        client: Client,
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
    pub async fn token(&self, request: &TokenRequest<'_>) -> Result<JoinGrant, Fault> {
        match self {
            Self::Rest(rest) => rest.token(request).await,
            Self::Convex(convex) => convex.token(request).await,
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
