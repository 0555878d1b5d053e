//! Whether pictures are what their names say.

use std::path::Path;

use crate::error::{Error, refuse};

/// Longest picture that every window carries, bytes.
const LARGEST_SVG: usize = 64 * 1024;

/// Of one of [`crate::ICONS`]. Of PNG (W3C PNG, 5.2 and 11.2.2) only what says its size is read.
pub(crate) fn check(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let holds = match &*name {
        "icon.svg" => {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            bytes.len() <= LARGEST_SVG && text.contains("<svg")
        }
        "icon.ico" => bytes.starts_with(&[0, 0, 1, 0]),
        "icon.icns" => bytes.starts_with(b"icns"),
        _ => {
            let side = match &*name {
                "icon.png" => 512,
                "128x128@2x.png" => 256,
                _ => name
                    .split('x')
                    .next()
                    .and_then(|side| side.parse().ok())
                    .unwrap_or(0_u32),
            };
            let header = [
                b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
                &side.to_be_bytes()[..],
                &side.to_be_bytes(),
            ];
            bytes.starts_with(&header.concat())
        }
    };
    if holds {
        return Ok(());
    }
    let why =
        format!("has a {name} that is no such picture, of another size or, as SVG, beyond 64 KiB");
    Err(refuse("icons", why))
}
