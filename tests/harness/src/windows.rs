//! The apps' windows, as the window manager lists them.
//!
//! `xdotool search` walks through all windows there are, and gives up when one of them goes meanwhile; so
//! it is asked for nothing.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::screen::Screen;

/// What the apps' windows are called.
const TITLE: &[u8] = b"Salon";
/// Windows in a list at most, and words of a title.
const WORDS: u32 = 1024;
/// However slow the computer is.
const LIMIT: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Those of the apps; also minimised ones, if `all`. What goes while it is looked at is none.
///
/// # Errors
/// If the screen cannot be asked.
pub(crate) fn windows(screen: &Screen, all: bool) -> Result<Vec<Window>> {
    let (connection, number) = x11rb::connect(Some(screen.display()))?;
    let root = connection.setup().roots.get(number);
    let root = root.context("the display has no screen")?.root;
    let list = property(&connection, root, "_NET_CLIENT_LIST")?;
    let listed = list.chunks_exact(4).map(|word| {
        let word = [word[0], word[1], word[2], word[3]];
        u32::from_ne_bytes(word)
    });
    let mut found = Vec::new();
    for window in listed {
        let named = property(&connection, window, "_NET_WM_NAME").is_ok_and(|name| name == TITLE);
        let state = connection.get_window_attributes(window)?.reply();
        let visible = state.is_ok_and(|state| state.map_state == MapState::VIEWABLE);
        if named && (all || visible) {
            found.push(window);
        }
    }
    Ok(found)
}

/// Those of this process that are on the screen.
///
/// # Errors
/// If the screen cannot be asked.
pub(crate) fn windows_of(screen: &Screen, process: u32) -> Result<Vec<Window>> {
    let (connection, _) = x11rb::connect(Some(screen.display()))?;
    let is_its = |window: &Window| {
        property(&connection, *window, "_NET_WM_PID").is_ok_and(|pid| pid == process.to_ne_bytes())
    };
    Ok(windows(screen, false)?.into_iter().filter(is_its).collect())
}

/// Asks the window manager to close one, as a task bar does: whichever has the keyboard.
///
/// # Errors
/// If the screen cannot be asked.
pub(crate) fn close(screen: &Screen, window: Window) -> Result<()> {
    let (connection, number) = x11rb::connect(Some(screen.display()))?;
    let root = connection.setup().roots.get(number);
    let root = root.context("the display has no screen")?.root;
    let message = connection
        .intern_atom(false, b"_NET_CLOSE_WINDOW")?
        .reply()?
        .atom;
    // The second number says that it comes from a pager (EWMH).
    let asked = ClientMessageEvent::new(32, window, message, [0, 2, 0, 0, 0]);
    let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
    connection.send_event(false, root, mask, asked)?.check()?;
    Ok(())
}

/// Those of the apps once there is one, as the words that `xdotool` takes.
///
/// # Errors
/// If there is none in time.
pub(crate) fn wait_for_windows(screen: &Screen, all: bool) -> Result<Vec<String>> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let found = windows(screen, all)?;
        if !found.is_empty() {
            return Ok(found.iter().map(ToString::to_string).collect());
        }
        if Instant::now() > deadline {
            bail!("the app has no window");
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn property(connection: &RustConnection, window: Window, name: &str) -> Result<Vec<u8>> {
    let name = connection
        .intern_atom(false, name.as_bytes())?
        .reply()?
        .atom;
    let asked = connection.get_property(false, window, name, AtomEnum::ANY, 0, WORDS)?;
    Ok(asked.reply()?.value)
}
