//! Backend profiles: what a product's backend is asked and where in its answers things lie, as
//! data. The next product needs a file, not a change of the program. A profile is a TOML file
//! (`docs/profiles.md`).
//!
//! It may depend on `salon-base` and `salon-product`. It must never know: the network, settings, who is signed in.

#![forbid(unsafe_code)]

mod builtin;
mod check;
mod load;
mod parse;
mod position;
mod profile;
pub mod schema;
pub mod template;

pub use builtin::{default_profile, is_built_in, own_profile};
pub use check::is_dots;
pub use load::{Origin, Profiles};
pub use parse::{Mistake, parse, read};
pub use position::{Format, Position};
pub use profile::{
    Auth, BrowserSignIn, CallAnswer, CallEndpoint, Convex, ConvexFunction, ConvexToken, Events,
    Method, OneSession, Profile, Rest, RestSessions, SessionFields, SignIn, StreamApp, TokenAnswer,
    TokenEndpoint,
};

#[cfg(test)]
mod tests;
