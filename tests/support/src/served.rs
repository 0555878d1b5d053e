//! What all doubles have in common: they are served on loopback, note what they have seen, and end.

use std::fmt::Debug;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What every part of a double knows of the whole.
#[derive(Debug)]
pub(crate) struct Running<Seen> {
    closing: watch::Sender<bool>,
    /// Changes when all WebSockets are to be cut.
    cuts: watch::Sender<()>,
    refusing: AtomicBool,
    seen: watch::Sender<Vec<Seen>>,
}

impl<Seen> Default for Running<Seen> {
    fn default() -> Self {
        Self {
            closing: watch::Sender::new(false),
            cuts: watch::Sender::new(()),
            refusing: AtomicBool::new(false),
            seen: watch::Sender::new(Vec::new()),
        }
    }
}

impl<Seen: Debug> Running<Seen> {
    pub(crate) fn see(&self, event: Seen) {
        tracing::debug!(?event, "seen");
        self.seen.send_modify(|seen| seen.push(event));
    }

    /// Whether whoever comes anew is refused (503).
    pub(crate) fn refuses(&self) -> bool {
        self.refusing.load(Ordering::Relaxed)
    }

    pub(crate) fn refuse(&self, refuse: bool) {
        self.refusing.store(refuse, Ordering::Relaxed);
    }

    /// Cuts all WebSockets, without a word.
    pub(crate) fn cut(&self) {
        self.cuts.send_replace(());
    }

    /// Tells of cuts from now on.
    pub(crate) fn cuts(&self) -> watch::Receiver<()> {
        self.cuts.subscribe()
    }

    /// Waits until the double is closed.
    pub(crate) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // An error means that the double is gone, which is the same.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}

/// A double that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Served<Seen> {
    running: Arc<Running<Seen>>,
    serving: Option<JoinHandle<io::Result<()>>>,
}

impl<Seen: Clone + Debug + Send + Sync + 'static> Served<Seen> {
    /// Serves at this port of 127.0.0.1 (0: a free one), which is returned with the address. Runs in
    /// the runtime that calls this.
    ///
    /// # Errors
    /// If the port cannot be listened on.
    pub(crate) async fn start(
        port: u16,
        running: Arc<Running<Seen>>,
        router: Router,
    ) -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let closing = running.clone();
        let serving = axum::serve(listener, router)
            .with_graceful_shutdown(async move { closing.closed().await });
        let served = Self {
            running,
            serving: Some(tokio::spawn(serving.into_future())),
        };
        Ok((served, address))
    }

    /// All that was seen so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.running.seen.borrow().clone()
    }

    /// Waits until what was seen is such. The caller bounds the time.
    pub(crate) async fn wait_until(&self, mut such: impl FnMut(&[Seen]) -> bool) {
        let mut seen = self.running.seen.subscribe();
        // The sender lives as long as this does.
        let _ = seen.wait_for(|seen| such(seen)).await;
    }

    /// Ends it: connections are cut, the port is free.
    pub(crate) async fn stop(mut self) {
        self.running.closing.send_replace(true);
        if let Some(serving) = self.serving.take() {
            // It can only fail by panicking, which has been told.
            let _ = serving.await;
        }
    }
}

impl<Seen> Drop for Served<Seen> {
    fn drop(&mut self) {
        self.running.closing.send_replace(true);
    }
}
