//! Secrets that admit a page, each once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Invitations not yet used; more than a few mean that a page asks in a loop.
const MAX: usize = 64;
/// How long one admits: a page that asks for one connects at once, unless it went away meanwhile.
const LIFE: Duration = Duration::from_secs(60);

/// Those not yet used, and when each was made.
#[derive(Debug, Default)]
pub(super) struct Invitations(HashMap<String, Instant>);

impl Invitations {
    /// Whether there was room for one more.
    pub(super) fn add(&mut self, secret: String, now: Instant) -> bool {
        self.0.retain(|_, made| is_fresh(*made, now));
        let room = self.0.len() < MAX;
        if room {
            self.0.insert(secret, now);
        }
        room
    }

    /// Whether it admits; from now on it does not.
    pub(super) fn take(&mut self, secret: &str, now: Instant) -> bool {
        let made = self.0.remove(secret);
        made.is_some_and(|made| is_fresh(made, now))
    }
}

fn is_fresh(made: Instant, now: Instant) -> bool {
    now.saturating_duration_since(made) < LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_admits_once_and_for_a_minute() {
        let (start, mut invitations) = (Instant::now(), Invitations::default());
        for secret in ["used", "left"] {
            assert!(invitations.add(secret.into(), start));
        }
        let soon = start + LIFE - Duration::from_millis(1);
        assert!(invitations.take("used", soon));
        assert!(!invitations.take("used", soon));
        assert!(!invitations.take("left", start + LIFE));
        assert!(!invitations.take("never made", start));
    }

    #[test]
    fn pages_that_asked_and_went_away_keep_nobody_out_for_good() {
        let (start, mut invitations) = (Instant::now(), Invitations::default());
        for number in 0..MAX {
            assert!(invitations.add(number.to_string(), start));
        }
        assert!(!invitations.add("one too many".into(), start));
        assert!(invitations.add("later".into(), start + LIFE));
        assert_eq!(invitations.0.len(), 1);
        assert!(invitations.take("later", start + LIFE));
    }
}
