//! The right to come to the front, which the desktop gives with a click for the window that answers it. On Wayland
//! nobody gets there without (xdg-activation), and window managers on X11 keep who does not have it behind.

use std::collections::HashMap;
use std::ffi::{CStr, CString};

use gtk::gdk::Display;
use gtk::prelude::{GtkWindowExt as _, ObjectExt as _, ObjectType as _};
use tauri::{AppHandle, Manager as _, WebviewWindow};
use zbus::zvariant::{OwnedValue, Value};

use crate::window::WINDOW;

/// `platform_data` of the Desktop Entry Specification ("D-Bus Activation").
pub(crate) type PlatformData = HashMap<String, OwnedValue>;

/// The names of the token, that of Wayland first.
const NAMES: [&str; 2] = ["activation-token", "desktop-startup-id"];
/// Bytes; they have some dozens.
const LONGEST: usize = 1024;

/// Lets the window come to the front the next time that it is shown.
pub(crate) fn grant(app: &AppHandle, data: &PlatformData) {
    let (Some(token), Some(window)) = (token(data), app.get_webview_window(WINDOW)) else {
        return;
    };
    let granted = window.clone();
    let handed_over = window.run_on_main_thread(move || hand_over(&granted, &token));
    if let Err(error) = handed_over {
        tracing::debug!(%error, "the window may not come to the front");
    }
}

/// What the desktop has given, if it is one.
fn token(data: &PlatformData) -> Option<CString> {
    let texts = NAMES.iter().filter_map(|name| match &**data.get(*name)? {
        Value::Str(text) => Some(text.as_str()),
        _ => None,
    });
    let mut sound = texts.filter(|text| {
        let printable = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ');
        printable && (1..=LONGEST).contains(&text.len())
    });
    CString::new(sound.next()?).ok()
}

/// On the main thread.
fn hand_over(window: &WebviewWindow, token: &CStr) {
    let Some(display) = Display::default() else {
        return;
    };
    if display.type_().name() == "GdkWaylandDisplay" {
        wayland(&display, token);
    } else if let (Ok(window), Ok(token)) = (window.gtk_window(), token.to_str()) {
        window.set_startup_id(token);
    }
}

/// GTK itself does so for its own kind of application; the next time that a window is to have the focus, the compositor
/// is given the token.
#[allow(
    unsafe_code,
    reason = "GDK's call for Wayland, which has no other way in"
)]
fn wayland(display: &Display, token: &CStr) {
    // SAFETY: it is a display of Wayland's, alive, on the main thread; the text ends in NUL, and GDK copies it.
    unsafe {
        gdk_wayland_sys::gdk_wayland_display_set_startup_notification_id(
            display.as_ptr().cast(),
            token.as_ptr(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &[(&str, Value<'static>)]) -> Option<String> {
        let data = data.iter().map(|(name, value)| {
            let value = OwnedValue::try_from(value.try_clone().unwrap()).unwrap();
            ((*name).to_owned(), value)
        });
        let token = token(&data.collect());
        token.map(|token| token.into_string().unwrap())
    }

    #[test]
    fn the_token_is_taken_under_either_name() {
        let wayland = ("activation-token", Value::from("8b0f-4c"));
        let x11 = (
            "desktop-startup-id",
            Value::from("files/salon/1-0-tea_TIME4242"),
        );
        assert_eq!(
            of(std::slice::from_ref(&x11)).unwrap(),
            "files/salon/1-0-tea_TIME4242"
        );
        assert_eq!(of(&[x11, wayland]).unwrap(), "8b0f-4c");
    }

    #[test]
    fn what_is_no_token_is_nobodys_business() {
        let long = "a".repeat(LONGEST + 1);
        for value in [
            Value::from(""),
            Value::from(4242_u32),
            Value::from("a\nb"),
            Value::from("\u{e4}"),
            Value::from(long),
        ] {
            assert_eq!(of(&[("activation-token", value)]), None);
        }
        assert_eq!(of(&[("another", Value::from("a"))]), None);
        // One that is none hides no other.
        let both = [
            ("activation-token", Value::from("")),
            ("desktop-startup-id", Value::from("a")),
        ];
        assert_eq!(of(&both).unwrap(), "a");
    }
}
