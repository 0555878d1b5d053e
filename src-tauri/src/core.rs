//! What the commands work on: the account, the backend and the signer that the settings lead to.

use std::sync::Arc;

use salon_account::{Account, account_of};
use salon_backend_client::{Backend, DevSigner, TokenRequest, coordinator, preflight};
use salon_base::{Code, Fault};
use salon_http::http_client;
use salon_meeting::live::LiveBackend;
use salon_meeting::stream::StreamSettings;
use salon_meeting::{Meeting, Source};
use salon_profile::{Profile, default_profile, own_profile};
use salon_settings::{Key, Places, Settings};
use salon_token::JoinGrant;
use url::Url;

use crate::paint::PaintPath;

/// What the commands work on.
#[derive(Debug)]
pub struct Core {
    settings: Arc<Settings>,
    paint_path: PaintPath,
    client: reqwest::Client,
    dev: Option<DevSigner>,
    /// Or why there is none: whoever set it wrongly has to be able to set it again.
    chosen: Result<Option<Chosen>, Fault>,
    account: Account,
}

/// The profile that is chosen, and the backend that it says how to ask, if there is one.
#[derive(Debug)]
struct Chosen {
    profile: Profile,
    backend: Option<Arc<Backend>>,
}

impl Core {
    /// # Errors
    /// If the TLS library does not start.
    pub fn new(
        settings: Arc<Settings>,
        places: &Places,
        paint_path: PaintPath,
    ) -> Result<Self, Fault> {
        let client = http_client()?;
        let profile = chosen_profile(&settings, places);
        let with_base = profile.as_ref().ok().and_then(|profile| {
            let profile = profile.as_ref()?;
            let base = settings.backend.as_ref().or(profile.backend.as_ref())?;
            Some((profile.clone(), base.clone()))
        });
        let account = account_of(&settings, with_base.as_ref(), &client);
        let chosen = match (profile, with_base) {
            (Ok(_), Some((profile, base))) => {
                let credentials = Arc::new(account.clone());
                Backend::new(&profile, base, credentials, client.clone()).map(|backend| {
                    Some(Chosen {
                        profile,
                        backend: Some(Arc::new(backend)),
                    })
                })
            }
            (Ok(profile), None) => Ok(profile.map(|profile| Chosen {
                profile,
                backend: None,
            })),
            (Err(fault), _) => Err(fault),
        };
        if let Err(fault) = &chosen {
            tracing::warn!(%fault, "the backend cannot be used");
        }
        // The one place where a signer is made: without dev mode there is none to ask.
        let dev = settings
            .dev
            .then(|| DevSigner::new(settings.signing.clone(), settings.server.clone()));
        Ok(Self {
            settings,
            paint_path,
            client,
            dev,
            chosen,
            account,
        })
    }

    /// The profile that is chosen, if one is and can be used.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        Some(&self.chosen.as_ref().ok()?.as_ref()?.profile)
    }

    /// The same, or why the one that is chosen cannot be used.
    ///
    /// # Errors
    /// What is wrong with the profile or the backend that are set.
    pub(crate) fn chosen_profile(&self) -> Result<Option<&Profile>, Fault> {
        let chosen = self.chosen.as_ref().map_err(Fault::clone)?;
        Ok(chosen.as_ref().map(|chosen| &chosen.profile))
    }

    /// How the app was set up when it started.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How pictures are painted.
    pub(crate) fn paint_path(&self) -> PaintPath {
        self.paint_path
    }

    /// The user's sign-in.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// The backend as far as meeting sessions go.
    pub(crate) fn live_backend(&self) -> Option<Arc<dyn LiveBackend>> {
        let chosen = self.chosen.as_ref().ok()?.as_ref()?;
        Some(chosen.backend.clone()?)
    }

    /// What lets into a meeting, with a fresh token, inspected; `name`: what the others are to see.
    ///
    /// # Errors
    /// A [`Fault`] that names the cause.
    pub(crate) async fn token(&self, meeting: &Meeting, name: &str) -> Result<JoinGrant, Fault> {
        let stream = StreamSettings::of(&self.settings, meeting.call_type.as_deref());
        match meeting.source {
            Source::Dev => match &self.dev {
                Some(dev) => {
                    let app = self.profile().and_then(|profile| profile.stream.as_ref());
                    dev.fetch(meeting, name, &stream, app).await
                }
                None => Err(Code::DevModeOff.into()),
            },
            Source::Backend => match &self.chosen {
                Ok(Some(Chosen {
                    backend: Some(backend),
                    ..
                })) => {
                    let request = TokenRequest {
                        room: &meeting.room,
                        session: meeting.session.as_deref(),
                        display_name: name,
                        server: Some(meeting.server_url.as_str())
                            .filter(|server| !server.is_empty()),
                        server_locked: self.settings.is_locked(Key::Server),
                        stream,
                    };
                    backend.token(&request).await
                }
                Ok(_) => Err(Code::BackendNotSignedIn.into()),
                Err(fault) => Err(fault.clone()),
            },
        }
    }

    /// What the media server, or Stream's coordinator, says of a token that was handed out.
    ///
    /// # Errors
    /// What it objects to, or why it cannot be reached.
    pub(crate) async fn check(&self, handed_out: &JoinGrant) -> Result<(), Fault> {
        match handed_out {
            JoinGrant::Livekit(grant) => match Url::parse(&grant.server_url) {
                Ok(server) => preflight::check(&self.client, &server, &grant.token).await,
                // Then there is nobody to ask.
                Err(_) => Ok(()),
            },
            JoinGrant::Stream(grant) => coordinator::check(&self.client, grant).await,
        }
    }
}

/// The profile that the settings choose, if they do.
fn chosen_profile(settings: &Settings, places: &Places) -> Result<Option<Profile>, Fault> {
    let chosen = settings.profile.as_deref().or(own_profile());
    if settings.backend.is_none() && chosen.is_none() {
        return Ok(None);
    }
    let (profiles, faults) = settings.profiles(places);
    for fault in faults {
        tracing::warn!(%fault, "a profile is left out");
    }
    let name = chosen.unwrap_or(default_profile());
    profiles.require(name).map(|profile| Some(profile.clone()))
}
