//! A time stamp that can be read back from a picture after it went through a codec.
//!
//! One row of [`CELLS`] cells over the full width, as high as a twelfth of the picture. Cells 0
//! and 1 are black and white for reference; cells 2 to 41 are the 40 lowest bits of the time in
//! milliseconds since 1970, most significant first, white for 1; cells 42 and 43 are the parities
//! of the even-numbered and the odd-numbered data bits (0 being the most significant).

/// Cells of the strip.
pub const CELLS: usize = 44;
/// Data bits.
const BITS: usize = 40;
/// Video-range black and white.
const LEVELS: [u8; 2] = [16, 235];

/// The bits of all cells for a time in milliseconds since 1970.
fn cells(unix_ms: u64) -> [bool; CELLS] {
    let mut cells = [false; CELLS];
    cells[1] = true;
    for bit in 0..BITS {
        let set = unix_ms >> (BITS - 1 - bit) & 1 == 1;
        cells[2 + bit] = set;
        cells[2 + BITS + bit % 2] ^= set;
    }
    cells
}

/// Draws the strip into a luma plane of `width` times `height` pixels without padding.
///
/// # Panics
/// If the plane is smaller than `width * height`.
pub fn write(luma: &mut [u8], width: usize, height: usize, unix_ms: u64) {
    let mut line = vec![0; width];
    for (cell, set) in cells(unix_ms).into_iter().enumerate() {
        line[cell * width / CELLS..(cell + 1) * width / CELLS].fill(LEVELS[usize::from(set)]);
    }
    for row in luma[..width * height]
        .chunks_exact_mut(width)
        .take(height / 12)
    {
        row.copy_from_slice(&line);
    }
    // Chroma is the caller's: grey keeps the strip neutral.
}

/// Reads the strip: the 40 lowest bits of the time in milliseconds since 1970. `None` if the
/// references are not black and white, a cell is neither, or a parity is wrong.
pub fn read(luma: &[u8], width: usize, height: usize) -> Option<u64> {
    let strip = height / 12;
    if width < 2 * CELLS || strip < 2 || luma.len() < width * height {
        return None;
    }
    let level = |cell: usize| {
        // The middle half of a cell, away from the ringing at its edges.
        let (left, right) = (cell * width / CELLS, (cell + 1) * width / CELLS);
        let margin = (right - left) / 4;
        let (left, right) = (left + margin, (right - margin).max(left + margin + 1));
        let (top, bottom) = (strip / 4, (strip * 3 / 4).max(strip / 4 + 1));
        let (mut sum, mut count) = (0_u32, 0);
        for row in luma.chunks_exact(width).take(bottom).skip(top) {
            for &value in &row[left..right] {
                sum += u32::from(value);
                count += 1;
            }
        }
        sum / count
    };
    let (black, white) = (level(0), level(1));
    if white < black + 64 {
        return None;
    }
    let (third, middle) = ((white - black) / 6, (white + black) / 2);
    let mut bits = [false; CELLS];
    for (cell, bit) in bits.iter_mut().enumerate() {
        let level = level(cell);
        if level.abs_diff(middle) < third {
            return None;
        }
        *bit = level > middle;
    }
    let value = bits[2..2 + BITS]
        .iter()
        .fold(0, |value, &bit| value << 1 | u64::from(bit));
    (cells(value) == bits).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(unix_ms: u64, width in 88_usize..1920, height in 24_usize..200) {
            let mut luma = vec![90; width * height];
            write(&mut luma, width, height, unix_ms);
            prop_assert_eq!(read(&luma, width, height), Some(unix_ms & ((1 << BITS) - 1)));
        }

        #[test]
        fn noise_never_panics(luma in proptest::collection::vec(any::<u8>(), 0..40_000),
                              width in 0_usize..400, height in 0_usize..400) {
            let _ = read(&luma, width, height);
        }
    }

    #[test]
    fn one_flipped_cell_is_noticed() {
        let (width, height) = (880, 120);
        let mut luma = vec![90; width * height];
        write(&mut luma, width, height, 0x12_3456_789A);
        for row in luma.chunks_exact_mut(width).take(height / 12) {
            for value in &mut row[10 * width / CELLS..11 * width / CELLS] {
                *value = 251 - *value;
            }
        }
        assert_eq!(read(&luma, width, height), None);
    }
}
