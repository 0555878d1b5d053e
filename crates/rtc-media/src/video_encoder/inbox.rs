//! What an encoder is asked to do, between those who ask and its thread.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::LayerConfig;
use crate::VideoFrame;

/// Everything wanted since the thread last looked. What is newer replaces what is older, so that a
/// thread that is held up finds little.
#[derive(Debug, Default)]
pub(super) struct Todo {
    pub(super) layers: Option<Vec<LayerConfig>>,
    /// Layers that are to make a key frame.
    pub(super) key_frames: BTreeSet<String>,
    /// All of them are.
    pub(super) all_key_frames: bool,
    pub(super) picture: Option<Arc<VideoFrame>>,
    /// Pictures that `picture` has replaced.
    pub(super) left_out: u32,
    /// The thread is to end.
    pub(super) over: bool,
}

impl Todo {
    pub(super) fn picture(&mut self, frame: &Arc<VideoFrame>) {
        if self.picture.replace(frame.clone()).is_some() {
            self.left_out += 1;
        }
    }

    pub(super) fn wants_key_frame(&self, rid: &str) -> bool {
        self.all_key_frames || self.key_frames.contains(rid)
    }
}

/// Locked for putting in and taking out only.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    todo: Mutex<Option<Todo>>,
    news: Condvar,
}

impl Inbox {
    /// Adds to what is to be done.
    pub(super) fn leave(&self, add: impl FnOnce(&mut Todo)) {
        add(self.todo.lock().get_or_insert_default());
        self.news.notify_one();
    }

    /// Whether all was taken.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.todo.lock().is_none()
    }

    /// Takes all that is to be done; waits until there is something.
    pub(super) fn take(&self) -> Todo {
        let mut todo = self.todo.lock();
        loop {
            match todo.take() {
                Some(todo) => return todo,
                None => self.news.wait(&mut todo),
            }
        }
    }
}
