//! Tells those who listen that something changed. What it is each of them looks up, on a reading
//! connection: the one that writes is not held up by how many listen.
//!
//! Each account has one slot that holds its newest revision. A listener that reads slowly finds the newest
//! when it comes back and holds nothing but that: memory does not depend on its speed.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::id::AccountId;

/// One account's.
#[derive(Debug)]
struct Slot {
    /// Of the last change that concerns the account; 0 until there is one.
    revision: watch::Sender<i64>,
    listeners: usize,
}

/// All who listen.
#[derive(Debug)]
pub(crate) struct Hub {
    slots: Mutex<HashMap<AccountId, Slot>>,
    per_account: usize,
}

/// The account has as many listeners as are allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Hub {
    pub(crate) fn new(per_account: usize) -> Arc<Self> {
        Arc::new(Self {
            slots: Mutex::default(),
            per_account,
        })
    }

    /// Begins to listen to `account`'s changes.
    pub(crate) fn listen(self: &Arc<Self>, account: &AccountId) -> Result<Listener, TooMany> {
        let mut slots = self.slots.lock();
        let slot = slots.entry(account.clone()).or_insert_with(|| Slot {
            revision: watch::Sender::new(0),
            listeners: 0,
        });
        if slot.listeners >= self.per_account {
            return Err(TooMany);
        }
        slot.listeners += 1;
        Ok(Listener {
            revision: slot.revision.subscribe(),
            account: account.clone(),
            hub: Arc::clone(self),
        })
    }

    /// `account`'s list changed with this revision.
    pub(crate) fn changed(&self, account: &AccountId, revision: i64) {
        if let Some(slot) = self.slots.lock().get(account) {
            slot.revision.send_replace(revision);
        }
    }

    /// Has `account`'s listeners look whether their sign-ins still last.
    pub(crate) fn wake(&self, account: &AccountId) {
        if let Some(slot) = self.slots.lock().get(account) {
            slot.revision.send_modify(|_| {});
        }
    }

    /// Open live lists.
    pub(crate) fn listeners(&self) -> usize {
        self.slots.lock().values().map(|slot| slot.listeners).sum()
    }
}

/// One who listens. Stops when dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    revision: watch::Receiver<i64>,
    account: AccountId,
    hub: Arc<Hub>,
}

impl Listener {
    /// The revision of the account's last change, once there is another one or somebody wakes. `None`
    /// when there will be no more.
    pub(crate) async fn changed(&mut self) -> Option<i64> {
        self.revision.changed().await.ok()?;
        Some(*self.revision.borrow_and_update())
    }

    /// Notices what this one notices, and does not count as one who listens.
    pub(crate) fn beside(&self) -> watch::Receiver<i64> {
        self.revision.clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut slots = self.hub.slots.lock();
        let Some(slot) = slots.get_mut(&self.account) else {
            return;
        };
        slot.listeners -= 1;
        if slot.listeners == 0 {
            slots.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_listener_finds_the_newest_and_the_slot_goes_with_the_last() {
        let hub = Hub::new(2);
        let account = AccountId::fresh();
        hub.changed(&account, 1);
        let mut slow = hub.listen(&account).unwrap();
        let other = hub.listen(&account).unwrap();
        let mut beside = other.beside();
        assert_eq!(hub.listen(&account).unwrap_err(), TooMany);
        for revision in 1..=1000 {
            hub.changed(&account, revision);
        }
        assert_eq!(slow.changed().await, Some(1000));
        drop(slow);
        assert_eq!(hub.listeners(), 1);
        drop(other);
        assert_eq!(hub.listeners(), 0);
        beside.borrow_and_update();
        assert!(beside.changed().await.is_err());
    }
}
