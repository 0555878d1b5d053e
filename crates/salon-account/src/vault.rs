//! Where secrets are kept.

mod keyring;
mod memory;

use std::fmt;

use salon_base::{Code, Fault, Later};
use secrecy::SecretString;

pub use keyring::KeyringVault;
pub use memory::MemoryVault;

use crate::state::Place;

/// Under which name the app's secrets are in the system's keyring.
pub const KEYRING_SERVICE: &str = salon_product::ID;

/// Why a secret was not read or kept. Has no secret in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no keyring, or it does not work.
    #[error("there is no keyring: {0}")]
    Missing(String),
    /// There is one, and it does not let us in.
    #[error("the keyring is locked: {0}")]
    Locked(String),
}

impl VaultError {
    /// What the user is told.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Missing(why) => Fault::new(Code::KeyringMissing, why),
            Self::Locked(why) => Fault::new(Code::KeyringLocked, why),
        }
    }
}

/// Keeps one secret under each name.
///
/// What is asked for is put in a queue by the call, not by the first poll, and is done in this
/// order, also if the answer is not waited for: a keyring can ask the user to unlock it, for as
/// long as the user likes.
pub trait Vault: fmt::Debug + Send + Sync {
    /// Whether it outlasts the program.
    fn place(&self) -> Place;

    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// If that is not known.
    fn read(&self, name: &str) -> Later<'static, Result<Option<SecretString>, VaultError>>;

    /// Keeps a secret; one that had the name is forgotten.
    ///
    /// # Errors
    /// If it is not kept.
    fn write(&self, name: &str, secret: SecretString) -> Later<'static, Result<(), VaultError>>;

    /// Forgets a secret; it need not be there.
    ///
    /// # Errors
    /// If it may still be there.
    fn erase(&self, name: &str) -> Later<'static, Result<(), VaultError>>;
}
