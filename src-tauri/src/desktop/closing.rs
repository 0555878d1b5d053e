//! What closing the window does. In a call the page asks first. Normally the app ends then. If the user wants
//! it to go on ringing, the window is only hidden: while somebody is signed in, and where a tray shows a way
//! back.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use salon_product::PROGRAM;
use salon_settings::{LiveSettings, Settings};
use tauri::{AppHandle, Emitter as _, Manager as _, WebviewWindow};
use tokio::sync::watch;

use super::notification::Notification;
use crate::core::Core;
use crate::page_life::PageLife;
use crate::window::{self, WINDOW, WhileHidden};

/// Event: the window was closed and the app goes on. The page leaves call and lobby: nobody may be
/// seen or heard from a window that is not there.
const HIDDEN: &str = "window-hidden";
/// Event: the window is to be closed while the page is in a call. It asks the user, and answers.
const ASKED: &str = "close-asked";
/// How long the page may take to leave a call.
const LEAVING: Duration = Duration::from_secs(10);
/// An empty file that says that the user has been told.
const TOLD: &str = "told-of-tray";

/// What is known for closing the window.
#[derive(Debug, Default)]
pub struct Closing {
    has_icon: AtomicBool,
    /// Somebody is there to be asked.
    asks: bool,
    /// The page was asked, and has not answered.
    asked: AtomicBool,
    /// Where the user's data is; absent: the system knows no place for it.
    folder: Option<PathBuf>,
}

impl Closing {
    /// Remembers in the user's data, or in the folder of a Salon that runs beside others, that they
    /// have been told where the app went. A guest is told nothing.
    pub fn of(settings: &Settings) -> Self {
        let folder = match (settings.guest, &settings.beside) {
            (true, _) => None,
            (false, Some(beside)) => Some(beside.data()),
            (false, None) => dirs::data_dir().map(|folder| folder.join(PROGRAM)),
        };
        Self {
            folder,
            asks: !settings.guest,
            ..Self::default()
        }
    }

    /// There is an icon, whether or not a tray shows it.
    pub(super) fn has_icon(&self) {
        self.has_icon.store(true, Ordering::Relaxed);
    }

    /// True if the window is not to be closed now. The user is asked, or it is hidden soon, or closed after
    /// all.
    pub fn keeps(&self, app: &AppHandle) -> bool {
        let in_call = app
            .try_state::<PageLife>()
            .is_some_and(|life| *life.in_room().borrow());
        if self.asks_first(in_call) {
            // It may be minimised.
            window::show(app);
            match app.emit_to(WINDOW, ASKED, ()) {
                Ok(()) => return true,
                Err(error) => tracing::warn!(%error, "the page cannot ask about the call"),
            }
        }
        self.hides(app)
    }

    /// The user has answered whether the call is to be left and the window closed.
    pub fn answered(&self, app: &AppHandle, close: bool) {
        self.asked.store(false, Ordering::Relaxed);
        if !close || self.hides(app) {
            return;
        }
        if let Some(window) = app.get_webview_window(WINDOW)
            && let Err(error) = window.destroy()
        {
            tracing::warn!(%error, "the window cannot be closed");
        }
    }

    /// Whether the page asks before. Who closes the window while that is asked means it, and a page that does
    /// not answer any more keeps no window open.
    fn asks_first(&self, in_call: bool) -> bool {
        let asked = self.asked.swap(in_call, Ordering::Relaxed);
        in_call && self.asks && !asked
    }

    /// True if the window is hidden soon, or closed after all.
    fn hides(&self, app: &AppHandle) -> bool {
        let wanted = app
            .try_state::<LiveSettings>()
            .is_some_and(|settings| settings.now().close_to_tray);
        let signed_in = app
            .try_state::<Core>()
            .is_some_and(|core| core.account().state().borrow().user.is_some());
        if !may_hide(wanted, signed_in, self.has_icon.load(Ordering::Relaxed)) {
            return false;
        }
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            let shown = tray_is_shown().await;
            hide_or_close(&app, shown);
        });
        true
    }

    /// Says where the app is, once and for all.
    fn tell(&self, app: &AppHandle) {
        app.state::<WhileHidden>().say(|| {
            let app = app.clone();
            let untold = self.folder.as_deref().is_none_or(first_time);
            untold.then(|| {
                let front = app.clone();
                Notification::still_running(&app, move || window::show(&front))
            })
        });
    }
}

fn may_hide(wanted: bool, signed_in: bool, has_icon: bool) -> bool {
    wanted && signed_in && has_icon
}

fn hide_or_close(app: &AppHandle, tray: bool) {
    let Some(window) = app.get_webview_window(WINDOW) else {
        return;
    };
    let hidden = tray && window.hide().is_ok();
    if !hidden {
        tracing::info!("no tray shows the icon: the window is closed");
        if let Err(error) = window.destroy() {
            tracing::warn!(%error, "the window cannot be closed");
        }
        return;
    }
    tracing::info!("the window is closed, and the app goes on");
    if let Err(error) = app.emit_to(WINDOW, HIDDEN, ()) {
        tracing::warn!(%error, "the page cannot be told that its window is hidden");
    }
    if let Some(life) = app.try_state::<PageLife>() {
        tauri::async_runtime::spawn(close_unless_left(window, life.in_room()));
    }
    if let Some(closing) = app.try_state::<Closing>() {
        closing.tell(app);
    }
}

/// A page that is told to leave its call and does not, because it hangs or has a fault, goes with its
/// window: nothing else would stop sending what camera and microphone give.
async fn close_unless_left(window: WebviewWindow, in_room: watch::Receiver<bool>) {
    let stays = stays_in_call(in_room, LEAVING).await;
    // Shown again meanwhile: the user sees what it does.
    if !stays || window.is_visible().unwrap_or(false) {
        return;
    }
    tracing::warn!("the page did not leave its call: its window is closed");
    if let Err(error) = window.destroy() {
        tracing::warn!(%error, "the window cannot be closed");
    }
}

async fn stays_in_call(mut in_room: watch::Receiver<bool>, limit: Duration) -> bool {
    let left = in_room.wait_for(|in_room| !in_room);
    tokio::time::timeout(limit, left).await.is_err()
}

/// Whether the user has not been told yet; from now on they have. In a folder that cannot be written,
/// it is the first time each time.
fn first_time(folder: &Path) -> bool {
    let file = folder.join(TOLD);
    if file.exists() {
        return false;
    }
    let made = std::fs::create_dir_all(folder).and_then(|()| std::fs::File::create(&file));
    if let Err(error) = made {
        tracing::info!(%error, "it cannot be remembered that the user was told of the tray");
    }
    true
}

/// An icon may be there without anybody who shows it: GNOME has no tray without an extension.
#[cfg(target_os = "linux")]
async fn tray_is_shown() -> bool {
    const LIMIT: std::time::Duration = std::time::Duration::from_secs(2);
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    // https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/
    let asked = async {
        let bus = zbus::Connection::session().await?;
        let watcher = zbus::Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER).await?;
        watcher
            .get_property::<bool>("IsStatusNotifierHostRegistered")
            .await
    };
    matches!(tokio::time::timeout(LIMIT, asked).await, Ok(Ok(true)))
}

#[cfg(not(target_os = "linux"))]
async fn tray_is_shown() -> bool {
    // The system itself has one.
    std::future::ready(true).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_all_three() {
        for (wanted, signed_in, has_icon) in [
            (false, true, true),
            (true, false, true),
            (true, true, false),
            (false, false, false),
        ] {
            assert!(!may_hide(wanted, signed_in, has_icon));
        }
        assert!(may_hide(true, true, true));
    }

    #[test]
    fn a_call_is_asked_about_once_and_again_after_an_answer() {
        let closing = Closing {
            asks: true,
            ..Closing::default()
        };
        assert!(!closing.asks_first(false));
        assert!(closing.asks_first(true));
        // Nobody answers.
        assert!(!closing.asks_first(true));
        // That call is over by now.
        assert!(!closing.asks_first(false));
        assert!(closing.asks_first(true));
        // A guest has nobody to ask.
        assert!(!Closing::default().asks_first(true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hidden_page_stays_in_its_call_unless_it_leaves_in_time() {
        let in_room = watch::Sender::new(false);
        assert!(!stays_in_call(in_room.subscribe(), LEAVING).await);
        in_room.send_replace(true);
        assert!(stays_in_call(in_room.subscribe(), LEAVING).await);
        let waiting = tokio::spawn(stays_in_call(in_room.subscribe(), LEAVING));
        tokio::time::sleep(LEAVING / 2).await;
        in_room.send_replace(false);
        assert!(!waiting.await.unwrap());
    }

    #[test]
    fn the_user_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("salon");
        assert!(first_time(&data));
        assert!(!first_time(&data));
        // Also by the next start, and never less than once.
        std::fs::write(folder.path().join("file"), "").unwrap();
        assert!(first_time(&folder.path().join("file")));
    }
}
