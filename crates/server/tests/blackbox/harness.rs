//! A desk of its own for every test: a simulated LINE, a data directory (or a PostgreSQL schema), and one or more nodes.
//!
//! ```ignore
//! let desk = TestDesk::start().await;
//! let ann = desk.operator("ann", Role::Agent).await;          // account + sign-in: a REST `Client`
//! let user = desk.customer_waiting("Somchai").await;          // wrote "agent" in LINE: WAITING
//! let mut socket = desk.socket(&ann).await;                   // signed in
//! socket.command("claim_session", json!({"line_user_id": user})).await.expect("session_claimed");
//! ```
//!
//! Each node runs on a runtime of its own, so that [`TestDesk::kill`] ends everything of it at once, connections and
//! timers too, without a word to anybody: as close to a crash as one process allows. (For `kill -9` of a real process
//! see `binary`.) [`TestDesk::restart`] starts one again on the same data.
//!
//! Clocks: [`Builder::manual_clock`] lets time stand still for the desk and for LINE; timers of the runtime go on.
//!
//! PostgreSQL and NATS are those of `LINEDESK_TEST_POSTGRES_URL` and `LINEDESK_TEST_NATS_URL`, else the usual local ones.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::{PasswordHasher as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use linedesk_core::clock::{Clock, ManualClock, SystemClock};
use linedesk_protocol::{OperatorId, Role, Timestamp};
use linedesk_server::config::{Config, Settings};
use linedesk_simulator::{Simulator, SimulatorOptions};
use linedesk_store::ops::operators::{self, NewOperator, OperatorError};
use linedesk_store::{Access, Location, Origin, Store, Tx};
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::client::{Answer, Client};
use super::node::{Node, create_schema, drop_schema, wait_until_released};
use super::socket::SocketClient;

/// Everything that is waited for comes within this, or the test fails. Generous: the machine may be busy.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// Every operator's, unless a test says otherwise.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const CHANNEL_SECRET: &str = "simulated-channel-secret";
/// Where a [`ManualClock`] stands at first: a Monday, 10:00 in Bangkok.
pub(crate) const MONDAY_MS: i64 = 1_767_582_000_000;

/// PHC string of [`PASSWORD`], with the cheapest parameters: the server verifies with those of the hash.
static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    let salt = SaltString::from_b64("c29tZXNhbHRzb21lc2FsdA").unwrap();
    argon2.hash_password(PASSWORD.as_bytes(), &salt).unwrap().to_string()
});

/// The PostgreSQL server for tests, if one answers; a test that needs it and has none says so and passes, but in CI.
pub(crate) fn postgres_url() -> Option<String> {
    from_environment("LINEDESK_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres", 5432)
}

/// As [`postgres_url`], for NATS.
pub(crate) fn nats_url() -> Option<String> {
    from_environment("LINEDESK_TEST_NATS_URL", "nats://127.0.0.1:4222", 4222)
}

/// What the environment names must be there; the usual local server may be.
fn from_environment(name: &str, usual: &str, port: u16) -> Option<String> {
    if let Some(url) = std::env::var(name).ok().filter(|url| !url.is_empty()) {
        return Some(url);
    }
    let answers = std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    if !answers {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no {usual}");
        println!("skipped: {name} is not set and {usual} does not answer");
    }
    answers.then(|| usual.to_owned())
}

/// Asks until the answer is there, for at most [`DEADLINE`].
pub(crate) async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        let mut pause = tokio::time::interval(Duration::from_millis(10));
        loop {
            pause.tick().await;
            if let Some(found) = probe().await {
                return found;
            }
        }
    };
    tokio::time::timeout(DEADLINE, asking).await.unwrap_or_else(|_| panic!("not within {DEADLINE:?}: {what}"))
}

/// An address that nobody listens on. Its port is below those that systems give to outgoing connections, so that none of
/// another test takes it before it is used.
pub(crate) fn free_address() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 100).unwrap() * 100;
    let candidates = std::iter::repeat_with(|| TAKEN.fetch_add(1, Ordering::Relaxed));
    let mut addresses = candidates.map(|n| SocketAddr::from(([127, 0, 0, 1], 20_000 + (first + n) % 12_000)));
    addresses.find(|addr| std::net::TcpListener::bind(addr).is_ok()).unwrap()
}

enum Database {
    Sqlite,
    Postgres { url: String },
}

/// What a desk is made of. Ends with [`Builder::start`].
pub(crate) struct Builder {
    settings: Vec<(String, String)>,
    clock: Option<Arc<ManualClock>>,
    simulator: SimulatorOptions,
    database: Database,
    change: fn(&mut Config),
}

impl Builder {
    /// One of the server's settings, by its key in `linedesk.toml`.
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// LINE can fetch files from the first node: it listens where `public_url` says.
    pub(crate) fn public(self) -> Self {
        let free = free_address();
        self.set("listen", &free.to_string()).set("public_url", &format!("http://{free}"))
    }

    /// Limits so high that a test which is not about them does not meet them.
    pub(crate) fn without_limits(self) -> Self {
        self.set("sends_per_minute", "60000").set("sends_burst", "10000").set("commands_per_minute", "60000")
    }

    /// Time stands still at [`MONDAY_MS`] until the test moves it, for the desk and for LINE.
    pub(crate) fn manual_clock(mut self) -> Self {
        self.clock = Some(Arc::new(ManualClock::new(MONDAY_MS)));
        self
    }

    pub(crate) fn simulator(mut self, change: impl FnOnce(&mut SimulatorOptions)) -> Self {
        change(&mut self.simulator);
        self
    }

    /// What is no setting: how long sockets are waited for.
    pub(crate) fn config(mut self, change: fn(&mut Config)) -> Self {
        self.change = change;
        self
    }

    /// A schema of its own on the PostgreSQL server, dropped at the end. See [`postgres_url`].
    pub(crate) fn postgres(mut self, url: &str) -> Self {
        self.database = Database::Postgres { url: url.to_owned() };
        self
    }

    /// Several nodes can tell each other things. See [`nats_url`], [`TestDesk::start_node`].
    pub(crate) fn nats(self, url: &str) -> Self {
        self.set("nats_url", url)
    }

    /// Starts LINE and one node.
    pub(crate) async fn start(self) -> TestDesk {
        // Whoever was first to install a provider has installed this one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock: Arc<dyn Clock> = match &self.clock {
            Some(clock) => Arc::<ManualClock>::clone(clock),
            None => Arc::new(SystemClock),
        };
        let line = Line(Simulator::start_with_clock(self.simulator.clone(), Arc::clone(&clock)).await.unwrap());
        let data_dir = tempfile::tempdir().unwrap();
        let location = match self.database {
            Database::Sqlite => Location::Sqlite { data_dir: data_dir.path().join("data") },
            Database::Postgres { url } => create_schema(url).await,
        };
        let mut settings = vec![
            ("listen".to_owned(), "127.0.0.1:0".to_owned()),
            ("data_dir".to_owned(), data_dir.path().join("data").display().to_string()),
            ("line_channel_secret".to_owned(), self.simulator.channel_secret.clone()),
            ("line_channel_access_token".to_owned(), self.simulator.channel_access_token.clone()),
            ("line_api_url".to_owned(), line.base_url()),
            ("line_data_api_url".to_owned(), line.base_url()),
        ];
        settings.extend(self.settings);
        let mut desk = TestDesk {
            http: reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap(),
            line,
            location,
            settings,
            clock,
            manual_clock: self.clock,
            channel_secret: self.simulator.channel_secret,
            change: self.change,
            nodes: Vec::new(),
            data_dir,
        };
        desk.start_node().await;
        desk
    }
}

/// A desk under test. Dropping it ends its nodes and removes its data.
pub(crate) struct TestDesk {
    /// The simulated LINE: what arrives on phones, faults, the log of calls.
    pub(crate) line: Line,
    pub(crate) http: reqwest::Client,
    pub(crate) location: Location,
    pub(crate) channel_secret: String,
    settings: Vec<(String, String)>,
    change: fn(&mut Config),
    clock: Arc<dyn Clock>,
    manual_clock: Option<Arc<ManualClock>>,
    nodes: Vec<Option<Node>>,
    data_dir: TempDir,
}

impl TestDesk {
    /// One node on SQLite, everything as the server has it by default.
    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    pub(crate) fn builder() -> Builder {
        Builder {
            settings: Vec::new(),
            clock: None,
            simulator: SimulatorOptions { channel_secret: CHANNEL_SECRET.to_owned(), ..SimulatorOptions::default() },
            database: Database::Sqlite,
            change: |_| {},
        }
    }

    // Nodes. They are numbered as they were started; without a number the first that runs is meant.

    /// Starts another node on the same data (PostgreSQL), or the only one again (SQLite). Gives its number. LINE sends
    /// its webhooks to it from now on.
    pub(crate) async fn start_node(&mut self) -> usize {
        self.start_node_with(&[]).await
    }

    /// As [`TestDesk::start_node`], with settings in place of the desk's.
    pub(crate) async fn start_node_with(&mut self, own: &[(&str, &str)]) -> usize {
        let own = own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let settings = Settings::collect(self.settings.iter().cloned().chain(own), [], None).unwrap();
        let mut config = Config::from_settings(&settings).unwrap();
        config.location = self.location.clone();
        (self.change)(&mut config);
        let node = Node::start(config, Arc::clone(&self.clock)).await;
        self.line.set_webhook_url(format!("http://{}/line/webhook", node.addr));
        self.nodes.push(Some(node));
        self.nodes.len() - 1
    }

    fn node(&self, number: usize) -> &Node {
        self.nodes[number].as_ref().expect("this node was ended")
    }

    fn first(&self) -> usize {
        self.nodes.iter().position(Option::is_some).expect("no node runs")
    }

    /// Where a node listens.
    pub(crate) fn addr_of(&self, number: usize) -> SocketAddr {
        self.node(number).addr
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr_of(self.first())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr())
    }

    /// Ends a node at once, as a crash would: nobody is told anything, nothing is finished.
    pub(crate) async fn kill_node(&mut self, number: usize) {
        let node = self.nodes[number].take().expect("this node was ended");
        let location = self.location.clone();
        let ending = tokio::task::spawn_blocking(move || {
            node.end();
            wait_until_released(&location);
        });
        ending.await.unwrap();
    }

    pub(crate) async fn kill(&mut self) {
        self.kill_node(self.first()).await;
    }

    /// Stops a node in order, as SIGTERM does, and returns when it has stopped.
    pub(crate) async fn stop_node(&mut self, number: usize) {
        let mut node = self.nodes[number].take().expect("this node was ended");
        node.begin_stop().await.unwrap();
        tokio::task::spawn_blocking(move || node.end()).await.unwrap();
    }

    /// As [`TestDesk::stop_node`], without waiting: what comes back does the waiting.
    pub(crate) fn begin_stop(&mut self) -> tokio::task::JoinHandle<()> {
        let number = self.first();
        self.nodes[number].as_mut().expect("it runs").begin_stop()
    }

    pub(crate) async fn stop(&mut self) {
        self.stop_node(self.first()).await;
    }

    /// Kills the node and starts one on the same data. Sockets and REST clients of before are to be made anew (or, for
    /// REST, moved: [`Client::at`]).
    pub(crate) async fn restart(&mut self) {
        self.kill().await;
        self.start_node().await;
    }

    /// The files of the media store, by their names on disk.
    pub(crate) fn files(&self) -> Vec<String> {
        let folders = std::fs::read_dir(self.data_dir.path().join("data/media")).into_iter().flatten();
        let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).into_iter().flatten());
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    // Time.

    /// Moves a manual clock.
    pub(crate) fn advance(&self, by: Duration) {
        self.manual_clock.as_ref().expect("the desk has no manual clock").advance(by);
    }

    /// Puts a manual clock where it did not come by itself.
    pub(crate) fn set_clock(&self, now_ms: i64) {
        self.manual_clock.as_ref().expect("the desk has no manual clock").set(now_ms);
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    // People.

    /// Runs an operation on the desk's database from outside of the server, as `linedesk operator` does.
    pub(crate) async fn in_store<T, F>(&self, run: F) -> T
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, OperatorError> + Send + 'static,
    {
        let location = self.location.clone();
        let store =
            tokio::task::spawn_blocking(move || Store::open(&location, Access::Command)).await.unwrap().unwrap();
        let done = store.write(run).await.unwrap().value;
        tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
        done
    }

    /// Adds an account with [`PASSWORD`]; the display name is the user name with a capital.
    pub(crate) async fn add_operator(&self, username: &str, role: Role) -> OperatorId {
        let mut display_name = username.to_owned();
        display_name[..1].make_ascii_uppercase();
        let new =
            NewOperator { username: username.to_owned(), display_name, role, password_hash: PASSWORD_HASH.clone() };
        let now = Timestamp(self.now_ms());
        self.in_store(move |tx| operators::create(tx, &new, &Origin::system("test"), now)).await
    }

    /// Signs in to the first node that runs.
    pub(crate) async fn sign_in(&self, username: &str) -> Client {
        Client::sign_in(self.http.clone(), self.addr(), username, PASSWORD).await
    }

    /// Adds an account and signs in.
    pub(crate) async fn operator(&self, username: &str, role: Role) -> Client {
        self.add_operator(username, role).await;
        self.sign_in(username).await
    }

    /// A socket, signed in as the client is, on the client's node.
    pub(crate) async fn socket(&self, client: &Client) -> SocketClient {
        SocketClient::signed_in(client, None).await
    }

    /// Someone with LINE on the phone who has not written yet. Gives the LINE user id.
    pub(crate) fn customer(&self, name: &str) -> String {
        self.line.add_customer(name, "th", None).unwrap()
    }

    /// A customer writes, and the desk has answered 200 when this returns.
    pub(crate) async fn says(&self, user: &str, text: &str) -> linedesk_simulator::SentMessage {
        let sent = self.line.send_text(user, text).unwrap();
        self.line.wait_until_idle(DEADLINE).await.unwrap();
        sent
    }

    /// A customer who wrote something to the bot.
    pub(crate) async fn customer_writing(&self, name: &str) -> String {
        let user = self.customer(name);
        self.says(&user, "hello").await;
        user
    }

    /// A customer who waits for a person: the session is WAITING.
    pub(crate) async fn customer_waiting(&self, name: &str) -> String {
        let user = self.customer(name);
        self.says(&user, "agent").await;
        user
    }

    /// A customer whose session is ACTIVE and the client's.
    pub(crate) async fn customer_of(&self, name: &str, owner: &Client) -> String {
        let user = self.customer_waiting(name).await;
        owner.post(&format!("/conversations/{user}/claim"), &Value::Null).await.ok();
        user
    }

    // Requests of nobody in particular.

    /// A request without a sign-in, to any path.
    pub(crate) async fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method, self.url(path));
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, None).await
    }
}

/// The simulated LINE. At its end nothing may have gone there in a form that LINE does not know: what a test sent so on
/// purpose, it takes out ([`Simulator::take_unfit`]).
pub(crate) struct Line(Simulator);

impl Line {
    pub(crate) async fn start(options: SimulatorOptions) -> Self {
        Self(Simulator::start(options).await.unwrap())
    }
}

impl std::ops::Deref for Line {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.0
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let unfit = self.0.take_unfit();
        assert!(unfit.is_empty() || std::thread::panicking(), "not as LINE's files describe it: {unfit:#?}");
    }
}

impl Drop for TestDesk {
    fn drop(&mut self) {
        let nodes = std::mem::take(&mut self.nodes);
        let location = self.location.clone();
        // Ending a runtime blocks, and this one must not be blocked from within.
        let ending = std::thread::spawn(move || {
            nodes.into_iter().flatten().for_each(Node::end);
            drop_schema(&location);
        });
        let _ = ending.join();
    }
}
