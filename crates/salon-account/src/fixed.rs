//! A credential that does not change: from the environment.

use salon_base::{Code, Fault, Later};
use secrecy::SecretString;

use crate::credentials::Credentials;
use crate::state::User;

/// What was given at the start, or nothing.
#[derive(Debug)]
pub struct FixedCredential(Option<SecretString>);

impl FixedCredential {
    /// With what was given.
    pub fn new(credential: Option<SecretString>) -> Self {
        Self(credential)
    }
}

impl Credentials for FixedCredential {
    fn credential(&self) -> Later<'_, Result<SecretString, Fault>> {
        let credential = self.0.clone().ok_or(Code::BackendNotSignedIn.into());
        Box::pin(std::future::ready(credential))
    }

    /// There never is another. Whether it has expired or never was right, nobody here can know.
    fn replace<'a>(&'a self, _refused: &'a SecretString) -> Later<'a, Result<SecretString, Fault>> {
        Box::pin(std::future::ready(Err(Code::BackendNotSignedIn.into())))
    }

    fn user(&self) -> Option<User> {
        None
    }
}
