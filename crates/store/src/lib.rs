//! All SQL of linedesk. Operations are whole transactions, written once, on SQLite and on PostgreSQL.
//!
//! ```text
//! store.write(|tx| sessions::claim(tx, …)).await    one writer, group commit: `Ok` means it is on disk
//! store.read(|tx| conversations::list(tx, …)).await  a consistent snapshot
//! ```
//!
//! Deliberately absent: the network, the runtime's tasks, rules (they are in `linedesk-core`). Operations take the time
//! as an argument.

pub mod backup;
mod engine;
mod error;
pub mod feed;
mod migrate;
pub mod ops;
mod reader;
mod signals;
mod tx;
mod writer;

use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use crate::engine::Connection;
pub use crate::engine::Dialect;
pub use crate::error::StoreError;
pub use crate::signals::Signals;
pub use crate::tx::{EventRef, Origin, Query, ReadTx, Tx};
pub use crate::writer::Committed;

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A data directory with `linedesk.db` in it; made if it is missing.
    Sqlite { data_dir: PathBuf },
    /// `schema` is for tests; the desk uses the connection's search path.
    Postgres { url: String, schema: Option<String> },
}

/// Without what signs in to a database.
impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { data_dir } => data_dir.display().fmt(f),
            Self::Postgres { .. } => f.write_str("PostgreSQL"),
        }
    }
}

/// What kind of process opens the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The server: the only one on a data directory.
    Server,
    /// A command that may run beside the server.
    Command,
}

const QUEUED_WRITES: usize = 1024;
const QUEUED_READS: usize = 1024;
const SQLITE_READERS: usize = 4;
const POSTGRES_WRITERS: usize = 4;
const POSTGRES_READERS: usize = 4;

/// An open store. Closing waits for what is queued.
#[derive(Debug)]
pub struct Store {
    queues: Mutex<Option<Queues>>,
    next_writer: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
    signals: Arc<Signals>,
    dialect: Dialect,
    /// Held as long as the process serves this data directory.
    _lock: Option<File>,
}

#[derive(Clone, Debug)]
struct Queues {
    /// One for each writer.
    writes: Vec<mpsc::Sender<Box<dyn writer::Job>>>,
    reads: mpsc::Sender<reader::Read>,
}

impl std::fmt::Debug for dyn writer::Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

impl Store {
    /// Opens the store, runs the migrations and starts its threads. Blocking: call it before serving.
    pub fn open(location: &Location, access: Access) -> Result<Self, StoreError> {
        let lock = match (location, access) {
            (Location::Sqlite { data_dir }, Access::Server) => Some(lock_data_dir(data_dir)?),
            _ => None,
        };
        let mut first = connect(location)?;
        let applied = migrate::run(&mut *first, access)?;
        if !applied.is_empty() {
            tracing::info!(migrations = ?applied, "the schema is up to date");
        }
        let dialect = first.dialect();
        let head = feed::head(&mut ReadTx::new(&mut *first))?;
        let signals = Arc::new(Signals::new(head));

        let (writers, readers) = match (dialect, access) {
            (_, Access::Command) => (1, 1),
            (Dialect::Sqlite, Access::Server) => (1, SQLITE_READERS),
            (Dialect::Postgres, Access::Server) => (POSTGRES_WRITERS, POSTGRES_READERS),
        };
        let (read_queue, read_receiver) = mpsc::channel(QUEUED_READS);
        let read_receiver = Arc::new(Mutex::new(read_receiver));
        let mut write_queues = Vec::new();
        let mut threads = Vec::new();
        let mut first = Some(first);
        for number in 0..writers {
            let connection = match first.take() {
                Some(connection) => connection,
                None => connect(location)?,
            };
            let (queue, receiver) = mpsc::channel(QUEUED_WRITES);
            write_queues.push(queue);
            let signals = Arc::clone(&signals);
            threads.push(spawn(format!("store-write-{number}"), move || writer::run(connection, receiver, &signals))?);
        }
        for number in 0..readers {
            let connection = connect(location)?;
            let queue = Arc::clone(&read_receiver);
            threads.push(spawn(format!("store-read-{number}"), move || reader::run(connection, &queue))?);
        }
        Ok(Self {
            queues: Mutex::new(Some(Queues { writes: write_queues, reads: read_queue })),
            next_writer: AtomicUsize::new(0),
            threads: Mutex::new(threads),
            signals,
            dialect,
            _lock: lock,
        })
    }

    /// Runs an operation in a write transaction; `Ok` means that it is durable.
    ///
    /// The closure may run more than once (after a conflict, a lost connection, or when another operation of the same
    /// batch failed), so it must not have effects of its own.
    pub async fn write<T, E, F>(&self, run: F) -> Result<Committed<T>, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_at(self.next_writer.fetch_add(1, Ordering::Relaxed), run).await
    }

    /// As [`Store::write`], after whatever was written in order before under the same key (WH4). Without it, operations
    /// that are given at the same time may commit in any order on PostgreSQL, which has several writers.
    pub async fn write_in_order<T, E, F>(&self, key: &str, run: F) -> Result<Committed<T>, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        self.write_at(hasher.finish() as usize, run).await
    }

    async fn write_at<T, E, F>(&self, place: usize, run: F) -> Result<Committed<T>, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = writer::job(run);
        let queues = self.queues()?;
        queues.writes[place % queues.writes.len()].send(job).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Runs reads in one consistent snapshot.
    pub async fn read<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnOnce(&mut ReadTx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (read, answer) = reader::read(run);
        self.queues()?.reads.send(read).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Hints of commits.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Which database it is.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Finishes what is queued and ends the threads. Blocking. Later calls of `write` and `read` are refused.
    pub fn close(&self) {
        drop(self.queues.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for thread in threads {
            // The last one to hold the store may be one of its own threads; it ends by itself.
            let is_own = thread.thread().id() == std::thread::current().id();
            if !is_own && thread.join().is_err() {
                tracing::error!("a store thread panicked");
            }
        }
    }

    fn queues(&self) -> Result<Queues, StoreError> {
        let queues = self.queues.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        queues.clone().ok_or_else(closed)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name)
        .spawn(run)
        .map_err(|error| StoreError::Unusable(format!("cannot start a store thread: {error}")))
}

fn connect(location: &Location) -> Result<Box<dyn Connection>, StoreError> {
    Ok(match location {
        Location::Sqlite { data_dir } => {
            make_data_dir(data_dir)?;
            let path = data_dir.join("linedesk.db");
            // SQLite gives the files beside it the same mode.
            private_file(&path).map_err(|error| {
                StoreError::Unusable(format!("cannot open the database {}: {error}", path.display()))
            })?;
            Box::new(engine::sqlite::Sqlite::open(&path)?)
        }
        Location::Postgres { url, schema } => Box::new(engine::postgres::Postgres::open(url, schema.as_deref())?),
    })
}

/// Only the owner may look into it: it holds customers' words and the channel's secrets.
fn make_data_dir(data_dir: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(|error| {
        StoreError::Unusable(format!("cannot make the data directory {}: {error}", data_dir.display()))
    })
}

/// Opens a file that only its owner may read, and makes it if it is missing.
fn private_file(path: &Path) -> std::io::Result<File> {
    use std::fs::Permissions;
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

fn lock_data_dir(data_dir: &Path) -> Result<File, StoreError> {
    make_data_dir(data_dir)?;
    let path = data_dir.join("linedesk.lock");
    let unusable =
        |error: &dyn std::fmt::Display| StoreError::Unusable(format!("cannot lock {}: {error}", path.display()));
    let file = private_file(&path).map_err(|error| unusable(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Unusable(format!(
            "another linedesk serves the data directory {}: stop it, or choose another with LINEDESK_DATA_DIR",
            data_dir.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(unusable(&error)),
    }
}
