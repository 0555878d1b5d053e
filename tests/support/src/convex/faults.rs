//! What a test wants to go wrong.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use super::functions::{Failure, canonical};

/// Something that goes wrong once.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The caller's token is not accepted (any more): `AuthError`, and the connection ends; 401 over
    /// HTTP.
    Auth(String),
    /// The function throws.
    Function {
        /// What it says.
        message: String,
        /// Of a `ConvexError`.
        data: Option<Value>,
    },
    /// The connection is cut without a word.
    Drop,
    /// This is sent in place of the answer, as it is.
    Garbage(String),
    /// The function runs only after this long.
    Slow(Duration),
    /// The function is not run, and this is what it answers.
    Answer(Value),
    /// No answer comes, now and later on this connection, which stays open.
    Silent,
}

/// What is to go wrong, in this order.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<(Target, Fault)>);

/// Where a fault strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    AnyFunction,
    /// A [`canonical`] path.
    Function(String),
    Authentication,
}

impl Target {
    pub(crate) fn function(path: &str) -> Self {
        Self::Function(canonical(path))
    }
}

/// How an exchange breaks off.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Broken {
    Auth(String),
    Drop,
    Garbage(String),
    Silent,
}

/// What a fault does to a function.
pub(crate) enum Effect {
    Fails(Failure),
    Answers(Value),
    Waits(Duration),
    Breaks(Broken),
}

impl From<Fault> for Effect {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Auth(message) => Self::Breaks(Broken::Auth(message)),
            Fault::Function { message, data } => Self::Fails(Failure { message, data }),
            Fault::Drop => Self::Breaks(Broken::Drop),
            Fault::Garbage(text) => Self::Breaks(Broken::Garbage(text)),
            Fault::Slow(wait) => Self::Waits(wait),
            Fault::Answer(value) => Self::Answers(value),
            Fault::Silent => Self::Breaks(Broken::Silent),
        }
    }
}

impl Faults {
    pub(crate) fn push(&mut self, target: Target, fault: Fault) {
        self.0.push_back((target, fault));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn take(&mut self, strikes: impl Fn(&Target) -> bool) -> Option<Fault> {
        let at = self.0.iter().position(|(target, _)| strikes(target))?;
        self.0.remove(at).map(|(_, fault)| fault)
    }

    pub(crate) fn of_function(&mut self, path: &str) -> Option<Effect> {
        let strikes = |target: &Target| match target {
            Target::AnyFunction => true,
            Target::Function(of) => of == path,
            Target::Authentication => false,
        };
        self.take(strikes).map(Effect::from)
    }

    pub(crate) fn of_authentication(&mut self) -> Option<Fault> {
        self.take(|target| *target == Target::Authentication)
    }
}
