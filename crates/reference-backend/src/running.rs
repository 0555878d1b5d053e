//! Starting and ending the whole.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app::App;
use crate::auth;
use crate::clock::Clock;
use crate::config::{Config, is_loopback};
use crate::credentials::{self, AccountProblem, NewAccount, Passwords};
use crate::faults::Faults;
use crate::id::AccountId;
use crate::store::{Store, accounts, sign_ins};
use crate::{demo, openapi, serve};

/// Rate limits and ended sign-ins are tidied this often.
const TIDY: Duration = Duration::from_secs(60);
/// What has expired is forgotten this often.
const FORGET: Duration = Duration::from_secs(3600);

/// Why the backend did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The database could not be opened or brought to the present schema.
    #[error("the database cannot be used: {0}")]
    Database(String),
    /// The system gives no more threads.
    #[error("no thread for passwords: {0}")]
    Threads(std::io::Error),
    /// Without a key nobody could sign in.
    #[error("there is no key to sign access tokens with")]
    NoSigningKey,
    /// Tokens and passwords would be readable on the way.
    #[error("the public URL has to be https unless it is loopback")]
    NotHttps,
    /// The demo's passwords are known to everybody.
    #[error("the demo is for loopback only")]
    DemoNotLoopback,
    /// The demo's accounts could not be made.
    #[error("the demo could not be set up: {0}")]
    Demo(AccountProblem),
}

/// A backend that runs until this is dropped or stopped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// How it is reached, without a slash at its end.
    pub url: String,
    app: App,
    serving: Option<JoinHandle<()>>,
}

/// Starts a backend in the runtime that calls this.
pub async fn start(config: Config) -> Result<Running, StartError> {
    if config.signing_keys.is_empty() {
        return Err(StartError::NoSigningKey);
    }
    if config.demo && !config.listen.ip().is_loopback() {
        return Err(StartError::DemoNotLoopback);
    }
    let secure =
        |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
    let safe = match &config.public_url {
        Some(url) => secure(url),
        None => config.listen.ip().is_loopback(),
    };
    if !safe {
        return Err(StartError::NotHttps);
    }
    let store = open(&config.database).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| StartError::Listen(config.listen, error))?;
    let address = listener
        .local_addr()
        .map_err(|error| StartError::Listen(config.listen, error))?;
    let public_url = match config.public_url.clone() {
        Some(url) => url,
        None => own_url(address)?,
    };
    let passwords = Passwords::start().map_err(StartError::Threads)?;
    let app = App::new(&config, &public_url, store, passwords);
    if config.demo {
        demo::set_up(&app).await.map_err(StartError::Demo)?;
    }
    recall_ended(&app).await?;
    let router = openapi::router(&app);
    let closing = app.closing.clone();
    tokio::spawn(housekeeping(app.clone(), closing.clone()));
    let serving = tokio::spawn(serve::serve(listener, router, config.limits, closing));
    tracing::info!(%address, url = app.public_url, "serving");
    Ok(Running {
        address,
        url: app.public_url.clone(),
        app,
        serving: Some(serving),
    })
}

/// Makes an account in a database that a backend may be using.
pub async fn add_account(
    database: &Path,
    account: NewAccount,
) -> Result<AccountId, AccountProblem> {
    let store = open(database).await.map_err(|error| {
        tracing::error!(%error, "no account was made");
        AccountProblem::Storage
    })?;
    let passwords = Passwords::start().map_err(|_| AccountProblem::Storage)?;
    credentials::add(&store, &passwords, &Clock::default(), account).await
}

async fn open(path: &Path) -> Result<Store, StartError> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || Store::open(&path)).await;
    match opened {
        Ok(Ok(store)) => Ok(store),
        Ok(Err(error)) => Err(StartError::Database(error.to_string())),
        Err(error) => Err(StartError::Database(error.to_string())),
    }
}

/// Sign-ins that ended before a restart have access tokens out all the same.
async fn recall_ended(app: &App) -> Result<(), StartError> {
    let since = app.ended.oldest(app.clock.now_ms());
    let ended = app
        .store
        .read(move |store| sign_ins::ended_since(store, since))
        .await
        .map_err(|error| StartError::Database(error.to_string()))?;
    for (sign_in, ended_ms) in ended {
        app.ended.add(sign_in, ended_ms);
    }
    Ok(())
}

/// Without a public URL: what callers on this computer use.
fn own_url(address: SocketAddr) -> Result<Url, StartError> {
    Url::parse(&format!("http://{address}")).map_err(|_| StartError::NotHttps)
}

async fn housekeeping(app: App, closing: CancellationToken) {
    let mut tidy = tokio::time::interval(TIDY);
    let mut forget = tokio::time::interval(FORGET);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = tidy.tick() => {
                app.limits.tidy();
                app.ended.tidy(app.clock.now_ms());
            }
            _ = forget.tick() => {
                let now = app.clock.now_ms();
                let forgotten = app.store.write(move |store| sign_ins::forget_expired(store, now));
                if let Err(error) = forgotten.await {
                    tracing::warn!(%error, "what has expired was not forgotten");
                }
            }
        }
    }
}

impl Running {
    /// Makes an account.
    pub async fn add_account(&self, account: NewAccount) -> Result<AccountId, AccountProblem> {
        let app = &self.app;
        credentials::add(&app.store, &app.passwords, &app.clock, account).await
    }

    /// An access token for an account, without its password: for tests and measurements.
    pub async fn access_token(&self, account: &AccountId) -> Option<SecretString> {
        let id = account.clone();
        let found = self
            .app
            .store
            .read(move |store| accounts::by_id(store, &id));
        let found = found.await.ok()??;
        let pair = auth::issue(&self.app, found.id, None).await.ok()?;
        Some(pair.access.into())
    }

    /// For tests of clients only: from now on gets this wrong, and nothing else.
    pub fn set_faults(&self, faults: Faults) {
        *self.app.faults.lock() = faults;
    }

    /// Ends: no new connections, live lists end, requests under way have five seconds, and then
    /// rooms that are being closed have five.
    pub async fn stop(mut self) {
        self.app.closing.cancel();
        if let Some(serving) = self.serving.take() {
            // It can only fail by panicking, which the panic hook has told.
            let _ = serving.await;
        }
        self.app.rooms.finish().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.app.closing.cancel();
    }
}
