//! Monitors and windows of an X server.
//!
//! Windows are redirected (Composite) as long as they are offered or shared: each then has pixels of
//! its own, and what lies over it is never in its picture, also where nothing else composites.

mod grabber;
mod pointer;

use std::fmt;

use parking_lot::Mutex;
use x11rb::connection::Connection;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::damage::ConnectionExt as _;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xfixes::ConnectionExt as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, ImageOrder, MapState, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use self::grabber::Grabber;
use super::{CursorMode, DisplaySource, DisplaySurface, unreadable};
use crate::MediaError;

/// Windows that are offered at most: of more nobody finds theirs.
const MOST_WINDOWS: usize = 48;
/// Characters of a title at most.
const LONGEST_TITLE: usize = 200;
/// Pixels of a side at least, of what is offered: less is nothing to look at.
const SMALLEST: u16 = 16;
/// Words of a property that are read at most.
const PROPERTY_WORDS: u32 = 4096;

x11rb::atom_manager! {
    /// What is asked of windows (EWMH).
    Atoms: AtomsCookie {
        _NET_CLIENT_LIST,
        _NET_CLIENT_LIST_STACKING,
        _NET_WM_NAME,
        _NET_WM_PID,
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_DESKTOP,
        _NET_WM_WINDOW_TYPE_DOCK,
    }
}

/// What a picture is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// By the atom of its name; none: the whole screen, where monitors are not told apart.
    Monitor(Option<Atom>),
    Window(Window),
}

/// A part of a drawable, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Area {
    x: i16,
    y: i16,
    width: u16,
    height: u16,
}

impl Area {
    /// There is something to look at.
    fn is_large(self) -> bool {
        self.width >= SMALLEST && self.height >= SMALLEST
    }
}

/// A connection to an X server whose screens can be read.
pub(super) struct Desk {
    connection: RustConnection,
    root: Window,
    atoms: Atoms,
    /// Windows that have pixels of their own for our sake.
    redirected: Mutex<Vec<Window>>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Desk {
    /// `display`: its name; none: the one of this process's environment.
    pub(super) fn open(display: Option<&str>) -> Result<Self, MediaError> {
        let (connection, screen) = x11rb::connect(display).map_err(|error| unreadable(&error))?;
        let setup = connection.setup();
        let screen = setup
            .roots
            .get(screen)
            .ok_or_else(|| unreadable(&"the display has no screen"))?;
        let wide = setup
            .pixmap_formats
            .iter()
            .any(|format| format.depth == screen.root_depth && format.bits_per_pixel == 32);
        if !wide || setup.image_byte_order != ImageOrder::LSB_FIRST || screen.root_depth != 24 {
            return Err(unreadable(&format!(
                "a screen of {} bits for each pixel cannot be read",
                screen.root_depth
            )));
        }
        let root = screen.root;
        let atoms = Self::greet(&connection).map_err(|error| unreadable(&error))?;
        Ok(Self {
            connection,
            root,
            atoms,
            redirected: Mutex::default(),
        })
    }

    /// Extensions answer only those who have said which version they know.
    fn greet(connection: &RustConnection) -> Result<Atoms, x11rb::errors::ReplyError> {
        connection.composite_query_version(0, 4)?.reply()?;
        connection.damage_query_version(1, 1)?.reply()?;
        connection.xfixes_query_version(5, 0)?.reply()?;
        connection.randr_query_version(1, 5)?.reply()?;
        Atoms::new(connection)?.reply()
    }

    /// What there is, each with a thumbnail. Windows stay redirected as long as the connection is
    /// open.
    pub(super) fn sources(&self) -> Result<Vec<DisplaySource>, MediaError> {
        let windows = self.windows();
        for window in &windows {
            // One that has gone meanwhile has no thumbnail, either.
            let _ = self.redirect(*window);
        }
        let mut sources = self.monitors();
        for window in windows {
            sources.push(DisplaySource {
                surface: DisplaySurface::Window,
                title: self.title(window),
                application: self.application(window),
                thumbnail: None,
                target: Target::Window(window),
            });
        }
        if sources.is_empty() {
            return Err(MediaError::NotFound("screen"));
        }
        for source in &mut sources {
            source.thumbnail = self.thumbnail(source.target);
        }
        Ok(sources)
    }

    /// Begins to take pictures. Other windows are left alone from now on.
    pub(super) fn grabber(self, target: Target, cursor: CursorMode) -> Result<Grabber, MediaError> {
        // Unlocked again before anything is kept.
        let redirected = std::mem::take(&mut *self.redirected.lock());
        for window in redirected {
            if Target::Window(window) == target {
                self.redirected.lock().push(window);
            } else {
                self.connection
                    .composite_unredirect_window(window, Redirect::AUTOMATIC)
                    .map_err(|error| unreadable(&error))?
                    // It may have gone.
                    .ignore_error();
            }
        }
        Grabber::new(self, target, cursor)
    }

    fn redirect(&self, window: Window) -> Result<(), x11rb::errors::ReplyError> {
        if self.redirected.lock().contains(&window) {
            return Ok(());
        }
        let redirect = Redirect::AUTOMATIC;
        let asked = self
            .connection
            .composite_redirect_window(window, redirect)?;
        asked.check()?;
        self.redirected.lock().push(window);
        Ok(())
    }

    fn monitors(&self) -> Vec<DisplaySource> {
        let source = |name, title| DisplaySource {
            surface: DisplaySurface::Monitor,
            title,
            application: String::new(),
            thumbnail: None,
            target: Target::Monitor(name),
        };
        let mut areas = self.monitor_areas();
        // The primary one first, then from the left.
        areas.sort_by_key(|(_, primary, area)| (!primary, area.x, area.y));
        let named = areas
            .into_iter()
            .map(|(name, ..)| source(Some(name), self.name(name)));
        let mut sources: Vec<_> = named.collect();
        if sources.is_empty() {
            sources.push(source(None, String::new()));
        }
        sources
    }

    fn monitor_areas(&self) -> Vec<(Atom, bool, Area)> {
        let asked = self.connection.randr_get_monitors(self.root, true);
        let Some(reply) = asked.ok().and_then(|asked| asked.reply().ok()) else {
            return Vec::new();
        };
        let area = |monitor: x11rb::protocol::randr::MonitorInfo| {
            let area = Area {
                x: monitor.x,
                y: monitor.y,
                width: monitor.width,
                height: monitor.height,
            };
            (monitor.name, monitor.primary, area)
        };
        let all = reply.monitors.into_iter().map(area);
        all.filter(|(.., area)| area.is_large()).collect()
    }

    /// The windows that can be seen, the uppermost first.
    fn windows(&self) -> Vec<Window> {
        let lists = [
            self.atoms._NET_CLIENT_LIST_STACKING,
            self.atoms._NET_CLIENT_LIST,
        ];
        let lists = lists.map(|list| self.numbers(self.root, list, AtomEnum::WINDOW.into()));
        let all = lists.into_iter().find(|list| !list.is_empty());
        let all = all.unwrap_or_default().into_iter().rev();
        all.filter(|window| self.is_offered(*window))
            .take(MOST_WINDOWS)
            .collect()
    }

    /// Whether a window is something to share.
    fn is_offered(&self, window: Window) -> bool {
        let kinds = self.numbers(
            window,
            self.atoms._NET_WM_WINDOW_TYPE,
            AtomEnum::ATOM.into(),
        );
        let furniture = [
            self.atoms._NET_WM_WINDOW_TYPE_DESKTOP,
            self.atoms._NET_WM_WINDOW_TYPE_DOCK,
        ];
        if kinds.iter().any(|kind| furniture.contains(kind)) {
            return false;
        }
        let cardinal = AtomEnum::CARDINAL.into();
        let process = self.numbers(window, self.atoms._NET_WM_PID, cardinal);
        // A call within itself shows nobody anything.
        if process.first() == Some(&std::process::id()) {
            return false;
        }
        self.window_area(window).is_some_and(Area::is_large)
    }

    /// The size of a window that can be seen.
    fn window_area(&self, window: Window) -> Option<Area> {
        let state = self.connection.get_window_attributes(window).ok()?;
        let state = state.reply().ok()?;
        if state.map_state != MapState::VIEWABLE || state.class != WindowClass::INPUT_OUTPUT {
            return None;
        }
        self.geometry(window)
    }

    fn geometry(&self, drawable: u32) -> Option<Area> {
        let geometry = self.connection.get_geometry(drawable).ok()?.reply().ok()?;
        Some(Area {
            x: 0,
            y: 0,
            width: geometry.width,
            height: geometry.height,
        })
    }

    /// Where a target lies now, and in which drawable; none: it is gone or cannot be seen.
    fn place(&self, target: Target) -> Option<(Window, Area)> {
        match target {
            Target::Window(window) => Some((window, self.window_area(window)?)),
            Target::Monitor(None) => Some((self.root, self.geometry(self.root)?)),
            Target::Monitor(Some(name)) => {
                let mut areas = self.monitor_areas().into_iter();
                let (_, _, area) = areas.find(|(other, ..)| *other == name)?;
                Some((self.root, area))
            }
        }
    }

    fn numbers(&self, window: Window, property: Atom, kind: Atom) -> Vec<u32> {
        let asked = self
            .connection
            .get_property(false, window, property, kind, 0, PROPERTY_WORDS);
        let reply = asked.ok().and_then(|asked| asked.reply().ok());
        let numbers = reply.as_ref().and_then(|reply| reply.value32());
        numbers.into_iter().flatten().collect()
    }

    fn bytes(&self, window: Window, property: Atom) -> Vec<u8> {
        let asked =
            self.connection
                .get_property(false, window, property, AtomEnum::ANY, 0, PROPERTY_WORDS);
        let reply = asked.ok().and_then(|asked| asked.reply().ok());
        reply.map(|reply| reply.value).unwrap_or_default()
    }

    fn title(&self, window: Window) -> String {
        let named = self.bytes(window, self.atoms._NET_WM_NAME);
        if named.is_empty() {
            return text(&self.bytes(window, AtomEnum::WM_NAME.into()));
        }
        text(&named)
    }

    /// The second of the two names of a window's class (ICCCM 4.1.2.5).
    fn application(&self, window: Window) -> String {
        let class = self.bytes(window, AtomEnum::WM_CLASS.into());
        let mut names = class.split(|byte| *byte == 0);
        text(names.nth(1).unwrap_or_default())
    }

    fn name(&self, atom: Atom) -> String {
        let asked = self.connection.get_atom_name(atom);
        let reply = asked.ok().and_then(|asked| asked.reply().ok());
        reply.map(|reply| text(&reply.name)).unwrap_or_default()
    }

    fn thumbnail(&self, target: Target) -> Option<Vec<u8>> {
        let (drawable, area) = self.place(target)?;
        let mut memory = grabber::Memory::default();
        let pixels = memory.read(&self.connection, drawable, area).ok()??;
        memory.give_back(&self.connection);
        pixels.thumbnail()
    }
}

/// What another program calls something.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().take(LONGEST_TITLE).collect()
}
