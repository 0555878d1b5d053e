//! Secrets in this program's memory.

use std::collections::HashMap;
use std::fmt;

use parking_lot::Mutex;
use salon_base::Later;
use secrecy::SecretString;

use super::{Vault, VaultError};
use crate::state::Place;

/// Forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryVault {
    secrets: Mutex<HashMap<String, SecretString>>,
}

impl MemoryVault {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryVault").finish_non_exhaustive()
    }
}

impl Vault for MemoryVault {
    fn place(&self) -> Place {
        Place::Memory
    }

    fn read(&self, name: &str) -> Later<'static, Result<Option<SecretString>, VaultError>> {
        let found = self.secrets.lock().get(name).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn write(&self, name: &str, secret: SecretString) -> Later<'static, Result<(), VaultError>> {
        self.secrets.lock().insert(name.to_owned(), secret);
        Box::pin(async { Ok(()) })
    }

    fn erase(&self, name: &str) -> Later<'static, Result<(), VaultError>> {
        self.secrets.lock().remove(name);
        Box::pin(async { Ok(()) })
    }
}
