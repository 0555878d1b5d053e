//! Connections: how many, how patient, and how they end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::body::Connection;
use crate::config::Limits;

/// The largest head, in bytes, and what is buffered of one connection.
const BUFFER: usize = 32 * 1024;
/// How long requests have to finish at the end.
const FAREWELL: Duration = Duration::from_secs(5);
/// Out of file descriptors, say: trying again at once would only burn a core.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `closing`, then lets what is under way finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    closing: CancellationToken,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    loop {
        // Beyond the limit, callers wait in the system's queue.
        let accepted = tokio::select! {
            () = closing.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((connection, peer, place)) = accepted else {
            continue;
        };
        let watcher = graceful.watcher();
        let conversing = converse(connection, peer, router.clone(), watcher, limits);
        tokio::spawn(async move {
            conversing.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were not finished at the end");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((connection, peer)) => Some((connection, peer, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

async fn converse(
    connection: TcpStream,
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
    limits: Limits,
) {
    // An event is one small write; waiting for more would delay it.
    if let Err(error) = connection.set_nodelay(true) {
        tracing::debug!(%error, "no immediate sending");
    }
    let by = Connection {
        peer,
        ends: CancellationToken::new(),
    };
    let ends = by.ends.clone();
    let mut connection = TimeoutStream::new(connection);
    // Who reads nothing of an answer is not going to. Reading has no limit of its own: nothing is read
    // while a live list is sent.
    connection.set_write_timeout(Some(limits.stalled));
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(by.clone());
        let answer = router.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        // Also between two requests.
        .header_read_timeout(limits.idle)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Box::pin(connection)), service);
    tokio::select! {
        conversed = watcher.watch(conversation) => {
            if let Err(error) = conversed {
                // A caller who went away in mid-answer, mostly.
                tracing::trace!(%error, "a connection ended early");
            }
        }
        () = ends.cancelled() => {}
    }
}
