//! The JWTs that let users in: HS256 over the app's secret, with `user_id`.

use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::clock::since_1970;

/// An app of the service. Worth nothing but on loopback.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) key: String,
    pub(crate) secret: String,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    User(String),
    /// A backend, which may do everything.
    Backend,
}

#[derive(Deserialize)]
struct Claims {
    user_id: Option<String>,
    #[serde(default)]
    server: bool,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
}

impl App {
    /// Signs whatever claims a test wants.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let key = EncodingKey::from_secret(self.secret.as_bytes());
        // HS256 over JSON has nothing that can fail; were it to, nobody would accept the empty token.
        encode(&Header::new(Algorithm::HS256), claims, &key).unwrap_or_default()
    }

    /// A user's token that lasts for `life`, in whole seconds.
    pub(crate) fn user(&self, user: &str, life: Duration) -> String {
        let now = since_1970().as_secs();
        self.sign(&json!({ "user_id": user, "iat": now, "exp": now + life.as_secs() }))
    }

    /// Whose token it is. What is wrong is found in the order in which the service finds it: a token
    /// that is both expired and badly signed is badly signed.
    pub(crate) fn check(&self, key: Option<&str>, token: Option<&str>) -> Result<Caller, Refusal> {
        if key != Some(&self.key) {
            return Err(Refusal::key_unknown());
        }
        let token = token.filter(|token| !token.is_empty());
        let token =
            token.ok_or_else(|| Refusal::unauthenticated("authorization header is missing"))?;
        let mut rules = Validation::new(Algorithm::HS256);
        // The dates have codes of their own, below.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let key = DecodingKey::from_secret(self.secret.as_bytes());
        let claims = decode::<Claims>(token, &key, &rules)
            .map_err(|error| match error.kind() {
                ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Refusal::signature(),
                _ => Refusal::unauthenticated(&format!("JWTAuth error: {error}")),
            })?
            .claims;
        let now = since_1970().as_secs_f64();
        if claims.exp.is_some_and(|exp| exp <= now) {
            return Err(Refusal::expired());
        }
        if claims.nbf.is_some_and(|nbf| nbf > now) {
            return Err(Refusal::not_yet_valid());
        }
        // Whole seconds of two clocks of one machine.
        if claims.iat.is_some_and(|iat| iat > now + 1.0) {
            return Err(Refusal::before_issued());
        }
        match claims.user_id {
            Some(user) if !user.is_empty() => Ok(Caller::User(user)),
            _ if claims.server => Ok(Caller::Backend),
            _ => Err(Refusal::unauthenticated(
                "JWTAuth error: token has no user_id",
            )),
        }
    }
}
