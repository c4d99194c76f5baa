//! Where a behaviour runs: a store of its own, on either engine, gone afterwards.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use linedesk_protocol::{Seq, Timestamp};
use linedesk_store::ops::channels::{self, ChannelId};
use linedesk_store::{Access, Location, Query, ReadTx, Store, StoreError, Tx, feed};
use tempfile::TempDir;

use super::invariants;

/// Makes two tests of each behaviour, one on each engine.
macro_rules! on_both_engines {
    ($($behaviour:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $behaviour() {
                crate::contract::harness::run(crate::contract::harness::Engine::Sqlite, super::$behaviour);
            })+
        }
        mod postgres {
            $(#[test] fn $behaviour() {
                crate::contract::harness::run(crate::contract::harness::Engine::Postgres, super::$behaviour);
            })+
        }
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// When everything happens, unless a behaviour says otherwise.
pub(crate) const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// So many seconds after [`NOW`].
pub(crate) const fn after(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1000)
}

/// A data directory or a schema that is nobody else's.
pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres { url: String, schema: String },
}

impl Place {
    /// None where PostgreSQL does not answer; with `CI=true` that is a failure.
    pub(crate) fn new(engine: Engine) -> Option<Self> {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        if engine == Engine::Sqlite {
            return Some(Self::Sqlite(tempfile::tempdir().unwrap()));
        }
        let url = match postgres_url() {
            Ok(url) => url.clone(),
            Err(error) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "PostgreSQL does not answer: {error}");
                eprintln!("skipped: PostgreSQL does not answer: {error}");
                return None;
            }
        };
        let schema = format!("contract_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let place = Self::Postgres { url, schema: schema.clone() };
        place.administer(&format!("CREATE SCHEMA {schema}"));
        Some(place)
    }

    pub(crate) fn location(&self) -> Location {
        match self {
            Self::Sqlite(dir) => Location::Sqlite { data_dir: dir.path().to_owned() },
            Self::Postgres { url, schema } => Location::Postgres { url: url.clone(), schema: Some(schema.clone()) },
        }
    }

    /// One that serves this place alone: on PostgreSQL with one writer only, so that a batch can be foreseen.
    pub(crate) fn open(&self) -> Store {
        let access = match self {
            Self::Sqlite(_) => Access::Server,
            Self::Postgres { .. } => Access::Command,
        };
        Store::open(&self.location(), access).unwrap()
    }

    /// Runs statements past the store.
    pub(crate) fn administer(&self, sql: &str) {
        self.try_administer(sql).unwrap();
    }

    fn try_administer(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(dir) => rusqlite::Connection::open(dir.path().join("linedesk.db"))
                .and_then(|connection| connection.execute_batch(sql))
                .map_err(|error| error.to_string()),
            Self::Postgres { url, schema } => {
                let sql = format!("SET search_path = {schema}; {sql}");
                let url = url.clone();
                // In a thread of its own: this client brings a runtime, and there may be one here.
                blocking(move || {
                    postgres::Client::connect(&url, postgres::NoTls)
                        .and_then(|mut client| client.batch_execute(&sql))
                        .map_err(|error| error.to_string())
                })
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Postgres { schema, .. } = self {
            let sql = format!("SET client_min_messages = error; DROP SCHEMA {schema} CASCADE");
            let dropped = self.try_administer(&sql);
            assert!(dropped.is_ok() || std::thread::panicking(), "{dropped:?}");
        }
    }
}

fn postgres_url() -> &'static Result<String, String> {
    static URL: OnceLock<Result<String, String>> = OnceLock::new();
    URL.get_or_init(|| {
        let url = std::env::var("LINEDESK_TEST_POSTGRES_URL")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let tried = url.clone();
        blocking(move || match postgres::Client::connect(&tried, postgres::NoTls) {
            Ok(_) => Ok(url),
            Err(error) => Err(error.to_string()),
        })
    })
}

pub(crate) fn blocking<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::spawn(run).join().unwrap()
}

/// A desk with one channel.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) channel: ChannelId,
    pub(crate) numbers: AtomicU32,
    pub(crate) place: Place,
}

impl Desk {
    pub(crate) async fn open(place: Place) -> Self {
        let location = place.location();
        let access = if matches!(place, Place::Sqlite(_)) { Access::Server } else { Access::Command };
        let store = blocking(move || Store::open(&location, access).unwrap());
        let channel = store
            .write::<_, StoreError, _>(|tx| channels::put(tx, channels::DEFAULT, "secret", "token", NOW))
            .await
            .unwrap()
            .value;
        Self { store, channel, numbers: AtomicU32::new(1), place }
    }

    /// The desk's second way in: another node on PostgreSQL, a command beside the server on SQLite.
    pub(crate) fn another(&self) -> Store {
        let location = self.place.location();
        let access = if matches!(self.place, Place::Sqlite(_)) { Access::Command } else { Access::Server };
        blocking(move || Store::open(&location, access).unwrap())
    }

    pub(crate) fn engine(&self) -> Engine {
        match self.place {
            Place::Sqlite(_) => Engine::Sqlite,
            Place::Postgres { .. } => Engine::Postgres,
        }
    }

    /// An operation that must not fail.
    pub(crate) async fn write<T, F>(&self, run: F) -> T
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.store.write(run).await.unwrap().value
    }

    /// A read that must not fail.
    pub(crate) async fn read<T, F>(&self, run: F) -> T
    where
        F: FnOnce(&mut ReadTx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.store.read(run).await.unwrap()
    }

    /// The feed's newest seq.
    pub(crate) async fn head(&self) -> Seq {
        self.read(|tx| feed::head(tx)).await
    }

    /// The one number that a statement gives.
    pub(crate) async fn number(&self, sql: impl Into<String>) -> i64 {
        let sql = sql.into();
        self.read(move |tx| tx.query_one(&sql, &[])?.get(0)).await
    }

    /// The first column of every row, which holds text.
    pub(crate) async fn texts(&self, sql: impl Into<String>) -> Vec<Option<String>> {
        let sql = sql.into();
        self.read(move |tx| tx.query(&sql, &[])?.iter().map(|row| row.get(0)).collect()).await
    }

    pub(crate) async fn assert_sound(&self) {
        let broken = self.read(invariants::broken).await;
        assert!(broken.is_empty(), "broken: {broken:?}");
    }
}

/// Runs a behaviour on a desk of its own, and looks whether the desk is sound afterwards.
pub(crate) fn run(engine: Engine, behaviour: impl AsyncFnOnce(&Desk)) {
    let Some(place) = Place::new(engine) else { return };
    block_on(async {
        let desk = Desk::open(place).await;
        behaviour(&desk).await;
        desk.assert_sound().await;
    });
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
