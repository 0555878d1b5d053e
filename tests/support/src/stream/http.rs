//! The coordinator over HTTP.

use std::io;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use futures_util::stream;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::actions::Asked;
use super::faults::Fault;
use super::refusal::Refusal;
use super::tokens::Caller;
use super::{Seen, Shared, cors, socket};

/// Most bytes of a request's body.
const BODY_LIMIT: usize = 256 * 1024;
/// What the service's addresses begin with, in its two versions.
const PREFIXES: [&str; 2] = ["/api/v2/video/", "/video/"];

pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/video/connect", get(connect))
        .route("/api/v2/connect", get(connect))
        .route("/hint", get(hint))
        .fallback(answer)
        .layer(middleware::from_fn(cors::allow))
        .with_state(shared)
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

async fn connect(State(shared): State<Shared>, uri: Uri, upgrade: WebSocketUpgrade) -> Response {
    if shared.running.refuses() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let key = parameter(&uri, "api_key");
    upgrade.on_upgrade(move |socket| socket::serve(socket, shared, key))
}

/// Where whoever asks is: the name of a place that a content network would put there.
async fn hint(State(shared): State<Shared>) -> Response {
    if let Some(broken) = meet(&shared, "hint").await {
        return broken;
    }
    shared.running.see(Seen::Requested {
        user: None,
        action: "hint".into(),
        cid: None,
        body: Value::Null,
        status: 200,
    });
    ([("x-amz-cf-pop", "LO50-P1")], "").into_response()
}

/// Meets what was ordered to go wrong; the answer, if that is all there is.
async fn meet(shared: &Shared, name: &str) -> Option<Response> {
    if shared.running.refuses() {
        return Some(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    let fault = shared.faults.lock().of(name)?;
    match fault {
        Fault::Refuse(refusal) => Some(refusal.response(name)),
        Fault::Garbage(text) => Some(text.into_response()),
        Fault::Slow(wait) => {
            tokio::time::sleep(wait).await;
            None
        }
        Fault::Silent => {
            shared.running.closed().await;
            Some(StatusCode::SERVICE_UNAVAILABLE.into_response())
        }
        Fault::Drop => {
            // A body that fails takes the connection with it.
            let cut = io::Error::from(io::ErrorKind::ConnectionReset);
            let body = Body::from_stream(stream::iter([Err::<Bytes, _>(cut)]));
            Some(body.into_response())
        }
    }
}

/// Which call a request is about, and what it asks.
struct Target {
    /// Of a call; empty for requests about none.
    kind: String,
    id: String,
    /// The rest of the path.
    rest: String,
}

impl Target {
    fn of(path: &str) -> Option<Self> {
        let prefix = PREFIXES.iter().find(|prefix| path.starts_with(**prefix))?;
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let mut parts = path.strip_prefix(prefix)?.split('/').map(decoded);
        let first = parts.next()?;
        let rest: Vec<_> = parts.collect();
        Some(match (first.as_str(), rest.as_slice()) {
            ("call", [kind, id, rest @ ..]) => Self {
                kind: kind.clone(),
                id: id.clone(),
                rest: rest.join("/"),
            },
            (first, rest) => Self {
                kind: String::new(),
                id: String::new(),
                rest: [&[first.to_owned()], rest].concat().join("/"),
            },
        })
    }

    fn cid(&self) -> Option<String> {
        (!self.kind.is_empty()).then(|| format!("{}:{}", self.kind, self.id))
    }
}

/// What faults and observations call a request.
fn name(method: &Method, target: &Target) -> String {
    match (method.as_str(), target.rest.as_str()) {
        ("GET", "") => "get".into(),
        ("PATCH", "") => "update".into(),
        (_, "") => "create".into(),
        (_, rest) => rest.into(),
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(target) = Target::of(parts.uri.path()) else {
        return Refusal::missing("no such path").response("");
    };
    let name = name(&parts.method, &target);
    let body = match read(body).await {
        Ok(body) => body,
        Err(refusal) => return refusal.response(&name),
    };
    if let Some(broken) = meet(&shared, &name).await {
        return broken;
    }
    let caller = caller(&shared, &parts);
    let outcome = caller
        .clone()
        .and_then(|caller| run(&shared, &caller, &parts, &target, &body));
    let status = outcome
        .as_ref()
        .map_or_else(|refusal| refusal.status, |_| 200);
    shared.running.see(Seen::Requested {
        user: caller.ok().and_then(|caller| match caller {
            Caller::User(user) => Some(user),
            Caller::Backend => None,
        }),
        action: name.clone(),
        cid: target.cid(),
        body: Value::Object(body),
        status,
    });
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => refusal.response(&name),
    }
}

async fn read(body: Body) -> Result<Map<String, Value>, Refusal> {
    let bytes = to_bytes(body, BODY_LIMIT).await;
    let bytes = bytes.map_err(|_| Refusal::new(413, 22, "payload is too big"))?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(&bytes).map_err(|error| Refusal::input(error.to_string()))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    Some(text.strip_prefix("Bearer ").unwrap_or(text))
}

fn caller(shared: &Shared, parts: &Parts) -> Result<Caller, Refusal> {
    let key = parameter(&parts.uri, "api_key");
    shared.app.check(key.as_deref(), token(&parts.headers))
}

fn run(
    shared: &Shared,
    caller: &Caller,
    parts: &Parts,
    target: &Target,
    body: &Map<String, Value>,
) -> Result<Value, Refusal> {
    if let Caller::User(user) = caller {
        shared.world.lock().user(user)?;
    }
    let connection = parameter(&parts.uri, "connection_id");
    let Some(cid) = target.cid() else {
        return without_call(shared, caller, target, connection.as_deref(), body);
    };
    let action = match target.rest.as_str() {
        "" => parts.method.to_string(),
        rest => format!("{} {rest}", parts.method),
    };
    let asked = Asked {
        caller,
        kind: &target.kind,
        id: &target.id,
        cid: &cid,
        action: &action,
        body,
        media: &shared.media,
    };
    shared.act(&asked, connection.as_deref())
}

/// What is asked of no call in particular.
fn without_call(
    shared: &Shared,
    caller: &Caller,
    target: &Target,
    connection: Option<&str>,
    body: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let world = shared.world.lock();
    match target.rest.as_str() {
        "calls" => {
            let wanted = body.get("filter_conditions").and_then(|all| all.get("cid"));
            let wanted = wanted.map(|cid| cid.get("$in").unwrap_or(cid).clone());
            let is_wanted = |cid: &str| match &wanted {
                Some(Value::Array(list)) => list.iter().any(|each| each == cid),
                Some(one) => one == cid,
                None => true,
            };
            let user = match caller {
                Caller::User(user) => Some(user.as_str()),
                Caller::Backend => None,
            };
            let readable = |cid: &&String| {
                let capabilities = user.map(|user| world.capabilities(cid, user));
                capabilities.is_none_or(|all| all.iter().any(|each| each == "read-call"))
            };
            let cids = world.calls.keys().filter(|cid| is_wanted(cid));
            let cids: Vec<_> = cids.filter(readable).collect();
            if let Some(connection) = connection
                && body.get("watch") == Some(&Value::Bool(true))
            {
                for cid in &cids {
                    shared.watch(connection, cid);
                }
            }
            let states: Result<Vec<_>, _> =
                cids.iter().map(|cid| world.state_json(cid, user)).collect();
            Ok(json!({ "calls": states?, "duration": "0.10ms" }))
        }
        "call/members" => {
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
            let call = world.call(&format!("{}:{}", text("type"), text("id")))?;
            Ok(json!({ "members": world.members_json(call), "duration": "0.10ms" }))
        }
        other => Err(Refusal::missing(format!("there is no {other} here"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_both_versions_name_the_same_call() {
        for path in [
            "/video/call/default/a%3Ab/join",
            "/api/v2/video/call/default/a%3Ab/join",
        ] {
            let target = Target::of(path).unwrap();
            assert_eq!(target.cid().as_deref(), Some("default:a:b"));
            assert_eq!(name(&Method::POST, &target), "join");
        }
        assert!(Target::of("/elsewhere").is_none());
        let target = Target::of("/video/calls").unwrap();
        assert_eq!((target.cid(), target.rest.as_str()), (None, "calls"));
    }
}
