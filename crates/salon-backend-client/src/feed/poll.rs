//! Looking at the list now and then, for backends without events.

use std::time::Duration;

use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};
use salon_base::{Code, Fault};
use salon_http::{Party, unreachable};
use serde_json::Value;

use super::ask::{Asker, Refused};
use super::tell::{Pace, Teller};

/// Bytes of an answer.
const LARGEST_ANSWER: usize = 1024 * 1024;
/// The whole answer has to be there.
const BODY_LIMIT: Duration = Duration::from_secs(15);

/// Looks until the backend turns out to have no list.
pub(super) async fn look(asker: &Asker, path: &str, pace: &Pace, teller: &mut Teller) {
    let mut backoff = pace.backoff(None);
    let mut tag = None;
    let mut found = teller.has_heard();
    loop {
        let wait = match one_look(asker, path, &mut tag, teller).await {
            Ok(()) => {
                backoff = pace.backoff(None);
                found = true;
                pace.poll
            }
            Err(Refused::Missing) if !found => {
                teller.fault(Code::BackendEndpointMissing.into());
                return;
            }
            // It was there: somebody is changing something.
            Err(Refused::Missing) => {
                teller.fault(Code::BackendError.into());
                pace.longest_wait
            }
            Err(Refused::Fault(fault, wait)) => {
                teller.fault(fault);
                let backoff = backoff.next().unwrap_or(pace.longest_wait);
                wait.max(backoff).max(pace.poll)
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn one_look(
    asker: &Asker,
    path: &str,
    tag: &mut Option<HeaderValue>,
    teller: &mut Teller,
) -> Result<(), Refused> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(tag) = tag.clone() {
        headers.insert(IF_NONE_MATCH, tag);
    }
    let answer = asker.get(path, headers).await?;
    if answer.status() == StatusCode::NOT_MODIFIED {
        teller.unchanged();
        return Ok(());
    }
    let new_tag = answer.headers().get(ETAG).cloned();
    let body = tokio::time::timeout(BODY_LIMIT, body(answer))
        .await
        .map_err(|_| Fault::from(Code::BackendTimeout))??;
    let body: Value =
        serde_json::from_slice(&body).map_err(|_| Fault::from(Code::BackendAnswerNotJson))?;
    teller.answer(&body, None, &asker.user_id())?;
    // Only now: what could not be read is to come again.
    *tag = new_tag;
    Ok(())
}

async fn body(mut answer: Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| unreachable(Party::Backend, error))?
    {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Code::BackendAnswerTooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
