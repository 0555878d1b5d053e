//! The way into a meeting, step by step: where it breaks, and why. Each step is what the app does
//! then, done by the same code.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use salon_account::{Credentials, FixedCredential};
use salon_backend_client::coordinator::Joined;
use salon_backend_client::rest::path;
use salon_backend_client::{Backend, TokenRequest, coordinator, preflight};
use salon_base::plain::turns;
use salon_base::words::Severity;
use salon_base::{Code, Fault, Provider};
use salon_http::{Party, unreachable};
use salon_meeting::stream::StreamSettings;
use salon_profile::template::Values;
use salon_profile::{Auth, Method, Profile};
use salon_token::doctor::{Kind, diagnose};
use salon_token::inspect::Expected;
use salon_token::{JoinGrant, LiveKitGrant, StreamGrant};
use serde::Serialize;
use url::Url;

use super::media::{MediaPorts, tcp, udp};

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Well.
    Ok,
    /// Not.
    Failed,
    /// Not gone, or it tells nothing.
    Skipped,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) status: Status,
    pub(crate) milliseconds: u64,
    pub(crate) code: Option<Code>,
    pub(crate) sentence: String,
    /// What was found, without secrets; may be empty.
    pub(crate) detail: String,
}

/// What is walked.
#[derive(Debug)]
pub(crate) struct Way<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) backend: Url,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) client: reqwest::Client,
    pub(crate) room: &'a str,
    pub(crate) session: Option<&'a str>,
    pub(crate) server: Option<&'a Url>,
    pub(crate) server_locked: bool,
    pub(crate) stream: StreamSettings<'a>,
    pub(crate) ports: MediaPorts,
}

/// All steps, in their order. After one that fails the others are not gone.
pub(crate) async fn walk(way: &Way<'_>) -> Vec<Step> {
    let mut steps = Steps::default();
    // What fails has been noted; there is nothing more to do then.
    let _ = way.go(&mut steps).await;
    for name in names(way.profile.provider) {
        if !steps.0.iter().any(|step| step.name == name) {
            steps.skip(name, "an earlier step failed");
        }
    }
    steps.0
}

/// Up to the token.
const TO_THE_TOKEN: [&str; 6] = [
    "name (DNS)",
    "connection",
    "encryption (TLS)",
    "endpoint",
    "token",
    "what it says",
];
/// From there on, of LiveKit and of Stream.
const OF_LIVEKIT: &[&str] = &["media server", "media by UDP", "media by TCP"];
const OF_STREAM: &[&str] = &["coordinator", "media server"];

/// In their order.
fn names(provider: Provider) -> impl Iterator<Item = &'static str> {
    TO_THE_TOKEN
        .into_iter()
        .chain(after_the_token(provider).iter().copied())
}

fn after_the_token(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Livekit => OF_LIVEKIT,
        Provider::Stream => OF_STREAM,
    }
}

#[derive(Debug, Default)]
struct Steps(Vec<Step>);

/// A step has failed.
struct Stopped;

impl Steps {
    fn add(&mut self, name: &'static str, since: Instant, outcome: Result<String, Fault>) {
        let took = since.elapsed().as_millis();
        let milliseconds = u64::try_from(took).unwrap_or(u64::MAX);
        self.0.push(match outcome {
            Ok(sentence) => Step {
                name,
                status: Status::Ok,
                milliseconds,
                code: None,
                sentence,
                detail: String::new(),
            },
            Err(fault) => Step {
                name,
                status: Status::Failed,
                milliseconds,
                code: Some(fault.code),
                sentence: sentence(fault.code),
                detail: fault.detail,
            },
        });
    }

    /// Adds it; goes on only if it went well.
    fn must<T>(
        &mut self,
        name: &'static str,
        since: Instant,
        outcome: Result<T, Fault>,
        words: impl FnOnce(&T) -> String,
    ) -> Result<T, Stopped> {
        match outcome {
            Ok(value) => {
                self.add(name, since, Ok(words(&value)));
                Ok(value)
            }
            Err(fault) => {
                self.add(name, since, Err(fault));
                Err(Stopped)
            }
        }
    }

    fn skip(&mut self, name: &'static str, why: impl Into<String>) {
        self.0.push(Step {
            name,
            status: Status::Skipped,
            milliseconds: 0,
            code: None,
            sentence: why.into(),
            detail: String::new(),
        });
    }
}

fn sentence(code: Code) -> String {
    code.words()
        .map_or_else(String::new, |words| words.sentence.clone())
}

impl Way<'_> {
    async fn go(&self, steps: &mut Steps) -> Result<(), Stopped> {
        self.reach(steps).await?;
        self.endpoint(steps).await?;
        match self.token(steps).await? {
            Some(grant) => {
                self.says(steps, &grant);
                match &grant {
                    JoinGrant::Livekit(grant) => self.livekit(steps, grant).await,
                    JoinGrant::Stream(grant) => self.stream(steps, grant).await,
                }
            }
            None => {
                steps.skip("what it says", "there is no token");
                for name in after_the_token(self.profile.provider) {
                    steps.skip(name, "there is no token");
                }
                Ok(())
            }
        }
    }

    /// Name, connection and encryption: one exchange, told apart by where it breaks.
    async fn reach(&self, steps: &mut Steps) -> Result<(), Stopped> {
        let since = Instant::now();
        let host = self.backend.host_str().unwrap_or_default();
        let port = self.backend.port_or_known_default().unwrap_or(443);
        let looked_up = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
        let looked_up = looked_up.map(|addresses| addresses.count());
        let named = Instant::now();
        let reached = self.client.get(self.backend.clone()).send().await;
        let fault = reached
            .map(|_| ())
            .map_err(|error| unreachable(Party::Backend, error));
        match (looked_up, &fault) {
            (Ok(count), _) => steps.add("name (DNS)", since, Ok(format!("{host}, {count} found"))),
            // The proxy knows the name, if nobody here does.
            (Err(_), Ok(())) => steps.skip("name (DNS)", "a proxy finds it"),
            (Err(error), Err(_)) => {
                let fault = Fault::new(Code::BackendUnreachableDns, error.to_string());
                steps.add("name (DNS)", since, Err(fault));
                return Err(Stopped);
            }
        }
        let tls = self.backend.scheme() == "https";
        match fault {
            Err(fault) if fault.code == Code::BackendUnreachableTls => {
                steps.add("connection", named, Ok(format!("{host}:{port} is there")));
                steps.add("encryption (TLS)", named, Err(fault));
                Err(Stopped)
            }
            Err(fault) => {
                steps.add("connection", named, Err(fault));
                Err(Stopped)
            }
            Ok(()) => {
                steps.add("connection", named, Ok(format!("{host}:{port} answers")));
                if tls {
                    steps.add(
                        "encryption (TLS)",
                        named,
                        Ok("its certificate is good".into()),
                    );
                } else {
                    steps.skip("encryption (TLS)", "the backend is on this computer");
                }
                Ok(())
            }
        }
    }

    /// Whether what the profile asks is there: asked as nobody, so that a refusal is an answer.
    async fn endpoint(&self, steps: &mut Steps) -> Result<(), Stopped> {
        let since = Instant::now();
        let Some(rest) = &self.profile.rest else {
            steps.skip("endpoint", "Convex has one for everything");
            return Ok(());
        };
        let mut profile = self.profile.clone();
        if let Some(rest) = &mut profile.rest {
            rest.auth = Auth::None;
        }
        let nobody = Arc::new(FixedCredential::new(None));
        let client = self.client.clone();
        let outcome = match Backend::new(&profile, self.backend.clone(), nobody, client) {
            Ok(backend) => self.ask_as_nobody(&backend).await,
            Err(fault) => Err(fault),
        };
        let path = &rest.token.path;
        steps.must("endpoint", since, outcome, |words| {
            format!("{path}: {words}")
        })?;
        Ok(())
    }

    async fn ask_as_nobody(&self, backend: &Backend) -> Result<&'static str, Fault> {
        let by_session = self.session.is_none() && self.needs_session();
        let rest = backend.rest().filter(|_| by_session);
        let listed = rest.and_then(|rest| Some((rest, rest.rest().sessions.as_ref()?)));
        let asked = match listed {
            // Only a meeting session has a token, so their list is asked for.
            Some((rest, sessions)) => match path(&sessions.list, &Values::default()) {
                Ok(path) => rest.call(Method::Get, &path, None).await.map(drop),
                Err(_) => return Ok("it depends on who asks"),
            },
            None => backend.token(&self.request()).await.map(drop),
        };
        match asked {
            Ok(()) => Ok("it answers without a sign-in"),
            Err(fault) => match fault.code {
                Code::BackendNotSignedIn => Ok("it is there and wants a sign-in"),
                Code::BackendEndpointMissing
                | Code::BackendAnswerNotJson
                | Code::BackendAnswerTooLarge
                | Code::BackendTimeout
                | Code::BackendUnreachableProxy
                | Code::BackendUnreachableRefused => Err(fault),
                // Whatever is wrong then may be so because nobody asked.
                _ => Ok("it is there"),
            },
        }
    }

    fn needs_session(&self) -> bool {
        let rest = self.profile.rest.as_ref();
        rest.is_some_and(|rest| rest.token.path.contains("{session}"))
    }

    fn request(&self) -> TokenRequest<'_> {
        TokenRequest {
            room: self.room,
            session: self.session,
            display_name: concat!(salon_product::name!(), " doctor"),
            server: self.server.map(Url::as_str),
            server_locked: self.server_locked,
            stream: self.stream,
        }
    }

    async fn token(&self, steps: &mut Steps) -> Result<Option<JoinGrant>, Stopped> {
        if self.session.is_none() && self.needs_session() {
            steps.skip(
                "token",
                "only meeting sessions have one: name one with --session",
            );
            return Ok(None);
        }
        if let Err(fault) = self.credentials.credential().await
            && fault.code == Code::BackendNotSignedIn
        {
            steps.skip("token", "nobody is signed in");
            return Ok(None);
        }
        let since = Instant::now();
        let (credentials, client) = (self.credentials.clone(), self.client.clone());
        let outcome = match Backend::new(self.profile, self.backend.clone(), credentials, client) {
            Ok(backend) => backend.token(&self.request()).await,
            Err(fault) => Err(fault),
        };
        let words = |grant: &JoinGrant| format!("for {} in {}", grant.identity(), grant.room());
        steps.must("token", since, outcome, words).map(Some)
    }

    /// What keeps nobody out has been found by now; what should be known is left.
    fn says(&self, steps: &mut Steps, grant: &JoinGrant) {
        let since = Instant::now();
        let kind = match self.profile.provider {
            Provider::Livekit => Kind::Livekit,
            Provider::Stream => Kind::Stream,
        };
        let diagnosis = diagnose(
            grant.token(),
            Some(kind),
            Expected::anything(SystemTime::now()),
        );
        let mut said: Vec<_> = diagnosis
            .findings
            .iter()
            .filter(|finding| finding.severity != Severity::Error)
            .map(|finding| finding.sentence.clone())
            .collect();
        if let Some(left) = diagnosis.seconds_left {
            said.push(format!("It ends in {left:.0} s."));
        }
        steps.add("what it says", since, Ok(said.join(" ")));
    }

    /// To the media server that a join leads to; that one answers only who negotiates a call, so more
    /// cannot be seen from outside.
    async fn stream(&self, steps: &mut Steps, grant: &StreamGrant) -> Result<(), Stopped> {
        let since = Instant::now();
        let joined = coordinator::join(&self.client, grant).await;
        let app = &grant.api_key;
        let joined = steps.must("coordinator", since, joined, |joined| match joined {
            Joined::At(_) => format!("it takes the token, for the app {app}"),
            Joined::UserNotKnown => {
                format!(
                    "it takes the token; {} has not been here yet",
                    grant.identity
                )
            }
        })?;
        let Joined::At(server) = joined else {
            steps.skip("media server", "the first connection tells where it is");
            return Ok(());
        };
        let since = Instant::now();
        let reached = coordinator::reach(&self.client, &server).await;
        let host = server.host_str().unwrap_or_default();
        steps.must("media server", since, reached, |()| {
            format!("{host} answers")
        })
    }

    async fn livekit(&self, steps: &mut Steps, grant: &LiveKitGrant) -> Result<(), Stopped> {
        let since = Instant::now();
        let checked = match Url::parse(&grant.server_url) {
            Ok(url) => preflight::check(&self.client, &url, &grant.token)
                .await
                .map(|()| url),
            Err(error) => Err(Fault::new(Code::ServerMissing, error.to_string())),
        };
        let words = |_: &Url| "it takes the token".into();
        let url = steps.must("media server", since, checked, words)?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let since = Instant::now();
        match udp(host, self.ports).await {
            Some(port) => steps.add("media by UDP", since, Ok(format!("port {port} answers"))),
            None => steps.skip(
                "media by UDP",
                format!(
                    "no answer from port {}: LiveKit gives one only with its TURN server on, so \
                     UDP may work all the same",
                    self.ports.stun
                ),
            ),
        }
        let since = Instant::now();
        match tcp(host, self.ports).await {
            Some(port) => steps.add("media by TCP", since, Ok(format!("port {port} is open"))),
            None => steps.skip(
                "media by TCP",
                format!("port {} is closed: TCP may be on another", self.ports.tcp),
            ),
        }
        Ok(())
    }
}

/// For a terminal.
pub(crate) fn text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let mark = match step.status {
            Status::Ok => "ok",
            Status::Failed => "FAILED",
            Status::Skipped => "skipped",
        };
        let took = Duration::from_millis(step.milliseconds);
        let code = step
            .code
            .map_or_else(String::new, |code| format!(" [{}]", code.name()));
        text.push_str(&format!(
            "{:<17} {mark:<8} {:>6} ms  {}{code}\n",
            step.name,
            took.as_millis(),
            plain(&step.sentence)
        ));
        if !step.detail.is_empty() {
            text.push_str(&format!("{:<37}{}\n", "", plain(&step.detail)));
        }
        let next = step.code.and_then(Code::words).map(|words| &words.next);
        if let Some(next) = next.filter(|next| !next.is_empty()) {
            text.push_str(&format!("{:<37}{next}\n", ""));
        }
    }
    text
}

/// Others wrote some of it: nothing may steer the terminal.
fn plain(text: &str) -> String {
    let steers = |c: &char| c.is_control() || turns(*c);
    text.chars().filter(|c| !steers(c)).collect()
}
