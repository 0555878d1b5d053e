//! Futures of traits that are used behind a pointer.

use std::future::Future;
use std::pin::Pin;

/// A future behind a pointer.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
