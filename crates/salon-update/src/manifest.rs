//! What a channel offers: a JSON file with a signature beside it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minisign_verify::{PublicKey, Signature};
use salon_base::{Code, Fault};
use semver::Version;
use serde::{Deserialize, Serialize};

/// This system, as manifests name it: such as "linux-x86_64".
pub const TARGET: &str = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    "linux-x86_64"
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    "linux-aarch64"
} else {
    "other"
};

/// What a channel offers. All of it is signed at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The channel that it is of: one may not stand in for another.
    pub channel: String,
    /// When it was signed, which is done anew also without a new version: so an old offer that is shown again is
    /// known.
    pub signed: Timestamp,
    /// The newest version.
    #[serde(flatten)]
    pub newest: Release,
    /// Those before it, for whoever takes none before others have tried it: without them, the next one
    /// would hide each before it is old enough.
    #[serde(default)]
    pub earlier: Vec<Release>,
}

/// A version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Which.
    pub version: Version,
    /// When it was published.
    pub published: Timestamp,
    /// By system.
    pub files: BTreeMap<String, Artifact>,
}

/// A file that replaces the one that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Where it is, as seen from the manifest.
    pub url: String,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

impl Manifest {
    /// Reads what was signed with `key` for `channel`; `signature` is minisign's file beside it.
    ///
    /// # Errors
    /// [`Code::UpdateNotTrusted`].
    pub fn read(
        text: &[u8],
        signature: &str,
        key: &PublicKey,
        channel: &str,
    ) -> Result<Self, Fault> {
        let refused = |why: String| Fault::new(Code::UpdateNotTrusted, why);
        let signature =
            Signature::decode(signature).map_err(|error| refused(format!("signature: {error}")))?;
        key.verify(text, &signature, false)
            .map_err(|error| refused(format!("signature: {error}")))?;
        let manifest: Self =
            serde_json::from_slice(text).map_err(|error| refused(error.to_string()))?;
        if manifest.channel != channel {
            return Err(refused("it is of another channel".to_owned()));
        }
        Ok(manifest)
    }
}
