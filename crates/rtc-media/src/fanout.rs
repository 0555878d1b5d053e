//! One source, many subscribers.

use std::fmt;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

type Callback<T> = Arc<dyn Fn(&T) + Send + Sync>;
type Subscribers<T> = Mutex<Vec<(u64, Callback<T>)>>;

/// Calls every subscriber with every item, on the caller's thread.
pub struct Fanout<T> {
    subscribers: Arc<Subscribers<T>>,
    next: Mutex<u64>,
}

impl<T> Default for Fanout<T> {
    fn default() -> Self {
        Self {
            subscribers: Arc::default(),
            next: Mutex::default(),
        }
    }
}

impl<T> fmt::Debug for Fanout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fanout")
            .field("subscribers", &self.subscribers.lock().len())
            .finish()
    }
}

impl<T: 'static> Fanout<T> {
    /// Calls back with every item from now on.
    pub fn subscribe(&self, callback: impl Fn(&T) + Send + Sync + 'static) -> Subscription {
        let id = {
            let mut next = self.next.lock();
            *next += 1;
            *next
        };
        self.subscribers.lock().push((id, Arc::new(callback)));
        let list: Weak<Subscribers<T>> = Arc::downgrade(&self.subscribers);
        Subscription(Some(Box::new(move || {
            if let Some(list) = list.upgrade() {
                list.lock().retain(|(other, _)| *other != id);
            }
        })))
    }

    /// Hands an item to all subscribers.
    pub fn send(&self, item: &T) {
        // Called outside the lock, so that a subscriber may unsubscribe itself or others.
        let callbacks: Vec<_> = self
            .subscribers
            .lock()
            .iter()
            .map(|(_, callback)| callback.clone())
            .collect();
        for callback in callbacks {
            callback(item);
        }
    }
}

/// Ends its subscription when dropped.
#[must_use = "dropping it ends the subscription"]
pub struct Subscription(Option<Box<dyn FnOnce() + Send + Sync>>);

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}
