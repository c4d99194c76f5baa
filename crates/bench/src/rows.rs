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
}

pub(crate) const ALL: &[Row] = &[
    Row { name: "ingest", about: "Webhooks with one event each of distinct users, durable before 200" },
    Row { name: "postgres", about: "The same in PostgreSQL" },
    Row { name: "batches", about: "Webhooks with 1, 10 and 100 events" },
    Row { name: "latency", about: "From a webhook sent to its frame at an operator, 10, 100 and 1,000 events/s" },
    Row { name: "send", about: "From an operator's command to LINE's acceptance" },
    Row { name: "room", about: "1, 50, 500 and 5,000 sockets in one room" },
    Row { name: "inbox", about: "1,000 busy conversations told to 500 operators" },
    Row { name: "nodes", about: "One, two and three nodes on PostgreSQL and NATS" },
    Row { name: "storm", about: "5,000 sockets come back at once" },
    Row { name: "files", about: "A video of 200 MB in and out, and texts while 1,000 pictures come" },
    Row { name: "memory", about: "Memory of an idle process, of idle signed-in sockets and of conversations" },
    Row { name: "soak", about: "Mixed load for five minutes: memory and open files" },
    Row { name: "list", about: "Desks of 10,000 to 1,000,000 messages: start, list, open, history, search, disk" },
];

impl Row {
    /// Measures. `scale` divides how much is done; `is_large` adds what takes long.
    pub(crate) async fn run(&self, scale: u64, is_large: bool, report: &mut Report) -> anyhow::Result<()> {
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
