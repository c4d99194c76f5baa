//! The real executable: its command line, its exit codes, and the only honest `kill -9`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinSet;

use super::harness::DEADLINE;

/// The executable with a data directory of its own, and nothing from the environment of the test.
pub(crate) struct Binary {
    dir: TempDir,
    environment: Vec<(String, String)>,
    most_kib: Option<u64>,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// CF: this exit code, with one clear line on stderr. Gives the line.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "not one line: {self:?}");
        self.stderr.trim_end()
    }

    #[track_caller]
    pub(crate) fn succeeded(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        &self.stdout
    }
}

impl Binary {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), environment: Vec::new(), most_kib: None }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// No file may grow larger: what is written beyond fails, as on a full disk. [`Served::make_room`] ends it.
    pub(crate) fn with_full_disk_at(mut self, kib: u64) -> Self {
        self.most_kib = Some(kib);
        self
    }

    /// Where the commands run; `./data` is the data directory.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let binary = env!("CARGO_BIN_EXE_linedesk");
        let mut command = match self.most_kib {
            None => Command::new(binary),
            Some(kib) => {
                // In blocks of 512 bytes; without the trap the first such write would end the process.
                let limited = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"", kib * 2);
                let mut shell = Command::new("sh");
                shell.args(["-c", &limited, binary]);
                shell
            }
        };
        command.args(args).current_dir(self.dir()).env_clear().envs(self.environment.iter().cloned());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, "").await
    }

    /// Runs a command that reads something.
    pub(crate) async fn run_with(&self, args: &[&str], stdin: &str) -> Ended {
        let mut child = self.command(args).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // A command that reads nothing may have gone already.
        let _ = input.write_all(stdin.as_bytes()).await;
        drop(input);
        let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await.expect("it does not end").unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts a server on any port, and returns when it serves.
    pub(crate) async fn serve(&self, args: &[&str]) -> Served {
        let base = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];
        let mut child = self.command(&[&base[..], args].concat()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let addr = tokio::time::timeout(DEADLINE, async {
            while let Some(line) = log.next_line().await.unwrap() {
                said.push(line);
                let entry: serde_json::Value = serde_json::from_str(said.last().unwrap()).unwrap_or_default();
                if entry["fields"]["message"] == "linedesk serves" {
                    return entry["fields"]["listen"].as_str().unwrap().parse().unwrap();
                }
            }
            panic!("it ended: {said:#?}");
        });
        let addr = addr.await.expect("it does not serve");
        let mut log_reader = JoinSet::new();
        log_reader.spawn(read_to_end(log, said));
        Served { child, log_reader, addr }
    }
}

/// A pipe that nobody reads would hold the server up.
async fn read_to_end(mut log: Lines<BufReader<ChildStderr>>, mut said: Vec<String>) -> String {
    while let Ok(Some(line)) = log.next_line().await {
        said.push(line);
    }
    said.join("\n")
}

/// A server process.
pub(crate) struct Served {
    child: Child,
    log_reader: JoinSet<String>,
    pub(crate) addr: SocketAddr,
}

impl Served {
    /// SIGKILL: not a destructor runs.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// The disk is not full any more.
    pub(crate) async fn make_room(&self) {
        let pid = self.child.id().unwrap().to_string();
        let done = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:unlimited"]).status().await.unwrap();
        assert!(done.success());
    }

    /// The most memory that it ever had, in kB (Linux: `VmHWM`).
    pub(crate) fn peak_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// SIGTERM; gives the exit code and everything it logged.
    pub(crate) async fn terminate(mut self) -> (i32, String) {
        let pid = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
        assert!(sent.success());
        let ending = async { (self.child.wait().await.unwrap(), self.log_reader.join_next().await) };
        let (status, log) = tokio::time::timeout(DEADLINE, ending).await.expect("it does not stop");
        (status.code().unwrap_or(-1), log.unwrap().unwrap())
    }
}
