//! The JWTs that the double checks (its users') and makes (for calls).

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::since_1970;

/// Who makes the users' tokens.
const ISSUER: &str = "salon-convex-double";
/// What contract P3 says of Stream tokens.
const STREAM_LIFE: Duration = Duration::from_secs(24 * 3600);
/// LiveKit tokens are asked for anew at each join.
const LIVEKIT_LIFE: Duration = Duration::from_secs(3600);
/// For media servers whose clock is behind.
const BACKDATED: u64 = 10;

/// Secrets of loopback: known to everybody.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    pub(crate) users: String,
    pub(crate) stream: String,
    pub(crate) livekit_key: String,
    pub(crate) livekit: String,
}

/// Who asks, and until when the double believes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: String,
    /// Seconds since 1970.
    pub(crate) expires: u64,
}

#[derive(Deserialize)]
struct UserClaims {
    sub: String,
    exp: u64,
}

fn sign(claims: &Value, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    // HS256 over JSON has nothing that can fail; were it to, nobody would accept the empty token.
    encode(&Header::new(Algorithm::HS256), claims, &key).unwrap_or_default()
}

impl Secrets {
    /// A user's token that lasts for `life`, in whole seconds.
    pub(crate) fn user(&self, account: &str, life: Duration) -> String {
        let now = since_1970();
        let claims = json!({
            "iss": ISSUER, "sub": account, "iat": now.as_secs(),
            "exp": (now + life).as_secs(), "jti": now.as_nanos().to_string(),
        });
        sign(&claims, &self.users)
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, token: &str) -> Result<Identity, String> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 0;
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "sub"]);
        let key = DecodingKey::from_secret(self.users.as_bytes());
        let read = decode::<UserClaims>(token, &key, &rules)
            .map_err(|error| format!("Could not verify token: {error}"))?;
        // The library takes it for another second.
        if read.claims.exp <= since_1970().as_secs() {
            return Err("Could not verify token: it has ended".into());
        }
        Ok(Identity {
            account: read.claims.sub,
            expires: read.claims.exp,
        })
    }

    pub(crate) fn stream(&self, account: &str) -> String {
        let now = since_1970().as_secs();
        let claims = json!({
            "user_id": account, "iat": now, "exp": now + STREAM_LIFE.as_secs(),
        });
        sign(&claims, &self.stream)
    }

    pub(crate) fn livekit(&self, room: &str, identity: &str, name: &str) -> String {
        let now = since_1970();
        let seconds = now.as_secs();
        let claims = json!({
            "iss": self.livekit_key, "sub": identity, "name": name,
            "jti": format!("{identity}-{}", now.as_nanos()),
            "nbf": seconds - BACKDATED, "iat": seconds,
            "exp": seconds + LIVEKIT_LIFE.as_secs(),
            "video": {
                "room": room, "roomJoin": true, "canPublish": true, "canSubscribe": true,
                "canPublishData": true, "canUpdateOwnMetadata": true,
            },
        });
        sign(&claims, &self.livekit)
    }
}
