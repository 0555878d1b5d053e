//! What a test wants to go wrong on a media server.

use std::collections::VecDeque;
use std::time::Duration;

/// What a client is to do after an error, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing in particular.
    None,
    /// Leave.
    Disconnect,
    /// Connect the signalling again.
    Fast,
    /// Join again, as another connection of the same user.
    Rejoin,
    /// Go to another media server.
    Migrate,
}

impl Advice {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Disconnect => 1,
            Self::Fast => 2,
            Self::Rejoin => 3,
            Self::Migrate => 4,
        }
    }
}

/// Something that goes wrong with one join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinFault {
    /// The media server is full (700): the client is to try another one.
    Full,
    /// The media server goes down (600): the client is to try another one.
    ShuttingDown,
    /// The call is full (301), for good.
    CallFull,
    /// Refused with this code and this advice.
    Refuse {
        /// Of the media server's error codes.
        code: u16,
        /// What the client is to do.
        advice: Advice,
    },
    /// No answer comes, the connection stays open.
    Silent,
    /// The connection is cut without a word.
    Drop,
    /// The answer takes this long.
    Slow(Duration),
}

/// Something that goes wrong with one call over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// It is answered with an error of this code.
    Refuse(u16),
    /// HTTP 500.
    Broken,
    /// It takes this long.
    Slow(Duration),
    /// No answer comes.
    Silent,
}

/// Something that happens to a participant who is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The media server asks the client to go to another one.
    GoAway,
    /// The signalling connection is cut without a word.
    DropSignalling,
    /// The media server says nothing for this long, and does not answer either; media go on.
    SilentFor(Duration),
    /// An error arrives.
    Error {
        /// Of the media server's error codes.
        code: u16,
        /// What the client is to do.
        advice: Advice,
    },
    /// Something arrives that no client understands: an event with a time that is none.
    Unreadable,
    /// Both media connections are closed by the media server (DTLS `close_notify`).
    CloseMedia,
    /// The media server forgets the participant: out for the others, and no way back by
    /// [`Advice::Fast`].
    Forget,
}

/// What is to go wrong, in this order.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    joins: VecDeque<JoinFault>,
    calls: VecDeque<(String, CallFault)>,
}

impl Faults {
    pub(crate) fn push_join(&mut self, fault: JoinFault) {
        self.joins.push_back(fault);
    }

    pub(crate) fn push_call(&mut self, method: &str, fault: CallFault) {
        self.calls.push_back((method.to_owned(), fault));
    }

    pub(crate) fn of_join(&mut self) -> Option<JoinFault> {
        self.joins.pop_front()
    }

    pub(crate) fn of_call(&mut self, method: &str) -> Option<CallFault> {
        let at = self.calls.iter().position(|(of, _)| of == method)?;
        self.calls.remove(at).map(|(_, fault)| fault)
    }

    pub(crate) fn clear(&mut self) {
        self.joins.clear();
        self.calls.clear();
    }
}
