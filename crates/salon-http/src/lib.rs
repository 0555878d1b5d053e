//! How Salon asks others over HTTP: the client and its limits, why there was no answer, and what every
//! answer may say of time.
//!
//! It may depend on `salon-base`. It must never know: tokens, profiles, settings, what is asked.

#![forbid(unsafe_code)]

mod client;
mod retry_after;
mod unreachable;

use std::time::SystemTime;

pub use client::{Limits, http_client, http_client_builder};
pub use retry_after::{read_retry_after, retry_after};
pub use unreachable::{Party, unreachable};

/// When an answer was given, by the clock of who gave it (RFC 9110, section 6.6.1).
pub fn date(answer: &reqwest::Response) -> Option<SystemTime> {
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok()
}
