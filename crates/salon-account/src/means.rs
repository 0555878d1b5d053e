//! What an account is of, and what it works with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use salon_profile::{Auth, Profile, SignIn};
use secrecy::SecretString;
use url::Url;

use super::clock::Clock;
use super::vault::Vault;
use crate::state::{BackendInfo, SignInWays};

/// Opens an address in the system's browser.
pub type Opener = Arc<dyn Fn(&Url) -> std::io::Result<()> + Send + Sync>;

/// The backend that is signed in to.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// What the page shows of it.
    pub info: BackendInfo,
    /// Its address.
    pub base: Url,
    /// How requests say whose they are.
    pub auth: Auth,
    /// How users sign in.
    pub sign_in: SignIn,
}

impl Product {
    /// The backend at `base`, as its profile says.
    pub fn new(profile: &Profile, base: Url) -> Self {
        let host = base.host_str().unwrap_or_default();
        let host = match base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let rest = profile.rest.as_ref();
        Self {
            info: BackendInfo {
                profile: profile.name.clone(),
                title: profile.title.clone(),
                host,
            },
            base,
            auth: rest.map_or(Auth::Bearer, |rest| rest.auth.clone()),
            sign_in: profile.sign_in.clone(),
        }
    }

    pub(super) fn ways(&self) -> SignInWays {
        let any = self.auth != Auth::None;
        SignInWays {
            paste: any && self.sign_in.paste,
            link: any && self.sign_in.link,
            browser: any && self.sign_in.browser.is_some(),
        }
    }

    pub(super) fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Under which name the sign-in is kept: a token of one backend is never sent to another.
    pub(super) fn entry(&self) -> String {
        format!("account {} {}", self.info.profile, self.origin())
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A keyring's answer; it may have to ask the user.
    pub keyring: Duration,
    /// The user in the browser.
    pub browser: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            keyring: Duration::from_secs(10),
            browser: Duration::from_secs(300),
        }
    }
}

/// What an account works with.
#[derive(Clone)]
pub struct Means {
    /// Where sign-ins are kept.
    pub vault: Arc<dyn Vault>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// For talking to authorisation servers: no redirects.
    pub http: reqwest::Client,
    /// The system's browser.
    pub open: Opener,
    /// How long things may take.
    pub limits: Limits,
    /// A credential that was given at the start. It is signed in with, kept nowhere, and what is
    /// kept is left alone.
    pub given: Option<SecretString>,
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Means")
            .field("vault", &self.vault)
            .field("clock", &self.clock)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
