//! Passwords: Argon2id, away from the threads that serve.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{mpsc, oneshot};

/// Each hash takes 19 MiB and a core for some 20 ms; more at a time would only wait for each other.
const THREADS: usize = 2;
/// Hashes that wait for a thread; more than that wait in their own tasks.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// What a hash is computed in, kept from one to the next.
type Memory = Vec<Block>;

/// Hashes and checks passwords.
///
/// On threads and in memory of its own. With tokio's blocking threads and memory from the allocator
/// for each hash, a thousand hashes left a gigabyte behind: new threads come whenever none is idle
/// at that moment, each with its own heap, and heaps with holes do not shrink.
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
                    let mut memory = Memory::new();
                    loop {
                        // Whoever waits for the next job holds the lock, and lets go with it.
                        let job = inbox.lock().blocking_recv();
                        let Some(job) = job else {
                            return;
                        };
                        job(&mut memory);
                    }
                })?;
        }
        Ok(Self { jobs })
    }

    /// In the PHC string format, with a salt of its own. `None` if the machine cannot.
    pub(crate) async fn hash(&self, password: SecretString) -> Option<String> {
        self.run(move |memory| {
            let password = password.expose_secret().as_bytes();
            Some(hash(password, memory)?.to_string())
        })
        .await?
    }

    /// Whether the password is right. Without a hash the answer is no, after the same time: how
    /// long it takes must not tell which accounts exist.
    pub(crate) async fn check(&self, password: SecretString, hash: Option<String>) -> bool {
        self.run(move |memory| {
            let password = password.expose_secret().as_bytes();
            match hash {
                Some(hash) => fits(password, &hash, memory).unwrap_or(false),
                None => {
                    std::hint::black_box(self::hash(password, memory).is_some());
                    false
                }
            }
        })
        .await
        .unwrap_or(false)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Who has given up meanwhile is not worth a hash.
            if !reply.is_closed() {
                let _ = reply.send(work(memory));
            }
        });
        self.jobs.send(job).await.ok()?;
        answer.await.ok()
    }
}

fn hash(password: &[u8], memory: &mut Memory) -> Option<PasswordHash> {
    let salt = Salt::generate();
    let params = Params::DEFAULT;
    Some(PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(salt),
        hash: Some(output(password, &salt, params, memory)?),
    })
}

/// `None` if `hash` is not what [`hash`] makes. Its parameters count, so that ours can change.
fn fits(password: &[u8], hash: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    if hash.algorithm != ARGON2ID_IDENT || hash.version != Some(Version::V0x13.into()) {
        return None;
    }
    let params = Params::try_from(&hash).ok()?;
    // Comparing outputs takes the same time wherever they differ.
    Some(output(password, &hash.salt?, params, memory)? == hash.hash?)
}

fn output(password: &[u8], salt: &Salt, params: Params, memory: &mut Memory) -> Option<Output> {
    memory.resize(params.block_count(), Block::new());
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length)?;
    argon2
        .hash_password_into_with_memory(password, salt, output, memory.as_mut_slice())
        .ok()?;
    Output::new(output).ok()
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    #[test]
    fn used_memory_gives_the_hashes_that_fresh_memory_gives() {
        let mut memory = Memory::new();
        for password in ["first one", "second one", "third one"] {
            let hash = hash(password.as_bytes(), &mut memory).unwrap();
            let checked = Argon2::default().verify_password(password.as_bytes(), &hash);
            assert!(checked.is_ok());
            let made = Argon2::default()
                .hash_password(password.as_bytes())
                .unwrap();
            let made = made.to_string();
            assert_eq!(fits(password.as_bytes(), &made, &mut memory), Some(true));
            assert_eq!(fits(b"another", &made, &mut memory), Some(false));
        }
    }

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
