//! Reference backend of Salon: sign-in, call tokens and meeting sessions as the contracts say.
//!
//! [`start`] runs it inside another program, which is how the tests use it; the binary
//! `salon-backend` is the same behind a command line.
#![forbid(unsafe_code)]

mod app;
mod auth;
mod body;
mod clock;
mod config;
mod contracts;
mod demo;
mod faults;
mod health;
mod id;
mod limits;
mod live;
mod media;
mod meetings;
mod metrics;
mod middleware;
mod oauth;
mod openapi;
mod page;
mod refusal;
mod rooms;
mod running;
mod serve;
mod site;
mod store;

pub use auth::{AccountProblem, NewAccount, SigningKey, SigningKeyProblem};
pub use clock::Clock;
pub use config::{Config, Lifetimes, Limits, LiveKit, StreamApp};
pub use contracts::sanitised;
pub use faults::{Faults, TokenFault};
pub use id::AccountId;
pub use running::{Running, StartError, add_account, start};
