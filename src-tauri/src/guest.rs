//! The guest of a demo: the app with a hidden window, which ends with who started it.

use std::io::Read;

use tauri::AppHandle;

/// Ends the app when standard input ends: that happens however the parent goes.
pub(crate) fn end_with_parent(app: AppHandle) {
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        // An unreadable input is as good as an ended one.
        let _ = std::io::stdin().read_to_end(&mut rest);
        app.exit(0);
    });
}
