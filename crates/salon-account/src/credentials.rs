//! What a backend is shown to prove who the user is.

use std::fmt;

use salon_base::{Fault, Later};
use secrecy::SecretString;

use crate::state::User;

/// Proves to a backend who the user is.
pub trait Credentials: fmt::Debug + Send + Sync {
    /// What is sent with a request; renewed first if it is about to end.
    ///
    /// # Errors
    /// [`salon_base::Code::BackendNotSignedIn`] if nobody is signed in,
    /// [`salon_base::Code::SignInExpired`] if it could not be renewed.
    fn credential(&self) -> Later<'_, Result<SecretString, Fault>>;

    /// The backend refused this one (401): the next must be another. Does nothing if it has been
    /// replaced meanwhile.
    ///
    /// # Errors
    /// [`salon_base::Code::SignInExpired`] if there is no other.
    fn replace<'a>(&'a self, refused: &'a SecretString) -> Later<'a, Result<SecretString, Fault>>;

    /// Who is signed in, as far as known without asking.
    fn user(&self) -> Option<User>;
}
