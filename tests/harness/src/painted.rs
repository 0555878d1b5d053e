//! A window of another program's, with something in it that can be recognised by its pixels.

use anyhow::{Context as _, Result};
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, PropMode, Rectangle,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::screen::{Colour, Screen};

/// Colours of the bars, from the left; turned round for the second picture.
const BARS: [Colour; 4] = [[220, 30, 30], [30, 180, 30], [30, 30, 220], [230, 230, 40]];
/// Pixels.
const SIZE: (u16, u16) = (480, 320);
/// Pixels of a line of the lower half: as fine as the stems of small letters.
const LINE: u16 = 2;

/// The upper half has bars of four colours, the lower one fine lines, black and white.
#[derive(Debug)]
pub struct Painted {
    connection: RustConnection,
    window: Window,
    root: Window,
}

impl Painted {
    /// Opens one with this title. The X server paints it by itself, whenever that is needed.
    ///
    /// # Errors
    /// If the screen has gone.
    pub fn open(screen: &Screen, title: &str) -> Result<Self> {
        let (connection, number) = x11rb::connect(Some(screen.display()))?;
        let root = connection.setup().roots[number].root;
        let window = connection.generate_id()?;
        let (width, height) = SIZE;
        connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            60,
            60,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &CreateWindowAux::new(),
        )?;
        let (name, text) = (AtomEnum::WM_NAME, AtomEnum::STRING);
        connection.change_property8(PropMode::REPLACE, window, name, text, title.as_bytes())?;
        let painted = Self {
            connection,
            window,
            root,
        };
        painted.paint(false)?;
        painted.connection.map_window(window)?;
        painted.settle()?;
        Ok(painted)
    }

    /// Paints one of its two pictures.
    ///
    /// # Errors
    /// If the screen has gone.
    pub fn paint(&self, second: bool) -> Result<()> {
        let connection = &self.connection;
        let (width, height) = SIZE;
        let (pixmap, context) = (connection.generate_id()?, connection.generate_id()?);
        connection.create_pixmap(24, pixmap, self.window, width, height)?;
        connection.create_gc(context, pixmap, &CreateGCAux::new())?;
        let fill = |[red, green, blue]: Colour, areas: &[Rectangle]| -> Result<()> {
            let colour = u32::from_be_bytes([0, red, green, blue]);
            connection.change_gc(context, &ChangeGCAux::new().foreground(colour))?;
            connection.poly_fill_rectangle(pixmap, context, areas)?;
            Ok(())
        };
        let area = |x: u16, width: u16, y: u16| Rectangle {
            x: x.cast_signed(),
            y: y.cast_signed(),
            width,
            height: height / 2,
        };
        let bar = width / 4;
        for (place, colour) in (0..).zip(bars(second)) {
            fill(colour, &[area(place * bar, bar, 0)])?;
        }
        fill([255; 3], &[area(0, width, height / 2)])?;
        let lines = (0..width).step_by(usize::from(2 * LINE));
        let lines: Vec<_> = lines.map(|x| area(x, LINE, height / 2)).collect();
        fill([0; 3], &lines)?;
        let look = x11rb::protocol::xproto::ChangeWindowAttributesAux::new();
        let look = look.background_pixmap(pixmap);
        connection.change_window_attributes(self.window, &look)?;
        connection.clear_area(false, self.window, 0, 0, 0, 0)?;
        connection.free_pixmap(pixmap)?;
        connection.free_gc(context)?;
        self.settle()
    }

    /// Width and height, in pixels.
    pub fn size(&self) -> (u16, u16) {
        SIZE
    }

    /// Brings it before the others, as its user would.
    ///
    /// # Errors
    /// If the screen has gone.
    pub fn raise(&self, screen: &Screen) -> Result<()> {
        let window = self.window.to_string();
        let arguments = ["windowactivate", "--sync", &window];
        screen.xdotool(&arguments).map(drop)
    }

    /// Where its upper left corner is on the screen, in pixels.
    ///
    /// # Errors
    /// If it has gone.
    pub fn place(&self) -> Result<(i16, i16)> {
        let place = self
            .connection
            .translate_coordinates(self.window, self.root, 0, 0)?
            .reply()
            .context("the window has gone")?;
        Ok((place.dst_x, place.dst_y))
    }

    fn settle(&self) -> Result<()> {
        self.connection.get_input_focus()?.reply()?;
        Ok(())
    }
}

/// The colours of the bars in one of the two pictures.
pub fn bars(second: bool) -> [Colour; 4] {
    let mut bars = BARS;
    if second {
        bars.reverse();
    }
    bars
}
