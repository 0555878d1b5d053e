//! Films that a program publishes: files in the IVF format, with frames that Chromium encodes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use salon_harness::browser::Page;
use salon_harness::process::Owned;
use salon_harness::token::{SECRET, claims, sign};
use salon_harness::world::{ROOM, World, required};
use serde_json::Value;

/// Makes the frames.
const FRAMES: &str = include_str!("../../../js/film.js");
const SIZE: (u16, u16) = (640, 360);
/// Pictures a second.
const RATE: u32 = 30;
/// How often its frames follow each other in the file: two minutes.
const TIMES: u32 = 60;

/// Temporal delimiter and sequence header (AV1 5.5, 5.6).
const AV1_BEGINNING: &[u8] = &[
    0x12, 0, 0x0a, 0x0b, 0, 0, 0, 0x24, 0xcf, 0x7f, 0x0d, 0xbf, 0xff, 0x30, 0x08,
];

/// Two seconds that begin with the only key frame in them.
pub(crate) struct Film {
    format: &'static [u8; 4],
    pub(crate) frames: Vec<Vec<u8>>,
}

impl Film {
    pub(crate) async fn vp9(page: &Page) -> Result<Self> {
        let (width, height) = SIZE;
        let call = format!(
            "({})(\"vp09.00.10.08\", {width}, {height}, {RATE})",
            FRAMES.trim_end()
        );
        let frames = page.eval(&call).await?;
        let frames = frames.as_array().context("no frames")?.iter();
        let decoded = frames.map(|frame| {
            let frame = frame.as_str().context("no frame")?;
            Ok(STANDARD.decode(frame)?)
        });
        let frames = decoded.collect::<Result<_>>()?;
        Ok(Self {
            format: b"VP90",
            frames,
        })
    }

    /// Nobody here decodes it: what its packets say that they are is enough.
    pub(crate) fn av1() -> Self {
        let frame = [AV1_BEGINNING, &[0x32, 16], &[0; 16]].concat();
        Self {
            format: b"AV01",
            frames: vec![frame; 60],
        }
    }

    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let mut film = b"DKIF\0\0\x20\0".to_vec();
        film.extend(self.format);
        film.extend(SIZE.0.to_le_bytes());
        film.extend(SIZE.1.to_le_bytes());
        let frames = u32::try_from(self.frames.len())? * TIMES;
        for number in [RATE, 1, frames, 0] {
            film.extend(number.to_le_bytes());
        }
        let again = (0..TIMES).flat_map(|_| &self.frames);
        for (time, frame) in (0_u64..).zip(again) {
            film.extend(u32::try_from(frame.len())?.to_le_bytes());
            film.extend(time.to_le_bytes());
            film.extend(frame);
        }
        Ok(std::fs::write(file, film)?)
    }
}

/// Somebody publishes a film with LiveKit's Go SDK, and is gone when this is dropped.
pub(crate) fn publish(world: &World, file: &Path, identity: &str) -> Result<Owned> {
    publish_as(world, file, identity, &claims(ROOM, identity))
}

/// The same with a token of one's own.
pub(crate) fn publish_as(
    world: &World,
    file: &Path,
    identity: &str,
    claims: &Value,
) -> Result<Owned> {
    let token = sign(claims, SECRET)?;
    let mut command = Command::new(required("PUBLISHER")?);
    command.arg(world.server_url()).arg(token).arg(file);
    let log = world.folder().join(format!("publisher-{identity}.log"));
    Owned::start(&mut command, &log)
}
