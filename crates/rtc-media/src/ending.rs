//! What happens to a source once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Subscription;
use crate::fanout::Fanout;

/// Tells once that a device has gone; those who ask afterwards, too, and at once.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    over: AtomicBool,
    listeners: Fanout<()>,
}

impl Ending {
    /// It has gone. Tells all who asked, the first time.
    pub(crate) fn end(&self) {
        if !self.over.swap(true, Ordering::AcqRel) {
            self.listeners.send(&());
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Calls back once, on the thread that notices, or here if it is over.
    pub(crate) fn subscribe(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        let called = std::sync::Arc::new(AtomicBool::new(false));
        let once = move || {
            if !called.swap(true, Ordering::AcqRel) {
                callback();
            }
        };
        let once = std::sync::Arc::new(once);
        let listener = once.clone();
        let subscription = self.listeners.subscribe(move |()| listener());
        // It may have ended before, or in between.
        if self.is_over() {
            once();
        }
        subscription
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn who_asks_late_is_told_as_well_and_nobody_twice() {
        let (ending, (send, told)) = (Ending::default(), channel());
        let tell = |name: &'static str| {
            let send = send.clone();
            move || {
                let _ = send.send(name);
            }
        };
        let _early = ending.subscribe(tell("early"));
        assert!(told.try_recv().is_err());
        ending.end();
        ending.end();
        let _late = ending.subscribe(tell("late"));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["early", "late"]);
    }
}
