//! Tells those who listen what changed, without asking the database again.
//!
//! Each account has one slot that holds the newest state. A listener that reads slowly finds the
//! newest when it comes back and holds nothing but that: memory does not depend on its speed.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::id::AccountId;
use crate::meetings::MeetingSession;

/// How many ended sessions are passed on to a listener that was away or slow.
pub(crate) const ENDED_KEPT: usize = 16;

/// What an account's list is after a change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Grows with each change of any session.
    pub(crate) revision: i64,
    pub(crate) active: Vec<MeetingSession>,
    /// The last ones that ended, the oldest first.
    pub(crate) ended: Vec<MeetingSession>,
}

/// Holds revision 0, and nothing else, until something changes.
type Slot = watch::Sender<Arc<Snapshot>>;

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
        let receiver = match slots.get(account) {
            Some(slot) if slot.receiver_count() >= self.per_account => return Err(TooMany),
            Some(slot) => slot.subscribe(),
            None => {
                let (slot, receiver) = watch::channel(Arc::default());
                slots.insert(account.clone(), slot);
                receiver
            }
        };
        Ok(Listener {
            receiver: Some(receiver),
            account: account.clone(),
            hub: Arc::clone(self),
        })
    }

    /// Whether anybody would hear of a change: if not, it need not be gathered.
    pub(crate) fn is_heard(&self, account: &AccountId) -> bool {
        self.slots.lock().contains_key(account)
    }

    /// Puts `account`'s new state into its slot. `ended` is what the change ended.
    pub(crate) fn publish(
        &self,
        account: &AccountId,
        revision: i64,
        active: Vec<MeetingSession>,
        ended: Option<MeetingSession>,
    ) {
        let slots = self.slots.lock();
        let Some(slot) = slots.get(account) else {
            return;
        };
        slot.send_modify(|held| {
            let mut ended_now = held.ended.clone();
            ended_now.extend(ended);
            let surplus = ended_now.len().saturating_sub(ENDED_KEPT);
            ended_now.drain(..surplus);
            *held = Arc::new(Snapshot {
                revision,
                active,
                ended: ended_now,
            });
        });
    }

    /// Has `account`'s listeners look whether their sign-ins still last.
    pub(crate) fn wake(&self, account: &AccountId) {
        if let Some(slot) = self.slots.lock().get(account) {
            slot.send_modify(|_| {});
        }
    }

    /// Open live lists.
    pub(crate) fn listeners(&self) -> usize {
        self.slots.lock().values().map(Slot::receiver_count).sum()
    }
}

/// One who listens. Stops when dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    /// There until dropped.
    receiver: Option<watch::Receiver<Arc<Snapshot>>>,
    account: AccountId,
    hub: Arc<Hub>,
}

impl Listener {
    /// The newest state, once it changes or somebody wakes. `None` when there will be no more.
    pub(crate) async fn changed(&mut self) -> Option<Arc<Snapshot>> {
        let receiver = self.receiver.as_mut()?;
        receiver.changed().await.ok()?;
        Some(Arc::clone(&receiver.borrow_and_update()))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut slots = self.hub.slots.lock();
        // Under the lock, so that nobody subscribes to a slot that is about to go.
        self.receiver = None;
        if slots
            .get(&self.account)
            .is_some_and(|slot| slot.receiver_count() == 0)
        {
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
        assert!(!hub.is_heard(&account));
        let mut slow = hub.listen(&account).unwrap();
        let other = hub.listen(&account).unwrap();
        assert_eq!(hub.listen(&account).unwrap_err(), TooMany);
        for revision in 1..=1000 {
            hub.publish(&account, revision, Vec::new(), None);
        }
        assert_eq!(slow.changed().await.unwrap().revision, 1000);
        drop(slow);
        assert!(hub.is_heard(&account));
        drop(other);
        assert!(!hub.is_heard(&account));
        assert_eq!(hub.listeners(), 0);
    }
}
