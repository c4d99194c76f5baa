//! A process under test: started, asked what it has cost, and ended.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use linedesk_core::clock::{Clock as _, SystemClock};
use linedesk_protocol::{Role, Timestamp};
use linedesk_store::ops::operators::{self, NewOperator, OperatorError};
use linedesk_store::{Access, Location, Origin, Store};
use serde_json::Value;

use crate::child::PASSWORD;
use crate::cpu::Cpu;
use crate::load::Connection;

pub(crate) struct Process {
    child: Child,
    pub(crate) addr: String,
    /// From the start of the process until it was ready.
    pub(crate) started_in: Duration,
}

impl Process {
    pub(crate) async fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the process under test")?;
        let stdout = child.stdout.take().context("no output")?;
        let line = tokio::task::spawn_blocking(move || {
            use std::io::BufRead as _;
            let mut line = String::new();
            std::io::BufReader::new(stdout).read_line(&mut line).map(|_| line)
        })
        .await??;
        let addr = line.trim().to_owned();
        anyhow::ensure!(!addr.is_empty(), "the process under test did not start");
        let process = Self { child, addr, started_in: begun.elapsed() };
        Ok(process)
    }

    /// A desk on a data directory.
    pub(crate) async fn desk(data_dir: &Path, line_url: &str) -> anyhow::Result<Self> {
        Self::desk_with(data_dir, line_url, &[]).await
    }

    /// With settings of its own.
    pub(crate) async fn desk_with(data_dir: &Path, line_url: &str, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let data_dir = data_dir.display().to_string();
        let settings: Vec<_> = settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let arguments = ["child-desk", &data_dir, line_url].into_iter().chain(settings.iter().map(String::as_str));
        let mut process = Self::start(&arguments.collect::<Vec<_>>()).await?;
        let mut connection = Connection::open(&process.addr).await?;
        while connection.call(b"GET /readyz HTTP/1.1\r\nhost: bench\r\n\r\n").await? != 200 {}
        process.started_in = begun.elapsed();
        Ok(process)
    }

    /// A desk on an empty data directory, with so many operators.
    pub(crate) async fn desk_with_operators(data_dir: &Path, line_url: &str, count: usize) -> anyhow::Result<Self> {
        // The first start makes the admin, whose hash the others share.
        drop(Self::desk(data_dir, line_url).await?);
        let hash = admin_hash(data_dir).await?;
        add_operators(data_dir, &hash, count).await?;
        Self::desk(data_dir, line_url).await
    }

    pub(crate) async fn floor() -> anyhow::Result<Self> {
        Self::start(&["child-floor"]).await
    }

    /// Its CPU time from now on.
    pub(crate) fn cpu(&self) -> anyhow::Result<Cpu> {
        Cpu::begin([self.child.id()])
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in KiB.
    pub(crate) fn memory_kib(&self) -> anyhow::Result<f64> {
        self.status_kib("VmRSS:")
    }

    /// Of it, what is not pages of files, such as of the executable, which the kernel can drop. In KiB.
    pub(crate) fn own_memory_kib(&self) -> anyhow::Result<f64> {
        self.status_kib("RssAnon:")
    }

    /// Files and sockets that it has open.
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    pub(crate) fn open_files(&self) -> anyhow::Result<f64> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count() as f64)
    }

    fn status_kib(&self, name: &str) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with(name)).context("an odd /proc entry")?;
        line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).context("an odd /proc entry")
    }

    /// Begins to look for the most memory anew (`proc_pid_clear_refs(5)`).
    pub(crate) fn forget_peak(&self) -> anyhow::Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    /// The most resident memory since then, in KiB.
    pub(crate) fn peak_kib(&self) -> anyhow::Result<f64> {
        self.status_kib("VmHWM:")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Opens the store as the server would, for filling it before the server starts.
pub(crate) async fn open(data_dir: &Path) -> anyhow::Result<Store> {
    open_at(Location::Sqlite { data_dir: data_dir.to_owned() }).await
}

pub(crate) async fn open_at(location: Location) -> anyhow::Result<Store> {
    Ok(tokio::task::spawn_blocking(move || Store::open(&location, Access::Server)).await??)
}

pub(crate) async fn close(store: Store) -> anyhow::Result<()> {
    Ok(tokio::task::spawn_blocking(move || store.close()).await?)
}

pub(crate) fn now() -> Timestamp {
    Timestamp(SystemClock.now_ms())
}

/// Adds operators `operator0` … with the bench's password, and gives none of them work.
async fn add_operators(data_dir: &Path, admin_hash: &str, count: usize) -> anyhow::Result<()> {
    let store = open(data_dir).await?;
    let hash = admin_hash.to_owned();
    let done: Result<_, OperatorError> = store
        .write(move |tx| {
            for number in 0..count {
                let new = NewOperator {
                    username: format!("operator{number}"),
                    display_name: format!("Operator {number}"),
                    role: Role::Agent,
                    password_hash: hash.clone(),
                };
                operators::create(tx, &new, &Origin::system("bench"), now())?;
            }
            Ok(())
        })
        .await;
    done?;
    close(store).await
}

/// The hash of the bench's password, made by the server under test when it made its first operator.
async fn admin_hash(data_dir: &Path) -> anyhow::Result<String> {
    let store = open(data_dir).await?;
    let admin: Result<_, OperatorError> = store.read(|tx| Ok(operators::find_by_username(tx, "admin")?)).await;
    close(store).await?;
    Ok(admin?.context("no admin")?.password_hash)
}

pub(crate) async fn sign_in(http: &reqwest::Client, desk: &Process, username: &str) -> anyhow::Result<String> {
    sign_in_at(http, &desk.url(""), username).await
}

/// As [`sign_in`], at the desk's address.
pub(crate) async fn sign_in_at(http: &reqwest::Client, base: &str, username: &str) -> anyhow::Result<String> {
    let body = serde_json::json!({"username": username, "password": PASSWORD});
    let answer = http.post(format!("{base}/api/v1/auth/login")).json(&body).send().await?.error_for_status()?;
    let answer: Value = answer.json().await?;
    answer["access_token"].as_str().map(str::to_owned).context("no access token")
}
