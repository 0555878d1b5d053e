//! What the page's requests are answered with.

use serde::Serialize;
use serde_json::Value;

use crate::wire::WireError;

/// The reply's value.
pub(super) fn value(value: impl Serialize) -> Result<Value, WireError> {
    serde_json::to_value(value).map_err(|error| WireError::new("OperationError", error.to_string()))
}

/// The page names a track that there is not.
pub(super) fn unknown_track() -> WireError {
    WireError::new("InvalidStateError", "there is no such track")
}
