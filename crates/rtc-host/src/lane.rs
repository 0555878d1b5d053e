//! Where devices open and close.

use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// Opens devices or starts them anew one after the other, in the order asked for, and closes them at
/// once; all of it on threads that may wait. What is asked for after a closing waits for it: hardware
/// demands that a device that is to be opened again has been closed before.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    turns: UnboundedSender<Turn>,
    runtime: Handle,
}

enum Turn {
    /// Something to do.
    Job(Box<dyn FnOnce() + Send>),
    /// A closing that is going on.
    Closing(JoinHandle<()>),
}

impl Lane {
    /// Ends with its last clone, after what was asked for.
    pub(crate) fn new(runtime: &Handle) -> Self {
        let (turns, mut asked) = unbounded_channel();
        runtime.spawn(async move {
            while let Some(turn) = asked.recv().await {
                let doing = match turn {
                    Turn::Job(job) => tokio::task::spawn_blocking(job),
                    Turn::Closing(closing) => closing,
                };
                if let Err(error) = doing.await {
                    tracing::error!(%error, "a device's thread failed");
                }
            }
        });
        Self {
            turns,
            runtime: runtime.clone(),
        }
    }

    /// Does it once its turn has come. Here and now if the host is gone: nobody is left to wait.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) {
        if let Err(unsent) = self.turns.send(Turn::Job(Box::new(job)))
            && let Turn::Job(job) = unsent.0
        {
            job();
        }
    }

    /// Drops it, whatever is being opened meanwhile. Here and now if the host is gone.
    pub(crate) fn close(&self, device: impl Send + 'static) {
        let closing = self.runtime.spawn_blocking(move || drop(device));
        // Without a host nothing is opened after it.
        let _ = self.turns.send(Turn::Closing(closing));
    }
}
