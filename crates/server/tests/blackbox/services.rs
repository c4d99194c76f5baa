//! PostgreSQL and NATS servers of a test's own, which it may stop, kill and start again.
//!
//! They need `initdb` and `pg_ctl` (in the path, or where Debian has them) and `nats-server`. A test that has them not says
//! so and passes, but in CI. As root the database runs as the user `postgres`, since it refuses to run as root.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::harness::{eventually, free_address};

/// Where a program is; none where a test may do without it.
fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    folders.extend(versions.map(|version| version.unwrap().path().join("bin")));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|program| program.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no {name}");
        println!("skipped: there is no {name}");
    }
    found
}

async fn answers(addr: SocketAddr) {
    eventually("it answers", async || TcpStream::connect(addr).await.is_ok().then_some(())).await;
}

/// A NATS server. Dropping it ends it.
pub(crate) struct NatsServer {
    program: PathBuf,
    addr: SocketAddr,
    child: Child,
}

impl NatsServer {
    pub(crate) async fn start() -> Option<Self> {
        let (program, addr) = (find_program("nats-server")?, free_address());
        let child = Self::spawn(&program, addr).await;
        Some(Self { program, addr, child })
    }

    async fn spawn(program: &PathBuf, addr: SocketAddr) -> Child {
        let mut command = Command::new(program);
        command.args(["-a", &addr.ip().to_string(), "-p", &addr.port().to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        answers(addr).await;
        child
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.addr)
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) async fn start_again(&mut self) {
        self.child = Self::spawn(&self.program, self.addr).await;
    }
}

/// A PostgreSQL cluster. Dropping it ends it and removes its data.
pub(crate) struct PostgresServer {
    pg_ctl: PathBuf,
    addr: SocketAddr,
    dir: TempDir,
}

impl PostgresServer {
    pub(crate) async fn start() -> Option<Self> {
        let (initdb, pg_ctl) = (find_program("initdb")?, find_program("pg_ctl")?);
        let dir = tempfile::tempdir().unwrap();
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(dir.path()).status().await.unwrap();
            assert!(owned.success(), "there is no user postgres");
        }
        let server = Self { pg_ctl, addr: free_address(), dir };
        let data = server.data();
        let args = ["-D", &data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        server.run(&initdb, &args).await;
        server.ctl(&["start"]).await;
        Some(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.addr)
    }

    /// Stops and starts it: `fast` ends what is under way, `immediate` is a crash that it recovers from.
    pub(crate) async fn restart(&self, mode: &str) {
        self.ctl(&["restart", "-m", mode]).await;
    }

    fn data(&self) -> String {
        self.dir.path().join("data").display().to_string()
    }

    async fn ctl(&self, args: &[&str]) {
        let options = format!("-h {} -p {} -c unix_socket_directories=", self.addr.ip(), self.addr.port());
        let (data, log) = (self.data(), self.dir.path().join("log").display().to_string());
        let base = ["-D", &data, "-l", &log, "-o", &options, "-w"];
        self.run(&self.pg_ctl, &[&base[..], args].concat()).await;
    }

    async fn run(&self, program: &PathBuf, args: &[&str]) {
        let mut command = as_a_user(program);
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        // The server would hold a pipe open.
        let log = std::fs::File::create(self.dir.path().join("commands")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let done = command.status().await.unwrap();
        let said = || std::fs::read_to_string(self.dir.path().join("commands")).unwrap();
        assert!(done.success(), "{} {args:?}: {}", program.display(), said());
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let mut command = as_a_user(&self.pg_ctl).into_std();
        let _ = command.args(["-D", &self.data(), "-m", "immediate", "-w", "stop"]).stdout(Stdio::null()).status();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

fn as_a_user(program: &PathBuf) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}
