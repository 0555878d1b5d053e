//! Secrets in the system's keyring: Secret Service, Keychain, Credential Manager.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use keyring_core::{Entry, Error};
use salon_base::Later;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::{KEYRING_SERVICE, Vault, VaultError};
use crate::state::Place;

/// Bytes of an entry: Windows' Credential Manager takes 2560 (`CRED_MAX_CREDENTIAL_BLOB_SIZE`),
/// the others take what comes.
const LARGEST_ENTRY: usize = if cfg!(windows) { 2560 } else { usize::MAX };
/// Parts of a secret that one entry is too small for.
const MOST_PARTS: usize = 64;
/// How an entry begins that names the parts of a secret: `salon-parts GENERATION COUNT`.
const PARTS: &str = "salon-parts";
/// Requests that may wait for a keyring that does not answer.
const LONGEST_QUEUE: usize = 32;

/// Finds the entry of a name.
type Open = Box<dyn Fn(&str) -> keyring_core::Result<Entry> + Send>;

enum Request {
    Read(
        String,
        oneshot::Sender<Result<Option<SecretString>, VaultError>>,
    ),
    Write(
        String,
        SecretString,
        oneshot::Sender<Result<(), VaultError>>,
    ),
    Erase(String, oneshot::Sender<Result<(), VaultError>>),
}

/// The system's keyring, asked one thing at a time by a thread of its own: it blocks, and if it
/// waits for the user it may do so for ever.
pub struct KeyringVault {
    requests: SyncSender<Request>,
}

impl fmt::Debug for KeyringVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringVault").finish_non_exhaustive()
    }
}

impl KeyringVault {
    /// The system's. It is not touched before it is asked for something.
    pub fn system() -> Self {
        let open = |name: &str| match keyring::Entry::new(KEYRING_SERVICE, name) {
            Ok(entry) => Ok(entry.inner),
            Err(error) => match keyring::Entry::store_status() {
                // Says why there is none, which the first error does not.
                Err(why) => Err(Error::NotSupportedByStore(why.to_string())),
                Ok(()) => Err(error),
            },
        };
        Self::with(Box::new(open), LARGEST_ENTRY)
    }

    fn with(open: Open, largest: usize) -> Self {
        let (requests, queue) = sync_channel(LONGEST_QUEUE);
        let entries = Entries { open, largest };
        let started = std::thread::Builder::new()
            .name("keyring".into())
            .spawn(move || entries.serve(&queue));
        if let Err(error) = started {
            // Whoever asks is told that nobody answers.
            tracing::warn!(%error, "no thread for the keyring");
        }
        Self { requests }
    }

    fn ask<T: Send + 'static>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, VaultError>>) -> Request,
    ) -> Later<'static, Result<T, VaultError>> {
        let (answer, answered) = oneshot::channel();
        let full = self.requests.try_send(request(answer)).is_err();
        Box::pin(async move {
            if full {
                return Err(VaultError::Locked("it does not answer".into()));
            }
            let gone = |_| Err(VaultError::Missing("it does not answer".into()));
            answered.await.unwrap_or_else(gone)
        })
    }
}

impl Vault for KeyringVault {
    fn place(&self) -> Place {
        Place::Keyring
    }

    fn read(&self, name: &str) -> Later<'static, Result<Option<SecretString>, VaultError>> {
        self.ask(|answer| Request::Read(name.to_owned(), answer))
    }

    fn write(&self, name: &str, secret: SecretString) -> Later<'static, Result<(), VaultError>> {
        self.ask(|answer| Request::Write(name.to_owned(), secret, answer))
    }

    fn erase(&self, name: &str) -> Later<'static, Result<(), VaultError>> {
        self.ask(|answer| Request::Erase(name.to_owned(), answer))
    }
}

/// What the thread works on.
struct Entries {
    open: Open,
    largest: usize,
}

/// Where the parts of a secret are.
struct Parts {
    generation: String,
    count: usize,
}

impl Parts {
    fn read(head: &str) -> Option<Self> {
        let (generation, count) = head.strip_prefix(PARTS)?.trim().split_once(' ')?;
        let count = count.parse().ok().filter(|count| *count <= MOST_PARTS)?;
        Some(Self {
            generation: generation.to_owned(),
            count,
        })
    }

    fn names(&self, name: &str) -> Vec<String> {
        (0..self.count)
            .map(|index| format!("{name} part {} {index}", self.generation))
            .collect()
    }
}

impl Entries {
    fn serve(&self, queue: &Receiver<Request>) {
        // Who asked may have given up waiting; what was to be written or erased still is.
        for request in queue {
            match request {
                Request::Read(_, answer) if answer.is_closed() => {}
                Request::Read(name, answer) => drop(answer.send(self.read(&name).map_err(mapped))),
                Request::Write(name, secret, answer) => {
                    drop(answer.send(self.write(&name, &secret).map_err(mapped)));
                }
                Request::Erase(name, answer) => {
                    drop(answer.send(self.erase(&name).map_err(mapped)));
                }
            }
        }
    }

    fn get(&self, name: &str) -> keyring_core::Result<Option<SecretSlice<u8>>> {
        match (self.open)(name)?.get_secret() {
            Ok(secret) => Ok(Some(secret.into())),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn delete(&self, name: &str) -> keyring_core::Result<()> {
        match (self.open)(name)?.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            other => other,
        }
    }

    /// The parts that a name has at present, if it has parts.
    fn parts(&self, name: &str) -> keyring_core::Result<Option<Parts>> {
        let head = self.get(name)?;
        Ok(head.and_then(|head| Parts::read(std::str::from_utf8(head.expose_secret()).ok()?)))
    }

    fn read(&self, name: &str) -> keyring_core::Result<Option<SecretString>> {
        let Some(head) = self.get(name)? else {
            return Ok(None);
        };
        let Some(parts) = std::str::from_utf8(head.expose_secret())
            .ok()
            .and_then(Parts::read)
        else {
            return Ok(text(head.expose_secret()));
        };
        let mut whole = Zeroizing::new(Vec::new());
        for part in parts.names(name) {
            match self.get(&part)? {
                Some(part) => whole.extend_from_slice(part.expose_secret()),
                None => return Ok(None),
            }
        }
        Ok(text(&whole))
    }

    fn write(&self, name: &str, secret: &SecretString) -> keyring_core::Result<()> {
        let secret = secret.expose_secret().as_bytes();
        let before = self.parts(name)?;
        if secret.len() <= self.largest {
            (self.open)(name)?.set_secret(secret)?;
        } else {
            let parts = Parts {
                generation: format!("{:08x}", rand::random::<u32>()),
                count: secret.len().div_ceil(self.largest),
            };
            if parts.count > MOST_PARTS {
                return Err(Error::TooLong("secret".into(), u32::MAX));
            }
            for (part, name) in secret.chunks(self.largest).zip(parts.names(name)) {
                (self.open)(&name)?.set_secret(part)?;
            }
            // Last, so that at every moment the name has a whole secret.
            let head = format!("{PARTS} {} {}", parts.generation, parts.count);
            (self.open)(name)?.set_secret(head.as_bytes())?;
        }
        self.delete_parts(name, before)
    }

    fn erase(&self, name: &str) -> keyring_core::Result<()> {
        let parts = self.parts(name)?;
        self.delete(name)?;
        self.delete_parts(name, parts)
    }

    fn delete_parts(&self, name: &str, parts: Option<Parts>) -> keyring_core::Result<()> {
        for part in parts.iter().flat_map(|parts| parts.names(name)) {
            self.delete(&part)?;
        }
        Ok(())
    }
}

fn text(bytes: &[u8]) -> Option<SecretString> {
    std::str::from_utf8(bytes).ok().map(SecretString::from)
}

/// Only of the errors that have no secret in them the words are used.
fn mapped(error: Error) -> VaultError {
    match error {
        Error::NoStorageAccess(why) => VaultError::Locked(why.to_string()),
        // So the Secret Service's store reports a locked collection that is written to.
        Error::PlatformFailure(why) if why.to_string().to_lowercase().contains("locked") => {
            VaultError::Locked(why.to_string())
        }
        Error::PlatformFailure(why) => VaultError::Missing(why.to_string()),
        Error::NoDefaultStore => VaultError::Missing("this system has none".into()),
        Error::NotSupportedByStore(why) => VaultError::Missing(why),
        Error::TooLong(_, _) => VaultError::Missing("the secret is too long for it".into()),
        Error::Ambiguous(_) => VaultError::Missing("it has the entry more than once".into()),
        _ => VaultError::Missing("what it has cannot be read".into()),
    }
}

#[cfg(test)]
mod tests;
