//! Asking a product's backend, as its profile says: for tokens, for the user's meeting sessions and the
//! live list of them; signing tokens in dev mode instead; and asking media servers and Stream's
//! coordinator what they say of a token.
//!
//! It may depend on accounts, meetings, profiles and settings. It must never know: the desktop, the page,
//! the history.

#![forbid(unsafe_code)]

mod backend;
pub mod convex;
pub mod coordinator;
mod dev;
mod feed;
pub mod parse;
pub mod preflight;
pub mod rest;
mod rest_sessions;
mod token_request;

pub use backend::Backend;
pub use convex::ConvexBackend;
pub use dev::DevSigner;
pub use rest::RestBackend;
pub use token_request::{TokenRequest, require_secure};

#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod test_backend;
