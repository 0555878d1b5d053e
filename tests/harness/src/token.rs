//! Tokens for the participants of a test, good and bad.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// Key and secret of the test's own server on loopback.
pub const KEY: &str = "devkey";
/// See [`KEY`].
pub const SECRET: &str = "secret";

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

/// The claims of a good token.
pub fn claims(room: &str, identity: &str) -> Value {
    json!({
        "iss": KEY, "sub": identity, "name": identity,
        "nbf": now() - 10, "iat": now(), "exp": now() + 3600,
        "video": {
            "room": room, "roomJoin": true, "canPublish": true, "canSubscribe": true,
            "canPublishData": true, "canUpdateOwnMetadata": true,
        },
    })
}

/// Signs claims with HS256.
///
/// # Errors
/// If the library refuses.
pub fn sign(claims: &Value, secret: &str) -> anyhow::Result<String> {
    sign_with(claims, secret, Algorithm::HS256)
}

/// Signs claims with another algorithm.
///
/// # Errors
/// If the library refuses.
pub fn sign_with(claims: &Value, secret: &str, algorithm: Algorithm) -> anyhow::Result<String> {
    Ok(encode(
        &Header::new(algorithm),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )?)
}
