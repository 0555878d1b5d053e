//! What waits for the page: it cannot be told anything before it listens.

use parking_lot::Mutex;

/// Keeps what comes before the page listens; how much of it, is for whoever keeps it to say.
#[derive(Debug, Default)]
pub(crate) struct UntilHeard<K>(Mutex<State<K>>);

#[derive(Debug, Default)]
struct State<K> {
    page_listens: bool,
    kept: K,
}

impl<K: Default> UntilHeard<K> {
    /// The page listens from now on; what waited for it.
    pub(crate) fn page_listens(&self) -> K {
        let mut state = self.0.lock();
        state.page_listens = true;
        std::mem::take(&mut state.kept)
    }

    /// The page is gone, or loads anew.
    pub(crate) fn page_left(&self) {
        self.0.lock().page_listens = false;
    }

    /// Calls `keep` if the page does not listen; whether it was called.
    pub(crate) fn keep(&self, keep: impl FnOnce(&mut K)) -> bool {
        let mut state = self.0.lock();
        if !state.page_listens {
            keep(&mut state.kept);
        }
        !state.page_listens
    }
}
