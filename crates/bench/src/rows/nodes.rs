//! One, two and three nodes on PostgreSQL and NATS. All of them, the database and the generator share one machine: what
//! is told is what a node more costs and takes over, not how far a cluster of machines goes.

use linedesk_store::Location;
use tempfile::TempDir;

use super::ingest::{ROUNDS, TOLD, USERS, Webhooks, cpu, in_turn, kept, measure};
use super::latency::{PER_SECOND, answers, times_of_texts};
use crate::cpu::Cpu;
use crate::database::{self, Database};
use crate::desk::{Process, sign_in};
use crate::line;
use crate::report::{Figure, Line, Report, percentile};

const NODES: [usize; 3] = [1, 2, 3];
const EVENTS: u64 = 20_000;
const TEXTS: u64 = 2_000;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let Some((postgres, nats)) = database::postgres().zip(database::nats()) else { return Ok(()) };
    let line = line::start().await?;
    for count in NODES {
        // A desk of its own for each: what is stored already would count.
        let database = Database::create(&postgres, &format!("nodes{count}")).await?;
        let cluster = Cluster::start(&database, &nats, &line, count).await?;
        let nodes: Vec<_> = cluster.nodes.iter().collect();
        ingest(&database, &nodes, EVENTS / scale, report).await?;
        latency(&nodes, TEXTS / scale, report).await?;
    }
    Ok(())
}

/// Nodes. They share a directory, as the key of their secrets is in it.
struct Cluster {
    nodes: Vec<Process>,
    _folder: TempDir,
}

impl Cluster {
    async fn start(database: &Database, nats: &str, line: &str, count: usize) -> anyhow::Result<Self> {
        let settings = [("database_url", database.url.as_str()), ("nats_url", nats)];
        let (folder, mut nodes) = (tempfile::tempdir()?, Vec::new());
        for _ in 0..count {
            nodes.push(Process::desk_with(folder.path(), line, &settings).await?);
        }
        Ok(Self { nodes, _folder: folder })
    }
}

async fn ingest(database: &Database, nodes: &[&Process], events: u64, report: &mut Report) -> anyhow::Result<()> {
    let count = nodes.len();
    let floor_process = Process::floor().await?;
    let mut webhooks = Webhooks { connections: TOLD, first: 0, events: events / 4, in_each: 1 };
    measure(&[&floor_process], webhooks).await?;
    measure(nodes, webhooks).await?;
    (webhooks.first, webhooks.events) = (USERS, events);
    let of_postgres = database.cpu().await?;
    let (floor, desk) = in_turn(&floor_process, nodes, webhooks).await?;
    let postgres_us = of_postgres.us_each(ROUNDS * events)?;
    let sent = events / 4 + ROUNDS * events;
    let kept = kept(Location::Postgres { url: database.url.clone(), schema: None }).await?;
    let (rate, floor_rate) = (desk.per_second(), floor.per_second());
    report.add(Line {
        key: format!("nodes.{count}.ingest"),
        what: format!("durable webhooks/s, nodes: {count}, {TOLD} connections, PostgreSQL + NATS"),
        measured: format!("{rate:.0}/s, kept {kept} of {sent}; PostgreSQL {postgres_us:.0} µs CPU an event"),
        bar: "all kept".to_owned(),
        reached: kept == sent,
        floor: format!("{floor_rate:.0}/s verify + parse"),
        figure: Figure::more(rate, "/s", floor_rate),
        cpu: Some(cpu(&desk, &floor)),
        ..Line::default()
    });
    Ok(())
}

/// The operator is at the last node, the webhooks come to all.
async fn latency(nodes: &[&Process], texts: u64, report: &mut Report) -> anyhow::Result<()> {
    let count = nodes.len();
    let token = sign_in(&reqwest::Client::new(), nodes[0], "admin").await?;
    let floor_process = Process::floor().await?;
    let mut floor = answers(&floor_process, PER_SECOND, texts).await?;
    drop(floor_process);
    let cpu = Cpu::begin(nodes.iter().map(|node| node.id()))?;
    // Numbers that the other line did not use.
    let mut times = times_of_texts(nodes, &token, PER_SECOND, texts, 1_000 * USERS).await?;
    let cpu_us = cpu.us_each(texts)?;
    let (p50, p99, floor_p50) =
        (percentile(&mut times, 0.5), percentile(&mut times, 0.99), percentile(&mut floor, 0.5));
    report.add(Line {
        key: format!("nodes.{count}.latency"),
        what: format!("webhook sent → frame at an operator, nodes: {count}, {PER_SECOND} events/s"),
        measured: format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
        bar: "(none)".to_owned(),
        reached: true,
        floor: format!("p50 {floor_p50:.2} ms, p99 {:.2} ms verify + parse + answer", percentile(&mut floor, 0.99)),
        figure: Figure::less(p50, "ms", floor_p50),
        cpu: Some(Figure::less(cpu_us, "µs an event in all nodes", None)),
        ..Line::default()
    });
    Ok(())
}
