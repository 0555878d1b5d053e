//! The database: one connection that writes, a few that read, each on a thread of its own.

pub(crate) mod accounts;
pub(crate) mod meetings;
pub(crate) mod records;
mod schema;
pub(crate) mod sign_ins;
pub(crate) mod state;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

const READERS: usize = 2;
/// Calls that wait for a thread; more than that wait in their own tasks.
const QUEUE: usize = 256;
/// For another process, such as `salon-backend user add`, that is writing.
const BUSY: Duration = Duration::from_secs(5);

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("{0}")]
    Migration(#[from] rusqlite_migration::Error),
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("its thread is gone")]
    Closed,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A thread with a connection. Ends when it is dropped.
#[derive(Debug)]
struct Lane {
    jobs: mpsc::Sender<Job>,
}

impl Lane {
    fn start(name: String, mut connection: Connection) -> Result<Self, StoreError> {
        let (jobs, mut inbox) = mpsc::channel::<Job>(QUEUE);
        std::thread::Builder::new().name(name).spawn(move || {
            while let Some(job) = inbox.blocking_recv() {
                job(&mut connection);
            }
        })?;
        Ok(Self { jobs })
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Who asked may have given up, which is no reason not to do it.
            let _ = reply.send(work(connection));
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// The database of the backend.
#[derive(Debug)]
pub(crate) struct Store {
    writer: Lane,
    readers: Vec<Lane>,
    next_reader: AtomicUsize,
}

impl Store {
    /// Opens or makes the file and brings it to the present schema.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path)?;
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // In WAL mode this cannot corrupt; the last moments before a power cut may be lost.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        let writer = Lane::start("store-writer".into(), connection)?;
        let readers = (0..READERS)
            .map(|index| {
                let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                Lane::start(format!("store-reader-{index}"), connection)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            writer,
            readers,
            next_reader: AtomicUsize::new(0),
        })
    }

    /// Runs `work` on a reading connection, in one transaction: what it sees belongs together.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.next_reader.fetch_add(1, Ordering::Relaxed);
        self.readers[turn % self.readers.len()]
            .call(move |connection| {
                let transaction = connection.transaction()?;
                Ok(work(&transaction)?)
            })
            .await
    }

    /// Runs `work` in a transaction; an error takes everything back.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write_then(work, |_| ()).await
    }

    /// As [`Store::write`]; `then` runs after the commit and before any later write, so that what
    /// it tells others is in the order of the changes. It is not to wait for anything.
    pub(crate) async fn write_then<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer
            .call(move |connection| {
                let transaction =
                    connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let done = work(&transaction)?;
                transaction.commit()?;
                then(&done);
                Ok(done)
            })
            .await
    }
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Password hashes are nobody else's business; SQLite gives its side files the same permissions.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
