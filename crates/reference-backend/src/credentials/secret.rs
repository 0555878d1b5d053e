//! Random secrets that are handed out and afterwards known by their hash only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::store::sign_ins::Hash;

/// A new secret of 256 bits, and its hash.
pub(crate) fn handed_out() -> (String, Hash) {
    let text = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let hash = hash(&text);
    (text, hash)
}

/// SHA-256, which is enough for what is random: there is nothing to guess.
pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}
