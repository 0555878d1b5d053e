//! The only window, and how it is brought to the front.

use std::fmt;

use parking_lot::Mutex;
use tauri::{AppHandle, Manager as _, Runtime};

/// Its label.
pub(crate) const WINDOW: &str = "main";

/// What says that the app goes on while its window is hidden. It is dropped when the window is there
/// again: nothing is left to say.
#[derive(Default)]
pub(crate) struct WhileHidden(Mutex<Option<Box<dyn Send>>>);

impl WhileHidden {
    /// Keeps what `say` gives, unless something is said already.
    pub(crate) fn say<T: Send + 'static>(&self, say: impl FnOnce() -> Option<T>) {
        let mut said = self.0.lock();
        if said.is_none() {
            *said = say().map(|said| Box::new(said) as Box<dyn Send>);
        }
    }
}

impl fmt::Debug for WhileHidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhileHidden").finish_non_exhaustive()
    }
}

/// Brings the window to the front.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    if let Some(hidden) = app.try_state::<WhileHidden>() {
        hidden.0.lock().take();
    }
    let Some(window) = app.get_webview_window(WINDOW) else {
        return;
    };
    for done in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = done {
            tracing::debug!(%error, "the window cannot be brought to the front");
        }
    }
}
