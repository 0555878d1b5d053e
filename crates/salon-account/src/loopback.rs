//! The port at which the browser's answer arrives (RFC 8252, section 7.3): one path, small
//! requests, no more than a few at a time, and a page that says that one can go back. The browser
//! begins here, too: whoever lists the processes of this computer sees what browsers are started
//! with, and so that is no more than this port's number.

#[cfg(target_os = "linux")]
mod caller;

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use salon_product::NAME;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use url::Url;

use super::waiting::{Answer, Waiting, Way};

const PATH: &str = "/callback";
/// Leads to where the sign-in begins.
const BEGIN: &str = "/begin";
/// Bytes of a request's head.
const LARGEST_HEAD: usize = 32 * 1024;
/// Connections at a time; browsers open one or two, some in advance.
const CONNECTIONS: usize = 8;
/// A connection that brings nothing is closed.
const CONNECTION_LIMIT: Duration = Duration::from_secs(10);
/// Between two attempts to accept when that fails, as it does without file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// A port of this computer.
#[derive(Debug)]
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    pub(super) async fn bind() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Where the browser is to come back to. An address, not a name, which could lead elsewhere.
    pub(super) fn redirect(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// What the browser is opened with.
    pub(super) fn begin(&self) -> Result<Url, url::ParseError> {
        Url::parse(&format!("http://127.0.0.1:{}{BEGIN}", self.port))
    }

    /// Leads to `first` whoever begins, and hands on what arrives, until it is dropped; answers that
    /// are under way are still given.
    pub(super) async fn serve(self, first: &Url, waiting: Arc<Waiting>) -> Infallible {
        let first = HeaderValue::from_str(first.as_str()).ok();
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = free.clone().acquire_owned().await else {
                std::future::pending().await
            };
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let at = Port {
                        number: self.port,
                        first: first.clone(),
                        waiting: waiting.clone(),
                    };
                    tokio::spawn(async move {
                        let served = serve_one(stream, at);
                        let _ = tokio::time::timeout(CONNECTION_LIMIT, served).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// What is there for whoever connects.
struct Port {
    number: u16,
    first: Option<HeaderValue>,
    waiting: Arc<Waiting>,
}

async fn serve_one(stream: TcpStream, at: Port) {
    // Other users of this computer can connect as well, and would be told the state.
    #[cfg(target_os = "linux")]
    if !caller::is_this_user(&stream).await {
        tracing::warn!("another user of this computer asked for the browser's answer");
        return;
    }
    let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
        let response = respond(&request, &at);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .max_buf_size(LARGEST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection of the browser ended early");
    }
}

fn respond(request: &Request<Incoming>, at: &Port) -> Response<Full<Bytes>> {
    let port = at.number;
    // A page elsewhere can have its own name lead here; the browser then says that name.
    let host = request.headers().get(header::HOST);
    if host.is_none_or(|host| host.as_bytes() != format!("127.0.0.1:{port}").as_bytes()) {
        return page(StatusCode::MISDIRECTED_REQUEST, "This is not the address.");
    }
    let path = request.uri().path();
    if path != PATH && path != BEGIN {
        return page(StatusCode::NOT_FOUND, "There is nothing here.");
    }
    if request.method() != Method::GET {
        return page(StatusCode::METHOD_NOT_ALLOWED, "There is nothing here.");
    }
    if path == BEGIN {
        return begin(at.first.as_ref());
    }
    let query = request.uri().query().unwrap_or_default();
    let taken =
        Answer::from_query(Way::Loopback, query).is_some_and(|answer| at.waiting.offer(answer));
    if taken {
        page(
            StatusCode::OK,
            &format!("You can close this page and go back to {NAME}."),
        )
    } else {
        tracing::warn!("an answer of the browser that was not asked for");
        page(
            StatusCode::BAD_REQUEST,
            &format!(
                "{NAME} did not ask for this, or has its answer already. Begin again in {NAME}."
            ),
        )
    }
}

fn begin(first: Option<&HeaderValue>) -> Response<Full<Bytes>> {
    let mut response = page(StatusCode::FOUND, "The sign-in goes on elsewhere.");
    match first {
        Some(first) => response
            .headers_mut()
            .insert(header::LOCATION, first.clone()),
        None => return page(StatusCode::NOT_FOUND, "There is nothing here."),
    };
    response
}

fn page(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{NAME}</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;\
         padding:0 1rem;color-scheme:light dark}}</style><h1>{NAME}</h1><p>{text}</p></html>"
    );
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The code is in the address.
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
