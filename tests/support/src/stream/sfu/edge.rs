//! What the doors to one media server share.

use std::sync::Arc;

use super::Shared;

/// One media server, by its name.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) name: Arc<str>,
    pub(crate) shared: Arc<Shared>,
}
