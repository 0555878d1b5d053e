//! What a token says of its bearer. Read without its secret, so it is good for showing and for
//! planning, and for nothing that needs to be true.

use std::time::{Duration, SystemTime};

use salon_base::Fault;
use salon_base::plain::line;
use salon_token::inspect;
use serde_json::{Map, Value};

use crate::state::User;

/// Where products' tokens have the user's id, the first that is there.
const IDS: [&str; 5] = ["sub", "user_id", "userId", "uid", "id"];
/// Where they have the user's name.
const NAMES: [&str; 4] = ["name", "preferred_username", "given_name", "email"];
/// Characters of an id or a name.
const LONGEST: usize = 120;

/// A JWT's claims, or the answer of a user-info endpoint (OpenID Connect Core, section 5.3).
#[derive(Clone, Default)]
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// # Errors
    /// [`salon_base::Code::TokenNotJwt`].
    pub(super) fn of_token(token: &str) -> Result<Self, Fault> {
        inspect::decode_as(token).map(|(_, claims)| Self(claims))
    }

    pub(super) fn of_answer(answer: &[u8]) -> Option<Self> {
        serde_json::from_slice(answer).ok().map(Self)
    }

    /// The user, if there is an id.
    pub(super) fn user(&self) -> Option<User> {
        let id = self.first(&IDS)?;
        let name = self.first(&NAMES).unwrap_or_default();
        Some(User { id, name })
    }

    /// When the token ends.
    pub(super) fn expires(&self) -> Option<SystemTime> {
        let seconds = self.0.get("exp")?.as_f64()?;
        let since = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(since)
    }

    /// Whether it was made by this issuer for this client (OpenID Connect Core, section 2).
    pub(super) fn made_for(&self, issuer: &str, client: &str) -> bool {
        let audience = match self.0.get("aud") {
            Some(Value::Array(several)) => several.iter().any(|one| one == client),
            Some(one) => one == client,
            None => false,
        };
        audience && self.0.get("iss").is_some_and(|iss| iss == issuer)
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| match self.0.get(*name)? {
            Value::String(text) => Some(line(text, LONGEST)).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        Claims::of_answer(json.as_bytes()).unwrap()
    }

    #[test]
    fn products_name_their_users_in_several_ways() {
        for (json, id, name) in [
            (r#"{"sub":"u1","name":"Amina"}"#, "u1", "Amina"),
            (
                r#"{"userId":17,"email":"a@b.example"}"#,
                "17",
                "a@b.example",
            ),
            (
                r#"{"sub":"","id":"x","name":" \u0007\u202eBruno "}"#,
                "x",
                "Bruno",
            ),
        ] {
            let user = claims(json).user().unwrap();
            assert_eq!((user.id.as_str(), user.name.as_str()), (id, name));
        }
        for json in ["{}", r#"{"name":"Amina"}"#, r#"{"sub":{"a":1}}"#] {
            assert_eq!(claims(json).user(), None, "{json}");
        }
    }

    #[test]
    fn an_end_that_is_no_time_is_none() {
        for exp in [
            "1e300",
            "-5",
            "\"soon\"",
            "null",
            "0",
            "18446744073709551615",
        ] {
            let _ = claims(&format!(r#"{{"exp":{exp}}}"#)).expires();
        }
        let end = claims(r#"{"exp":1735689599}"#).expires().unwrap();
        assert_eq!(inspect::seconds(end), 1_735_689_599.0);
    }

    #[test]
    fn an_id_token_for_somebody_else_says_nothing_of_the_user() {
        let mine = r#"{"iss":"https://i","aud":["x","me"]}"#;
        assert!(claims(mine).made_for("https://i", "me"));
        assert!(!claims(mine).made_for("https://j", "me"));
        assert!(!claims(mine).made_for("https://i", "you"));
        assert!(!claims("{}").made_for("https://i", "me"));
    }
}
