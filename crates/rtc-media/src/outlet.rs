//! Where the pictures of a camera or a screen go.

use std::sync::Arc;

use crate::VideoFrame;
use crate::ending::Ending;
use crate::fanout::Fanout;

/// Hands pictures out until their source is gone.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    pub(crate) frames: Fanout<Arc<VideoFrame>>,
    pub(crate) ended: Ending,
}

impl Outlet {
    pub(crate) fn send(&self, frame: VideoFrame) {
        if !self.ended.is_over() {
            self.frames.send(&Arc::new(frame));
        }
    }
}
