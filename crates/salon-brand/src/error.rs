//! What can be wrong.

use std::path::PathBuf;

/// What is wrong with such a file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It, or a file that it names, cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no TOML, lacks something, or has something that is not known.
    #[error("{path}: {error}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        error: toml::de::Error,
    },
    /// A value that cannot be used.
    #[error("`{field}` {why}")]
    Value {
        /// Whose.
        field: &'static str,
        /// What it must be.
        why: String,
    },
}

pub(crate) fn refuse(field: &'static str, why: impl Into<String>) -> Error {
    let why = why.into();
    Error::Value { field, why }
}
