//! Dark or light, as the desktop wishes: asked beside everything else, since who answers for the
//! desktop may take a call and never answer.

use futures_util::StreamExt as _;
use tauri::{AppHandle, Manager as _, Theme};
use zbus::zvariant::{OwnedValue, Value};

use crate::before_gtk::PORTAL;
use crate::window::WINDOW;

/// <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html>
const SETTINGS: &str = "org.freedesktop.portal.Settings";
const APPEARANCE: &str = "org.freedesktop.appearance";
const SCHEME: &str = "color-scheme";

/// Follows the desktop's wish as long as the app runs. Where nobody answers, the webview's own rule
/// counts.
pub(crate) async fn follow(app: AppHandle) {
    if let Err(error) = followed(&app).await {
        tracing::debug!(%error, "the desktop does not say whether it is dark or light");
    }
}

async fn followed(app: &AppHandle) -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let settings =
        zbus::Proxy::new(&bus, PORTAL, "/org/freedesktop/portal/desktop", SETTINGS).await?;
    // Listen first, ask then: a change in between is seen twice rather than not at all.
    let mut changes = settings.receive_signal("SettingChanged").await?;
    let scheme: OwnedValue = settings.call("Read", &(APPEARANCE, SCHEME)).await?;
    show(app, &scheme);
    while let Some(change) = changes.next().await {
        let body = change.body();
        if let Ok((APPEARANCE, SCHEME, scheme)) = body.deserialize::<(&str, &str, Value<'_>)>() {
            show(app, &scheme);
        }
    }
    Ok(())
}

fn show(app: &AppHandle, scheme: &Value<'_>) {
    let (Some(theme), Some(window)) = (theme(scheme), app.get_webview_window(WINDOW)) else {
        return;
    };
    if let Err(error) = window.set_theme(Some(theme)) {
        tracing::debug!(%error, "the window stays as dark or light as it was");
    }
}

/// What a number means, in however many variants it comes: `Read` wraps it twice.
fn theme(scheme: &Value<'_>) -> Option<Theme> {
    match scheme {
        Value::Value(inner) => theme(inner),
        Value::U32(1) => Some(Theme::Dark),
        Value::U32(_) => Some(Theme::Light),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_however_it_is_wrapped() {
        let wrapped = |number: u32| Value::Value(Box::new(Value::U32(number)));
        assert_eq!(theme(&Value::U32(1)), Some(Theme::Dark));
        assert_eq!(theme(&wrapped(1)), Some(Theme::Dark));
        assert_eq!(theme(&wrapped(2)), Some(Theme::Light));
        assert_eq!(theme(&wrapped(0)), Some(Theme::Light));
        assert_eq!(theme(&Value::Bool(true)), None);
    }
}
