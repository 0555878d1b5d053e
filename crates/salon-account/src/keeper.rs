//! The user's sign-in: taken, kept, renewed, ended.
//!
//! Everything that changes who is signed in, or what is kept, happens under one lock, so that the
//! vault's queue has it in the same order. Renewing has a lock of its own, held for as long as it
//! takes: a refresh token is used once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use parking_lot::Mutex;
use salon_base::{Code, Fault, Later};
use secrecy::SecretString;
use tokio::sync::{Notify, OnceCell, watch};

use super::failures::Failures;
use super::held::Held;
use super::means::{Means, Product};
use super::oauth::{Provider, REVOCATION_LIMIT};
use super::vault::VaultError;
use super::waiting::Waiting;
use crate::credentials::Credentials;
use crate::state::{AccountState, Place, User};

use crate::paste;

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
    pub(super) state: watch::Sender<AccountState>,
    pub(super) present: Mutex<Option<Arc<Held>>>,
    restored: OnceCell<()>,
    /// The user has signed in or out: what was kept before does not matter any more. Changes
    /// under the lock of `present`.
    decided: AtomicBool,
    /// Wakes what renews in the background.
    pub(super) changed: Notify,
    pub(super) renewing: tokio::sync::Mutex<()>,
    pub(super) failures: Mutex<Failures>,
}

/// A refresh token that is being taken back.
type Revoking = tokio::task::JoinHandle<Result<(), Fault>>;

/// Waits a while for the server to hear of a sign-out.
async fn told(revoking: Revoking) -> Result<(), Fault> {
    let why = match tokio::time::timeout(REVOCATION_LIMIT, revoking).await {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(fault))) => fault.to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".into(),
    };
    Err(Fault::new(Code::SignOutNotTold, why))
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
            let same = before
                .as_ref()
                .is_some_and(|before| !held.user.id.is_empty() && before.user.id == held.user.id);
            self.publish(|state| {
                state.turn += u64::from(!same);
                state.user = Some(held.user.clone());
                state.fault = None;
            });
            (before, written)
        };
        self.inner.changed.notify_one();
        // What was pasted may be of the sign-in that was there: that is not to end.
        let before = before.filter(|before| !before.is(&held.access));
        if let Some(written) = written {
            self.settle(held, written).await;
        }
        if let Some(refresh) = before.and_then(|before| before.refresh.clone()) {
            self.revoke(refresh);
        }
    }

    pub(super) fn write(&self, held: &Held) -> Option<Later<'static, Result<(), VaultError>>> {
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

    pub(super) fn kept(&self, held: &Arc<Held>, written: Result<(), VaultError>) {
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
    /// [`Code::KeyringNotErased`]: signed out, but the next start may find the sign-in again. Where the server could
    /// not be told either, the detail says so.
    /// [`Code::SignOutNotTold`]: signed out, but the server's part of the sign-in goes on.
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
                state.turn += 1;
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
        let told = match revoked {
            Some(revoked) => told(revoked).await,
            None => Ok(()),
        };
        match erased {
            Ok(()) => told,
            // Where nothing can be kept, nothing was.
            Err(VaultError::Missing(_)) if was_missing => told,
            Err(error) => {
                // The one that the user can do something about, and the other with it.
                let why = match told {
                    Ok(()) => error.to_string(),
                    Err(untold) => {
                        format!("{error}; the server was not told either: {}", untold.detail)
                    }
                };
                let fault = Fault::new(Code::KeyringNotErased, why);
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
    pub(super) fn revoke(&self, refresh: SecretString) -> Option<Revoking> {
        self.inner.provider.as_ref()?;
        let account = self.clone();
        Some(tokio::spawn(async move {
            match &account.inner.provider {
                Some(provider) => provider.revoke(&refresh).await.inspect_err(|fault| {
                    tracing::info!(%fault, "the server was not told of the sign-out");
                }),
                None => Ok(()),
            }
        }))
    }

    /// The sign-in has ended by itself.
    pub(super) async fn end(&self, held: &Arc<Held>, fault: Fault) {
        let Some(product) = &self.inner.product else {
            return;
        };
        let ended = self.set_if(held, None, |state| {
            state.turn += 1;
            state.fault = Some(fault);
        });
        if !ended || self.inner.means.given.is_some() {
            return;
        }
        tracing::info!("the sign-in has ended");
        let erased = self.inner.means.vault.erase(&product.entry());
        if let Err(error) = self.bounded(erased).await {
            tracing::warn!(%error, "an ended sign-in is still in the keyring");
        }
    }

    /// Why there is no credential.
    pub(super) fn nobody(&self) -> Fault {
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
    pub(super) fn set_if(
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

pub(super) fn is_same(one: Option<&Arc<Held>>, other: Option<&Arc<Held>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

pub(super) fn silent() -> VaultError {
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
