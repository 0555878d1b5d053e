//! What is remembered of renewals that failed.

use std::time::SystemTime;

use salon_base::Fault;

/// Renewals that failed since the last that did not.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    pub(super) count: u32,
    /// Not again before this.
    pub(super) again: Option<SystemTime>,
    pub(super) last: Option<Fault>,
}
