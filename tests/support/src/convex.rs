//! A double of a Convex deployment (contract P3): the sync protocol as the unmodified `convex` crate
//! speaks it, the HTTP API, and a small product behind both.

mod faults;
mod functions;
mod http;
mod product;
mod sync;
mod tokens;
mod wire;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::sync::watch;

pub use faults::Fault;
pub use product::Account;

use faults::{Broken, Effect, Faults, Target};
use functions::{Call, Kind, Outcome};
use product::Product;
use tokens::Secrets;

use crate::clock::since_1970;
use crate::served::{Running, Served};

/// How long a user's token lasts unless a test says otherwise.
const USER_LIFE: Duration = Duration::from_secs(3600);
/// The client gives a server up that says nothing for thirty seconds.
const PING: Duration = Duration::from_secs(10);

/// What a double is to be like. All secrets are for loopback only.
#[derive(Clone, Debug)]
pub struct Config {
    /// Port on 127.0.0.1; 0: a free one.
    pub port: u16,
    /// Who is known.
    pub accounts: Vec<Account>,
    /// Whether there is an open request of the first account's and an offer of the second's.
    pub open_offer: bool,
    /// Secret of the users' tokens (HS256).
    pub user_secret: String,
    /// Secret of Stream tokens.
    pub stream_secret: String,
    /// LiveKit's API key.
    pub livekit_key: String,
    /// LiveKit's secret.
    pub livekit_secret: String,
    /// Where LiveKit is.
    pub livekit_url: String,
    /// How often connected clients hear something.
    pub ping: Duration,
}

impl Default for Config {
    /// Amina and Bruno, and the pair that `livekit-server --dev` publishes.
    fn default() -> Self {
        Self {
            port: 0,
            accounts: Account::demo(),
            open_offer: true,
            user_secret: "users-of-the-double-on-loopback".into(),
            stream_secret: "stream-of-the-double-on-loopback".into(),
            livekit_key: "devkey".into(),
            livekit_secret: "secret".into(),
            livekit_url: "ws://127.0.0.1:7880".into(),
            ping: PING,
        }
    }
}

/// What a double has seen, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A client connected.
    Connected {
        /// Its how-manieth connection that failed before this, as it counts.
        count: u32,
        /// Why it left the one before, as it says.
        reason: String,
    },
    /// A client said who it is; `None`: nobody.
    Authenticated(Option<String>),
    /// A client's token was refused.
    Refused,
    /// A connected client's token has ended.
    Expired,
    /// A function was called, or run again for a live query; the path is `module:function`.
    Ran(String),
    /// A client went, or was left.
    Disconnected,
}

/// What has happened with a function.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    /// Of a mutation that succeeded: when.
    pub(crate) ts: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    product: Mutex<Product>,
    pub(crate) secrets: Secrets,
    livekit_url: String,
    pub(crate) ping: Duration,
    pub(crate) faults: Mutex<Faults>,
    /// When the product changed last, in nanoseconds since 1970.
    pub(crate) commits: watch::Sender<u64>,
    pub(crate) running: Arc<Running<Seen>>,
}

pub(crate) type Shared = Arc<Inner>;

impl Inner {
    /// Runs a function, or what a test put in its place.
    pub(crate) async fn run(
        &self,
        kind: Kind,
        path: &str,
        args: &Map<String, Value>,
        caller: Option<&str>,
    ) -> Result<Ran, Broken> {
        self.running.see(Seen::Ran(path.to_owned()));
        let effect = self.faults.lock().of_function(path);
        let replaced = |outcome| Ok(Ran { outcome, ts: None });
        match effect {
            Some(Effect::Fails(failure)) => return replaced(Err(failure)),
            Some(Effect::Breaks(broken)) => return Err(broken),
            Some(Effect::Answers(value)) if kind == Kind::Mutation => {
                let ts = Some(self.commit());
                return Ok(Ran {
                    outcome: Ok(value),
                    ts,
                });
            }
            Some(Effect::Answers(value)) => return replaced(Ok(value)),
            Some(Effect::Waits(wait)) => tokio::time::sleep(wait).await,
            None => {}
        }
        let outcome = functions::run(
            kind,
            path,
            Call {
                product: &mut self.product.lock(),
                secrets: &self.secrets,
                livekit_url: &self.livekit_url,
                caller,
                args,
            },
        );
        let ts = (kind == Kind::Mutation && outcome.is_ok()).then(|| self.commit());
        Ok(Ran { outcome, ts })
    }

    /// Tells all live queries that something may have changed.
    fn commit(&self) -> u64 {
        let now = since_1970().as_nanos() as u64;
        let mut committed = now;
        self.commits.send_modify(|last| {
            committed = now.max(*last + 1);
            *last = committed;
        });
        committed
    }
}

/// A double that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct ConvexDouble {
    /// Where it is: `http://127.0.0.1:port`.
    pub url: String,
    shared: Shared,
    served: Served<Seen>,
}

impl ConvexDouble {
    /// Starts one in the runtime that calls this.
    ///
    /// # Errors
    /// If the port cannot be listened on.
    pub async fn start(config: Config) -> io::Result<Self> {
        let mut product = Product::new(config.accounts.clone());
        if let [asks, offers, ..] = &config.accounts[..]
            && config.open_offer
        {
            let request = product.add_request(&asks.id, "Planning a small garden");
            let message = "I have planned a few and have time today.";
            product.add_offer(&request, &offers.id, message);
        }
        let shared = Arc::new(Inner {
            product: Mutex::new(product),
            secrets: Secrets {
                users: config.user_secret,
                stream: config.stream_secret,
                livekit_key: config.livekit_key,
                livekit: config.livekit_secret,
            },
            livekit_url: config.livekit_url,
            ping: config.ping,
            faults: Mutex::default(),
            commits: watch::Sender::new(since_1970().as_nanos() as u64),
            running: Arc::default(),
        });
        let router = http::router(shared.clone());
        let (served, address) = Served::start(config.port, shared.running.clone(), router).await?;
        Ok(Self {
            url: format!("http://{address}"),
            shared,
            served,
        })
    }

    /// Who is known.
    pub fn accounts(&self) -> Vec<Account> {
        self.shared.product.lock().accounts.clone()
    }

    /// Makes somebody known.
    pub fn add_account(&self, account: Account) {
        self.shared.product.lock().accounts.push(account);
    }

    /// A token with which an account is signed in for an hour.
    pub fn user_token(&self, account: &str) -> String {
        self.user_token_for(account, USER_LIFE)
    }

    /// The same for another time, of which whole seconds count. Each is a different one.
    pub fn user_token_for(&self, account: &str, life: Duration) -> String {
        self.shared.secrets.user(account, life)
    }

    /// The oldest offer that is not decided on, if there is one.
    pub fn open_offer(&self) -> Option<String> {
        let product = self.shared.product.lock();
        let mut offers = product.offers();
        offers
            .find(|offer| offer.status == product::OfferStatus::Pending)
            .map(|offer| offer.id.clone())
    }

    /// Calls a function as an account, in place of a client.
    ///
    /// # Errors
    /// What it says.
    pub async fn call(&self, account: &str, path: &str, args: Value) -> Result<Value, String> {
        let path = functions::canonical(path);
        let args = args.as_object().cloned().unwrap_or_default();
        let mut outcome = Err(functions::Failure::plain("not run"));
        // Which kind it is, its name says to itself only.
        for kind in [Kind::Mutation, Kind::Query, Kind::Action] {
            outcome = match self.shared.run(kind, &path, &args, Some(account)).await {
                Ok(ran) => ran.outcome,
                Err(broken) => return Err(format!("{broken:?}")),
            };
            let unknown =
                |failure: &functions::Failure| failure.message.starts_with("Could not find");
            if !outcome.as_ref().is_err_and(unknown) {
                break;
            }
        }
        outcome.map_err(|failure| match failure.data {
            Some(data) => data.to_string(),
            None => failure.message,
        })
    }

    /// The next function that runs, whichever, meets this.
    pub fn fail_next(&self, fault: Fault) {
        self.shared.faults.lock().push(Target::AnyFunction, fault);
    }

    /// The next run of this function meets this.
    pub fn fail_next_of(&self, path: &str, fault: Fault) {
        let target = Target::function(path);
        self.shared.faults.lock().push(target, fault);
    }

    /// The next client that says who it is meets this; [`Fault::Auth`], [`Fault::Drop`] and
    /// [`Fault::Silent`] have an effect.
    pub fn fail_next_authentication(&self, fault: Fault) {
        self.shared
            .faults
            .lock()
            .push(Target::Authentication, fault);
    }

    /// Nothing that was ordered goes wrong any more.
    pub fn heal(&self) {
        self.shared.faults.lock().clear();
    }

    /// Cuts all connections of the sync protocol, without a word.
    pub fn drop_connections(&self) {
        self.shared.running.cut();
    }

    /// Whether new connections of the sync protocol are refused (503).
    pub fn refuse_connections(&self, refuse: bool) {
        self.shared.running.refuse(refuse);
    }

    /// All that was seen so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.served.seen()
    }

    /// Waits until what was seen is such. The caller bounds the time.
    pub async fn wait_until(&self, such: impl FnMut(&[Seen]) -> bool) {
        self.served.wait_until(such).await;
    }

    /// Ends it: connections are cut, the port is free.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}
