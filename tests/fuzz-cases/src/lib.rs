//! What the fuzz targets run, as plain functions: `fuzz/` feeds them what libFuzzer makes up, and
//! `tests/corpus.rs` the inputs that are checked in.
//!
//! A function takes any bytes. It fails by panicking: because the code under it does, or because
//! something that has to hold for every input does not.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a case fails"
)]
#![forbid(unsafe_code)]

#[cfg(feature = "app")]
mod app;
#[cfg(feature = "net")]
mod candidate;
#[cfg(feature = "net")]
mod datagrams;
#[cfg(feature = "sound")]
mod jitter_buffer;
#[cfg(feature = "net")]
mod media;
#[cfg(feature = "net")]
mod net;
#[cfg(feature = "net")]
mod operations;
#[cfg(feature = "sound")]
mod opus;
#[cfg(any(feature = "net", feature = "sound"))]
mod records;
#[cfg(feature = "net")]
mod sdp;
#[cfg(feature = "app")]
mod settings;
#[cfg(feature = "app")]
mod sign_in;
#[cfg(any(feature = "app", feature = "net"))]
mod text;

#[cfg(feature = "app")]
pub use app::{answer, data_message, link, meetings, profile, redact, request, token};
#[cfg(feature = "net")]
pub use candidate::candidate;
#[cfg(feature = "net")]
pub use datagrams::datagrams;
#[cfg(feature = "sound")]
pub use jitter_buffer::jitter_buffer;
#[cfg(feature = "net")]
pub use media::media;
#[cfg(feature = "net")]
pub use operations::operations;
#[cfg(feature = "sound")]
pub use opus::opus;
#[cfg(feature = "net")]
pub use sdp::sdp;
#[cfg(feature = "app")]
pub use settings::settings;
#[cfg(feature = "app")]
pub use sign_in::sign_in;

/// A target: its name, and what it runs.
pub type Case = (&'static str, fn(&[u8]));

/// Every target, by the name of its folders under `fuzz/seeds` and `fuzz/regressions`.
pub const CASES: &[Case] = &[
    #[cfg(feature = "net")]
    ("candidate", candidate),
    #[cfg(feature = "net")]
    ("datagrams", datagrams),
    #[cfg(feature = "net")]
    ("media", media),
    #[cfg(feature = "net")]
    ("operations", operations),
    #[cfg(feature = "net")]
    ("sdp", sdp),
    #[cfg(feature = "sound")]
    ("jitter_buffer", jitter_buffer),
    #[cfg(feature = "sound")]
    ("opus", opus),
    #[cfg(feature = "app")]
    ("answer", answer),
    #[cfg(feature = "app")]
    ("data_message", data_message),
    #[cfg(feature = "app")]
    ("link", link),
    #[cfg(feature = "app")]
    ("meetings", meetings),
    #[cfg(feature = "app")]
    ("profile", profile),
    #[cfg(feature = "app")]
    ("redact", redact),
    #[cfg(feature = "app")]
    ("request", request),
    #[cfg(feature = "app")]
    ("settings", settings),
    #[cfg(feature = "app")]
    ("sign_in", sign_in),
    #[cfg(feature = "app")]
    ("token", token),
];
