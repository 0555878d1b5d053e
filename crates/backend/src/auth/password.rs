//! Passwords: Argon2id, away from the threads that serve.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{mpsc, oneshot};

/// Each hash takes 19 MiB and a core for some 20 ms; more at a time would only wait for each other.
const THREADS: usize = 2;
/// Hashes that wait for a thread; more than that wait in their own tasks.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// Hashes and checks passwords.
///
/// On threads of its own: tokio starts a new blocking thread whenever none is idle at that moment,
/// the allocator keeps what a hash took for each of them, and a thousand sign-ins cost a gigabyte.
#[derive(Debug)]
pub(crate) struct Passwords {
    jobs: mpsc::Sender<Job>,
}

impl Passwords {
    /// Starts the threads, which end when this is dropped.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (jobs, inbox) = mpsc::channel::<Job>(QUEUE);
        let inbox = Arc::new(Mutex::new(inbox));
        for index in 0..THREADS {
            let inbox = Arc::clone(&inbox);
            std::thread::Builder::new()
                .name(format!("passwords-{index}"))
                .spawn(move || {
                    loop {
                        // Whoever waits for the next job holds the lock, and lets go with it.
                        let job = inbox.lock().blocking_recv();
                        let Some(job) = job else {
                            return;
                        };
                        job();
                    }
                })?;
        }
        Ok(Self { jobs })
    }

    /// In the PHC string format, with a salt of its own. `None` if the machine cannot.
    pub(crate) async fn hash(&self, password: SecretString) -> Option<String> {
        self.run(move || {
            let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
            Some(hash.ok()?.to_string())
        })
        .await?
    }

    /// Whether the password is right. Without a hash the answer is no, after the same time: how
    /// long it takes must not tell which accounts exist.
    pub(crate) async fn check(&self, password: SecretString, hash: Option<String>) -> bool {
        self.run(move || {
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

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Who has given up meanwhile is not worth a hash.
            if !reply.is_closed() {
                let _ = reply.send(work());
            }
        });
        self.jobs.send(job).await.ok()?;
        answer.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_passes_and_no_two_hashes_are_alike() {
        let passwords = Passwords::start().unwrap();
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
