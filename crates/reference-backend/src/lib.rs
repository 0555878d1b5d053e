//! Reference backend of Salon: sign-in, call tokens and meeting sessions as the contracts say.
//!
//! From the bottom: what is written and how late it is (`id`, `clock`, `text`, `media_id`, `faults`);
//! the database with what it keeps (`store`); what a sign-in rests on (`credentials`); what the backend
//! was told (`config`); how it says no (`refusal`); what it counts, limits, tells and asks of media
//! servers (`metrics`, `limits`, `live`, `media_tokens`, `rooms`); `app`, which holds all of that for the
//! handlers; what they share (`body`, `page`, `auth`); the handlers themselves (`oauth`, `site`,
//! `contracts`, `meetings`, `health`, `middleware`, `demo`); and on top `openapi`, `serve` and `running`,
//! which make a program of them. Each knows what is below it and nothing above.
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
mod credentials;
mod demo;
mod faults;
mod health;
mod id;
mod limits;
mod live;
mod media_id;
mod media_tokens;
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
mod text;

pub use clock::Clock;
pub use config::{Config, Lifetimes, Limits, LiveKit, StreamApp};
pub use credentials::{AccountProblem, NewAccount, SigningKey, SigningKeyProblem};
pub use faults::{Faults, TokenFault};
pub use id::AccountId;
pub use media_id::sanitised;
pub use running::{Running, StartError, add_account, start};
