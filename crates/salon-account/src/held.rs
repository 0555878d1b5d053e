//! A sign-in, as it is held and as it is kept.

use std::fmt;
use std::time::{Duration, SystemTime};

use salon_token::inspect::seconds;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::state::User;

/// Version of what is kept.
const VERSION: u32 = 1;
/// A sign-in is renewed when this part of its life is left,
const LEFT: f64 = 0.2;
/// but not later than this before its end,
const LATEST: f64 = 60.0;
/// unless that is more than this part of its life.
const EARLIEST: f64 = 0.5;
/// Up to this part of what is left is added by chance, so that the users of a backend that was
/// away do not all come back at the same moment.
const JITTER: f64 = 0.1;

/// What proves who the user is.
#[derive(Clone)]
pub(super) struct Held {
    /// What is sent with requests.
    pub(super) access: SecretString,
    /// What gives the next, once.
    pub(super) refresh: Option<SecretString>,
    /// Whose the refresh token is. It is shown to nobody else.
    pub(super) issuer: Option<String>,
    /// When `access` ends, if that is known.
    pub(super) expires: Option<SystemTime>,
    /// When it is to be renewed, if it can be.
    due: Option<SystemTime>,
    /// Who they say it is.
    pub(super) user: User,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("expires", &self.expires)
            .field("due", &self.due)
            .finish_non_exhaustive()
    }
}

/// The kept form; times in seconds since 1970.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept<'a> {
    version: u32,
    #[serde(borrow)]
    access: Secret<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    refresh: Option<Secret<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<f64>,
    #[serde(default)]
    user: KeptUser,
}

/// Borrowed from the secret that it is in whenever it can be, so that there is no second copy.
type Secret<'a> = std::borrow::Cow<'a, str>;

#[derive(Default, Deserialize, Serialize)]
struct KeptUser {
    id: String,
    name: String,
}

impl Held {
    /// A sign-in of which no end is known and that cannot be renewed.
    pub(super) fn new(access: SecretString, user: User) -> Self {
        Self {
            access,
            refresh: None,
            issuer: None,
            expires: None,
            due: None,
            user,
        }
    }

    /// The same, ending at a time.
    pub(super) fn ending(mut self, expires: Option<SystemTime>) -> Self {
        self.expires = expires;
        self
    }

    /// The same, renewable at its issuer. `now` is when its life began.
    pub(super) fn renewable(
        mut self,
        refresh: SecretString,
        issuer: String,
        now: SystemTime,
    ) -> Self {
        self.refresh = Some(refresh);
        self.issuer = Some(issuer);
        self.due = self
            .expires
            .map(|expires| due(now, expires, rand::random::<f64>()));
        self
    }

    /// Whether it is time to renew it.
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// Whether nobody takes it any more.
    pub(super) fn has_ended(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// When something is to be done about it.
    pub(super) fn next(&self) -> Option<SystemTime> {
        self.due.or(self.expires)
    }

    /// Whether this is what is sent with requests.
    pub(super) fn is(&self, credential: &SecretString) -> bool {
        self.access.expose_secret() == credential.expose_secret()
    }

    /// As it is kept.
    pub(super) fn to_kept(&self) -> SecretString {
        let kept = Kept {
            version: VERSION,
            access: self.access.expose_secret().into(),
            refresh: self.refresh.as_ref().map(|r| r.expose_secret().into()),
            issuer: self.issuer.clone(),
            expires_at: self.expires.map(seconds),
            user: KeptUser {
                id: self.user.id.clone(),
                name: self.user.name.clone(),
            },
        };
        // Texts and numbers: this cannot fail, and what is empty is read back as nothing.
        let text = Zeroizing::new(serde_json::to_string(&kept).unwrap_or_default());
        SecretString::from(text.as_str())
    }

    /// From what was kept; `None` if it is of another version or damaged. It can be renewed at
    /// the issuer whose it was, if that still is `issuer`.
    pub(super) fn from_kept(
        kept: &SecretString,
        now: SystemTime,
        issuer: Option<&str>,
    ) -> Option<Self> {
        let kept: Kept<'_> = serde_json::from_str(kept.expose_secret()).ok()?;
        if kept.version != VERSION || kept.access.is_empty() {
            return None;
        }
        let user = User {
            id: kept.user.id,
            name: kept.user.name,
        };
        let expires = kept.expires_at.and_then(|at| {
            let since = Duration::try_from_secs_f64(at).ok()?;
            SystemTime::UNIX_EPOCH.checked_add(since)
        });
        let held = Self::new(SecretString::from(&*kept.access), user).ending(expires);
        Some(match (kept.refresh, kept.issuer) {
            (Some(refresh), Some(its)) if issuer == Some(its.as_str()) => {
                held.renewable(SecretString::from(&*refresh), its, now)
            }
            _ => held,
        })
    }
}

/// When a sign-in that lasts from `from` to `to` is renewed; `chance` is in 0..1.
fn due(from: SystemTime, to: SystemTime, chance: f64) -> SystemTime {
    let life = to.duration_since(from).unwrap_or_default();
    let seconds = life.as_secs_f64();
    let left = (seconds * LEFT).max(LATEST).min(seconds * EARLIEST);
    let left = left * (1.0 + JITTER * chance);
    to - Duration::try_from_secs_f64(left)
        .unwrap_or_default()
        .min(life)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
    }

    fn user() -> User {
        User {
            id: "u1".into(),
            name: "Amina \"A\" \\".into(),
        }
    }

    #[test]
    fn it_is_renewed_before_its_end() {
        for (life, earliest, latest) in [
            (86_400, 67_392, 69_120),
            (600, 468, 480),
            (200, 134, 140),
            (60, 27, 30),
            (0, 0, 0),
        ] {
            let first = due(at(0), at(life), 1.0);
            let last = due(at(0), at(life), 0.0);
            assert_eq!((first, last), (at(earliest), at(latest)), "{life}");
        }
        assert_eq!(due(at(50), at(0), 0.5), at(0));
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let whole = Held::new("access".into(), user())
            .ending(Some(at(600)))
            .renewable("re\"fresh".into(), "https://i.example".into(), at(0));
        let kept = whole.to_kept();
        let read = Held::from_kept(&kept, at(0), Some("https://i.example")).unwrap();
        assert!(read.is(&whole.access));
        assert_eq!(read.refresh.as_ref().unwrap().expose_secret(), "re\"fresh");
        assert_eq!((&read.user, read.expires), (&whole.user, whole.expires));
        assert!(!read.is_due(at(460)) && read.is_due(at(480)));
        assert!(!read.has_ended(at(599)) && read.has_ended(at(600)));
        for other in [None, Some("https://evil.example")] {
            let read = Held::from_kept(&kept, at(0), other).unwrap();
            assert!(read.refresh.is_none() && !read.is_due(at(599)));
        }
        let plain = Held::new("cookie".into(), User::default()).to_kept();
        let read = Held::from_kept(&plain, at(0), None).unwrap();
        assert!(read.refresh.is_none() && read.next().is_none());
    }

    #[test]
    fn what_another_version_kept_is_not_guessed_at() {
        for kept in [
            "",
            "text",
            r#"{"version":2,"access":"a"}"#,
            r#"{"version":1,"access":""}"#,
            r#"{"version":1}"#,
            r#"{"access":"a"}"#,
        ] {
            assert!(
                Held::from_kept(&kept.into(), at(0), None).is_none(),
                "{kept}"
            );
        }
        let endless = r#"{"version":1,"access":"a","expiresAt":-1}"#;
        assert!(Held::from_kept(&endless.into(), at(0), None).is_some());
    }

    proptest! {
        #[test]
        fn any_kept_text_is_survived_and_any_sign_in_is_read_back(text: String, access in ".{1,60}") {
            let _ = Held::from_kept(&text.into(), at(0), None);
            let held = Held::new(access.as_str().into(), user());
            let read = Held::from_kept(&held.to_kept(), at(0), None).unwrap();
            prop_assert!(read.is(&held.access));
        }
    }
}
