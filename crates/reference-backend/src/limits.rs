//! How often things may be asked for.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;
use crate::id::AccountId;
use crate::metrics::Metrics;
use crate::refusal::Refusal;

/// The state of all limits.
#[derive(Debug)]
pub(crate) struct Limiters {
    sign_in_from: Limiter<IpAddr>,
    passwords_of: Limiter<String>,
    passwords_of_from: Limiter<(String, IpAddr)>,
    renewal_from: Limiter<IpAddr>,
    tokens_of: Limiter<AccountId>,
    requests_of: Limiter<AccountId>,
    offers_of: Limiter<AccountId>,
    decisions_of: Limiter<AccountId>,
}

/// How much of an account's passwords one address has: with less than all of them nobody else is locked
/// out.
const SHARE: u32 = 5;

impl Limiters {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            sign_in_from: Limiter::per_minute(limits.sign_ins_per_minute),
            passwords_of: Limiter::per_hour(limits.passwords_per_hour),
            passwords_of_from: Limiter::per_hour(limits.passwords_per_hour / SHARE),
            renewal_from: Limiter::per_minute(limits.renewals_per_minute),
            tokens_of: Limiter::per_minute(limits.tokens_per_minute),
            requests_of: Limiter::per_minute(limits.requests_per_minute),
            offers_of: Limiter::per_minute(limits.offers_per_minute),
            decisions_of: Limiter::per_minute(limits.decisions_per_minute),
        }
    }

    /// Before a password is looked at. The account is counted, too: guessing at one is not made faster by
    /// guessing from many addresses. What one address is refused costs the account nothing.
    pub(crate) fn sign_in(
        &self,
        from: IpAddr,
        email: &str,
        metrics: &Metrics,
    ) -> Result<(), Refusal> {
        let from = network(from);
        self.sign_in_from.check(&from, metrics)?;
        self.passwords_of_from
            .check(&(email.to_owned(), from), metrics)?;
        self.passwords_of.check(&email.to_owned(), metrics)
    }

    /// Before a refresh token or a code is looked up.
    pub(crate) fn renewal(&self, from: IpAddr, metrics: &Metrics) -> Result<(), Refusal> {
        self.renewal_from.check(&network(from), metrics)
    }

    /// Before a token for a media server is signed.
    pub(crate) fn token(&self, account: &AccountId, metrics: &Metrics) -> Result<(), Refusal> {
        self.tokens_of.check(account, metrics)
    }

    /// Before a request is made.
    pub(crate) fn request(&self, account: &AccountId, metrics: &Metrics) -> Result<(), Refusal> {
        self.requests_of.check(account, metrics)
    }

    /// Before an offer is made.
    pub(crate) fn offer(&self, account: &AccountId, metrics: &Metrics) -> Result<(), Refusal> {
        self.offers_of.check(account, metrics)
    }

    /// Before an offer is accepted or rejected.
    pub(crate) fn decision(&self, account: &AccountId, metrics: &Metrics) -> Result<(), Refusal> {
        self.decisions_of.check(account, metrics)
    }

    /// Forgets those who have their whole quota back.
    pub(crate) fn tidy(&self) {
        self.sign_in_from.tidy();
        self.passwords_of.tidy();
        self.passwords_of_from.tidy();
        self.renewal_from.tidy();
        self.tokens_of.tidy();
        self.requests_of.tidy();
        self.offers_of.tidy();
        self.decisions_of.tidy();
    }
}

struct Limiter<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> std::fmt::Debug for Limiter<K> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Limiter").finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn per_minute(times: u32) -> Self {
        let times = NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN);
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(times)),
            clock: DefaultClock::default(),
        }
    }

    /// So many in any hour: half of them at once, and the other half spread over it.
    fn per_hour(times: u32) -> Self {
        let half = NonZeroU32::new(times / 2).unwrap_or(NonZeroU32::MIN);
        Self {
            limiter: RateLimiter::keyed(Quota::per_hour(half)),
            clock: DefaultClock::default(),
        }
    }

    fn check(&self, key: &K, metrics: &Metrics) -> Result<(), Refusal> {
        self.limiter.check_key(key).map_err(|until| {
            let wait: Duration = until.wait_time_from(self.clock.now());
            metrics.limited();
            Refusal::too_many("rate-limited", wait)
        })
    }

    fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// Whom an address counts as. With IPv6 one household has a whole /64 to choose from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let mut octets = v6.octets();
            octets[8..].fill(0);
            IpAddr::V6(Ipv6Addr::from(octets))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_count_as_one() {
        let same = |a: &str, b: &str| network(a.parse().unwrap()) == network(b.parse().unwrap());
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
