//! When a double that runs by itself ends.

use std::io;

/// Listens from now on whether this process is asked to end; the future is over when it is.
///
/// # Errors
/// If it cannot be asked.
#[cfg(unix)]
pub fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Listens from now on whether this process is asked to end; the future is over when it is.
///
/// # Errors
/// If it cannot be asked.
#[cfg(windows)]
pub fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
