//! What the page may ask: each command is one call into the core.

pub mod account;
pub mod history;
pub mod retention;
pub mod sessions;
pub mod settings;

use std::sync::Arc;

use serde::Serialize;
use tauri::State;
use url::Url;

use crate::account::vault::{KeyringVault, MemoryVault, Vault};
use crate::account::{Account, Limits, Means, Product, SystemClock, is_sign_in};
use crate::backend::{Backend, TokenRequest};
use crate::links::{Links, Problems};
use crate::meeting::held::{HeldMeeting, HeldMeetings};
use crate::meeting::live::LiveBackend;
use crate::meeting::stream::StreamAsked;
use crate::meeting::{Source, resolve};
use crate::page_life::{Lost, PageLife};
use crate::profile::{DEFAULT_PROFILE, Profile, Profiles};
use crate::settings::{Key, Places, Settings};
use crate::token::doctor::{Diagnosis, diagnose};
use crate::token::inspect::Expected;
use crate::token::{DevSigner, JoinGrant, coordinator, http_client, preflight};
use crate::{Code, Fault, PaintPath};

/// Characters of a line that the page may log.
const LONGEST_LOG_LINE: usize = 2_000;
/// Characters of a participant's name.
const LONGEST_NAME: usize = 60;

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
        let account = account(&settings, with_base.as_ref(), &client);
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

    /// The user's sign-in.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// The backend as far as meeting sessions go.
    pub(crate) fn live_backend(&self) -> Option<Arc<dyn LiveBackend>> {
        let chosen = self.chosen.as_ref().ok()?.as_ref()?;
        Some(chosen.backend.clone()?)
    }
}

/// The user's sign-in with this backend. The keyring is not touched before it is needed.
pub(crate) fn account(
    settings: &Settings,
    backend: Option<&(Profile, Url)>,
    http: &reqwest::Client,
) -> Account {
    let product = backend.map(|(profile, base)| Product::new(profile, base.clone()));
    let means = Means {
        vault: vault(settings),
        clock: Arc::new(SystemClock),
        http: http.clone(),
        open: Arc::new(|url| open::that_detached(url.as_str())),
        limits: Limits::default(),
        given: settings.backend_token.clone(),
    };
    Account::new(product, means)
}

/// Where sign-ins are kept. The keyring is the user's, so a Salon that runs beside theirs has none.
fn vault(settings: &Settings) -> Arc<dyn Vault> {
    match settings.beside {
        Some(_) => Arc::new(MemoryVault::new()),
        None => Arc::new(KeyringVault::system()),
    }
}

/// The profile that the settings choose, if they do.
fn chosen_profile(settings: &Settings, places: &Places) -> Result<Option<Profile>, Fault> {
    if settings.backend.is_none() && settings.profile.is_none() {
        return Ok(None);
    }
    let (profiles, faults) = Profiles::of(settings, places);
    for fault in faults {
        tracing::warn!(%fault, "a profile is left out");
    }
    let name = settings.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
    profiles.require(name).map(|profile| Some(profile.clone()))
}

/// Where the page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct StartAt {
    /// Link or room.
    pub room: String,
    /// Screen.
    pub screen: Screen,
}

/// A screen of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
pub enum Screen {
    /// Choosing a meeting.
    Home,
    /// Device preview.
    Lobby,
    /// In the call, at once.
    Room,
}

/// What the page knows of the app.
#[derive(Clone, Debug, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct AppInfo {
    /// Version.
    pub version: &'static str,
    /// Dev mode.
    pub dev_mode: bool,
    /// Absent: at home.
    pub start_at: Option<StartAt>,
    /// What the page before this one left behind; absent: nothing.
    pub lost: Option<Lost>,
    /// Painting path.
    pub paint_path: PaintPath,
}

/// What the page begins with.
#[tauri::command]
pub fn app_info(core: State<'_, Core>, life: State<'_, PageLife>) -> AppInfo {
    let settings = &core.settings;
    let beginning = life.begins();
    let screen = match (settings.guest, settings.lobby || settings.open.is_some()) {
        (true, _) => Screen::Room,
        (false, true) => Screen::Lobby,
        (false, false) => Screen::Home,
    };
    AppInfo {
        version: env!("CARGO_PKG_VERSION"),
        dev_mode: settings.dev,
        // A sign-in link is none of the page's business.
        start_at: settings
            .open
            .clone()
            // What the app was started with is done once.
            .filter(|open| beginning.first && !is_sign_in(open))
            .map(|room| StartAt { room, screen }),
        lost: beginning.lost,
        paint_path: core.paint_path,
    }
}

/// Reads a link or a room name.
#[tauri::command]
pub fn resolve_meeting(
    core: State<'_, Core>,
    held: State<'_, HeldMeetings>,
    input: &str,
) -> Result<HeldMeeting, Fault> {
    core.chosen.as_ref().map_err(Fault::clone)?;
    let profile = core.profile();
    Ok(held.hold(resolve(input, &core.settings, profile)?))
}

/// What lets into a meeting that the page was told of, with a fresh token, inspected.
#[tauri::command]
pub async fn fetch_token(
    core: State<'_, Core>,
    held: State<'_, HeldMeetings>,
    id: String,
    display_name: String,
) -> Result<JoinGrant, Fault> {
    let meeting = held.get(&id)?;
    let name: String = display_name.chars().take(LONGEST_NAME).collect();
    tracing::info!(room = meeting.room, source = ?meeting.source, "fetching a token");
    let stream = StreamAsked::of(&core.settings, meeting.call_type.as_deref());
    let fetched = match meeting.source {
        Source::Dev => match &core.dev {
            Some(dev) => {
                let app = core.profile().and_then(|profile| profile.stream.as_ref());
                dev.fetch(&meeting, &name, &stream, app).await
            }
            None => Err(Code::DevModeOff.into()),
        },
        Source::Backend => match &core.chosen {
            Ok(Some(Chosen {
                backend: Some(backend),
                ..
            })) => {
                let asked = TokenRequest {
                    room: &meeting.room,
                    session: meeting.session.as_deref(),
                    display_name: &name,
                    server: Some(meeting.server_url.as_str()).filter(|server| !server.is_empty()),
                    server_locked: core.settings.is_locked(Key::Server),
                    stream,
                };
                backend.token(&asked).await
            }
            Ok(_) => Err(Code::BackendNotSignedIn.into()),
            Err(fault) => Err(fault.clone()),
        },
    };
    fetched
        .inspect(|grant| held.hand_out(&id, grant))
        .inspect_err(|fault| tracing::warn!(%fault, "no token"))
}

/// After a join has failed: what the media server, or Stream's coordinator, says of the token that was
/// handed out last, if it says anything.
#[tauri::command]
pub async fn check_meeting(
    core: State<'_, Core>,
    held: State<'_, HeldMeetings>,
    id: String,
) -> Result<(), Fault> {
    let Some(handed_out) = held.handed_out(&id) else {
        return Ok(());
    };
    let checked = match &handed_out {
        JoinGrant::Livekit(grant) => match Url::parse(&grant.server_url) {
            Ok(server) => preflight::check(&core.client, &server, &grant.token).await,
            // Then there is nobody to ask.
            Err(_) => Ok(()),
        },
        JoinGrant::Stream(grant) => coordinator::check(&core.client, grant).await,
    };
    checked.inspect_err(|fault| tracing::warn!(%fault, "the media server objects"))
}

/// What a token says and what is wrong with it. Nothing of it is kept.
#[tauri::command]
pub fn diagnose_token(token: &str) -> Diagnosis {
    diagnose(token.trim(), None, Expected::anything())
}

/// The page listens for links from now on; those that came before.
#[tauri::command]
pub fn pending_links(links: State<'_, Links>) -> Vec<String> {
    links.page_listens()
}

/// The page listens for problems from now on; those that came before.
#[tauri::command]
pub fn pending_problems(problems: State<'_, Problems>) -> Vec<Fault> {
    problems.page_listens()
}

/// A line for the log.
#[tauri::command]
pub fn log(level: &str, message: &str) {
    let message: String = message
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_LOG_LINE)
        .collect();
    match level {
        "error" => tracing::error!(target: "page", "{message}"),
        "warn" => tracing::warn!(target: "page", "{message}"),
        _ => tracing::info!(target: "page", "{message}"),
    }
}
