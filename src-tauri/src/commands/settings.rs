//! The settings, as the page shows and changes them.

use salon_base::Fault;
use salon_settings::{Key, LiveSettings, SettingsReport};
use serde_json::Value as Json;
use tauri::{AppHandle, Manager as _, State};

use crate::logging::LogFolder;

/// What is set and where from.
#[tauri::command(async)]
pub fn settings_explain(settings: State<'_, LiveSettings>) -> SettingsReport {
    settings.report()
}

/// Writes a setting to the user's file.
#[tauri::command(async)]
pub fn settings_set(
    settings: State<'_, LiveSettings>,
    key: Key,
    value: Json,
) -> Result<SettingsReport, Fault> {
    settings.set(key, &value).inspect_err(log)?;
    Ok(settings.report())
}

/// Takes a setting out of the user's file.
#[tauri::command(async)]
pub fn settings_unset(
    settings: State<'_, LiveSettings>,
    key: Key,
) -> Result<SettingsReport, Fault> {
    settings.unset(key).inspect_err(log)?;
    Ok(settings.report())
}

/// Version, system, settings and the end of the log, as text for whoever helps.
#[tauri::command(async)]
pub fn diagnostics(app: AppHandle, settings: State<'_, LiveSettings>) -> String {
    crate::diagnostics::diagnostics(settings.report(), &app.state::<LogFolder>())
}

fn log(fault: &Fault) {
    tracing::warn!(%fault, "a setting was not changed");
}
