//! Where devices open and close.

use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

type Job = Box<dyn FnOnce() + Send>;

/// Does what makes its caller wait (a device that opens, starts anew or closes) one after the
/// other in the order asked for, on threads that may wait. So a device that is to be opened again
/// has been closed before, as hardware demands that can only be open once.
#[derive(Clone, Debug)]
pub(crate) struct Lane(UnboundedSender<Job>);

impl Lane {
    /// Ends with its last clone, after what was asked for.
    pub(crate) fn new(runtime: &Handle) -> Self {
        let (jobs, mut asked) = unbounded_channel::<Job>();
        runtime.spawn(async move {
            while let Some(job) = asked.recv().await {
                if let Err(error) = tokio::task::spawn_blocking(job).await {
                    tracing::error!(%error, "a device's thread failed");
                }
            }
        });
        Self(jobs)
    }

    /// Does it once its turn has come. Here and now if the host is gone: nobody is left to wait.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) {
        if let Err(unsent) = self.0.send(Box::new(job)) {
            (unsent.0)();
        }
    }
}
