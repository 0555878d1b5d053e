//! Server-Sent Events (HTML, section 9.2), each with the whole list.

use std::num::NonZeroUsize;
use std::time::Duration;

use backon::ExponentialBackoff;
use reqwest::Response;
use reqwest::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use salon_base::{Code, Fault};
use sse_core::{MessageEvent, SseDecoder, SseEvent};
use tokio::time::{Instant, timeout_at};

use super::ask::{Asker, Refused};
use super::tell::{Pace, Teller};

const TYPE: &str = "text/event-stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Bytes of an event: [`crate::parse::MOST_SESSIONS`] take half of it.
const LARGEST_EVENT: NonZeroUsize = NonZeroUsize::new(256 * 1024).unwrap();

/// The events of what is followed.
#[derive(Clone, Debug)]
pub(crate) struct WantedEvents {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) ended: String,
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// By the backend, as it does when the credential ends.
    Closed,
    /// Nothing came any more.
    Silent,
    /// Nothing came in the beginning.
    Held,
    /// On the way.
    Lost(Fault),
}

/// Listens until the backend turns out to have no events that arrive.
pub(super) async fn listen(asker: &Asker, wanted: &WantedEvents, pace: &Pace, teller: &mut Teller) {
    let mut listener = Listener {
        decoder: SseDecoder::with_limit(LARGEST_EVENT),
        asked_wait: None,
        heard_any: false,
        warned: false,
        asker,
        wanted,
        pace,
        teller,
    };
    let mut backoff = pace.backoff(None);
    loop {
        let wait = match listener.connect().await {
            Ok(response) => {
                let (end, heard) = listener.read(response).await;
                tracing::debug!(?end, "the event stream ended");
                if heard {
                    backoff = pace.backoff(listener.asked_wait);
                }
                match end {
                    End::Held if !listener.heard_any => {
                        tracing::info!("events are held back on the way: looking now and then");
                        return;
                    }
                    // It may be back at once; if it is not, that is told.
                    _ if heard => {}
                    End::Lost(fault) => listener.teller.fault(fault),
                    End::Closed | End::Silent | End::Held => {
                        listener.teller.fault(Code::BackendTimeout.into());
                    }
                }
                Duration::ZERO
            }
            Err(Refused::Missing) => {
                tracing::info!("the backend has no events: looking now and then");
                return;
            }
            Err(Refused::Fault(fault, wait)) => {
                listener.teller.fault(fault);
                wait
            }
        };
        tokio::time::sleep(next(&mut backoff, pace).max(wait)).await;
    }
}

fn next(backoff: &mut ExponentialBackoff, pace: &Pace) -> Duration {
    // It has no end; but its type does not say so.
    backoff.next().unwrap_or(pace.longest_wait)
}

struct Listener<'a> {
    asker: &'a Asker,
    wanted: &'a WantedEvents,
    pace: &'a Pace,
    teller: &'a mut Teller,
    decoder: SseDecoder,
    /// `retry:`, between attempts.
    asked_wait: Option<Duration>,
    heard_any: bool,
    warned: bool,
}

impl Listener<'_> {
    async fn connect(&mut self) -> Result<Response, Refused> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Half an event of the connection before is dropped, its id is kept.
        self.decoder.reconnect();
        if let Some(id) = self.decoder.last_event_id().filter(|id| !id.is_empty())
            && let Ok(id) = HeaderValue::from_bytes(id.as_bytes())
        {
            headers.insert(LAST_EVENT_ID, id);
        }
        let response = self.asker.get(&self.wanted.path, headers).await?;
        let kind = response.headers().get(CONTENT_TYPE);
        let is_stream = kind
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with(TYPE));
        if is_stream {
            Ok(response)
        } else {
            // A page of the product, for instance.
            Err(Refused::Missing)
        }
    }

    /// Reads until the end; also whether there was an event.
    async fn read(&mut self, mut response: Response) -> (End, bool) {
        let first_by = Instant::now() + self.pace.first_event;
        let mut heard = false;
        loop {
            let silent_at = Instant::now() + self.pace.silence;
            let until = if heard {
                silent_at
            } else {
                silent_at.min(first_by)
            };
            let mut chunk = match timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => return (End::Closed, heard),
                Ok(Err(error)) => {
                    let fault = salon_http::unreachable(salon_http::Party::Backend, error);
                    return (End::Lost(fault), heard);
                }
                Err(_) if heard => return (End::Silent, heard),
                Err(_) => return (End::Held, heard),
            };
            while let Some(event) = self.decoder.next(&mut chunk) {
                match event {
                    Ok(SseEvent::Message(event)) => heard |= self.take_in(&event),
                    Ok(SseEvent::Retry(milliseconds)) => {
                        self.asked_wait = Some(Duration::from_millis(milliseconds.into()));
                    }
                    Err(_) => self.teller.fault(Code::BackendAnswerTooLarge.into()),
                }
            }
        }
    }

    /// Whether it is an event with a list.
    fn take_in(&mut self, event: &MessageEvent) -> bool {
        if event.event != self.wanted.name {
            return false;
        }
        let read = serde_json::from_str(&event.data)
            .map_err(|_| Fault::from(Code::BackendAnswerNotJson))
            .and_then(|data| {
                let user = self.asker.user_id();
                self.teller.answer(&data, Some(&self.wanted.ended), &user)
            });
        if let Err(fault) = read {
            if !std::mem::replace(&mut self.warned, true) {
                tracing::warn!(%fault, "an event cannot be read");
            }
            self.teller.fault(fault);
            return false;
        }
        self.heard_any = true;
        true
    }
}
