//! The rows of the table.

mod batches;
mod broadcast;
mod files;
mod inbox;
mod ingest;
mod latency;
mod list;
mod memory;
mod nodes;
mod postgres;
mod room;
mod send;
mod soak;
mod storm;

use crate::report::Report;

/// A group of lines that are measured together.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// How often all of it is measured, floors too; each line tells the round in its middle. Once where a row takes rounds of
    /// its own, tells percentiles of thousands, or counts what does not change from round to round.
    rounds: usize,
}

const fn row(name: &'static str, rounds: usize, about: &'static str) -> Row {
    Row { name, about, rounds }
}

pub(crate) const ALL: &[Row] = &[
    row("ingest", 1, "Webhooks with one event each of distinct users, durable before 200"),
    row("postgres", 1, "The same in PostgreSQL"),
    row("batches", 1, "Webhooks with 1, 10 and 100 events"),
    row("latency", 1, "From a webhook sent to its frame at an operator, 10, 100 and 1,000 events/s"),
    row("send", 1, "From an operator's command to LINE's acceptance"),
    row("room", 3, "1, 50, 500 and 5,000 sockets in one room"),
    row("inbox", 3, "1,000 busy conversations told to 500 operators"),
    row("nodes", 1, "One, two and three nodes on PostgreSQL and NATS"),
    row("storm", 3, "5,000 sockets come back at once"),
    row("files", 1, "A video of 200 MB in and out, and texts while 1,000 pictures come"),
    row("memory", 1, "Memory of an idle process, of idle signed-in sockets and of conversations"),
    row("soak", 1, "Mixed load for five minutes: memory and open files"),
    row("list", 1, "Desks of 10,000 to 1,000,000 messages: start, list, open, history, search, disk"),
];

impl Row {
    /// Measures. `scale` divides how much is done; `is_large` adds what takes long.
    pub(crate) async fn run(&self, scale: u64, is_large: bool, report: &mut Report) -> anyhow::Result<()> {
        if self.rounds == 1 {
            return self.run_once(scale, is_large, report).await;
        }
        let mut rounds = Vec::new();
        for _ in 0..self.rounds {
            let mut round = Report::new(scale);
            self.run_once(scale, is_large, &mut round).await?;
            rounds.push(round);
        }
        report.add_medians(rounds);
        Ok(())
    }

    async fn run_once(&self, scale: u64, is_large: bool, report: &mut Report) -> anyhow::Result<()> {
        match self.name {
            "ingest" => ingest::run(scale, report).await,
            "postgres" => postgres::run(scale, report).await,
            "batches" => batches::run(scale, report).await,
            "latency" => latency::run(scale, report).await,
            "send" => send::run(scale, report).await,
            "room" => room::run(scale, report).await,
            "inbox" => inbox::run(scale, report).await,
            "nodes" => nodes::run(scale, report).await,
            "storm" => storm::run(scale, report).await,
            "files" => files::run(scale, report).await,
            "memory" => memory::run(scale, report).await,
            "soak" => soak::run(scale, is_large, report).await,
            _ => list::run(scale, is_large, report).await,
        }
    }
}
