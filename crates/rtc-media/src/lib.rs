//! Everything that touches a device or a codec: cameras, microphones, loudspeakers, VP8 and Opus.
//!
//! Knows nothing of RTP sessions, sockets or pages. Linux only: elsewhere the webview has WebRTC
//! of its own. Devices, conversion and VP8 are GStreamer's (WebKitGTK brings it along), Opus is
//! libopus, the jitter buffer is our own (docs/decisions/jitter-buffer.md).
//!
//! Media flows by callback: a source calls its subscribers on its own capture thread, newest data
//! first and never queued, so a subscriber that is slow loses pictures rather than delaying them.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod audio_block;
mod background;
mod camera;
mod capture_clock;
mod constraint;
mod cutter;
mod device_info;
mod device_watch;
mod devices;
mod ending;
mod error;
mod fake;
mod fanout;
mod far_end;
mod frame;
mod jitter;
mod microphone;
mod near_end;
mod opus_decoder;
mod opus_encoder;
mod outlet;
mod pipeline;
mod playout;
mod screen;
mod ticker;
pub mod timestamp_strip;
mod trouble;
mod video_encoder;

pub use audio_block::{AudioBlock, BLOCK_SAMPLES, MIX_SAMPLES, SAMPLE_RATE};
pub use camera::{Camera, VideoSettings};
pub use constraint::{Range, VideoConstraints};
pub use device_info::{DeviceInfo, DeviceKind};
pub use devices::{DeviceOptions, FakeDevices, MediaDevices};
pub use error::MediaError;
pub use fake::{FakeSound, FakeUsage};
pub use fanout::{Fanout, Subscription};
pub use far_end::FarEnd;
pub use frame::VideoFrame;
pub use microphone::Microphone;
pub use near_end::{NearEnd, SoundSwitches};
pub use opus_decoder::AudioDecoder;
pub use opus_encoder::{AudioEncoder, AudioSettings, EncodedAudioPacket, SoundTime};
pub use pipeline::load_codecs;
pub use playout::{Playout, PlayoutSource, PlayoutStatistics, Receiver};
pub use screen::{
    CursorMode, DisplayOffer, DisplaySource, DisplaySurface, PipeWireScreen, Screen, ScreenEnding,
    ScreenOptions, ScreenSettings,
};
pub use video_encoder::{
    EncodedLayerFrame, LayerConfig, LayerStatistics, SimulcastEncoder, layer_size,
};
