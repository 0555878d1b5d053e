//! Takes pictures of a monitor or a window when something in it has changed.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Instant;

use x11rb::connection::{Connection, RequestConnection, SequenceNumber};
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, Damage, ReportLevel};
use x11rb::protocol::shm;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, ImageFormat, Window,
};
use x11rb::rust_connection::RustConnection;

use super::pointer::Pointer;
use super::{Area, Desk, Target};
use crate::screen::filming::{Gone, Subject};
use crate::screen::pixels::{Converter, Pixels};
use crate::screen::{CursorMode, unreadable};
use crate::{MediaError, VideoFrame};

/// Bytes of a pixel.
const BYTES: usize = 4;
/// Words of other programs' that are read at one look, at most: the rest waits for the next.
const MOST_EVENTS: usize = 256;

/// What an X server shows of a target.
pub(in crate::screen) struct Grabber {
    desk: Desk,
    target: Target,
    drawable: Window,
    area: Area,
    damage: Damage,
    /// None: the pointer is not wanted.
    pointer: Option<Pointer>,
    memory: Memory,
    pixels: Pixels,
    converter: Converter,
    /// Something was painted since the pixels were read.
    painted: bool,
    /// The request before the pixels were read: what the server said until then is in them.
    known: SequenceNumber,
    /// It can be seen at all.
    seen: bool,
}

impl Grabber {
    pub(super) fn new(desk: Desk, target: Target, cursor: CursorMode) -> Result<Self, MediaError> {
        let (drawable, area) = desk
            .place(target)
            .ok_or_else(|| unreadable(&"it is gone or minimised"))?;
        let pointer = match cursor {
            CursorMode::Always => Some(Pointer::default()),
            CursorMode::Never => None,
        };
        let watched = watch(&desk, target, drawable, pointer.is_some());
        let damage = watched.map_err(|error| unreadable(&error))?;
        Ok(Self {
            desk,
            target,
            drawable,
            area: whole(area),
            damage,
            pointer,
            memory: Memory::default(),
            pixels: Pixels::default(),
            converter: Converter::default(),
            painted: true,
            known: 0,
            seen: true,
        })
    }

    fn connection(&self) -> &RustConnection {
        &self.desk.connection
    }

    fn hear(&mut self, event: &Event, said: SequenceNumber) -> Result<(), Gone> {
        match event {
            Event::DamageNotify(_) => self.painted |= said >= self.known,
            Event::XfixesCursorNotify(_) => {
                if let Some(pointer) = &mut self.pointer {
                    pointer.changed();
                }
            }
            Event::ConfigureNotify(event) if event.window == self.drawable => self.measure()?,
            Event::UnmapNotify(event) if event.window == self.drawable => self.seen = false,
            Event::MapNotify(event) if event.window == self.drawable => {
                self.seen = true;
                self.measure()?;
            }
            Event::DestroyNotify(event) if event.window == self.drawable => return Err(Gone),
            _ => {}
        }
        Ok(())
    }

    /// Looks how large it is now.
    fn measure(&mut self) -> Result<(), Gone> {
        match self.desk.place(self.target) {
            Some((_, area)) => {
                self.area = whole(area);
                self.painted = true;
                Ok(())
            }
            // A window that cannot be seen may come back, a monitor has been pulled out.
            None if matches!(self.target, Target::Window(_)) => Ok(()),
            None => Err(Gone),
        }
    }

    /// Reads the pixels; false: there is nothing to be seen for now.
    fn read(&mut self) -> Result<bool, Gone> {
        // What is painted from here on is news again.
        let Ok(asked) = self
            .desk
            .connection
            .damage_subtract(self.damage, x11rb::NONE, x11rb::NONE)
        else {
            return Err(Gone);
        };
        let known = asked.sequence_number();
        // The damage of a window that is gone is gone with it, which is told as an event.
        asked.ignore_error();
        let read = self
            .memory
            .read(&self.desk.connection, self.drawable, self.area);
        match read {
            Ok(Some(pixels)) => {
                self.pixels = pixels;
                self.painted = false;
                self.known = known;
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(_) => Err(Gone),
        }
    }
}

fn watch(
    desk: &Desk,
    target: Target,
    drawable: Window,
    pointer: bool,
) -> Result<Damage, ReplyError> {
    let connection = &desk.connection;
    let events = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
    connection
        .change_window_attributes(drawable, &events)?
        .check()?;
    if matches!(target, Target::Window(_)) {
        desk.redirect(drawable)?;
    }
    if pointer {
        Pointer::watch(connection, desk.root)?;
    }
    let damage = connection
        .generate_id()
        .map_err(|_| ConnectionError::UnknownError)?;
    connection
        .damage_create(damage, drawable, ReportLevel::NON_EMPTY)?
        .check()?;
    Ok(damage)
}

/// Chroma has half of each side: an odd last row or column is left out.
fn whole(area: Area) -> Area {
    Area {
        width: area.width & !1,
        height: area.height & !1,
        ..area
    }
}

impl Subject for Grabber {
    fn news(&mut self) -> Result<bool, Gone> {
        for _ in 0..MOST_EVENTS {
            match self.connection().poll_for_event_with_sequence() {
                Ok(Some((event, said))) => self.hear(&event, said)?,
                Ok(None) => break,
                Err(_) => return Err(Gone),
            }
        }
        if !self.seen {
            return Ok(false);
        }
        let (drawable, area) = (self.drawable, self.area);
        let moved = match &mut self.pointer {
            Some(pointer) => match pointer.look(&self.desk.connection, drawable, area) {
                Ok(moved) => moved,
                Err(ReplyError::ConnectionError(_)) => return Err(Gone),
                // The window has just gone, which is told as an event.
                Err(ReplyError::X11Error(_)) => false,
            },
            None => false,
        };
        Ok(self.painted || moved)
    }

    fn size(&self) -> (u32, u32) {
        (self.area.width.into(), self.area.height.into())
    }

    fn picture(&mut self, size: (u32, u32), now: Instant) -> Result<Option<VideoFrame>, Gone> {
        let tiny = self.area.width < 2 || self.area.height < 2;
        if !self.seen || tiny || (self.painted && !self.read()?) {
            return Ok(None);
        }
        let pointer = self.pointer.as_ref().and_then(Pointer::shown);
        let with_pointer = pointer.map(|(image, place)| self.pixels.with_pointer(image, place));
        let pixels = with_pointer.as_ref().unwrap_or(&self.pixels);
        Ok(self.converter.picture(pixels, size, now))
    }
}

/// Memory that the X server writes pixels into. It is read as a file: so nothing of another
/// program's is ever mapped into this one.
#[derive(Default)]
pub(super) struct Memory {
    shared: Option<Shared>,
    /// The server has none to share.
    refused: bool,
}

struct Shared {
    segment: shm::Seg,
    size: usize,
    file: File,
}

impl Memory {
    /// Pixels of a part of a drawable; none if it cannot be read just now.
    pub(super) fn read(
        &mut self,
        connection: &RustConnection,
        drawable: Window,
        area: Area,
    ) -> Result<Option<Pixels>, ConnectionError> {
        let size = usize::from(area.width) * usize::from(area.height) * BYTES;
        if !self.refused && self.shared.as_ref().is_none_or(|have| have.size < size) {
            self.give_back(connection);
            match Shared::new(connection, size) {
                Ok(shared) => self.shared = Some(shared),
                Err(error) => {
                    tracing::debug!(%error, "pixels are copied through the socket");
                    self.refused = true;
                }
            }
        }
        let read = match &self.shared {
            Some(shared) => shared.read(connection, drawable, area, size),
            None => copied(connection, drawable, area),
        };
        match read {
            Ok(data) if data.len() >= size => {
                let mut data = data;
                data.truncate(size);
                Ok(Some(Pixels {
                    width: area.width.into(),
                    height: area.height.into(),
                    data: Arc::new(data),
                }))
            }
            Ok(_) | Err(ReplyError::X11Error(_)) => Ok(None),
            Err(ReplyError::ConnectionError(error)) => Err(error),
        }
    }

    pub(super) fn give_back(&mut self, connection: &RustConnection) {
        if let Some(shared) = self.shared.take()
            && let Ok(asked) = shm::detach(connection, shared.segment)
        {
            asked.ignore_error();
        }
    }
}

impl Shared {
    fn new(connection: &RustConnection, size: usize) -> Result<Self, ReplyError> {
        connection
            .extension_information(shm::X11_EXTENSION_NAME)?
            .ok_or(ConnectionError::UnsupportedExtension)?;
        shm::query_version(connection)?.reply()?;
        let segment = connection
            .generate_id()
            .map_err(|_| ConnectionError::UnknownError)?;
        let bytes =
            u32::try_from(size).map_err(|_| ConnectionError::MaximumRequestLengthExceeded)?;
        let reply = shm::create_segment(connection, segment, bytes, false)?.reply()?;
        Ok(Self {
            segment,
            size,
            file: File::from(reply.shm_fd),
        })
    }

    fn read(
        &self,
        connection: &RustConnection,
        drawable: Window,
        area: Area,
        size: usize,
    ) -> Result<Vec<u8>, ReplyError> {
        let format = ImageFormat::Z_PIXMAP.into();
        let segment = self.segment;
        shm::get_image(
            connection,
            drawable,
            area.x,
            area.y,
            area.width,
            area.height,
            u32::MAX,
            format,
            segment,
            0,
        )?
        .reply()?;
        let mut data = vec![0; size];
        match self.file.read_exact_at(&mut data, 0) {
            Ok(()) => Ok(data),
            Err(error) => Err(ConnectionError::IoError(error).into()),
        }
    }
}

fn copied(
    connection: &RustConnection,
    drawable: Window,
    area: Area,
) -> Result<Vec<u8>, ReplyError> {
    let format = ImageFormat::Z_PIXMAP;
    let (x, y) = (area.x, area.y);
    let image = connection.get_image(format, drawable, x, y, area.width, area.height, u32::MAX)?;
    Ok(image.reply()?.data)
}

#[cfg(test)]
mod tests;
