//! When a double that runs by itself ends.

use std::io;

/// Waits until this process is asked to end.
///
/// # Errors
/// If it cannot be asked.
#[cfg(unix)]
pub async fn asked_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

/// Waits until this process is asked to end.
///
/// # Errors
/// If it cannot be asked.
#[cfg(not(unix))]
pub async fn asked_to_end() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
