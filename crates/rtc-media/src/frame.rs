//! A picture in memory.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// An I420 picture: full-size luma plane, then two chroma planes of half the width and height,
/// without padding. Width and height are even.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoFrame {
    width: u32,
    height: u32,
    data: Arc<Vec<u8>>,
    captured: Instant,
    captured_wall: SystemTime,
}

impl VideoFrame {
    /// Wraps planes. `None` unless both sizes are even and above zero and `data` holds exactly
    /// `width * height * 3 / 2` bytes.
    pub fn new(width: u32, height: u32, data: Vec<u8>, captured: Instant) -> Option<Self> {
        let size = i420_size(width, height)?;
        // The capture instant may lie a little in the past; the wall clock follows it.
        let captured_wall = SystemTime::now() - captured.elapsed();
        (data.len() == size).then_some(Self {
            width,
            height,
            data: Arc::new(data),
            captured,
            captured_wall,
        })
    }

    /// A black picture.
    pub fn black(width: u32, height: u32, captured: Instant) -> Option<Self> {
        let size = i420_size(width, height)?;
        let mut data = vec![128; size];
        data[..(width * height) as usize].fill(16);
        Self::new(width, height, data, captured)
    }

    /// Pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Y, U and V planes, one after the other.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// When it was captured, on the monotonic clock.
    pub fn captured(&self) -> Instant {
        self.captured
    }

    /// When it was captured, since 1970.
    pub fn captured_unix(&self) -> Duration {
        self.captured_wall
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }

    /// The same picture, looked at again at that moment: nothing has changed.
    #[must_use]
    pub fn again_at(&self, captured: Instant) -> Self {
        Self {
            captured,
            captured_wall: SystemTime::now() - captured.elapsed(),
            ..self.clone()
        }
    }

    /// One is the other, looked at again ([`Self::again_at`]).
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    /// A copy of another size, each pixel the mean of those it covers. Meant for shrinking; sizes
    /// are rounded down to even numbers, at least 2.
    pub fn scaled(&self, width: u32, height: u32) -> Self {
        let (width, height) = ((width & !1).max(2), (height & !1).max(2));
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        let mut data = Vec::with_capacity((width * height * 3 / 2) as usize);
        let (mut rest, sizes) = (self.data.as_slice(), plane_sizes(self.width, self.height));
        for ((from_width, from_height), (to_width, to_height)) in
            sizes.into_iter().zip(plane_sizes(width, height))
        {
            let (plane, others) = rest.split_at(from_width * from_height);
            rest = others;
            if from_width == 2 * to_width && from_height == 2 * to_height {
                halve_plane(plane, from_width, &mut data);
            } else {
                scale_plane(
                    plane,
                    from_width,
                    from_height,
                    to_width,
                    to_height,
                    &mut data,
                );
            }
        }
        Self {
            width,
            height,
            data: Arc::new(data),
            captured: self.captured,
            captured_wall: self.captured_wall,
        }
    }
}

/// Bytes of an I420 picture; `None` for sizes that are odd, zero or absurd.
fn i420_size(width: u32, height: u32) -> Option<usize> {
    let sane = |size: u32| (2..=16384).contains(&size) && size.is_multiple_of(2);
    (sane(width) && sane(height)).then(|| (width * height) as usize * 3 / 2)
}

fn plane_sizes(width: u32, height: u32) -> [(usize, usize); 3] {
    let (width, height) = (width as usize, height as usize);
    [
        (width, height),
        (width / 2, height / 2),
        (width / 2, height / 2),
    ]
}

/// The common case, written so that the compiler vectorises it.
fn halve_plane(plane: &[u8], width: usize, to: &mut Vec<u8>) {
    for rows in plane.chunks_exact(2 * width) {
        let (upper, lower) = rows.split_at(width);
        to.extend(
            upper
                .chunks_exact(2)
                .zip(lower.chunks_exact(2))
                .map(|(a, b)| {
                    let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
                    ((sum + 2) >> 2) as u8
                }),
        );
    }
}

fn scale_plane(
    plane: &[u8],
    width: usize,
    height: usize,
    to_width: usize,
    to_height: usize,
    to: &mut Vec<u8>,
) {
    let span = |index: usize, from: usize, to: usize| {
        let start = index * from / to;
        start..((index + 1) * from / to).max(start + 1)
    };
    let columns: Vec<_> = (0..to_width).map(|x| span(x, width, to_width)).collect();
    for y in 0..to_height {
        let rows = span(y, height, to_height);
        for columns in &columns {
            let mut sum = 0;
            for row in rows.clone() {
                let line = &plane[row * width..(row + 1) * width];
                sum += line[columns.clone()]
                    .iter()
                    .map(|&value| u32::from(value))
                    .sum::<u32>();
            }
            let count = (rows.len() * columns.len()) as u32;
            to.push(((sum + count / 2) / count) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> VideoFrame {
        let mut data = Vec::new();
        for (plane_width, plane_height) in plane_sizes(width, height) {
            for y in 0..plane_height {
                for x in 0..plane_width {
                    data.push(((x * 255 / plane_width) / 2 + (y * 255 / plane_height) / 2) as u8);
                }
            }
        }
        VideoFrame::new(width, height, data, Instant::now()).unwrap()
    }

    #[test]
    fn shrinking_keeps_the_picture() {
        let frame = gradient(1280, 720);
        for (width, height) in [(640, 360), (320, 180), (854, 480), (426, 240)] {
            let small = frame.scaled(width, height);
            let expected = gradient(width, height);
            assert_eq!((small.width(), small.height()), (width, height));
            let worst = small
                .data()
                .iter()
                .zip(expected.data())
                .map(|(a, b)| a.abs_diff(*b))
                .max();
            assert!(worst <= Some(3), "{width}x{height}: off by {worst:?}");
        }
    }

    #[test]
    fn wrong_sizes_are_refused() {
        assert!(VideoFrame::new(3, 2, vec![0; 9], Instant::now()).is_none());
        assert!(VideoFrame::new(4, 4, vec![0; 23], Instant::now()).is_none());
        assert!(VideoFrame::new(0, 0, vec![], Instant::now()).is_none());
        assert!(VideoFrame::black(u32::MAX, 2, Instant::now()).is_none());
    }
}
