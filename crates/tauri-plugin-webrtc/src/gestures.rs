//! When the user last did something in the page, as the window system tells this process.
//!
//! A page can claim that its user clicked. What is counted here are the events that GTK delivers to the
//! webview's widget: no script can make one, so nothing is shown to be chosen from, and nothing is
//! captured, while nobody is there (docs/decisions/screen-share.md).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How long after a key or a button the user may be taken to have asked for what follows: the longest
/// that HTML allows "transient activation" to last in any browser.
const TRANSIENT: Duration = Duration::from_secs(5);

/// Keys and buttons of the user's. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Gestures(Arc<Mutex<Option<Instant>>>);

impl Gestures {
    /// A key or a button was pressed, just now.
    pub fn happened(&self) {
        *self.0.lock() = Some(Instant::now());
    }

    /// Whether there was one a moment ago.
    pub(crate) fn recent(&self) -> bool {
        let last = *self.0.lock();
        last.is_some_and(|last| last.elapsed() < TRANSIENT)
    }

    /// Whether there was one after that moment.
    pub(crate) fn after(&self, moment: Instant) -> bool {
        let last = *self.0.lock();
        last.is_some_and(|last| last > moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_user_did_since_then_counts() {
        let gestures = Gestures::default();
        assert!(!gestures.recent());
        let before = Instant::now();
        assert!(!gestures.after(before));
        gestures.happened();
        assert!(gestures.recent() && gestures.after(before));
        assert!(!gestures.after(Instant::now()));
    }
}
