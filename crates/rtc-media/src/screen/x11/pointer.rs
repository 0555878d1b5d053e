//! The pointer, which X leaves out of what it lets others read.

use x11rb::errors::ReplyError;
use x11rb::protocol::xfixes::{ConnectionExt as _, CursorNotifyMask};
use x11rb::protocol::xproto::{ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use super::Area;
use crate::screen::pixels::PointerImage;

/// Where it is and how it looks.
#[derive(Debug, Default)]
pub(super) struct Pointer {
    image: Option<PointerImage>,
    /// In the picture, if it is there.
    place: Option<(i32, i32)>,
}

impl Pointer {
    /// Has the server tell when it looks different.
    pub(super) fn watch(connection: &RustConnection, root: Window) -> Result<(), ReplyError> {
        let mask = CursorNotifyMask::DISPLAY_CURSOR;
        connection.xfixes_select_cursor_input(root, mask)?.check()
    }

    /// It looks different from now on.
    pub(super) fn changed(&mut self) {
        self.image = None;
    }

    /// Looks where it is over that part of a drawable. Whether the picture is another one for it.
    pub(super) fn look(
        &mut self,
        connection: &RustConnection,
        drawable: Window,
        area: Area,
    ) -> Result<bool, ReplyError> {
        let found = connection.query_pointer(drawable)?.reply()?;
        let (x, y) = (
            i32::from(found.win_x) - i32::from(area.x),
            i32::from(found.win_y) - i32::from(area.y),
        );
        let over = found.same_screen
            && (0..i32::from(area.width)).contains(&x)
            && (0..i32::from(area.height)).contains(&y);
        let place = over.then_some((x, y));
        let moved = std::mem::replace(&mut self.place, place) != place;
        let fresh = place.is_some() && self.image.is_none();
        if fresh {
            self.image = Some(image(connection)?);
        }
        Ok(moved || fresh)
    }

    /// What is to be laid over the picture, and where.
    pub(super) fn shown(&self) -> Option<(&PointerImage, (i32, i32))> {
        Some((self.image.as_ref()?, self.place?))
    }
}

fn image(connection: &RustConnection) -> Result<PointerImage, ReplyError> {
    let cursor = connection.xfixes_get_cursor_image()?.reply()?;
    Ok(PointerImage {
        left: -i32::from(cursor.xhot),
        top: -i32::from(cursor.yhot),
        width: usize::from(cursor.width),
        words: cursor.cursor_image,
    })
}
