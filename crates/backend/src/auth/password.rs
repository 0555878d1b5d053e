//! Passwords: Argon2id, away from the threads that serve.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB and a core for some 20 ms; more at a time would only wait for each other.
const AT_A_TIME: usize = 2;

/// Hashes and checks passwords.
#[derive(Debug)]
pub(crate) struct Passwords {
    /// Kept by the work itself: who no longer waits for it does not make it shorter.
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Passwords {
    /// In the PHC string format, with a salt of its own. `None` if the machine cannot.
    pub(crate) async fn hash(&self, password: SecretString) -> Option<String> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
            Some(hash.ok()?.to_string())
        })
        .await
        .ok()?
    }

    /// Whether the password is right. Without a hash the answer is no, after the same time: how
    /// long it takes must not tell which accounts exist.
    pub(crate) async fn check(&self, password: SecretString, hash: Option<String>) -> bool {
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            return false;
        };
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let password = password.expose_secret().as_bytes();
            match &hash {
                Some(hash) => PasswordHash::new(hash)
                    .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok()),
                None => {
                    std::hint::black_box(Argon2::default().hash_password(password).is_ok());
                    false
                }
            }
        })
        .await
        .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_passes_and_no_two_hashes_are_alike() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        assert_ne!(passwords.hash("correct horse".into()).await.unwrap(), hash);
        assert!(
            passwords
                .check("correct horse".into(), Some(hash.clone()))
                .await
        );
        assert!(!passwords.check("wrong horse".into(), Some(hash)).await);
        assert!(!passwords.check("correct horse".into(), None).await);
        assert!(!passwords.check("x".into(), Some("not a hash".into())).await);
    }
}
