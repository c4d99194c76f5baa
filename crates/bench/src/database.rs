//! A PostgreSQL database of the bench's own, and NATS: for the rows that need them.

use std::net::TcpStream;

use postgres::{Client, NoTls};

use crate::cpu::Cpu;
use crate::report::say;

/// A database that nobody else uses; dropped at the end.
pub(crate) struct Database {
    server: String,
    name: String,
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn create(server: &str, purpose: &str) -> anyhow::Result<Self> {
        let name = format!("linedesk_bench_{}_{purpose}", std::process::id());
        let mut url = reqwest::Url::parse(server)?;
        url.set_path(&name);
        let made = Self { server: server.to_owned(), name, url: url.to_string() };
        let (server, statement) = (made.server.clone(), format!("CREATE DATABASE \"{}\"", made.name));
        tokio::task::spawn_blocking(move || Client::connect(&server, NoTls)?.batch_execute(&statement)).await??;
        Ok(made)
    }

    /// CPU time from now on of the server's processes that work for this database, one for each connection. Connections
    /// that come later are not in it, nor are the server's own writers to disk.
    pub(crate) async fn cpu(&self) -> anyhow::Result<Cpu> {
        let (server, name) = (self.server.clone(), self.name.clone());
        let rows = tokio::task::spawn_blocking(move || {
            let query = "SELECT pid FROM pg_stat_activity WHERE datname = $1";
            Client::connect(&server, NoTls)?.query(query, &[&name])
        });
        let ids: Result<Vec<_>, _> = rows.await??.iter().map(|row| u32::try_from(row.get::<_, i32>(0))).collect();
        Cpu::begin(ids?)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, statement) = (self.server.clone(), format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name));
        // The client blocks, which a runtime's thread must not.
        let dropping = std::thread::spawn(move || Client::connect(&server, NoTls)?.batch_execute(&statement));
        if !matches!(dropping.join(), Ok(Ok(()))) {
            say(&format!("could not drop the database {}", self.name));
        }
    }
}

/// The PostgreSQL server, if one answers: `LINEDESK_TEST_POSTGRES_URL`, else the usual local one.
pub(crate) fn postgres() -> Option<String> {
    service("LINEDESK_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres", 5432)
}

/// As [`postgres`]: `LINEDESK_TEST_NATS_URL`.
pub(crate) fn nats() -> Option<String> {
    service("LINEDESK_TEST_NATS_URL", "nats://127.0.0.1:4222", 4222)
}

/// What the environment names must be there; the usual local server may be.
fn service(name: &str, usual: &str, port: u16) -> Option<String> {
    if let Some(url) = std::env::var(name).ok().filter(|url| !url.is_empty()) {
        return Some(url);
    }
    let answers = TcpStream::connect(("127.0.0.1", port)).is_ok();
    if !answers {
        say(&format!("left out: {name} is not set and {usual} does not answer"));
    }
    answers.then(|| usual.to_owned())
}
