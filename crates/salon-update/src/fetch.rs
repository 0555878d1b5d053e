//! Getting what a channel offers.

use std::path::Path;
use std::time::Duration;

use minisign_verify::PublicKey;
use reqwest::redirect::{Attempt, Policy as Redirects};
use salon_base::address::is_loopback;
use salon_base::{Code, Fault};
use salon_http::{Limits, Party, http_client_builder, unreachable};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::calls::Calls;
use crate::manifest::{Artifact, Manifest};
use crate::place::Fetched;

/// Bytes of a manifest or its signature.
const LARGEST_MANIFEST: usize = 64 * 1024;
/// Without a byte for so long, a server has gone.
const SILENCE: Duration = Duration::from_secs(30);
/// For a whole file, also over a slow line.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);
/// Download sites send on to where their files are.
const REDIRECTS: usize = 5;

/// Who is asked for updates, and who signs them.
#[derive(Clone, Debug)]
pub struct Source {
    client: reqwest::Client,
    key: PublicKey,
}

impl Source {
    /// `key` is minisign's public key, as its file or as the one line of it.
    ///
    /// # Errors
    /// [`Code::UpdateNotTrusted`] if there is no key in `key`; [`Code::Internal`] if the TLS library does
    /// not start.
    pub fn new(key: &str) -> Result<Self, Fault> {
        let key = PublicKey::decode(key)
            .or_else(|_| PublicKey::from_base64(key.trim()))
            .map_err(|error| Fault::new(Code::UpdateNotTrusted, format!("key: {error}")))?;
        let limits = Limits {
            total: LONGEST,
            ..Limits::default()
        };
        let client = http_client_builder(limits)
            .read_timeout(SILENCE)
            // What comes is signed, wherever it is from.
            .redirect(Redirects::custom(redirected))
            .build()
            .map_err(|error| Fault::new(Code::Internal, error.to_string()))?;
        Ok(Self { client, key })
    }

    /// What a channel offers in a folder.
    ///
    /// # Errors
    /// [`Code::UpdateUnreachable`], [`Code::UpdateNotTrusted`].
    pub async fn offer(&self, folder: &Url, channel: &str) -> Result<Manifest, Fault> {
        let text = self.small(folder, &format!("{channel}.json")).await?;
        let signature = self
            .small(folder, &format!("{channel}.json.minisig"))
            .await?;
        let signature = String::from_utf8_lossy(&signature);
        Manifest::read(&text, &signature, &self.key, channel)
    }

    /// Gets a file beside `replaced`, where it waits for being put in its place. Given up, it leaves
    /// nothing. With each part that comes it looks whether somebody is in a call.
    ///
    /// # Errors
    /// [`Code::UpdateInCall`]; [`Code::UpdateUnreachable`]; [`Code::UpdateDamaged`] if it is not what the manifest says;
    /// [`Code::UpdateNotInstalled`] if it cannot be written.
    pub async fn fetch(
        &self,
        folder: &Url,
        artifact: &Artifact,
        replaced: &Path,
        calls: &Calls,
    ) -> Result<Fetched, Fault> {
        let damaged = |why: &str| Err(Fault::new(Code::UpdateDamaged, why));
        let mut answer = self.get(folder, &artifact.url).await?;
        let mut fetched = Fetched::begin(replaced.to_owned()).await?;
        let (mut digest, mut size) = (Sha256::new(), 0_u64);
        while let Some(part) = answer.chunk().await.map_err(gone)? {
            calls.none().await?;
            size = size.saturating_add(part.len() as u64);
            if size > artifact.size {
                return damaged("it is too long");
            }
            digest.update(&part);
            fetched = fetched.write(part).await?;
        }
        if size < artifact.size {
            return damaged("it is too short");
        }
        let found: String = digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if !found.eq_ignore_ascii_case(&artifact.sha256) {
            return damaged("its SHA-256 is another");
        }
        Ok(fetched)
    }

    async fn small(&self, folder: &Url, name: &str) -> Result<Vec<u8>, Fault> {
        let mut answer = self.get(folder, name).await?;
        let mut text = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(gone)? {
            if text.len() + part.len() > LARGEST_MANIFEST {
                return Err(Fault::new(Code::UpdateNotTrusted, "it is too long"));
            }
            text.extend_from_slice(&part);
        }
        Ok(text)
    }

    async fn get(&self, folder: &Url, name: &str) -> Result<reqwest::Response, Fault> {
        let mut folder = folder.clone();
        if !folder.path().ends_with('/') {
            folder.set_path(&format!("{}/", folder.path()));
        }
        let address = folder.join(name).ok().filter(may_be_asked);
        let Some(address) = address else {
            return Err(Fault::new(
                Code::UpdateNotTrusted,
                "its address is not encrypted",
            ));
        };
        let answer = self.client.get(address).send().await.map_err(gone)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(Fault::new(
                Code::UpdateUnreachable,
                format!("status {status}"),
            ));
        }
        Ok(answer)
    }
}

/// Encrypted, or on this computer.
fn may_be_asked(address: &Url) -> bool {
    address.scheme() == "https" || (address.scheme() == "http" && is_loopback(address))
}

fn redirected(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > REDIRECTS || !may_be_asked(attempt.url()) {
        attempt.stop()
    } else {
        attempt.follow()
    }
}

fn gone(error: reqwest::Error) -> Fault {
    // The words are the same, whoever does not answer.
    let why = unreachable(Party::Backend, error).detail;
    Fault::new(Code::UpdateUnreachable, why)
}
