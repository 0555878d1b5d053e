//! What the page may ask: each command is one call into the core.

pub mod account;
pub mod downloads;
pub mod history;
pub mod outside;
pub mod retention;
pub mod sessions;
pub mod settings;
pub mod window;

use std::time::SystemTime;

use salon_account::is_sign_in;
use salon_base::Fault;
use salon_meeting::held::{HeldMeeting, HeldMeetings};
use salon_meeting::resolve;
use salon_token::JoinGrant;
use salon_token::doctor::{Diagnosis, diagnose};
use salon_token::inspect::Expected;
use serde::Serialize;
use tauri::State;

use crate::core::Core;
use crate::links::{Links, Problems};
use crate::page_life::{Lost, PageLife};
use crate::paint::PaintPath;

/// Characters of a line that the page may log.
const LONGEST_LOG_LINE: usize = 2_000;
/// Characters of a participant's name.
const LONGEST_NAME: usize = 60;

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
    let settings = core.settings();
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
        paint_path: core.paint_path(),
    }
}

/// Reads a link or a room name.
#[tauri::command]
pub fn resolve_meeting(
    core: State<'_, Core>,
    held: State<'_, HeldMeetings>,
    input: &str,
) -> Result<HeldMeeting, Fault> {
    let profile = core.chosen_profile()?;
    Ok(held.hold(resolve(input, core.settings(), profile)?))
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
    let fetched = core.token(&meeting, &name).await;
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
    let checked = core.check(&handed_out).await;
    checked.inspect_err(|fault| tracing::warn!(%fault, "the media server objects"))
}

/// What a token says and what is wrong with it. Nothing of it is kept.
#[tauri::command]
pub fn diagnose_token(token: &str) -> Diagnosis {
    diagnose(token.trim(), None, Expected::anything(SystemTime::now()))
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
