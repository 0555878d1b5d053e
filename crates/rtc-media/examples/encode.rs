//! Encodes the fake camera in three layers for ten seconds and prints what came of it.

#![allow(clippy::print_stdout, reason = "its purpose")]

#[cfg(target_os = "linux")]
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::time::Duration;

#[cfg(target_os = "linux")]
use rtc_media::{
    DeviceOptions, FakeDevices, LayerConfig, MediaDevices, MediaError, Range, SimulcastEncoder,
    VideoConstraints,
};

#[cfg(target_os = "linux")]
fn main() -> Result<(), MediaError> {
    let options = DeviceOptions {
        fake: FakeDevices::Only,
        ..DeviceOptions::default()
    };
    let ideal = |value| Range {
        ideal: Some(value),
        ..Range::default()
    };
    let wanted = VideoConstraints {
        width: ideal(1280.0),
        height: ideal(720.0),
        frame_rate: ideal(30.0),
    };
    let camera = MediaDevices::new(options).open_camera(None, &wanted)?;
    let encoder = Arc::new(SimulcastEncoder::new(|_| {})?);
    let layers = [
        ("q", 4.0, 180_000),
        ("h", 2.0, 500_000),
        ("f", 1.0, 1_700_000),
    ];
    let layers = layers.map(|(rid, scale_resolution_down_by, bitrate)| LayerConfig {
        rid: rid.into(),
        active: true,
        scale_resolution_down_by,
        bitrate,
        max_frame_rate: 30.0,
        keep_resolution: false,
    });
    encoder.configure(layers.to_vec());
    let pushed = encoder.clone();
    let subscription = camera.on_frame(move |frame| pushed.push(frame));
    std::thread::sleep(Duration::from_secs(10));
    drop(subscription);
    for layer in encoder.statistics() {
        let each = layer.total_encode_time / layer.frames_encoded.max(1);
        println!("{layer:?}: {each:?} each");
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("Only Linux needs the encoder.");
}
