//! Tokens for tests; the signature is nobody's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Seconds since 1970, as tokens have times.
pub fn now() -> f64 {
    crate::clock::since_1970().as_secs_f64()
}

/// A token that says it is signed with `alg`.
pub fn token(alg: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({ "alg": alg })), part(claims))
}
