//! A steady beat without a device that gives it.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Calls back at a steady rate on a thread of its own until dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// `tick` gets the tick's number, from 0. Ticks that were missed are skipped.
    pub(crate) fn start(
        name: &str,
        period: Duration,
        mut tick: impl FnMut(u64) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                let (start, mut number) = (Instant::now(), 0_u64);
                loop {
                    tick(number);
                    number += 1;
                    let passed = start.elapsed();
                    if passed > period * u32::try_from(number).unwrap_or(u32::MAX) + period * 10 {
                        // The machine slept or choked: go on from now instead of catching up.
                        number = (passed.as_nanos() / period.as_nanos()) as u64 + 1;
                    }
                    let due = start + Duration::from_nanos(period.as_nanos() as u64 * number);
                    let wait = due.saturating_duration_since(Instant::now());
                    if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // A panic of the thread has been reported by the panic hook already.
            let _ = thread.join();
        }
    }
}
