//! What the page says about its window, and to who does not look at it.

use tauri::{AppHandle, State};

use crate::desktop::{Closing, Written};

/// The user was asked, as the event `close-asked` wants it, whether to leave the call and close the window. The
/// page has left the call by now if so.
#[tauri::command]
pub fn close_answered(app: AppHandle, closing: State<'_, Closing>, close: bool) {
    closing.answered(&app, close);
}

/// Somebody wrote in the call: it is said outside of the window, should that be behind others.
#[tauri::command]
pub fn message_written(app: AppHandle, written: State<'_, Written>, from: String, words: String) {
    written.tell(&app, &from, &words);
}
