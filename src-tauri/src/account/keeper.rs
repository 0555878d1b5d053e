//! The user's sign-in: taken, kept, renewed, ended.
//!
//! Everything that changes who is signed in, or what is kept, happens under one lock, so that the
//! vault's queue has it in the same order. Renewing has a lock of its own, held for as long as it
//! takes: a refresh token is used once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use secrecy::SecretString;
use tokio::sync::{Notify, OnceCell, watch};
use url::Url;

use super::clock::Clock;
use super::held::Held;
use super::oauth::{NoTokens, Provider, REVOCATION_LIMIT};
use super::vault::{Vault, VaultError};
use super::waiting::Waiting;
use super::{AccountState, BackendInfo, Credentials, Later, Place, SignInWays, User, paste};
use crate::profile::{Auth, Profile, SignIn};
use crate::{Code, Fault};

/// First wait after a renewal that failed; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Longest such wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Opens an address in the system's browser.
pub type Opener = Arc<dyn Fn(&Url) -> std::io::Result<()> + Send + Sync>;

/// The backend that is signed in to.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// What the page shows of it.
    pub info: BackendInfo,
    /// Its address.
    pub base: Url,
    /// How requests say whose they are.
    pub auth: Auth,
    /// How users sign in.
    pub sign_in: SignIn,
}

impl Product {
    /// The backend at `base`, as its profile says.
    pub fn new(profile: &Profile, base: Url) -> Self {
        let host = base.host_str().unwrap_or_default();
        let host = match base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let rest = profile.rest.as_ref();
        Self {
            info: BackendInfo {
                profile: profile.name.clone(),
                title: profile.title.clone(),
                host,
            },
            base,
            auth: rest.map_or(Auth::Bearer, |rest| rest.auth.clone()),
            sign_in: profile.sign_in.clone(),
        }
    }

    fn ways(&self) -> SignInWays {
        let any = self.auth != Auth::None;
        SignInWays {
            paste: any && self.sign_in.paste,
            link: any && self.sign_in.link,
            browser: any && self.sign_in.browser.is_some(),
        }
    }

    pub(super) fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Under which name the sign-in is kept: a token of one backend is never sent to another.
    fn entry(&self) -> String {
        format!("account {} {}", self.info.profile, self.origin())
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A keyring's answer; it may have to ask the user.
    pub keyring: Duration,
    /// The user in the browser.
    pub browser: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            keyring: Duration::from_secs(10),
            browser: Duration::from_secs(300),
        }
    }
}

/// What an account works with.
#[derive(Clone)]
pub struct Means {
    /// Where sign-ins are kept.
    pub vault: Arc<dyn Vault>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// For talking to authorisation servers: no redirects.
    pub http: reqwest::Client,
    /// The system's browser.
    pub open: Opener,
    /// How long things may take.
    pub limits: Limits,
    /// A credential that was given at the start. It is signed in with, kept nowhere, and what is
    /// kept is left alone.
    pub given: Option<SecretString>,
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Means")
            .field("vault", &self.vault)
            .field("clock", &self.clock)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The user's sign-in with the product's backend. Clones are the same.
#[derive(Clone, Debug)]
pub struct Account {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) product: Option<Product>,
    pub(super) provider: Option<Provider>,
    pub(super) means: Means,
    /// The browser is waited for.
    pub(super) waiting: Mutex<Option<Arc<Waiting>>>,
    state: watch::Sender<AccountState>,
    present: Mutex<Option<Arc<Held>>>,
    restored: OnceCell<()>,
    /// The user has signed in or out: what was kept before does not matter any more. Changes
    /// under the lock of `present`.
    decided: AtomicBool,
    /// Wakes what renews in the background.
    changed: Notify,
    renewing: tokio::sync::Mutex<()>,
    failures: Mutex<Failures>,
}

/// Renewals that failed since the last that did not.
#[derive(Clone, Debug, Default)]
struct Failures {
    count: u32,
    again: Option<SystemTime>,
    last: Option<Fault>,
}

impl Account {
    /// With this backend, or with none. What is kept is read at the first use.
    pub fn new(product: Option<Product>, means: Means) -> Self {
        let provider = product.as_ref().and_then(|product| {
            let config = product.sign_in.browser.clone()?;
            Some(Provider::new(means.http.clone(), config, &product.base))
        });
        let kept = match means.given {
            Some(_) => Place::Memory,
            None => means.vault.place(),
        };
        let state = AccountState {
            backend: product.as_ref().map(|product| product.info.clone()),
            ways: product.as_ref().map(Product::ways).unwrap_or_default(),
            kept,
            ..AccountState::default()
        };
        let inner = Inner {
            product,
            provider,
            means,
            waiting: Mutex::default(),
            state: watch::Sender::new(state),
            present: Mutex::default(),
            restored: OnceCell::new(),
            decided: AtomicBool::new(false),
            changed: Notify::new(),
            renewing: tokio::sync::Mutex::default(),
            failures: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// What the page shows, and its changes.
    pub fn state(&self) -> watch::Receiver<AccountState> {
        self.inner.state.subscribe()
    }

    /// Reads what is kept, and from then on renews the sign-in before it ends. Never returns.
    pub async fn run(self) {
        self.restore().await;
        loop {
            let next = self.next();
            let time = async {
                match next {
                    Some(time) => self.inner.means.clock.until(time).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.inner.changed.notified() => {}
                () = time => {
                    // Whatever is to be done is done by asking; failures are kept in mind.
                    if let Err(fault) = self.credential().await {
                        tracing::info!(%fault, "the sign-in could not be renewed");
                    }
                }
            }
        }
    }

    /// When the sign-in needs something.
    fn next(&self) -> Option<SystemTime> {
        let next = self.inner.present.lock().as_ref()?.next()?;
        let again = self.inner.failures.lock().again;
        Some(again.map_or(next, |again| next.max(again)))
    }

    /// Waits until it is known whether somebody is signed in.
    async fn restore(&self) {
        let restore = async {
            // In a task of its own: who waits may stop waiting.
            let task = tokio::spawn(self.clone().read_kept());
            if let Err(error) = task.await {
                tracing::error!(%error, "the sign-in was not read");
            }
        };
        self.inner.restored.get_or_init(|| restore).await;
    }

    async fn read_kept(self) {
        let Some(product) = &self.inner.product else {
            return;
        };
        if let Some(given) = self.inner.means.given.clone() {
            let held = paste::as_given(given);
            self.set(Some(Arc::new(held)), |_| {});
            return;
        }
        let mut read = self.inner.means.vault.read(&product.entry());
        match tokio::time::timeout(self.inner.means.limits.keyring, &mut read).await {
            Ok(read) => self.restored(read),
            Err(_) => {
                self.restored(Err(silent()));
                // Somebody may just be typing the password of the keyring.
                tokio::spawn(async move {
                    let read = read.await;
                    self.restored(read);
                });
            }
        }
    }

    fn restored(&self, read: Result<Option<SecretString>, VaultError>) {
        let kept = match read {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(%error, "no sign-in was read");
                self.not_kept(None, &error);
                return;
            }
        };
        let now = self.inner.means.clock.now();
        let issuer = self.inner.provider.as_ref().map(Provider::issuer);
        let held = kept.and_then(|kept| Held::from_kept(&kept, now, issuer));
        let mut present = self.inner.present.lock();
        if self.inner.decided.load(Ordering::Relaxed) {
            // The user signed in or out while the keyring was waited for.
            return;
        }
        tracing::info!(found = held.is_some(), "the keyring was read");
        let user = held.as_ref().map(|held| held.user.clone());
        *present = held.map(Arc::new);
        self.publish(|state| {
            state.user = user;
            state.kept = self.inner.means.vault.place();
            state.fault = None;
        });
        self.inner.changed.notify_one();
    }

    /// Signs in with what was pasted.
    ///
    /// # Errors
    /// [`Code::CredentialInvalid`], [`Code::SignInExpired`]; a sign-in that there was stays.
    pub async fn paste(&self, text: &str) -> Result<(), Fault> {
        let held = self.read(text)?;
        self.restore().await;
        self.cancel();
        self.adopt(held).await;
        Ok(())
    }

    pub(super) fn read(&self, text: &str) -> Result<Held, Fault> {
        let product = self.inner.product.as_ref().ok_or(Code::CredentialInvalid)?;
        paste::read(text, &product.auth, self.inner.means.clock.now())
    }

    /// Makes it the sign-in, and waits a while for it to be kept.
    pub(super) async fn adopt(&self, held: Held) {
        tracing::info!("signed in");
        let held = Arc::new(held);
        let given = self.inner.means.given.is_some();
        let (before, written) = {
            let mut present = self.inner.present.lock();
            self.inner.decided.store(true, Ordering::Relaxed);
            let before = present.replace(held.clone());
            let written = (!given).then(|| self.write(&held)).flatten();
            *self.inner.failures.lock() = Failures::default();
            self.publish(|state| {
                state.user = Some(held.user.clone());
                state.fault = None;
            });
            (before, written)
        };
        self.inner.changed.notify_one();
        if let Some(written) = written {
            self.settle(held, written).await;
        }
        if let Some(refresh) = before.and_then(|before| before.refresh.clone()) {
            self.revoke(refresh);
        }
    }

    fn write(&self, held: &Held) -> Option<Later<'static, Result<(), VaultError>>> {
        let entry = self.inner.product.as_ref()?.entry();
        Some(self.inner.means.vault.write(&entry, held.to_kept()))
    }

    /// Waits a while for it to be kept, and says where it is.
    async fn settle(&self, held: Arc<Held>, mut written: Later<'static, Result<(), VaultError>>) {
        match tokio::time::timeout(self.inner.means.limits.keyring, &mut written).await {
            Ok(written) => self.kept(&held, written),
            Err(_) => {
                self.kept(&held, Err(silent()));
                let account = self.clone();
                tokio::spawn(async move {
                    let written = written.await;
                    account.kept(&held, written);
                });
            }
        }
    }

    fn kept(&self, held: &Arc<Held>, written: Result<(), VaultError>) {
        match written {
            Ok(()) => {
                let present = self.inner.present.lock();
                if is_same(present.as_ref(), Some(held)) {
                    self.publish(|state| {
                        state.kept = self.inner.means.vault.place();
                        state.fault = None;
                    });
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the sign-in is kept in memory only");
                self.not_kept(Some(held), &error);
            }
        }
    }

    fn not_kept(&self, held: Option<&Arc<Held>>, error: &VaultError) {
        let present = self.inner.present.lock();
        if is_same(present.as_ref(), held) {
            self.publish(|state| {
                state.kept = Place::Memory;
                state.fault = Some(error.fault());
            });
        }
    }

    /// Signs out: here, in the keyring, and at the server if it knows how.
    ///
    /// # Errors
    /// [`Code::KeyringNotErased`]: signed out, but the next start may find the sign-in again.
    pub async fn sign_out(&self) -> Result<(), Fault> {
        self.cancel();
        let Some(product) = &self.inner.product else {
            return Ok(());
        };
        self.restore().await;
        let given = self.inner.means.given.is_some();
        let (before, erased, was_missing) = {
            let mut present = self.inner.present.lock();
            self.inner.decided.store(true, Ordering::Relaxed);
            let before = present.take();
            let erased = (!given).then(|| self.inner.means.vault.erase(&product.entry()));
            let fault = self.inner.state.borrow().fault.clone();
            let was_missing = fault.is_some_and(|fault| fault.code == Code::KeyringMissing);
            self.publish(|state| {
                state.user = None;
                state.fault = None;
            });
            (before, erased, was_missing)
        };
        tracing::info!("signed out");
        self.inner.changed.notify_one();
        let revoked = before.and_then(|before| self.revoke(before.refresh.clone()?));
        let erased = match erased {
            Some(erased) => self.bounded(erased).await,
            None => Ok(()),
        };
        if let Some(revoked) = revoked {
            let _ = tokio::time::timeout(REVOCATION_LIMIT, revoked).await;
        }
        match erased {
            Ok(()) => Ok(()),
            // Where nothing can be kept, nothing was.
            Err(VaultError::Missing(_)) if was_missing => Ok(()),
            Err(error) => {
                let fault = Fault::new(Code::KeyringNotErased, error.to_string());
                tracing::warn!(%fault, "the sign-in may still be in the keyring");
                let present = self.inner.present.lock();
                if present.is_none() {
                    self.publish(|state| state.fault = Some(fault.clone()));
                }
                Err(fault)
            }
        }
    }

    async fn bounded(
        &self,
        answer: Later<'static, Result<(), VaultError>>,
    ) -> Result<(), VaultError> {
        tokio::time::timeout(self.inner.means.limits.keyring, answer)
            .await
            .unwrap_or_else(|_| Err(silent()))
    }

    /// Takes a refresh token back, in the background.
    fn revoke(&self, refresh: SecretString) -> Option<tokio::task::JoinHandle<()>> {
        self.inner.provider.as_ref()?;
        let account = self.clone();
        Some(tokio::spawn(async move {
            if let Some(provider) = &account.inner.provider
                && let Err(fault) = provider.revoke(&refresh).await
            {
                tracing::info!(%fault, "the server was not told of the sign-out");
            }
        }))
    }

    /// The sign-in has ended by itself.
    async fn end(&self, held: &Arc<Held>, fault: Fault) {
        let Some(product) = &self.inner.product else {
            return;
        };
        let ended = self.set_if(held, None, |state| state.fault = Some(fault));
        if !ended || self.inner.means.given.is_some() {
            return;
        }
        tracing::info!("the sign-in has ended");
        let erased = self.inner.means.vault.erase(&product.entry());
        if let Err(error) = self.bounded(erased).await {
            tracing::warn!(%error, "an ended sign-in is still in the keyring");
        }
    }

    /// Renews `stale`, unless somebody else does or did. In a task of its own: the server takes a
    /// refresh token once, so its answer must not be lost because nobody waits any more.
    async fn renew(&self, stale: Arc<Held>) -> Result<Arc<Held>, Fault> {
        let seen = self.inner.failures.lock().count;
        let renewal = tokio::spawn(self.clone().renew_in_turn(stale, seen));
        let failed = |error: tokio::task::JoinError| Fault::new(Code::Internal, error.to_string());
        renewal.await.map_err(failed)?
    }

    async fn renew_in_turn(self, stale: Arc<Held>, seen: u32) -> Result<Arc<Held>, Fault> {
        let _turn = self.inner.renewing.lock().await;
        {
            let present = self.inner.present.lock();
            if !is_same(present.as_ref(), Some(&stale)) {
                return present.clone().ok_or_else(|| self.nobody());
            }
            let failures = self.inner.failures.lock();
            // It failed while this one waited; the next moment would not be better.
            if failures.count != seen
                && let Some(fault) = &failures.last
            {
                return Err(fault.clone());
            }
        }
        let stale = match self.rotated_elsewhere(&stale).await {
            Some(newer) => {
                let newer = Arc::new(newer);
                if !self.set_if(&stale, Some(newer.clone()), |_| {}) {
                    return Err(self.nobody());
                }
                if !newer.is_due(self.inner.means.clock.now()) {
                    return Ok(newer);
                }
                newer
            }
            None => stale,
        };
        let Some(provider) = &self.inner.provider else {
            return Err(Code::SignInExpired.into());
        };
        match provider.renew(&stale, self.inner.means.clock.now()).await {
            Ok(new) => self.take_over(stale, Arc::new(new)).await,
            Err(NoTokens::Refused(fault)) => {
                let fault = Fault::new(Code::SignInExpired, fault.detail);
                self.end(&stale, fault.clone()).await;
                Err(fault)
            }
            Err(NoTokens::Failed(fault)) => {
                let mut failures = self.inner.failures.lock();
                let pause = FIRST_PAUSE.saturating_mul(1 << failures.count.min(16));
                failures.count += 1;
                failures.again = Some(self.inner.means.clock.now() + pause.min(LONGEST_PAUSE));
                failures.last = Some(fault.clone());
                Err(fault)
            }
        }
    }

    /// Keeps the new refresh token and only then uses what came with it: if the program ends in
    /// between, the next start has the one that works.
    async fn take_over(&self, stale: Arc<Held>, new: Arc<Held>) -> Result<Arc<Held>, Fault> {
        let written = {
            let present = self.inner.present.lock();
            is_same(present.as_ref(), Some(&stale)).then(|| self.write(&new))
        };
        let outcome = match written.flatten() {
            None => None,
            Some(mut written) => {
                let limit = self.inner.means.limits.keyring;
                match tokio::time::timeout(limit, &mut written).await {
                    Ok(outcome) => Some((outcome, None)),
                    Err(_) => Some((Err(silent()), Some(written))),
                }
            }
        };
        let taken = outcome.is_some() && self.set_if(&stale, Some(new.clone()), |_| {});
        let Some((outcome, late)) = outcome.filter(|_| taken) else {
            // Signed out meanwhile, or in as somebody else.
            if let Some(refresh) = new.refresh.clone() {
                self.revoke(refresh);
            }
            return self
                .inner
                .present
                .lock()
                .clone()
                .ok_or_else(|| self.nobody());
        };
        tracing::info!("the sign-in was renewed");
        *self.inner.failures.lock() = Failures::default();
        self.kept(&new, outcome);
        if let Some(late) = late {
            let (account, new) = (self.clone(), new.clone());
            tokio::spawn(async move {
                let outcome = late.await;
                account.kept(&new, outcome);
            });
        }
        self.inner.changed.notify_one();
        Ok(new)
    }

    /// What another running Salon of this user has put into the keyring: the server would take
    /// the refresh token that it replaced for a stolen one.
    async fn rotated_elsewhere(&self, held: &Held) -> Option<Held> {
        let product = self.inner.product.as_ref()?;
        if self.inner.state.borrow().kept != Place::Keyring {
            return None;
        }
        let read = self.inner.means.vault.read(&product.entry());
        let read = tokio::time::timeout(self.inner.means.limits.keyring, read).await;
        let kept = read.ok()?.ok()??;
        let issuer = self.inner.provider.as_ref().map(Provider::issuer);
        let kept = Held::from_kept(&kept, self.inner.means.clock.now(), issuer)?;
        (kept.user == held.user && kept.refresh.is_some() && !kept.is(&held.access)).then_some(kept)
    }

    /// Why there is no credential.
    fn nobody(&self) -> Fault {
        let state = self.inner.state.borrow();
        match &state.fault {
            Some(fault) if fault.code == Code::SignInExpired => fault.clone(),
            _ => Code::BackendNotSignedIn.into(),
        }
    }

    fn set(&self, held: Option<Arc<Held>>, change: impl FnOnce(&mut AccountState)) {
        let mut present = self.inner.present.lock();
        let user = held.as_ref().map(|held| held.user.clone());
        *present = held;
        self.publish(|state| {
            state.user = user;
            change(state);
        });
        self.inner.changed.notify_one();
    }

    /// The same if `held` still is what there is; whether it was.
    fn set_if(
        &self,
        held: &Arc<Held>,
        next: Option<Arc<Held>>,
        change: impl FnOnce(&mut AccountState),
    ) -> bool {
        let mut present = self.inner.present.lock();
        if !is_same(present.as_ref(), Some(held)) {
            return false;
        }
        let user = next.as_ref().map(|next| next.user.clone());
        *present = next;
        self.publish(|state| {
            state.user = user;
            change(state);
        });
        self.inner.changed.notify_one();
        true
    }

    pub(super) fn publish(&self, change: impl FnOnce(&mut AccountState)) {
        self.inner.state.send_if_modified(|state| {
            let before = state.clone();
            change(state);
            *state != before
        });
    }
}

fn is_same(one: Option<&Arc<Held>>, other: Option<&Arc<Held>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

fn silent() -> VaultError {
    VaultError::Locked("it does not answer".into())
}

impl Credentials for Account {
    fn credential(&self) -> Later<'_, Result<SecretString, Fault>> {
        Box::pin(async move {
            self.restore().await;
            let Some(held) = self.inner.present.lock().clone() else {
                return Err(self.nobody());
            };
            let now = self.inner.means.clock.now();
            let ended = held.has_ended(now);
            if held.refresh.is_none() && ended {
                let fault = Fault::from(Code::SignInExpired);
                self.end(&held, fault.clone()).await;
                return Err(fault);
            }
            if !held.is_due(now) {
                return Ok(held.access.clone());
            }
            let again = self.inner.failures.lock().again;
            if !ended && again.is_some_and(|again| again > now) {
                return Ok(held.access.clone());
            }
            match self.renew(held.clone()).await {
                Ok(new) => Ok(new.access.clone()),
                Err(fault) if ended || self.inner.present.lock().is_none() => Err(fault),
                // It could not be renewed now, and it still is good.
                Err(_) => Ok(held.access.clone()),
            }
        })
    }

    fn replace<'a>(&'a self, refused: &'a SecretString) -> Later<'a, Result<SecretString, Fault>> {
        Box::pin(async move {
            self.restore().await;
            let Some(held) = self.inner.present.lock().clone() else {
                return Err(self.nobody());
            };
            if !held.is(refused) {
                return Ok(held.access.clone());
            }
            if held.refresh.is_some() {
                return Ok(self.renew(held).await?.access.clone());
            }
            let fault = Fault::from(Code::SignInExpired);
            self.end(&held, fault.clone()).await;
            Err(fault)
        })
    }

    fn user(&self) -> Option<User> {
        self.inner.state.borrow().user.clone()
    }
}
