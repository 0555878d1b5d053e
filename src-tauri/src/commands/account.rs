//! Signing in and out. Nothing that is returned here is secret.

use salon_account::{Account, AccountState};
use salon_base::Fault;
use salon_meeting::held::HeldMeetings;
use tauri::{AppHandle, Emitter, Runtime, State};

use super::Core;

/// Event with an [`AccountState`] whenever it changes.
const CHANGED: &str = "account";

/// Who is signed in, and how one can.
#[tauri::command]
pub fn account_state(core: State<'_, Core>) -> AccountState {
    core.account().state().borrow().clone()
}

/// Signs in with what was copied from the product's web site.
#[tauri::command]
pub async fn sign_in_paste(core: State<'_, Core>, text: String) -> Result<(), Fault> {
    core.account().paste(&text).await
}

/// Signs in through the system's browser; returns when that is done.
#[tauri::command]
pub async fn sign_in_browser(core: State<'_, Core>) -> Result<(), Fault> {
    core.account().sign_in_browser().await
}

/// Opens the product's web site and waits for its link.
#[tauri::command]
pub async fn sign_in_link(core: State<'_, Core>) -> Result<(), Fault> {
    core.account().sign_in_link().await
}

/// Stops waiting for the browser.
#[tauri::command]
pub fn sign_in_cancel(core: State<'_, Core>) {
    core.account().cancel();
}

/// Signs out, here and at the server.
#[tauri::command]
pub async fn sign_out(
    core: State<'_, Core>,
    meetings: State<'_, HeldMeetings>,
) -> Result<(), Fault> {
    // Also if the server or the keyring do not do their part.
    meetings.forget_backend();
    core.account().sign_out().await
}

/// Keeps the sign-in renewed, and the page told, as long as the app runs.
pub(crate) fn start<R: Runtime>(app: AppHandle<R>, account: Account) {
    let mut states = account.state();
    tauri::async_runtime::spawn(account.run());
    tauri::async_runtime::spawn(async move {
        while states.changed().await.is_ok() {
            let state = states.borrow_and_update().clone();
            if let Err(error) = app.emit(CHANGED, state) {
                tracing::debug!(%error, "the page was not told of the account");
            }
        }
    });
}
