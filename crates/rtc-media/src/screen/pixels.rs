//! Pixels as a display server has them, and what is made of them.

use std::sync::Arc;
use std::time::Instant;

use gstreamer as gst;
use gstreamer_video as video;
use gstreamer_video::prelude::*;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::VideoFrame;
use crate::camera::without_padding;
use crate::pipeline;

/// Largest sides of a thumbnail, in pixels.
const THUMBNAIL: (u32, u32) = (320, 200);
/// Of a thumbnail, out of 100.
const THUMBNAIL_QUALITY: u8 = 85;

/// Four bytes for each pixel: blue, green, red, and one that says nothing; rows from the top,
/// without padding.
#[derive(Clone, Debug, Default)]
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) data: Arc<Vec<u8>>,
}

/// The memory, lent to GStreamer without a copy.
struct Lent(Arc<Vec<u8>>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The pointer's picture: premultiplied ARGB, in words; where it points to is (0, 0).
#[derive(Clone, Debug, Default)]
pub(super) struct PointerImage {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: usize,
    pub(super) words: Vec<u32>,
}

impl Pixels {
    fn info(&self) -> Option<video::VideoInfo> {
        // Of all that is made of pixels this is the first.
        pipeline::init().ok()?;
        let format = video::VideoFormat::Bgrx;
        video::VideoInfo::builder(format, self.width, self.height)
            .build()
            .ok()
    }

    fn buffer(&self) -> gst::Buffer {
        gst::Buffer::from_slice(Lent(self.data.clone()))
    }

    /// Lays the pointer over a copy of the pixels.
    pub(super) fn with_pointer(&self, image: &PointerImage, (x, y): (i32, i32)) -> Self {
        let mut data = self.data.as_ref().clone();
        for (row, words) in image.words.chunks_exact(image.width.max(1)).enumerate() {
            let Some(top) = inside(y.saturating_add(image.top), row, self.height) else {
                continue;
            };
            for (column, word) in words.iter().enumerate() {
                let Some(left) = inside(x.saturating_add(image.left), column, self.width) else {
                    continue;
                };
                let at = (top * self.width as usize + left) * 4;
                if let Some(pixel) = data.get_mut(at..at + 4) {
                    blend(pixel, *word);
                }
            }
        }
        Self {
            data: Arc::new(data),
            ..*self
        }
    }

    /// A small JPEG of it; none if it cannot be made.
    pub(super) fn thumbnail(&self) -> Option<Vec<u8>> {
        let given = self.info()?;
        let (width, height) = super::shrunk((self.width, self.height), THUMBNAIL);
        let (width, height) = (width.max(1), height.max(1));
        let rgb = video::VideoInfo::builder(video::VideoFormat::Rgb, width, height);
        let converter = Fitted::new(given, rgb.build().ok()?)?;
        let small = converter.convert(self, |picture| {
            let stride = usize::try_from(*picture.plane_stride().first()?).ok()?;
            let rows = picture.plane_data(0).ok()?.chunks(stride);
            let without_padding = rows
                .take(height as usize)
                .flat_map(|row| row.get(..width as usize * 3));
            Some(without_padding.collect::<Vec<_>>().concat())
        })?;
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, THUMBNAIL_QUALITY)
            .encode(&small, width, height, ExtendedColorType::Rgb8)
            .map_err(|error| tracing::debug!(%error, "a window has no thumbnail"))
            .ok()?;
        Some(jpeg)
    }
}

/// Where something at `offset` from `from` lies on a side of that length.
fn inside(from: i32, offset: usize, length: u32) -> Option<usize> {
    let at = i64::from(from) + i64::try_from(offset).ok()?;
    (at < i64::from(length))
        .then(|| usize::try_from(at).ok())
        .flatten()
}

fn blend(pixel: &mut [u8], word: u32) {
    let [blue, green, red, alpha] = word.to_le_bytes();
    let rest = 255 - u32::from(alpha);
    for (below, above) in pixel.iter_mut().zip([blue, green, red]) {
        let seen = u32::from(above) + (u32::from(*below) * rest + 127) / 255;
        *below = seen.min(255) as u8;
    }
}

/// Makes pictures of pixels.
#[derive(Default)]
pub(super) struct Converter(Option<Fitted>);

struct Fitted {
    from: video::VideoInfo,
    to: video::VideoInfo,
    converter: video::VideoConverter,
}

impl Converter {
    /// A picture of that size; none if the system has no memory for it.
    pub(super) fn picture(
        &mut self,
        pixels: &Pixels,
        (width, height): (u32, u32),
        captured: Instant,
    ) -> Option<VideoFrame> {
        let fits = |sized: &Fitted| {
            (sized.from.width(), sized.from.height()) == (pixels.width, pixels.height)
                && (sized.to.width(), sized.to.height()) == (width, height)
        };
        if !self.0.as_ref().is_some_and(fits) {
            // What VP8 has (RFC 6386, section 9.2), whatever the size.
            let colorimetry: video::VideoColorimetry = "bt601".parse().ok()?;
            let i420 = video::VideoInfo::builder(video::VideoFormat::I420, width, height)
                .colorimetry(&colorimetry);
            self.0 = Some(Fitted::new(pixels.info()?, i420.build().ok()?)?);
        }
        let sized = self.0.as_ref()?;
        sized.convert(pixels, |picture| without_padding(picture, captured))
    }
}

impl Fitted {
    fn new(from: video::VideoInfo, to: video::VideoInfo) -> Option<Self> {
        let converter = video::VideoConverter::new(&from, &to, None).ok()?;
        Some(Self {
            from,
            to,
            converter,
        })
    }

    /// What is made of the picture that the pixels give; none if there is no memory for it.
    fn convert<T>(
        &self,
        pixels: &Pixels,
        make: impl FnOnce(&video::VideoFrameRef<&gst::BufferRef>) -> Option<T>,
    ) -> Option<T> {
        let source = pixels.buffer();
        let source =
            video::VideoFrameRef::from_buffer_ref_readable(source.as_ref(), &self.from).ok()?;
        let mut made = gst::Buffer::with_size(self.to.size()).ok()?;
        {
            let made = made.get_mut()?;
            let mut made = video::VideoFrameRef::from_buffer_ref_writable(made, &self.to).ok()?;
            self.converter.frame_ref(&source, &mut made);
        }
        let made = video::VideoFrameRef::from_buffer_ref_readable(made.as_ref(), &self.to).ok()?;
        make(&made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left half red, right half white.
    fn halves(width: u32, height: u32) -> Pixels {
        let row = (0..width).flat_map(|x| {
            if x < width / 2 {
                [0, 0, 255, 0]
            } else {
                [255, 255, 255, 0]
            }
        });
        let data = row.collect::<Vec<u8>>().repeat(height as usize);
        Pixels {
            width,
            height,
            data: Arc::new(data),
        }
    }

    #[test]
    fn colours_are_those_of_vp8_also_of_odd_widths_and_when_made_smaller() {
        let mut converter = Converter::default();
        for (from, to) in [((640, 360), (640, 360)), ((1002, 500), (500, 250))] {
            let pixels = halves(from.0, from.1);
            let frame = converter.picture(&pixels, to, Instant::now()).unwrap();
            let (width, height) = (to.0 as usize, to.1 as usize);
            let luma = |x: usize| frame.data()[width * (height / 2) + x];
            // BT.601, limited range: red has a luma of 81, white one of 235.
            assert!(luma(width / 4).abs_diff(81) <= 2, "{}", luma(width / 4));
            assert!(luma(width * 3 / 4).abs_diff(235) <= 1);
            let red = frame.data()[width * height * 5 / 4 + width / 2 * (height / 4) + width / 8];
            assert!(red.abs_diff(240) <= 2, "{red}");
        }
    }

    #[test]
    fn the_pointer_lies_over_the_pixels_and_is_cut_off_at_the_edge() {
        let pixels = halves(8, 4);
        let pointer = PointerImage {
            left: -1,
            top: 0,
            width: 2,
            words: vec![0xff00_00ff, 0x0000_0000, 0xff00_00ff, 0x8000_0080],
        };
        let with = pixels.with_pointer(&pointer, (5, 1));
        let at = |x: usize, y: usize| with.data[(y * 8 + x) * 4..][..3].to_vec();
        assert_eq!(at(4, 1), [255, 0, 0]);
        assert_eq!(at(5, 1), [255, 255, 255]);
        assert_eq!(at(5, 2), [255, 127, 127]);
        for place in [(0, 0), (7, 3), (-20, -20), (i32::MAX - 8, 2)] {
            assert_eq!(pixels.with_pointer(&pointer, place).data.len(), 8 * 4 * 4);
        }
        assert_eq!(pixels.data, halves(8, 4).data);
    }

    #[test]
    fn a_thumbnail_is_a_small_jpeg() {
        let jpeg = halves(1280, 720).thumbnail().unwrap();
        assert_eq!(jpeg[..2], [0xff, 0xd8]);
        assert!(jpeg.len() < 20_000, "{}", jpeg.len());
    }
}
