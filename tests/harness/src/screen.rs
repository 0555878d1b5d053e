//! The screen that windows are on, seen and used from outside: also when there is no page that could
//! be asked.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::process::Owned;

/// Numbers at the beginning of an X window dump (`XWDFile.h`), of four bytes each, most significant
/// first.
const HEADER: usize = 25;
const WIDTH: usize = 4;
const HEIGHT: usize = 5;
const BITS_PER_PIXEL: usize = 11;
const BYTES_PER_LINE: usize = 12;
const COLOURS: usize = 19;
/// Bytes of each of its colours.
const COLOUR: usize = 12;
/// Pixels of one colour side by side, at least, that are an area and not a sign or an edge.
const WIDE: usize = 60;
/// As many rows of them.
const HIGH: usize = 6;
/// Between two looks: nothing tells what another program has painted.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Red, green and blue.
pub type Colour = [u8; 3];

/// The accent of the app's light theme: what is filled with it can be pressed, and goes on.
pub const ACCENT: Colour = [0x35, 0x58, 0xd6];

/// A screen in memory.
#[derive(Debug)]
pub struct Screen {
    display: String,
    /// Where it keeps its pixels.
    pixels: PathBuf,
    _server: Owned,
}

/// What is on the screen at one moment.
#[derive(Debug)]
pub struct Picture {
    width: usize,
    height: usize,
    /// From the top, from the left.
    pixels: Vec<Colour>,
}

impl Screen {
    /// Starts one; it chooses its own number.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(folder: &Path) -> Result<Self> {
        let number = folder.join("display");
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "exec Xvfb -displayfd 3 -fbdir \"$1\" -screen 0 1280x800x24 -noreset -nolisten tcp 3>\"$0\"",
        ]);
        let server = Owned::start(command.arg(&number).arg(folder), &folder.join("xvfb.log"))?;
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        loop {
            // Written in one piece, with its line end, once the screen is ready.
            let text = std::fs::read_to_string(&number).unwrap_or_default();
            if text.ends_with('\n') {
                return Ok(Self {
                    display: format!(":{}", text.trim()),
                    pixels: folder.join("Xvfb_screen0"),
                    _server: server,
                });
            }
            if std::time::Instant::now() > deadline {
                bail!("Xvfb does not start: {}", server.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its name.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Does something to the screen's windows; what it said.
    ///
    /// # Errors
    /// If it cannot be done.
    pub(crate) fn xdotool(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            bail!("xdotool: {}", output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Presses a key in the window that has the keyboard, as its user does: by its name in X.
    ///
    /// # Errors
    /// If the screen has gone.
    pub fn press(&self, key: &str) -> Result<()> {
        self.xdotool(&["key", "--clearmodifiers", key]).map(drop)
    }

    /// What is on it now.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn look(&self) -> Result<Picture> {
        Picture::of_dump(&std::fs::read(&self.pixels)?)
    }

    /// Waits until there is an area of this colour that stands still; its middle, from the left and
    /// from the top.
    ///
    /// # Errors
    /// If there is none in time.
    pub async fn wait_for(&self, colour: Colour, limit: Duration) -> Result<(usize, usize)> {
        let deadline = tokio::time::Instant::now() + limit;
        let mut before = None;
        loop {
            let found = self.look()?.area(colour);
            if let Some(place) = found
                && found == before
            {
                return Ok(place);
            }
            if tokio::time::Instant::now() > deadline {
                bail!("nothing on the screen has the colour {colour:?}");
            }
            before = found;
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Clicks.
    ///
    /// # Errors
    /// If the screen has gone.
    pub fn click(&self, (x, y): (usize, usize)) -> Result<()> {
        let (x, y) = (x.to_string(), y.to_string());
        self.xdotool(&["mousemove", &x, &y, "click", "1"]).map(drop)
    }
}

impl Picture {
    /// From an X window dump of 32 bits for each pixel, least significant first: blue, green, red.
    fn of_dump(dump: &[u8]) -> Result<Self> {
        let number = |index: usize| -> Result<usize> {
            let bytes = dump.get(index * 4..index * 4 + 4).context("no header")?;
            Ok(u32::from_be_bytes(bytes.try_into()?) as usize)
        };
        if number(BITS_PER_PIXEL)? != 32 || number(0)? < HEADER * 4 {
            bail!("not the kind of screen that was asked for");
        }
        let (width, height, line) = (number(WIDTH)?, number(HEIGHT)?, number(BYTES_PER_LINE)?);
        let begin = number(0)? + number(COLOURS)? * COLOUR;
        let rows = dump.get(begin..begin + line * height).context("cut off")?;
        let pixels = rows.chunks_exact(line).flat_map(|row| {
            let row = row.chunks_exact(4).take(width);
            row.map(|pixel| [pixel[2], pixel[1], pixel[0]])
        });
        Ok(Self {
            width,
            height,
            pixels: pixels.collect(),
        })
    }

    /// Whether there is an area of this colour.
    pub fn has(&self, colour: Colour) -> bool {
        self.area(colour).is_some()
    }

    /// The middle of the uppermost area of a colour.
    fn area(&self, colour: Colour) -> Option<(usize, usize)> {
        let row = |y: usize| self.pixels.get(y * self.width..(y + 1) * self.width);
        let all = |y: usize, from: usize, to: usize| {
            row(y).is_some_and(|row| row[from..to].iter().all(|pixel| *pixel == colour))
        };
        for y in 0..self.height.saturating_sub(HIGH) {
            let mut from = 0;
            for run in row(y)?.chunk_by(|one, next| one == next) {
                let to = from + run.len();
                if run[0] == colour
                    && run.len() >= WIDE
                    // Corners are round.
                    && (y..y + HIGH).all(|y| all(y, from, to))
                {
                    return Some((usize::midpoint(from, to), y + HIGH / 2));
                }
                from = to;
            }
        }
        None
    }

    /// Keeps it as PNG.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let file = std::io::BufWriter::new(std::fs::File::create(file)?);
        let (width, height) = (u32::try_from(self.width)?, u32::try_from(self.height)?);
        let mut encoder = png::Encoder::new(file, width, height);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header()?;
        Ok(writer.write_image_data(self.pixels.as_flattened())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dump whose rows are these.
    fn dump(rows: &[Vec<Colour>]) -> Vec<u8> {
        let mut numbers = [0_u32; HEADER];
        numbers[0] = 104;
        numbers[WIDTH] = u32::try_from(rows[0].len()).unwrap();
        numbers[HEIGHT] = u32::try_from(rows.len()).unwrap();
        numbers[BITS_PER_PIXEL] = 32;
        numbers[BYTES_PER_LINE] = numbers[WIDTH] * 4 + 8;
        numbers[COLOURS] = 2;
        let mut dump: Vec<u8> = numbers.iter().flat_map(|each| each.to_be_bytes()).collect();
        dump.extend(b"who\0");
        dump.extend([0xff; 2 * COLOUR]);
        for row in rows {
            dump.extend(row.iter().flat_map(|[r, g, b]| [*b, *g, *r, 0]));
            dump.extend([0xff; 8]);
        }
        dump
    }

    #[test]
    fn an_area_is_found_where_it_is_and_an_edge_is_none() {
        let mut rows = vec![vec![[0, 0, 0]; 200]; 40];
        for row in &mut rows[3..5] {
            row[..].fill(ACCENT);
        }
        let look = |rows: &[Vec<Colour>]| Picture::of_dump(&dump(rows)).unwrap().area(ACCENT);
        assert_eq!(look(&rows), None);
        for row in &mut rows[20..32] {
            row[100..180].fill(ACCENT);
        }
        assert_eq!(look(&rows), Some((140, 23)));
        assert!(Picture::of_dump(&dump(&rows)[..500]).is_err());
    }
}
