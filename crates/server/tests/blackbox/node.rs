//! One node on a runtime of its own, and the PostgreSQL schema that nodes share.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use linedesk_core::clock::Clock;
use linedesk_server::app::App;
use linedesk_server::config::Config;
use linedesk_store::Location;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// A schema that nobody else uses.
pub(crate) async fn create_schema(url: String) -> Location {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let schema = format!("blackbox_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let made = tokio::task::spawn_blocking(move || {
        let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        client
            .batch_execute(&format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE; CREATE SCHEMA \"{schema}\""))
            .unwrap();
        Location::Postgres { url, schema: Some(schema) }
    });
    made.await.unwrap()
}

/// Removes the schema, if there is one. Blocking.
pub(crate) fn drop_schema(location: &Location) {
    if let Location::Postgres { url, schema: Some(schema) } = location
        && let Ok(mut client) = postgres::Client::connect(url, postgres::NoTls)
    {
        let _ = client.batch_execute(&format!("DROP SCHEMA \"{schema}\" CASCADE"));
    }
}

/// Waits until nobody holds the data directory: the threads of a node that was ended may still be finishing. Blocking.
pub(crate) fn wait_until_released(location: &Location) {
    if let Location::Sqlite { data_dir } = location
        && let Ok(lock) = File::open(data_dir.join("linedesk.lock"))
    {
        let _ = lock.lock();
    }
}

/// A node that runs.
pub(crate) struct Node {
    app: Option<App>,
    runtime: Option<Runtime>,
    pub(crate) addr: SocketAddr,
}

impl Node {
    pub(crate) async fn start(config: Config, clock: Arc<dyn Clock>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let app = runtime.spawn(App::start(config, clock, None)).await.unwrap().unwrap();
        Self { addr: app.addr(), app: Some(app), runtime: Some(runtime) }
    }

    /// Stops it in order, as SIGTERM does. What comes back ends when it has stopped.
    pub(crate) fn begin_stop(&mut self) -> JoinHandle<()> {
        let app = self.app.take().expect("it is not stopping yet");
        self.runtime.as_ref().expect("it runs").spawn(app.stop())
    }

    /// Ends it at once. Blocking.
    pub(crate) fn end(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
        drop(self.app.take());
    }
}
