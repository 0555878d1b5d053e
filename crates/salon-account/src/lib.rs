//! Who the user is to a backend: signing in by a browser, a link or a pasted token, renewing, signing out.
//! Secrets are kept in the system's keyring and nowhere else.
//!
//! It may depend on profiles, settings and what a token is. It must never know: what the backend is asked
//! for, meetings, the page.

#![deny(unsafe_code)]

mod clock;
mod credentials;
mod failures;
mod fixed;
mod flow;
mod held;
mod keeper;
mod loopback;
mod means;
mod oauth;
mod of_settings;
mod paste;
mod renewing;
mod state;
pub mod vault;
mod waiting;
mod who;

pub use clock::{Clock, SystemClock};
pub use credentials::Credentials;
pub use fixed::FixedCredential;
pub use flow::is_sign_in;
pub use keeper::Account;
pub use means::{Limits, Means, Opener, Product};
pub use of_settings::account_of;
pub use state::{AccountState, BackendInfo, Place, SignInWays, User};

#[cfg(test)]
mod tests;
