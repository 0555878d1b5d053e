//! The live list of a backend that is asked over HTTP: its events, or else one look after another.

mod ask;
mod events;
mod follow;
mod poll;
mod tell;

pub(crate) use ask::Asker;
pub(crate) use follow::{Wanted, follow};
pub(crate) use tell::Pace;

#[cfg(test)]
mod tests;
