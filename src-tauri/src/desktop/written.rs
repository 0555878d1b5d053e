//! What is said outside of the window of what is written in a call. One notification stands for all of it, and
//! goes when the user looks.

use parking_lot::Mutex;
use salon_settings::LiveSettings;
use tauri::{AppHandle, Manager as _};

use super::notification::Notification;
use crate::window::{self, WINDOW};

/// What is said at present.
#[derive(Debug, Default)]
pub struct Written(Mutex<Option<Notification>>);

impl Written {
    /// Somebody wrote. Nothing is said to who has the window before them, or wants no notifications.
    pub fn tell(&self, app: &AppHandle, from: &str, words: &str) {
        let wanted = app
            .try_state::<LiveSettings>()
            .is_some_and(|settings| settings.now().notifications && !settings.now().guest);
        let seen = app
            .get_webview_window(WINDOW)
            .is_some_and(|window| window.is_focused().unwrap_or(false));
        if !wanted || seen {
            return;
        }
        let front = app.clone();
        let said = Notification::of_message(app, from, words, move || window::show(&front));
        *self.0.lock() = Some(said);
    }

    /// The user looks at the window.
    pub fn seen(&self) {
        self.0.lock().take();
    }
}
