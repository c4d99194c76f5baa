//! One, two and three nodes on PostgreSQL and NATS. All of them, the database and the generator share one machine: what
//! is told is what a node more costs and takes over, not how far a cluster of machines goes.

use tempfile::TempDir;

use super::ingest::{TOLD, USERS};
use super::latency::{PER_SECOND, answers, times_of_texts};
use super::postgres;
use crate::cpu::Cpu;
use crate::database::{self, Database};
use crate::desk::{Process, sign_in};
use crate::line;
use crate::report::{Figure, Line, Report, percentile};

const NODES: [usize; 3] = [1, 2, 3];
const TEXTS: u64 = 2_000;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let Some((postgres, nats)) = database::postgres().zip(database::nats()) else { return Ok(()) };
    let line = line::start().await?;
    for count in NODES {
        // A desk of its own for each: what is stored already would count.
        let database = Database::create(&postgres, &format!("nodes{count}")).await?;
        let cluster = Cluster::start(&database, &nats, &line, count).await?;
        let nodes: Vec<_> = cluster.nodes.iter().collect();
        let what = format!("durable webhooks/s, nodes: {count}, {TOLD} connections, PostgreSQL + NATS");
        let events = postgres::EVENTS / scale;
        report.add(postgres::ingest(&database, &nodes, events, format!("nodes.{count}.ingest"), what).await?);
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
