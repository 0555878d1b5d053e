//! Tokens for tests; the signature is nobody's.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) fn now() -> f64 {
    super::inspect::seconds(SystemTime::now())
}

pub(crate) fn token(alg: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({ "alg": alg })), part(claims))
}
