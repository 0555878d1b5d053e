//! What tracks are called between host and page.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Hands out numbers for tracks, from [`rtc_core::FIRST_OWN_ID`] up.
#[derive(Clone, Debug)]
pub struct TrackNumbers(Arc<AtomicU32>);

impl Default for TrackNumbers {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(rtc_core::FIRST_OWN_ID)))
    }
}

impl TrackNumbers {
    /// A number that was not given out before.
    pub fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}
