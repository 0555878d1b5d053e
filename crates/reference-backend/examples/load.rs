//! A thousand users listen, offers are accepted: how long until the listener knows, and what the
//! backend's memory does meanwhile.
//!
//! `./x bench listeners` runs the backend in a process of its own on loopback and fails if the 99th
//! percentile is above 200 ms or memory grew by a fifth.

use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reference_backend::{AccountId, Config, NewAccount, Running, start};
use reqwest::{Client, Method};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const LISTENERS: usize = 1000;
/// After one that is not counted, in which caches fill.
const ROUNDS: usize = 3;
/// Acceptances under way at a time.
const AT_ONCE: usize = 8;
const LIMIT: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(10);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the backend's process tells the other.
#[derive(Serialize, Deserialize)]
struct Started {
    address: String,
    requester: String,
    offerers: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = if std::env::args().nth(1).as_deref() == Some("--serve") {
        serve().await.map(|()| true)
    } else {
        drive().await
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The backend, until its standard input ends.
async fn serve() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let mut config = Config::loopback(folder.path().join("load.sqlite3"));
    // One account accepts what a thousand would.
    config.limits.decisions_per_minute = 1_000_000;
    let running = Arc::new(start(config).await?);
    let mut accounts = JoinSet::new();
    for index in 0..=LISTENERS {
        let running = Arc::clone(&running);
        accounts.spawn(async move { account(&running, index).await });
    }
    let mut tokens = Vec::with_capacity(LISTENERS + 1);
    while let Some(token) = accounts.join_next().await {
        tokens.push(token??);
    }
    let started = Started {
        address: running.address.to_string(),
        requester: tokens.pop().ok_or("no accounts")?,
        offerers: tokens,
    };
    say(&serde_json::to_string(&started)?);
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

async fn account(running: &Running, index: usize) -> Result<String, Failure> {
    let id: AccountId = running
        .add_account(NewAccount {
            id: None,
            email: format!("load{index}@salon.example"),
            name: format!("Number {index}"),
            password: "only for this measurement".into(),
        })
        .await?;
    let token = running.access_token(&id).await.ok_or("no token")?;
    Ok(token.expose_secret().to_owned())
}

struct Backend {
    child: Child,
    client: Client,
    started: Started,
}

impl Backend {
    async fn launch() -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).await?;
        Ok(Self {
            child,
            client: Client::builder().no_proxy().build()?,
            started: serde_json::from_str(&line)?,
        })
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> Result<Value, Failure> {
        let url = format!("http://{}{path}", self.started.address);
        let request = self.client.request(method, url).bearer_auth(token);
        let response = request.json(&body).send().await?.error_for_status()?;
        Ok(response.json().await?)
    }

    /// Resident memory in KiB, where `/proc` tells.
    fn memory(&self) -> Option<u64> {
        let status = format!("/proc/{}/status", self.child.id()?);
        let status = std::fs::read_to_string(status).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

/// One who listens: whether each event has an active session in it, and when it came.
type Events = mpsc::UnboundedReceiver<(bool, Instant)>;

async fn listen(address: String, token: String) -> Result<Events, Failure> {
    let mut connection = TcpStream::connect(&address).await?;
    let head = format!(
        "GET /api/v1/meeting-sessions/events HTTP/1.1\r\nhost: {address}\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await?;
    let (tell, events) = mpsc::unbounded_channel();
    let mut lines = BufReader::with_capacity(1024, connection).lines();
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(data) = line.strip_prefix("data: ") {
                let rings = !data.starts_with("{\"sessions\":[]");
                if tell.send((rings, Instant::now())).is_err() {
                    return;
                }
            }
        }
    });
    Ok(events)
}

async fn next(events: &mut Events, rings: bool) -> Result<Instant, Failure> {
    let event = tokio::time::timeout(PATIENCE, events.recv()).await?;
    let (rang, at) = event.ok_or("a live list ended")?;
    if rang == rings {
        Ok(at)
    } else {
        Err("an event came that was not expected".into())
    }
}

async fn drive() -> Result<bool, Failure> {
    let backend = Arc::new(Backend::launch().await?);
    let before_listeners = backend.memory();
    let mut listeners = Vec::with_capacity(LISTENERS);
    for (index, token) in backend.started.offerers.iter().enumerate() {
        let events = listen(backend.started.address.clone(), token.clone()).await?;
        listeners.push((index, events));
    }
    for (_, events) in &mut listeners {
        next(events, false).await?;
    }
    let title = json!({ "title": "Load" });
    let token = &backend.started.requester;
    let request = backend
        .call(Method::POST, "/api/v1/requests", token, title)
        .await?;
    let path = format!("/api/v1/requests/{}/offers", id(&request, "id")?);

    let (_, back) = round(&backend, &path, listeners).await?;
    listeners = back;
    let at_start = backend.memory();
    let mut latencies = Vec::with_capacity(ROUNDS * LISTENERS);
    for _ in 0..ROUNDS {
        let (measured, back) = round(&backend, &path, listeners).await?;
        latencies.extend(measured);
        listeners = back;
    }
    let at_end = backend.memory();

    latencies.sort();
    let percentile = |p: usize| latencies[(latencies.len() * p / 100).min(latencies.len() - 1)];
    let (p50, p99) = (percentile(50), percentile(99));
    let kib = |memory: Option<u64>| memory.map_or("unknown".into(), |kib| format!("{kib} KiB"));
    say(&format!("listeners    {}", listeners.len()));
    say(&format!(
        "acceptances  {} ({AT_ONCE} at a time)",
        latencies.len()
    ));
    say(&format!("p50          {:.2} ms", millis(p50)));
    say(&format!("p99          {:.2} ms", millis(p99)));
    say(&format!("slowest      {:.2} ms", millis(percentile(100))));
    say(&format!(
        "RSS          {} without listeners",
        kib(before_listeners)
    ));
    say(&format!("RSS start    {}", kib(at_start)));
    say(&format!("RSS end      {}", kib(at_end)));
    let grew = at_start
        .zip(at_end)
        .is_some_and(|(start, end)| end > start + start / 5);
    Ok(p99 <= LIMIT && !grew)
}

type Listeners = Vec<(usize, Events)>;

/// Each listener makes an offer, has it accepted, hears of it, and of the end.
async fn round(
    backend: &Arc<Backend>,
    offers: &str,
    listeners: Listeners,
) -> Result<(Vec<Duration>, Listeners), Failure> {
    let mut under_way = JoinSet::new();
    let mut waiting = listeners.into_iter();
    let mut latencies = Vec::with_capacity(LISTENERS);
    let mut back = Vec::with_capacity(LISTENERS);
    loop {
        while under_way.len() < AT_ONCE {
            let Some((index, mut events)) = waiting.next() else {
                break;
            };
            let (backend, offers) = (Arc::clone(backend), offers.to_owned());
            under_way.spawn(async move {
                let took = story(&backend, &offers, index, &mut events).await?;
                Ok::<_, Failure>((took, index, events))
            });
        }
        let Some(done) = under_way.join_next().await else {
            return Ok((latencies, back));
        };
        let (took, index, events) = done??;
        latencies.push(took);
        back.push((index, events));
    }
}

async fn story(
    backend: &Backend,
    offers: &str,
    index: usize,
    events: &mut Events,
) -> Result<Duration, Failure> {
    let offerer = &backend.started.offerers[index];
    let requester = &backend.started.requester;
    let offer = backend
        .call(Method::POST, offers, offerer, json!({}))
        .await?;
    let path = format!("/api/v1/offers/{}", id(&offer, "id")?);
    let accept = json!({ "status": "accepted" });
    let started = Instant::now();
    let decided = backend
        .call(Method::PATCH, &path, requester, accept)
        .await?;
    let took = next(events, true).await?.duration_since(started);
    let session = id(&decided, "meetSessionId")?;
    let path = format!("/api/v1/meeting-sessions/{session}/end");
    backend
        .call(Method::POST, &path, requester, json!({}))
        .await?;
    next(events, false).await?;
    Ok(took)
}

fn id<'a>(answer: &'a Value, name: &str) -> Result<&'a str, Failure> {
    answer[name]
        .as_str()
        .ok_or_else(|| format!("no {name}").into())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[expect(clippy::print_stdout, reason = "the figures are what this is run for")]
fn say(line: &str) {
    println!("{line}");
}
