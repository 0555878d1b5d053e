//! The icon in the tray: what rings, with a way to join, and a way out. On Linux its library may be
//! missing, and some desktops show no tray; then there is none.

use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use salon_meeting::feed::SessionsState;
use salon_meeting::live::{Command, Sessions};
use salon_meeting::session::MeetingSession;
use salon_product::{NAME, PROGRAM};
use salon_settings::{LiveSettings, Settings};
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, Wry};
use tokio::sync::watch;

use crate::words::Words;

const OPEN: &str = "open";
const QUIT: &str = "quit";
/// Before a meeting session's id.
const JOIN: &str = "join:";
/// Meetings in the menu.
const MOST: usize = 8;
/// Characters of a meeting in the menu.
const LONGEST: usize = 60;

/// The icon in the tray, if there can be one.
pub(super) struct Tray {
    app: AppHandle,
    icon: Option<TrayIcon>,
    shown: Arc<Mutex<Shown>>,
}

impl std::fmt::Debug for Tray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tray")
            .field("there", &self.icon.is_some())
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

/// What the icon shows, in whichever language.
#[derive(Debug)]
struct Shown {
    meetings: Vec<Entry>,
    ringing: usize,
    words: &'static Words,
}

/// A meeting in the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    id: String,
    title: String,
    other_party: String,
    rings: bool,
}

impl Tray {
    /// `folder`: where the system reads the icon from, if not from the usual place.
    pub(super) fn new(app: AppHandle, sessions: Sessions, folder: Option<PathBuf>) -> Self {
        // Before it is read, so that no change goes unnoticed.
        let changes = app.try_state::<LiveSettings>().map(|live| live.subscribe());
        let words = Words::of(&app);
        let icon = if available() {
            make(&app, sessions, folder, words)
                .inspect_err(|error| tracing::info!(%error, "there is no tray icon"))
                .ok()
        } else {
            tracing::info!("there is no tray icon: its library is missing");
            None
        };
        let shown = Shown {
            meetings: Vec::new(),
            ringing: 0,
            words,
        };
        let shown = Arc::new(Mutex::new(shown));
        if let (Some(icon), Some(changes)) = (&icon, changes) {
            let (app, icon, shown) = (app.clone(), icon.clone(), shown.clone());
            tauri::async_runtime::spawn(follow_language(app, icon, shown, changes));
        }
        Self { app, icon, shown }
    }

    /// Whether there is one; another question is whether a tray shows it.
    pub(super) fn has_icon(&self) -> bool {
        self.icon.is_some()
    }

    /// Does not wait.
    pub(super) fn show(&self, state: &SessionsState) {
        let Some(icon) = &self.icon else {
            return;
        };
        let mut shown = self.shown.lock();
        let meetings = entries(state);
        let ringing = state.ringing.len();
        if (&meetings, ringing) != (&shown.meetings, shown.ringing) {
            shown.meetings = meetings;
            shown.ringing = ringing;
            post(&self.app, icon, &shown);
        }
    }
}

/// Says the same in another language, once the user has chosen one.
async fn follow_language(
    app: AppHandle,
    icon: TrayIcon,
    shown: Arc<Mutex<Shown>>,
    mut changes: watch::Receiver<Arc<Settings>>,
) {
    while changes.changed().await.is_ok() {
        let words = Words::of(&app);
        let mut shown = shown.lock();
        if shown.words != words {
            shown.words = words;
            post(&app, &icon, &shown);
        }
    }
}

/// Menus belong to the main thread, and may not be waited for here.
fn post(app: &AppHandle, icon: &TrayIcon, shown: &Shown) {
    let tooltip = tooltip(shown.ringing, shown.words);
    let (on_main, icon) = (app.clone(), icon.clone());
    let (meetings, words) = (shown.meetings.clone(), shown.words);
    let posted = app.run_on_main_thread(move || {
        let set = menu(&on_main, &meetings, words)
            .and_then(|menu| icon.set_menu(Some(menu)))
            .and_then(|()| icon.set_tooltip(Some(tooltip)));
        if let Err(error) = set {
            tracing::warn!(%error, "the tray's menu is old");
        }
    });
    if let Err(error) = posted {
        tracing::debug!(%error, "the tray's menu is old");
    }
}

fn make(
    app: &AppHandle,
    sessions: Sessions,
    folder: Option<PathBuf>,
    words: &Words,
) -> tauri::Result<TrayIcon> {
    let mut builder = TrayIconBuilder::with_id(PROGRAM)
        .menu(&menu(app, &[], words)?)
        .tooltip(tooltip(0, words))
        .on_menu_event(
            move |app: &AppHandle<Wry>, event: MenuEvent| match event.id().as_ref() {
                OPEN => sessions.tell(Command::Raise),
                QUIT => app.exit(0),
                id => {
                    if let Some(id) = id.strip_prefix(JOIN) {
                        sessions.tell(Command::Open { id: id.into() });
                    }
                }
            },
        );
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
    // Programs that share a folder overwrite and remove each other's icon (Linux).
    if let Some(folder) = folder {
        builder = builder.temp_dir_path(folder);
    }
    builder.build(app)
}

fn menu(app: &AppHandle, entries: &[Entry], words: &Words) -> tauri::Result<Menu<Wry>> {
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
    let menu = Menu::new(app)?;
    menu.append(&item(OPEN, &words.say("open"))?)?;
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    for entry in entries {
        menu.append(&item(&format!("{JOIN}{}", entry.id), &line(entry, words))?)?;
    }
    if !entries.is_empty() {
        menu.append(&PredefinedMenuItem::separator(app)?)?;
    }
    menu.append(&item(QUIT, &words.say("quit"))?)?;
    Ok(menu)
}

/// Those that ring first, then the newest.
fn entries(state: &SessionsState) -> Vec<Entry> {
    let rings = |session: &&MeetingSession| state.ringing.contains(&session.id);
    let sessions = || state.sessions.iter().flatten();
    let ringing = sessions().filter(rings).map(|session| (session, true));
    let others = sessions().filter(|session| !rings(session));
    ringing
        .chain(others.map(|session| (session, false)))
        .take(MOST)
        .map(|(session, rings)| Entry {
            id: session.id.clone(),
            title: session.title.clone(),
            other_party: session.other_party.clone(),
            rings,
        })
        .collect()
}

fn line(entry: &Entry, words: &Words) -> String {
    let what = match (entry.title.as_str(), entry.other_party.as_str()) {
        ("", "") => words.say("the-meeting"),
        (one, "") | ("", one) => one.to_owned(),
        (title, party) => {
            let values = [("title", title.into()), ("party", party.into())];
            words.say_with("meeting-with", &values)
        }
    };
    let verb = if entry.rings {
        "join-what-rings"
    } else {
        "join"
    };
    let text = words.say_with(verb, &[("meeting", what.into())]);
    let text: String = text.chars().take(LONGEST).collect();
    // A single one would underline what follows.
    text.replace('&', "&&")
}

fn tooltip(ringing: usize, words: &Words) -> String {
    if ringing == 0 {
        return NAME.into();
    }
    words.say_with("ringing", &[("count", ringing.into())])
}

/// The binding behind the tray panics if its library is missing, so it is looked for before, under
/// the names that the binding knows.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "loading a library is")]
fn available() -> bool {
    ["libayatana-appindicator3.so.1", "libappindicator3.so.1"]
        .iter()
        // SAFETY: it is the system's own, and the binding is about to load it the same way; what
        // it does on loading is to register GObject types.
        .any(|name| {
            unsafe { libloading::Library::new(name) }
                .map(std::mem::forget)
                .is_ok()
        })
}

#[cfg(not(target_os = "linux"))]
fn available() -> bool {
    true
}

/// A red dot, for where an icon can be overlaid and a number cannot.
#[cfg(any(windows, test))]
pub(super) fn dot() -> tauri::image::Image<'static> {
    const SIZE: i32 = 16;
    const CENTRE: i32 = SIZE - 1;
    let mut pixels = Vec::with_capacity((SIZE * SIZE * 4) as usize);
    for y in 0..SIZE {
        for x in 0..SIZE {
            // Twice the distance, so that the middle lies between pixels.
            let (x, y) = (2 * x - CENTRE, 2 * y - CENTRE);
            let inside = x * x + y * y <= SIZE * SIZE;
            pixels.extend([220, 38, 38, if inside { 255 } else { 0 }]);
        }
    }
    tauri::image::Image::new_owned(pixels, SIZE as u32, SIZE as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::english;
    use salon_meeting::session::{Role, Status};

    fn session(id: &str, title: &str, other_party: &str) -> MeetingSession {
        MeetingSession {
            id: id.into(),
            offer_id: String::new(),
            request_id: String::new(),
            requester_id: String::new(),
            offerer_id: String::new(),
            call_id: "c".into(),
            status: Status::Active,
            created_at: 0,
            ended_at: None,
            title: title.into(),
            other_party: other_party.into(),
            role: Role::Offerer,
        }
    }

    #[test]
    fn what_rings_is_first_and_the_menu_is_short() {
        let mut sessions: Vec<_> = (0..20)
            .map(|n| session(&n.to_string(), "Tea", "Amina"))
            .collect();
        sessions.push(session("rings", "Tea & cake", ""));
        let state = SessionsState {
            sessions: Some(sessions),
            ringing: vec!["rings".into()],
            ..SessionsState::default()
        };
        let entries = entries(&state);
        assert_eq!(entries.len(), MOST);
        let lines: Vec<_> = entries.iter().map(|entry| line(entry, english())).collect();
        assert_eq!(lines[0], "Ringing – join: Tea && cake");
        assert_eq!(lines[1], "Join: Tea (Amina)");
    }

    #[test]
    fn lines_are_cut_and_never_empty() {
        let of = |title: &str, rings| {
            let entry = Entry {
                id: "a".into(),
                title: title.into(),
                other_party: String::new(),
                rings,
            };
            line(&entry, english())
        };
        assert_eq!(of("", false), "Join: the meeting");
        assert_eq!(of(&"é".repeat(200), true).chars().count(), LONGEST);
        assert_eq!(tooltip(0, english()), NAME);
        assert_eq!(
            tooltip(2, english()),
            format!("{NAME}: 2 meetings are ringing")
        );
    }

    #[test]
    fn the_dot_is_round() {
        let dot = dot();
        let alpha = |x: usize, y: usize| dot.rgba()[(y * 16 + x) * 4 + 3];
        assert_eq!((alpha(0, 0), alpha(8, 8), alpha(8, 0)), (0, 255, 255));
    }
}
