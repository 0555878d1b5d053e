//! What everything in Salon needs to say: codes and faults, the words for them, texts of others as people
//! are shown them, and which addresses are on this computer.
//!
//! It may depend on formats (JSON, Base64, URLs). It must never know: the network, files, settings, who
//! asks.

#![forbid(unsafe_code)]

pub mod address;
mod fault;
mod later;
pub mod plain;
mod provider;
pub mod redact;
pub mod words;

pub use fault::{Code, Fault};
pub use later::Later;
pub use provider::{Provider, is_stream_name};
