//! What a token is, what it lets into, and what is wrong with it, as far as its secret is not needed.
//!
//! It may depend on `salon-base`. It must never know: the network, a clock (each call says what time it
//! is), where tokens come from.

#![forbid(unsafe_code)]

pub mod doctor;
mod grant;
pub mod inspect;
pub mod stream;

pub use grant::{JoinGrant, LiveKitGrant, StreamGrant};
