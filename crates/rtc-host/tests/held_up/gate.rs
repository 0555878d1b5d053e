//! Where something waits until the test lets it go.

use std::sync::mpsc::{Receiver, Sender, channel};

use parking_lot::{Condvar, Mutex};

/// Only a test that has failed waits so long.
pub(crate) const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    closed: bool,
    /// Told whenever somebody has to wait.
    waiting: Option<Sender<()>>,
}

/// Keeps a gate closed.
pub(crate) struct Closed<'a> {
    gate: &'a Gate,
    waiting: Receiver<()>,
}

impl Gate {
    pub(crate) fn pass(&self) {
        let mut state = self.state.lock();
        while state.closed {
            if let Some(waiting) = &state.waiting {
                let _ = waiting.send(());
            }
            self.changed.wait(&mut state);
        }
    }

    pub(crate) fn close(&self) -> Closed<'_> {
        let (send, waiting) = channel();
        *self.state.lock() = State {
            closed: true,
            waiting: Some(send),
        };
        Closed {
            gate: self,
            waiting,
        }
    }
}

impl Closed<'_> {
    /// Waits until somebody stands before it.
    pub(crate) fn wait(&self) {
        self.waiting.recv_timeout(LIMIT).unwrap();
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        *self.gate.state.lock() = State::default();
        self.gate.changed.notify_all();
    }
}
