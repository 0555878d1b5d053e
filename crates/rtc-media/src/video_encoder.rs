//! VP8 in simulcast layers.

mod inbox;
mod layer;
mod pace;
mod still;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::video_encoder::inbox::{Inbox, Todo};
use crate::video_encoder::layer::{Layer, Shared};
use crate::{MediaError, VideoFrame, background};

/// How a layer is to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerConfig {
    /// Name (RFC 8852); empty for the only layer of a sender without names.
    pub rid: String,
    /// An inactive layer costs nothing.
    pub active: bool,
    /// Divides width and height; 1.0 or more.
    pub scale_resolution_down_by: f64,
    /// Target, bits per second.
    pub bitrate: u32,
    /// Pictures a second at most.
    pub max_frame_rate: f64,
    /// Rather leaves pictures out than makes them smaller when the processor does not keep up.
    pub keep_resolution: bool,
}

/// One encoded picture of one layer.
#[derive(Clone, Debug)]
pub struct EncodedLayerFrame {
    /// Layer.
    pub rid: String,
    /// A VP8 frame (RFC 6386), without RTP.
    pub data: Vec<u8>,
    /// Decodable by itself.
    pub key_frame: bool,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// When the picture was captured.
    pub captured: Instant,
}

/// Totals of one layer since it was first configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerStatistics {
    /// Layer.
    pub rid: String,
    /// Pictures encoded.
    pub frames_encoded: u32,
    /// Key frames among them.
    pub key_frames_encoded: u32,
    /// From handing a picture to the encoder until it was done, summed up.
    pub total_encode_time: Duration,
    /// Pictures that came while the encoder was still busy and were left out.
    pub frames_skipped: u32,
    /// Pixels of the last picture.
    pub width: u32,
    /// Pixels of the last picture.
    pub height: u32,
    /// Bits per second.
    pub target_bitrate: u32,
    /// Pictures are smaller than asked for: the processor does not keep up with larger ones.
    pub limited_by_processor: bool,
}

pub(crate) type OnFrame = Arc<dyn Fn(EncodedLayerFrame) + Send + Sync>;

/// Encodes one camera in any number of layers. Each layer has a thread of its own and takes a new
/// picture only when it is done with the one before; one that has to leave out too many makes its
/// pictures smaller, unless told not to.
///
/// Nobody who calls here waits: what is wanted is left in an inbox, and statistics are copied from
/// where they were put. Layers belong to a thread that alone waits for encoders.
pub struct SimulcastEncoder {
    inbox: Arc<Inbox>,
    published: Arc<Published>,
}

/// The layers' totals, in the order of the configuration. Locked for copying only.
type Published = Mutex<Vec<Arc<Shared>>>;

impl fmt::Debug for SimulcastEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulcastEncoder")
            .field("layers", &self.published.lock())
            .finish_non_exhaustive()
    }
}

impl Drop for SimulcastEncoder {
    /// Does not wait: pictures that are being encoded may still come out.
    fn drop(&mut self) {
        self.inbox.leave(|todo| todo.over = true);
    }
}

/// Size of a layer, even and at least 16: what [`SimulcastEncoder`] makes of a picture.
pub fn layer_size(width: u32, height: u32, scale_resolution_down_by: f64) -> (u32, u32) {
    let scale = |size: u32| {
        let scaled = f64::from(size) / scale_resolution_down_by.max(1.0);
        (scaled.round() as u32 & !1).max(16)
    };
    (scale(width), scale(height))
}

impl SimulcastEncoder {
    /// `on_frame` is called on the layers' threads.
    ///
    /// # Errors
    /// If the system has no thread left. An encoder that is missing or fails is no error here: it
    /// is said once in the log and tried again now and then.
    pub fn new(
        on_frame: impl Fn(EncodedLayerFrame) + Send + Sync + 'static,
    ) -> Result<Self, MediaError> {
        let (inbox, published): (Arc<Inbox>, Arc<Published>) = Default::default();
        let (todo, publish) = (inbox.clone(), published.clone());
        let on_frame: OnFrame = Arc::new(on_frame);
        std::thread::Builder::new()
            .name("video-encoder".into())
            .spawn(move || run(&todo, &publish, &on_frame))
            .map_err(|error| MediaError::Codec {
                codec: "VP8",
                reason: error.to_string(),
            })?;
        Ok(Self { inbox, published })
    }

    /// Sets the layers, replacing those set before; what stays the same goes on undisturbed.
    pub fn configure(&self, layers: Vec<LayerConfig>) {
        self.inbox.leave(|todo| todo.layers = Some(layers));
    }

    /// Encodes a picture in all active layers; it takes the place of one that is still waiting.
    pub fn push(&self, frame: &Arc<VideoFrame>) {
        self.inbox.leave(|todo| todo.picture(frame));
    }

    /// Encodes a picture that builds on none before it: those may not have been sent.
    pub fn begin_with(&self, frame: &Arc<VideoFrame>) {
        self.inbox.leave(|todo| {
            todo.picture(frame);
            todo.all_key_frames = true;
        });
    }

    /// Makes the next picture of a layer, or of all, a key frame. How often is up to whoever asks.
    pub fn request_key_frame(&self, rid: Option<&str>) {
        self.inbox.leave(|todo| match rid {
            Some(rid) => drop(todo.key_frames.insert(rid.to_owned())),
            None => todo.all_key_frames = true,
        });
    }

    /// Totals, in the order of the configuration, as they were when the encoders last said so.
    pub fn statistics(&self) -> Vec<LayerStatistics> {
        let layers = self.published.lock().clone();
        layers.iter().map(|layer| layer.statistics()).collect()
    }
}

/// The thread that owns the layers.
fn run(inbox: &Inbox, published: &Published, on_frame: &OnFrame) {
    background::stand_back();
    let mut layers = Vec::new();
    loop {
        let todo = inbox.take();
        if todo.over {
            return;
        }
        if let Some(wanted) = &todo.layers {
            layers = configured(layers, wanted, on_frame);
            *published.lock() = layers.iter().map(Layer::shared).collect();
        }
        for layer in &mut layers {
            if todo.wants_key_frame(layer.rid()) {
                layer.request_key_frame();
            }
        }
        encode(&mut layers, &todo);
    }
}

fn configured(mut old: Vec<Layer>, wanted: &[LayerConfig], on_frame: &OnFrame) -> Vec<Layer> {
    let layer = |config: &LayerConfig| {
        let mut layer = match old.iter().position(|layer| layer.rid() == config.rid) {
            Some(index) => old.swap_remove(index),
            None => Layer::new(config.clone(), on_frame.clone()),
        };
        layer.configure(config.clone());
        layer
    };
    wanted.iter().map(layer).collect()
}

fn encode(layers: &mut [Layer], todo: &Todo) {
    let Some(frame) = &todo.picture else { return };
    let mut order: Vec<_> = layers
        .iter_mut()
        .filter_map(|layer| {
            layer.left_out(todo.left_out);
            layer.wants(frame).then_some(layer)
        })
        .collect();
    // Largest first, so that each is made from the next larger one: less to add up.
    order.sort_by(|a, b| a.scale().total_cmp(&b.scale()));
    let mut larger = frame.clone();
    for layer in order {
        let (width, height) = layer_size(frame.width(), frame.height(), layer.scale());
        if (width, height) != (larger.width(), larger.height()) {
            larger = Arc::new(larger.scaled(width, height));
        }
        layer.push(&larger);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Pattern;
    use crate::timestamp_strip;
    use gstreamer as gst;
    use gstreamer::prelude::*;
    use gstreamer_app as app;
    use std::sync::mpsc::{Receiver, channel};

    fn layers() -> Vec<LayerConfig> {
        [
            ("q", 4.0, 150_000),
            ("h", 2.0, 500_000),
            ("f", 1.0, 1_700_000),
        ]
        .map(|(rid, scale_resolution_down_by, bitrate)| LayerConfig {
            rid: rid.into(),
            active: true,
            scale_resolution_down_by,
            bitrate,
            max_frame_rate: 30.0,
            keep_resolution: false,
        })
        .to_vec()
    }

    type Pair = (SimulcastEncoder, Receiver<EncodedLayerFrame>, Instant);

    fn encoder() -> Pair {
        let (send, receive) = channel();
        let send = Mutex::new(send);
        let encoder = SimulcastEncoder::new(move |frame| drop(send.lock().send(frame))).unwrap();
        (encoder, receive, Instant::now())
    }

    /// However slow the machine is.
    const LIMIT: Duration = Duration::from_secs(60);

    /// Waits until nothing is left to be taken: what is pushed now takes no other picture's place.
    fn taken(encoder: &SimulcastEncoder) {
        while !encoder.inbox.is_empty() {
            std::thread::yield_now();
        }
    }

    /// Pushes pictures one by one, each when all layers are done with the one before.
    fn encode(
        (encoder, out, start): &Pair,
        pictures: std::ops::Range<u64>,
        active: usize,
    ) -> Vec<EncodedLayerFrame> {
        let pattern = Pattern::new(1280, 720);
        let mut frames = Vec::new();
        for number in pictures {
            // Captured at 30 frames a second of media time, whatever the machine's pace.
            let captured = *start + Duration::from_micros(33_334 * number);
            let data = pattern.draw(number).unwrap().data().to_vec();
            let frame = VideoFrame::new(1280, 720, data, captured).unwrap();
            encoder.push(&Arc::new(frame));
            for _ in 0..active {
                frames.push(out.recv_timeout(LIMIT).unwrap());
            }
        }
        frames
    }

    #[test]
    fn three_layers_with_their_sizes_begin_with_key_frames() {
        let pair = encoder();
        pair.0.configure(layers());
        let frames = encode(&pair, 0..5, 3);
        for (rid, size) in [("q", (320, 180)), ("h", (640, 360)), ("f", (1280, 720))] {
            let of: Vec<_> = frames.iter().filter(|frame| frame.rid == rid).collect();
            assert!(of.iter().all(|frame| (frame.width, frame.height) == size));
            let keys: Vec<_> = of.iter().map(|frame| frame.key_frame).collect();
            assert_eq!(keys, [true, false, false, false, false], "{rid}");
        }
    }

    #[test]
    fn a_key_frame_comes_when_asked_for_and_only_for_that_layer() {
        let pair = encoder();
        pair.0.configure(layers());
        encode(&pair, 0..10, 3);
        pair.0.request_key_frame(Some("h"));
        for frame in encode(&pair, 10..11, 3) {
            assert_eq!(frame.key_frame, frame.rid == "h", "{}", frame.rid);
        }
    }

    #[test]
    fn what_must_build_on_nothing_is_a_key_frame_at_once() {
        let pair = encoder();
        pair.0.configure(vec![layers().remove(0)]);
        encode(&pair, 0..2, 1);
        let black = VideoFrame::black(1280, 720, pair.2 + Duration::from_millis(67)).unwrap();
        pair.0.begin_with(&Arc::new(black));
        assert!(pair.1.recv_timeout(LIMIT).unwrap().key_frame);
        assert!(!encode(&pair, 3..4, 1)[0].key_frame);
    }

    #[test]
    fn a_picture_that_stands_still_costs_little_after_a_while_and_is_there_for_who_comes_late() {
        let pair = encoder();
        let (encoder, out, start) = &pair;
        encoder.configure(vec![layers().remove(2)]);
        let at = |number: u64| *start + Duration::from_millis(200 * number);
        let picture = |number: u64| Pattern::new(1280, 720).draw(number).unwrap();
        let one = picture(0);
        for number in 0..11 {
            encoder.push(&Arc::new(one.again_at(at(number))));
            out.recv_timeout(LIMIT).unwrap();
        }
        // It is left out: what comes next is the one of a second later, and then the other one.
        for number in [11, 12, 15] {
            taken(encoder);
            encoder.push(&Arc::new(one.again_at(at(number))));
        }
        let next = out.recv_timeout(LIMIT).unwrap();
        assert_eq!((next.captured, next.key_frame), (at(15), false));
        encoder.push(&Arc::new(one.again_at(at(16))));
        taken(encoder);
        encoder.push(&Arc::new(picture(1).again_at(at(21))));
        let next = out.recv_timeout(LIMIT).unwrap();
        assert_eq!((next.captured, next.key_frame), (at(21), false));
        let other = picture(2);
        for number in 30..41 {
            encoder.push(&Arc::new(other.again_at(at(number))));
            out.recv_timeout(LIMIT).unwrap();
        }
        encoder.request_key_frame(None);
        encoder.push(&Arc::new(other.again_at(at(50))));
        let late = out.recv_timeout(LIMIT).unwrap();
        assert_eq!((late.captured, late.key_frame), (at(50), true));
    }

    #[test]
    fn inactive_layers_are_not_encoded_and_come_back_with_a_key_frame() {
        let pair = encoder();
        let mut layers = layers();
        layers[2].active = false;
        pair.0.configure(layers.clone());
        assert!(encode(&pair, 0..3, 2).iter().all(|frame| frame.rid != "f"));
        layers[2].active = true;
        pair.0.configure(layers.clone());
        let first = encode(&pair, 3..4, 3)
            .into_iter()
            .find(|frame| frame.rid == "f")
            .unwrap();
        assert!(first.key_frame);
    }

    #[test]
    fn a_layer_of_another_size_begins_with_a_key_frame() {
        let pair = encoder();
        let mut layer = layers().remove(2);
        let mut number = 0;
        for (scale, size) in [(1.0, (1280, 720)), (2.0, (640, 360)), (1.0, (1280, 720))] {
            layer.scale_resolution_down_by = scale;
            pair.0.configure(vec![layer.clone()]);
            let frames = encode(&pair, number..number + 4, 1);
            number += 4;
            let keys: Vec<_> = frames.iter().map(|frame| frame.key_frame).collect();
            assert_eq!(keys, [true, false, false, false], "{scale}");
            assert!(
                frames
                    .iter()
                    .all(|frame| (frame.width, frame.height) == size)
            );
            // What a VP8 key frame says of itself (RFC 6386, section 9.1).
            let number =
                |at: usize| u16::from_le_bytes([frames[0].data[at], frames[0].data[at + 1]]);
            assert_eq!((u32::from(number(6)), u32::from(number(8))), size);
        }
    }

    #[test]
    fn the_bitrate_is_obeyed_also_when_it_changes() {
        let pair = encoder();
        let mut layer = layers().remove(1);
        for (bitrate, pictures) in [(500_000, 0..90), (200_000, 90..180)] {
            layer.bitrate = bitrate;
            pair.0.configure(vec![layer.clone()]);
            let frames = encode(&pair, pictures, 1);
            let bits: usize = frames
                .iter()
                .skip(30)
                .map(|frame| frame.data.len() * 8)
                .sum();
            let rate = bits as f64 / 2.0;
            assert!(rate < f64::from(bitrate) * 1.3, "{rate} for {bitrate}");
        }
    }

    #[test]
    fn the_time_stamp_is_readable_in_the_smallest_layer() {
        let pair = encoder();
        pair.0.configure(layers()[..1].to_vec());
        let frames = encode(&pair, 0..30, 1);
        let decoded = decode(&frames);
        assert_eq!(decoded.len(), 30);
        for picture in &decoded[5..] {
            assert!(timestamp_strip::read(picture, 320, 180).is_some());
        }
    }

    /// Luma planes of 320x180 pictures.
    fn decode(frames: &[EncodedLayerFrame]) -> Vec<Vec<u8>> {
        let pipeline = gst::parse::launch(
            "appsrc name=in format=time caps=video/x-vp8,width=320,height=180,framerate=30/1 \
             ! vp8dec ! video/x-raw,format=I420 ! appsink name=out sync=false",
        )
        .unwrap()
        .downcast::<gst::Pipeline>()
        .unwrap();
        let find = |name| pipeline.by_name(name).unwrap();
        let input = find("in").downcast::<app::AppSrc>().unwrap();
        let output = find("out").downcast::<app::AppSink>().unwrap();
        pipeline.set_state(gst::State::Playing).unwrap();
        for frame in frames {
            input
                .push_buffer(gst::Buffer::from_slice(frame.data.clone()))
                .unwrap();
        }
        input.end_of_stream().unwrap();
        let mut pictures = Vec::new();
        while let Ok(sample) = output.pull_sample() {
            let map = sample.buffer().unwrap().map_readable().unwrap();
            pictures.push(map[..320 * 180].to_vec());
        }
        pipeline.set_state(gst::State::Null).unwrap();
        pictures
    }
}
