//! Accounts against the reference backend.

mod browser;
mod faults;
mod keyring;
mod life;
mod links;
mod support;
