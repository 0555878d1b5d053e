//! Access tokens: JWTs that this backend signs and checks with the same keys.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, FamilyId};

/// Other machines do not see these tokens, so only our own clock counts.
const LEEWAY_S: i64 = 5;
const AUDIENCE: &str = "salon-backend";

/// A key for access tokens, written `kid=base64url`.
#[derive(Clone, Debug)]
pub struct SigningKey {
    kid: String,
    secret: SecretString,
}

/// Why a text is not a [`SigningKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyProblem {
    /// There is no `=` after a name of letters, digits, `-` and `_`.
    #[error("expected kid=base64url")]
    Form,
    /// What follows is not base64url without padding.
    #[error("the secret is not base64url without padding")]
    Encoding,
    /// RFC 7518, section 3.2 demands 256 bits for HS256.
    #[error("the secret is shorter than 32 bytes")]
    Short,
}

impl SigningKey {
    /// A new random one.
    pub fn fresh() -> Self {
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Self {
            kid: format!("{:08x}", rand::random::<u32>()),
            secret: secret.into(),
        }
    }

    /// As [`SigningKey::from_str`] reads it. Secret.
    pub fn to_secret_text(&self) -> SecretString {
        format!("{}={}", self.kid, self.secret.expose_secret()).into()
    }

    fn bytes(&self) -> Vec<u8> {
        // Checked when it was made.
        URL_SAFE_NO_PAD
            .decode(self.secret.expose_secret())
            .unwrap_or_default()
    }
}

impl FromStr for SigningKey {
    type Err = SigningKeyProblem;

    fn from_str(text: &str) -> Result<Self, SigningKeyProblem> {
        let (kid, secret) = text.split_once('=').ok_or(SigningKeyProblem::Form)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if kid.is_empty() || kid.len() > 64 || !kid.chars().all(allowed) {
            return Err(SigningKeyProblem::Form);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(secret)
            .map_err(|_| SigningKeyProblem::Encoding)?;
        if bytes.len() < 32 {
            return Err(SigningKeyProblem::Short);
        }
        Ok(Self {
            kid: kid.to_owned(),
            secret: secret.to_owned().into(),
        })
    }
}

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: AccountId,
    /// What to call them; those who are known by their id alone have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The sign-in it comes from.
    pub(crate) sid: FamilyId,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: String,
}

impl AccessClaims {
    pub(crate) fn new(issuer: &str, sub: AccountId, sid: FamilyId, iat: i64, exp: i64) -> Self {
        Self {
            iss: issuer.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub,
            name: None,
            sid,
            iat,
            exp,
            jti: format!("{:032x}", rand::random::<u128>()),
        }
    }
}

/// What is wrong with an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenProblem {
    /// Not a token of ours.
    Invalid,
    Expired,
}

struct Key {
    kid: String,
    signs: EncodingKey,
    checks: DecodingKey,
}

/// All keys that are accepted. The first signs.
pub(crate) struct SigningKeys(Vec<Key>);

impl fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids = self.0.iter().map(|key| &key.kid);
        formatter.debug_list().entries(kids).finish()
    }
}

impl SigningKeys {
    pub(crate) fn new(keys: Vec<SigningKey>) -> Self {
        let key = |key: SigningKey| {
            let bytes = key.bytes();
            Key {
                signs: EncodingKey::from_secret(&bytes),
                checks: DecodingKey::from_secret(&bytes),
                kid: key.kid,
            }
        };
        Self(keys.into_iter().map(key).collect())
    }

    /// `None` if there is no key, or the library refuses.
    pub(crate) fn sign(&self, claims: &AccessClaims) -> Option<String> {
        let key = self.0.first()?;
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, claims, &key.signs).ok()
    }

    pub(crate) fn check(
        &self,
        token: &str,
        issuer: &str,
        now_s: i64,
    ) -> Result<AccessClaims, TokenProblem> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenProblem::Invalid)?;
        let key = self
            .0
            .iter()
            .find(|key| header.kid.as_deref() == Some(key.kid.as_str()))
            .ok_or(TokenProblem::Invalid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The expiry is checked below, against the clock that also signs.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, &key.checks, &validation)
            .map_err(|_| TokenProblem::Invalid)?
            .claims;
        if claims.exp.saturating_add(LEEWAY_S) < now_s {
            return Err(TokenProblem::Expired);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exp: i64) -> AccessClaims {
        AccessClaims::new(
            "https://a.example",
            AccountId::fresh(),
            FamilyId::fresh(),
            100,
            exp,
        )
    }

    #[test]
    fn after_a_rotation_the_old_key_is_accepted_and_the_new_one_signs() {
        let (old, new) = (SigningKey::fresh(), SigningKey::fresh());
        let before = SigningKeys::new(vec![old.clone()]);
        let token = before.sign(&claims(200)).unwrap();
        let both = SigningKeys::new(vec![new.clone(), old.clone()]);
        assert!(both.check(&token, "https://a.example", 150).is_ok());
        let renewed = both.sign(&claims(200)).unwrap();
        let kid = jsonwebtoken::decode_header(&renewed).unwrap().kid;
        assert_eq!(kid.as_deref(), Some(new.kid.as_str()));
        let after = SigningKeys::new(vec![new]);
        assert!(after.check(&renewed, "https://a.example", 150).is_ok());
        let refused = after.check(&token, "https://a.example", 150);
        assert_eq!(refused.unwrap_err(), TokenProblem::Invalid);
    }

    #[test]
    fn an_expired_foreign_or_unsigned_token_is_refused() {
        let keys = SigningKeys::new(vec![SigningKey::fresh()]);
        let token = keys.sign(&claims(200)).unwrap();
        let problem = |token: &str, issuer, now| keys.check(token, issuer, now).unwrap_err();
        assert_eq!(
            problem(&token, "https://a.example", 206),
            TokenProblem::Expired
        );
        assert_eq!(
            problem(&token, "https://b.example", 150),
            TokenProblem::Invalid
        );
        let mut parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        parts[0] = &none;
        parts[2] = "";
        assert_eq!(
            problem(&parts.join("."), "https://a.example", 150),
            TokenProblem::Invalid
        );
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_a_short_one_is_refused() {
        let text = SigningKey::fresh().to_secret_text();
        let read: SigningKey = text.expose_secret().parse().unwrap();
        assert_eq!(read.to_secret_text().expose_secret(), text.expose_secret());
        assert!(!format!("{read:?}").contains(read.secret.expose_secret()));
        let problem = |text: &str| text.parse::<SigningKey>().unwrap_err();
        assert_eq!(problem("no-secret"), SigningKeyProblem::Form);
        assert_eq!(problem("a b=AAAA"), SigningKeyProblem::Form);
        assert_eq!(problem("a=***"), SigningKeyProblem::Encoding);
        assert_eq!(problem("a=AAAA"), SigningKeyProblem::Short);
    }
}
