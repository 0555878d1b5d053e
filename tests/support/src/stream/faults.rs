//! What a test wants to go wrong at the coordinator.

use std::collections::VecDeque;
use std::time::Duration;

use super::refusal::Refusal;

/// Something that goes wrong once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service refuses, with these words.
    Refuse(Refusal),
    /// The connection is cut without a word.
    Drop,
    /// This is sent in place of the answer, as it is.
    Garbage(String),
    /// The answer comes only after this long.
    Slow(Duration),
    /// No answer comes. A WebSocket stays open, and nothing is said on it any more.
    Silent,
}

/// What is to go wrong, in this order.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<(Option<String>, Fault)>);

impl Faults {
    /// The next that is asked for `action` meets this; `None`: whatever is asked for next.
    pub(crate) fn push(&mut self, action: Option<&str>, fault: Fault) {
        self.0.push_back((action.map(String::from), fault));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn of(&mut self, action: &str) -> Option<Fault> {
        self.take(|of| of.is_none_or(|of| of == action))
    }

    /// The same, where "whatever is asked for next" does not count.
    pub(crate) fn only_of(&mut self, action: &str) -> Option<Fault> {
        self.take(|of| of == Some(action))
    }

    fn take(&mut self, strikes: impl Fn(Option<&str>) -> bool) -> Option<Fault> {
        let at = self.0.iter().position(|(of, _)| strikes(of.as_deref()))?;
        self.0.remove(at).map(|(_, fault)| fault)
    }
}
