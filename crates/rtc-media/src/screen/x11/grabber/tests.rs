//! On an X server in memory.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::protocol::xproto::{
    AtomEnum, ConfigureWindowAux, CreateGCAux, CreateWindowAux, Gcontext, PropMode, Rectangle,
    WindowClass,
};
use x11rb::wrapper::ConnectionExt as _;

use super::*;
use crate::screen::DisplaySurface;

const RED: u32 = 0x00ff_0000;
const BLUE: u32 = 0x0000_00ff;
const WHITE: u32 = 0x00ff_ffff;
/// However slow the machine is.
const LIMIT: Duration = Duration::from_secs(60);

/// An X server, and a program that paints on it.
struct Server {
    process: Child,
    display: String,
    painter: RustConnection,
    root: Window,
    context: Gcontext,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x600x24"])
            .args(["-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed by `./x setup`");
        let mut line = String::new();
        let said = process.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut line).unwrap();
        let display = format!(":{}", line.trim());
        let (painter, screen) = x11rb::connect(Some(&display)).unwrap();
        let root = painter.setup().roots[screen].root;
        let context = painter.generate_id().unwrap();
        painter
            .create_gc(context, root, &CreateGCAux::new())
            .unwrap()
            .check()
            .unwrap();
        Self {
            process,
            display,
            painter,
            root,
            context,
        }
    }

    fn desk(&self) -> Desk {
        Desk::open(Some(&self.display)).unwrap()
    }

    /// A window that is on the screen, of one colour, as a window manager lists it.
    fn window(&self, title: &str, (x, y, width, height): (i16, i16, u16, u16), colour: u32) -> u32 {
        let window = self.painter.generate_id().unwrap();
        let look = CreateWindowAux::new().background_pixel(colour);
        self.painter
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                self.root,
                x,
                y,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &look,
            )
            .unwrap();
        let name = AtomEnum::WM_NAME;
        self.painter
            .change_property8(
                PropMode::REPLACE,
                window,
                name,
                AtomEnum::STRING,
                title.as_bytes(),
            )
            .unwrap();
        let class = AtomEnum::WM_CLASS;
        self.painter
            .change_property8(
                PropMode::REPLACE,
                window,
                class,
                AtomEnum::STRING,
                b"it\0Paints\0",
            )
            .unwrap();
        self.painter.map_window(window).unwrap();
        let list = self
            .painter
            .intern_atom(false, b"_NET_CLIENT_LIST_STACKING");
        let list = list.unwrap().reply().unwrap().atom;
        self.painter
            .change_property32(
                PropMode::APPEND,
                self.root,
                list,
                AtomEnum::WINDOW,
                &[window],
            )
            .unwrap();
        self.settle();
        window
    }

    fn paint(&self, window: Window, colour: u32) {
        let look = x11rb::protocol::xproto::ChangeGCAux::new().foreground(colour);
        self.painter.change_gc(self.context, &look).unwrap();
        let all = Rectangle {
            x: 0,
            y: 0,
            width: 2000,
            height: 2000,
        };
        self.painter
            .poly_fill_rectangle(window, self.context, &[all])
            .unwrap();
        self.settle();
    }

    /// All that was asked is done.
    fn settle(&self) {
        self.painter.get_input_focus().unwrap().reply().unwrap();
    }
}

/// The colour of a pixel of the last picture.
fn pixel(grabber: &Grabber, x: usize, y: usize) -> u32 {
    let at = (y * grabber.pixels.width as usize + x) * BYTES;
    let data = &grabber.pixels.data[at..at + BYTES];
    u32::from_le_bytes(data.try_into().unwrap()) & WHITE
}

fn take(grabber: &mut Grabber) -> Option<VideoFrame> {
    let size = grabber.size();
    grabber.picture(size, Instant::now()).unwrap()
}

/// Looks until there is news.
fn news(grabber: &mut Grabber) -> Result<(), Gone> {
    let deadline = Instant::now() + LIMIT;
    while !grabber.news()? {
        assert!(Instant::now() < deadline, "there is no news");
        std::thread::yield_now();
    }
    Ok(())
}

#[test]
fn monitors_and_windows_are_listed_with_titles_and_thumbnails() {
    let server = Server::start();
    server.window("below", (0, 0, 300, 200), RED);
    server.window("above", (0, 0, 300, 200), BLUE);
    let hidden = server.window("hidden", (0, 0, 300, 200), BLUE);
    server.painter.unmap_window(hidden).unwrap();
    server.settle();
    let sources = server.desk().sources().unwrap();
    let kinds: Vec<_> = sources.iter().map(|source| source.surface).collect();
    let (monitor, window) = (DisplaySurface::Monitor, DisplaySurface::Window);
    assert_eq!(kinds, [monitor, window, window]);
    assert_eq!(sources[1].title, "above");
    assert_eq!(sources[2].title, "below");
    assert_eq!(sources[1].application, "Paints");
    assert!(sources.iter().all(|source| source.thumbnail.is_some()));
}

#[test]
fn a_window_is_read_without_what_lies_over_it() {
    let server = Server::start();
    let window = server.window("below", (100, 100, 300, 201), RED);
    server.window("above", (0, 0, 300, 300), BLUE);
    let target = Target::Window(window);
    let mut grabber = server.desk().grabber(target, CursorMode::Never).unwrap();
    // What was hidden until now is painted as soon as the window has pixels of its own.
    server.paint(window, RED);
    news(&mut grabber).unwrap();
    let frame = take(&mut grabber).unwrap();
    assert_eq!((frame.width(), frame.height()), (300, 200));
    for (x, y) in [(0, 0), (10, 10), (150, 100), (299, 199)] {
        assert_eq!(pixel(&grabber, x, y), RED, "{x}, {y}");
    }
}

#[test]
fn what_was_offered_can_be_chosen() {
    let server = Server::start();
    server.window("below", (0, 0, 300, 200), RED);
    server.window("above", (50, 50, 320, 240), BLUE);
    for (index, width) in [(1, 320), (2, 300), (0, 800)] {
        let desk = server.desk();
        let sources = desk.sources().unwrap();
        let target = sources[index].target;
        let mut grabber = desk.grabber(target, CursorMode::Always).unwrap();
        news(&mut grabber).unwrap();
        assert_eq!(take(&mut grabber).unwrap().width(), width);
    }
}

#[test]
fn only_what_is_painted_is_news() {
    for whole_screen in [false, true] {
        // One of its own for each: a window whose connection has gone is painted anew by the server
        // some time after, which is news on the screen.
        let server = Server::start();
        let window = server.window("paints", (0, 0, 300, 200), RED);
        let target = if whole_screen {
            Target::Monitor(None)
        } else {
            Target::Window(window)
        };
        let mut grabber = server.desk().grabber(target, CursorMode::Never).unwrap();
        server.paint(window, RED);
        news(&mut grabber).unwrap();
        take(&mut grabber).unwrap();
        let another = server.desk();
        another.sources().unwrap();
        assert_eq!(grabber.news(), Ok(false), "{target:?}");
        server.paint(window, WHITE);
        news(&mut grabber).unwrap();
        take(&mut grabber).unwrap();
        assert_eq!(pixel(&grabber, 20, 20), WHITE);
    }
}

#[test]
fn a_window_may_change_its_size_be_minimised_come_back_and_go() {
    let server = Server::start();
    let window = server.window("lives", (0, 0, 300, 200), RED);
    let target = Target::Window(window);
    let mut grabber = server.desk().grabber(target, CursorMode::Always).unwrap();
    news(&mut grabber).unwrap();
    take(&mut grabber).unwrap();
    let size = ConfigureWindowAux::new().width(500).height(400);
    server.painter.configure_window(window, &size).unwrap();
    server.settle();
    news(&mut grabber).unwrap();
    let frame = take(&mut grabber).unwrap();
    assert_eq!((frame.width(), frame.height()), (500, 400));
    server.painter.unmap_window(window).unwrap();
    server.settle();
    let deadline = Instant::now() + LIMIT;
    while grabber.seen {
        grabber.news().unwrap();
        assert!(Instant::now() < deadline, "it is not noticed");
    }
    assert_eq!(grabber.news(), Ok(false));
    assert!(take(&mut grabber).is_none());
    server.painter.map_window(window).unwrap();
    server.settle();
    news(&mut grabber).unwrap();
    assert!(take(&mut grabber).is_some());
    server.painter.destroy_window(window).unwrap();
    server.settle();
    let deadline = Instant::now() + LIMIT;
    while grabber.news() != Err(Gone) {
        assert!(Instant::now() < deadline, "it is not noticed");
    }
}

#[test]
fn the_pointer_is_in_the_picture_if_it_is_wanted() {
    let server = Server::start();
    let window = server.window("below the pointer", (100, 100, 300, 200), WHITE);
    let warp = |x, y| {
        let root = server.root;
        server
            .painter
            .warp_pointer(x11rb::NONE, root, 0, 0, 0, 0, x, y)
            .unwrap();
        server.settle();
    };
    warp(200, 200);
    let target = Target::Window(window);
    for (cursor, dark) in [(CursorMode::Always, true), (CursorMode::Never, false)] {
        let mut grabber = server.desk().grabber(target, cursor).unwrap();
        news(&mut grabber).unwrap();
        let frame = take(&mut grabber).unwrap();
        let luma = &frame.data()[..300 * 200];
        assert_eq!(luma.iter().any(|luma| *luma < 60), dark, "{cursor:?}");
        warp(250, 250);
        if dark {
            news(&mut grabber).unwrap();
        } else {
            assert_eq!(grabber.news(), Ok(false));
        }
        warp(200, 200);
    }
}
