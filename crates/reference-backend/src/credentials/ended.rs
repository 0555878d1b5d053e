//! Sign-ins that have ended while access tokens of theirs may still be out.
//!
//! Kept in memory, so that checking a token needs no database; at a start they are read from there.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::millis;
use crate::id::FamilyId;

/// The longest life that an access token can be given on the command line: who restarts the
/// backend with a shorter one still has tokens out with the longer.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// For the leeway of the check, and for a renewal that was under way.
const MARGIN: Duration = Duration::from_secs(60);

/// Which sign-ins have ended, and when, in milliseconds since 1970.
#[derive(Debug)]
pub(crate) struct EndedSignIns {
    ended: Mutex<HashMap<FamilyId, i64>>,
    /// How long an end matters.
    kept_ms: i64,
}

impl EndedSignIns {
    /// `access` is how long access tokens last.
    pub(crate) fn new(access: Duration) -> Self {
        Self {
            ended: Mutex::default(),
            kept_ms: millis(access.max(DAY).saturating_add(MARGIN)),
        }
    }

    /// What ended before that does not matter at `now_ms`: its access tokens have expired.
    pub(crate) fn oldest(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.kept_ms)
    }

    pub(crate) fn add(&self, sign_in: FamilyId, ended_ms: i64) {
        self.ended.lock().insert(sign_in, ended_ms);
    }

    pub(crate) fn contains(&self, sign_in: &FamilyId) -> bool {
        self.ended.lock().contains_key(sign_in)
    }

    /// Forgets what does not matter any more.
    pub(crate) fn tidy(&self, now_ms: i64) {
        let oldest = self.oldest(now_ms);
        let mut ended = self.ended.lock();
        ended.retain(|_, ended_ms| *ended_ms >= oldest);
        ended.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_forgotten_when_no_token_can_be_left_and_not_before() {
        for (access_s, lasts_s) in [(600, 24 * 3600), (48 * 3600, 48 * 3600)] {
            let all = EndedSignIns::new(Duration::from_secs(access_s));
            let (sign_in, ended_ms) = (FamilyId::fresh(), 1_000_000);
            all.add(sign_in.clone(), ended_ms);
            all.tidy(ended_ms + lasts_s * 1000);
            assert!(all.contains(&sign_in));
            assert!(!all.contains(&FamilyId::fresh()));
            all.tidy(ended_ms + (lasts_s + 61) * 1000);
            assert!(!all.contains(&sign_in));
        }
    }
}
