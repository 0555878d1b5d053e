//! Runs peer connections: the only crate with sockets and the clock.
//!
//! A [`Host`] owns the devices, the loudspeaker and one thread on which all its connections live.
//! Each [`Connection`] is one loop over one set of inputs (what was posted to it, encoded media,
//! datagrams, its timer) around a [`rtc_core::PeerConnection`]; it reports through one callback.
//! Nothing here waits for a page: capture, encoding, sending and playing go on without one.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod connection;
mod event;
mod host;
mod lane;
mod network;
pub mod portal;
mod track;
mod track_numbers;

pub use connection::{Connection, ConnectionHandle, SenderStatistics};
pub use event::{ConnectionEvent, Descriptions, Picture, Snapshot, TransceiverSnapshot};
pub use host::Host;
pub use track::{ContentHint, LocalTrack, Source};
pub use track_numbers::TrackNumbers;

pub use {rtc_core as core, rtc_media as media};
