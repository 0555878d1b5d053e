//! The life cycle of a meeting session: active, then completed or cancelled, and no way back.

/// Where a session is in its life. Times are milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Rings, and can be joined.
    Active,
    /// The call took place and is over.
    Completed {
        /// When it was over.
        ended_ms: i64,
    },
    /// Called off.
    Cancelled {
        /// When it was called off.
        ended_ms: i64,
    },
}

/// How an active session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Completed,
    Cancelled,
}

/// A session that can no longer be ended, and how it did end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over(pub(crate) Ending);

impl State {
    /// The only change there is. A function of the state, so that no caller can forget to ask.
    pub(crate) fn end(self, ending: Ending, now_ms: i64) -> Result<Self, Over> {
        match self {
            Self::Active => Ok(match ending {
                Ending::Completed => Self::Completed { ended_ms: now_ms },
                Ending::Cancelled => Self::Cancelled { ended_ms: now_ms },
            }),
            Self::Completed { .. } => Err(Over(Ending::Completed)),
            Self::Cancelled { .. } => Err(Over(Ending::Cancelled)),
        }
    }

    /// As the database has it. `None` for what its constraints exclude.
    pub(crate) fn from_columns(status: &str, ended_ms: Option<i64>) -> Option<Self> {
        match (status, ended_ms) {
            ("active", None) => Some(Self::Active),
            ("completed", Some(ended_ms)) => Some(Self::Completed { ended_ms }),
            ("cancelled", Some(ended_ms)) => Some(Self::Cancelled { ended_ms }),
            _ => None,
        }
    }

    /// As it is written on the wire and in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    pub(crate) fn ended_ms(self) -> Option<i64> {
        match self {
            Self::Active => None,
            Self::Completed { ended_ms } | Self::Cancelled { ended_ms } => Some(ended_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ending() -> impl Strategy<Value = Ending> {
        prop_oneof![Just(Ending::Completed), Just(Ending::Cancelled)]
    }

    proptest! {
        #[test]
        fn the_first_ending_stays(first in ending(), later in prop::collection::vec(ending(), 0..6)) {
            let over = State::Active.end(first, 1).unwrap();
            for (attempt, ending) in later.into_iter().enumerate() {
                prop_assert_eq!(over.end(ending, 2 + attempt as i64), Err(Over(first)));
            }
            prop_assert_eq!(over.ended_ms(), Some(1));
            prop_assert_eq!(State::from_columns(over.name(), over.ended_ms()), Some(over));
        }
    }
}
