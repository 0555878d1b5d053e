//! Renewing a sign-in: once, by whoever is first, and kept before it is used.

use std::sync::Arc;
use std::time::Duration;

use salon_base::{Code, Fault};

use super::failures::Failures;
use super::held::Held;
use super::keeper::{Account, is_same, silent};
use super::oauth::{NoTokens, Provider};
use crate::state::Place;

/// First wait after a renewal that failed; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Longest such wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

impl Account {
    /// Renews `stale`, unless somebody else does or did. In a task of its own: the server takes a
    /// refresh token once, so its answer must not be lost because nobody waits any more.
    pub(super) async fn renew(&self, stale: Arc<Held>) -> Result<Arc<Held>, Fault> {
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
}
