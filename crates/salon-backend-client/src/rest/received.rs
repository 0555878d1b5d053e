//! An answer that was read whole.

use std::time::SystemTime;

use salon_base::{Code, Fault};
use secrecy::SecretString;
use serde_json::Value;

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its body.
    pub body: Vec<u8>,
    /// When it was given, by the backend's clock.
    pub date: Option<SystemTime>,
    /// What it was asked for with, to be kept out of what is said of it.
    credential: Option<SecretString>,
}

impl Received {
    /// An answer to a request that was anybody's.
    pub fn new(body: Vec<u8>, date: Option<SystemTime>) -> Self {
        Self {
            body,
            date,
            credential: None,
        }
    }

    /// The same, asked for with this.
    pub(super) fn asked_with(
        credential: Option<SecretString>,
        body: Vec<u8>,
        date: Option<SystemTime>,
    ) -> Self {
        Self {
            body,
            date,
            credential,
        }
    }

    pub(super) fn credential(&self) -> Option<&SecretString> {
        self.credential.as_ref()
    }

    /// Its body as JSON.
    ///
    /// # Errors
    /// [`Code::BackendAnswerNotJson`].
    pub fn json(&self) -> Result<Value, Fault> {
        // RFC 8259, section 8.1: a byte order mark may be ignored.
        let body = self
            .body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.body);
        serde_json::from_slice(body)
            .map_err(|error| Fault::new(Code::BackendAnswerNotJson, error.to_string()))
    }
}
