//! What arrived, decoded.

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;
use gstreamer_video as video;
use gstreamer_video::prelude::*;
use rtc_host::core::EncodedFrame;

/// How far from black a decoder may be, which is given a few bits for it.
const NOISE: u8 = 8;

/// A decoded picture, by what lies farthest from black.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// Of all its samples, out of 255 (16 and 128 are none, as ITU-R BT.601 has black).
    off_black: u8,
}

impl Decoded {
    pub(crate) fn is_black(&self) -> bool {
        self.off_black <= NOISE
    }

    fn of(sample: &gst::Sample) -> Self {
        let info = video::VideoInfo::from_caps(sample.caps().unwrap()).unwrap();
        let picture =
            video::VideoFrameRef::from_buffer_ref_readable(sample.buffer().unwrap(), &info)
                .unwrap();
        let off_black = (0..3_u32).flat_map(|plane| {
            let (black, shift) = if plane == 0 { (16, 0) } else { (128, 1) };
            let stride = picture.plane_stride()[plane as usize] as usize;
            let (width, height) = (info.width() >> shift, info.height() >> shift);
            let rows = picture.plane_data(plane).unwrap().chunks(stride);
            rows.take(height as usize)
                .flat_map(move |row| &row[..width as usize])
                .map(move |sample| sample.abs_diff(black))
        });
        Self {
            off_black: off_black.max().unwrap(),
        }
    }
}

/// Decodes VP8 pictures from the first on.
pub(crate) fn decode(pictures: &[EncodedFrame]) -> Vec<Decoded> {
    let pipeline = gst::parse::launch(
        "appsrc name=in format=time caps=video/x-vp8 \
         ! vp8dec ! video/x-raw,format=I420 ! appsink name=out sync=false",
    )
    .unwrap()
    .downcast::<gst::Pipeline>()
    .unwrap();
    let find = |name| pipeline.by_name(name).unwrap();
    let input = find("in").downcast::<app::AppSrc>().unwrap();
    let output = find("out").downcast::<app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    for picture in pictures {
        let buffer = gst::Buffer::from_slice(picture.data.to_vec());
        input.push_buffer(buffer).unwrap();
    }
    input.end_of_stream().unwrap();
    let decoded = std::iter::from_fn(|| output.pull_sample().ok());
    let decoded = decoded.map(|sample| Decoded::of(&sample)).collect();
    pipeline.set_state(gst::State::Null).unwrap();
    decoded
}
