//! A desk of several real processes on one PostgreSQL schema and one bus: nodes that can be killed with SIGKILL.

use std::net::SocketAddr;

use linedesk_simulator::SimulatorOptions;
use linedesk_store::Location;
use serde_json::Value;

use super::binary::{Binary, Served};
use super::client::Client;
use super::harness::{DEADLINE, Line, eventually};
use super::node::{create_schema, drop_schema};

const PASSWORD: &str = "rooted and grounded";
/// What seals the secrets of a desk, for all nodes.
const SECRET_KEY: &str = "the same on every one of its nodes, and not short";

/// The executable, for a simulated LINE and without limits that a test could meet.
pub(crate) fn executable(line: &Line) -> Binary {
    Binary::new()
        .env("LINEDESK_LINE_CHANNEL_SECRET", line.channel_secret())
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", line.channel_access_token())
        .env("LINEDESK_LINE_API_URL", &line.base_url())
        .env("LINEDESK_LINE_DATA_API_URL", &line.base_url())
        .env("LINEDESK_BOOTSTRAP_ADMIN", &format!("root:{PASSWORD}"))
        .env("LINEDESK_SENDS_PER_MINUTE", "60000")
        .env("LINEDESK_SENDS_BURST", "10000")
        .env("LINEDESK_COMMANDS_PER_MINUTE", "60000")
}

/// [`executable`] makes the account `root`.
pub(crate) async fn sign_in(addr: SocketAddr, username: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
    Client::sign_in(http, addr, username, PASSWORD).await
}

/// Customers whom `root` answers.
pub(crate) async fn customers(line: &Line, root: &Client, count: usize) -> Vec<String> {
    let users: Vec<_> = (0..count).map(|_| line.add_customer("Customer", "th", None).unwrap()).collect();
    for user in &users {
        line.send_text(user, "agent").unwrap();
    }
    line.wait_until_idle(DEADLINE).await.unwrap();
    for user in &users {
        root.act(user, "claim", Value::Null).await.ok();
    }
    users
}

/// Several nodes. Dropping it kills them and drops the schema.
pub(crate) struct Processes {
    pub(crate) line: Line,
    pub(crate) location: Location,
    /// Each with a directory of its own; none serves that was killed.
    nodes: Vec<(Binary, Option<Served>)>,
    urls: (String, String),
}

impl Processes {
    /// Starts LINE, and no node yet. Both URLs may be of proxies.
    pub(crate) async fn new(postgres: &str, nats: &str) -> Self {
        let line = Line::start(SimulatorOptions { monthly_quota: None, ..SimulatorOptions::default() }).await;
        let location = create_schema(postgres.to_owned()).await;
        Self { line, location, nodes: Vec::new(), urls: (postgres.to_owned(), nats.to_owned()) }
    }

    /// Starts another node, and gives its number. LINE sends its webhooks to it from now on.
    pub(crate) async fn start_node(&mut self) -> usize {
        let (postgres, nats) = &self.urls;
        let schema = self.schema();
        let binary = executable(&self.line)
            .env("LINEDESK_DATABASE_URL", &format!("{postgres}?options=-csearch_path%3D{schema}"))
            .env("LINEDESK_NATS_URL", nats)
            .env("LINEDESK_SECRET_KEY", SECRET_KEY);
        self.nodes.push((binary, None));
        let number = self.nodes.len() - 1;
        self.start_again(number).await;
        number
    }

    /// Starts a node that was killed.
    pub(crate) async fn start_again(&mut self, number: usize) {
        let (binary, served) = &mut self.nodes[number];
        let new = binary.serve(&[]).await;
        self.line.set_webhook_url(format!("http://{}/line/webhook", new.addr));
        *served = Some(new);
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self, number: usize) {
        self.nodes[number].1.take().expect("it was killed").kill().await;
    }

    pub(crate) fn addr_of(&self, number: usize) -> SocketAddr {
        self.nodes[number].1.as_ref().expect("it was killed").addr
    }

    /// The account's texts on a phone, in order.
    pub(crate) fn texts_at(&self, user: &str) -> Vec<String> {
        self.line.received(user).into_iter().filter_map(|message| message.text).collect()
    }

    pub(crate) async fn arrives(&self, user: &str, text: &str) {
        eventually(&format!("{text} at the phone"), async || {
            self.texts_at(user).iter().any(|one| one == text).then_some(())
        })
        .await;
    }

    /// Adds an account with the password of `root`, and signs in to a node.
    pub(crate) async fn operator(&self, username: &str, node: usize) -> Client {
        let binary = &self.nodes[node].0;
        let args = ["operator", "add", "--username", username, "--role", "AGENT", "--password-stdin"];
        binary.run_with(&args, PASSWORD).await.succeeded();
        sign_in(self.addr_of(node), username).await
    }

    /// What the database counts.
    pub(crate) async fn count(&self, what: &'static str) -> i64 {
        let (url, schema) = (self.urls.0.clone(), self.schema().to_owned());
        let counting = tokio::task::spawn_blocking(move || {
            let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
            client.batch_execute(&format!("SET search_path = \"{schema}\"")).unwrap();
            client.query_one(&format!("SELECT count(*) FROM {what}"), &[]).unwrap().get(0)
        });
        counting.await.unwrap()
    }

    fn schema(&self) -> &str {
        match &self.location {
            Location::Postgres { schema: Some(schema), .. } => schema,
            _ => unreachable!("it is on PostgreSQL"),
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.nodes.clear();
        let location = self.location.clone();
        let _ = std::thread::spawn(move || drop_schema(&location)).join();
    }
}
