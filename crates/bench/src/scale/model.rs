//! What one exchange costs which part of a desk, and what that makes of a desk of some size. The table in docs/SCALE.md says
//! where each number is from.

use serde::Serialize;

use super::queue::{Passed, Random, Service, Writers, arrivals, serve};

/// Seconds of CPU and the like for one of something. Measured: docs/PERFORMANCE.md. The others are estimates.
mod cost {
    /// A node, for a webhook's event, without its statements. Measured: the floor.
    pub(super) const WEBHOOK: f64 = 15e-6;
    /// A node, for an operation's round trips to PostgreSQL. Measured of a webhook's, the largest of the operations.
    pub(super) const STATEMENTS: f64 = 240e-6;
    /// A delivery to a socket, read from the queue and written. Measured.
    pub(super) const DELIVERY: f64 = 4.5e-6;
    /// The pump, for reading and rendering an event. Estimate.
    pub(super) const RENDER: f64 = 20e-6;
    /// The pump, for a socket that is looked at whether it may see a frame. Estimate.
    pub(super) const LOOK: f64 = 20e-9;
    /// The pump, for putting a frame into a queue. Estimate.
    pub(super) const QUEUE: f64 = 200e-9;
    /// PostgreSQL's CPU for an operation. Measured of a webhook's.
    pub(super) const DATABASE: f64 = 490e-6;
    /// PostgreSQL's CPU for an event that a node reads. Estimate.
    pub(super) const DATABASE_READ: f64 = 15e-6;
    /// The feed's row, from its update to the commit's answer: two round trips and a write to the disk. Estimate.
    pub(super) const ROW_HELD: f64 = 1.5e-3;
    /// The same, for each operation's events. Measured: 10 µs a row.
    pub(super) const ROW_HELD_EACH: f64 = 20e-6;
    /// Before it, in the writer: a dozen statements' round trips. Estimate.
    pub(super) const WRITER: f64 = 1.2e-3;
    /// A call to LINE, on average. Estimate.
    pub(super) const CALL: f64 = 0.15;
    /// Memory of a socket, bytes. Measured.
    pub(super) const SOCKET_BYTES: f64 = 7.5e3;
    /// An operator in the list of who is there, bytes.
    pub(super) const PRESENT_BYTES: f64 = 75.0;
    /// Any other frame, bytes.
    pub(super) const FRAME_BYTES: f64 = 460.0;
}

/// What people do. Estimates.
mod habit {
    /// An exchange is a customer's message and an operator's answer; each operator has one in so many seconds.
    pub(super) const EXCHANGE_EVERY: f64 = 20.0;
    /// Sessions that begin or end, or operators who come, go or are busy: each operator once in so many seconds.
    pub(super) const NEWS_EVERY: f64 = 120.0;
    /// Operations of an exchange: the webhook, the answer, its step, its outcome, a read mark.
    pub(super) const OPERATIONS: f64 = 5.0;
    /// How many of them are an operator's commands.
    pub(super) const COMMANDS: f64 = 2.0;
    /// Events of an exchange in the feed, and how many of them the whole channel is told, and how many only the room.
    pub(super) const EVENTS: f64 = 6.0;
    pub(super) const TO_CHANNEL: f64 = 3.0;
    pub(super) const TO_ROOM: f64 = 3.0;
}

const CORES: usize = 8;
const DATABASE_CORES: usize = 32;
const WRITERS: usize = 4;
const BATCH: usize = 64;
const LANES: usize = 128;
const MEMORY_BYTES: f64 = 16.0 * 1024.0 * 1024.0 * 1024.0;
/// Network of a node, bytes a second: 10 Gbit/s.
const NETWORK: f64 = 1.25e9;
/// The most that a socket's queue may hold (WS8), and that NATS carries in a message.
const FRAME_LIMIT: f64 = 1_048_576.0;
/// Deliveries a second of the bus. Estimate.
const BUS: f64 = 1e6;
/// Nodes that a channel's operators are on, where a desk sees to that: theirs and, while one is restarted, another.
const HOMES: f64 = 2.0;
/// Presence is told at most so often a second.
const TELLINGS: f64 = 10.0;

/// How a desk is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Design {
    /// As it is: each node hears every event and looks at every socket, presence is told to everybody, one row for the feed.
    Today,
    /// Presence in changes and by channel.
    Presence,
    /// Besides, a node reads only events of channels that somebody there sees, and knows its sockets by channel.
    Interest,
    /// Besides, sixteen feeds in four databases, each of some channels and written by two nodes.
    Feeds,
}

impl Design {
    pub(crate) const ALL: [Self; 4] = [Self::Today, Self::Presence, Self::Interest, Self::Feeds];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Presence => "1: presence by channel",
            Self::Interest => "2: and events by channel",
            Self::Feeds => "3: and 16 feeds, 4 databases",
        }
    }

    const fn feeds(self) -> f64 {
        if matches!(self, Self::Feeds) { 16.0 } else { 1.0 }
    }

    const fn databases(self) -> f64 {
        if matches!(self, Self::Feeds) { 4.0 } else { 1.0 }
    }
}

/// How large a desk is. Every operator is there, and sees one channel's share of the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) channels: f64,
    pub(crate) operators: f64,
    pub(crate) nodes: f64,
}

/// One part of a desk under its load.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// What is asked of it for what it can do: 1 = all of it.
    pub(crate) load: f64,
    /// The share of its time that it worked in the simulation, and what 99 of 100 took at most, in ms. None: it is no queue,
    /// or more is asked of it than it can do, and the wait grows without end.
    pub(crate) utilisation: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
}

/// All loads of a size and a design, worked out on paper.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loads {
    pub(crate) exchanges: f64,
    /// A node's events a second, and the pump's time for one.
    pub(crate) heard: f64,
    pub(crate) pump_each: f64,
    /// CPU seconds a second of a node, and of a database.
    pub(crate) node_cpu: f64,
    pub(crate) database_cpu: f64,
    /// Bytes a second out of a node, and of the largest frame.
    pub(crate) network: f64,
    pub(crate) largest: f64,
    pub(crate) memory_bytes: f64,
    /// Notes a second that the bus hands to nodes: each command counts for its operator's limits (WS7).
    pub(crate) notes: f64,
}

impl Loads {
    pub(crate) fn of(size: Size, design: Design) -> Self {
        let Size { channels, operators, nodes } = size;
        let exchanges = operators / habit::EXCHANGE_EVERY;
        let (audience, sockets) = (operators / channels, operators / nodes);
        let events = exchanges * habit::EVENTS;
        let is_searched = matches!(design, Design::Today | Design::Presence);
        let hearing = if is_searched { nodes } else { nodes.min(HOMES) };
        let heard = events * hearing / nodes;
        let deliveries = exchanges * (habit::TO_CHANNEL * audience + habit::TO_ROOM) / nodes;
        let looked_at = if is_searched { habit::TO_CHANNEL / habit::EVENTS * sockets } else { 0.0 };
        let pump_each = cost::RENDER + looked_at * cost::LOOK + deliveries / heard * cost::QUEUE;
        let news = operators / habit::NEWS_EVERY;
        let (tellings, told_bytes) = match design {
            Design::Today => (news.min(TELLINGS) * sockets, operators * cost::PRESENT_BYTES),
            _ => ((news / channels).min(TELLINGS) * sockets, cost::PRESENT_BYTES * 2.0),
        };
        let operations = exchanges * habit::OPERATIONS;
        Self {
            exchanges,
            heard,
            pump_each,
            node_cpu: (exchanges * cost::WEBHOOK + operations * cost::STATEMENTS) / nodes
                + heard * pump_each
                + (deliveries + tellings) * cost::DELIVERY,
            database_cpu: (operations * cost::DATABASE + heard * nodes * cost::DATABASE_READ) / design.databases(),
            network: deliveries * cost::FRAME_BYTES + tellings * told_bytes,
            largest: if design == Design::Today { operators * cost::PRESENT_BYTES } else { cost::FRAME_BYTES },
            memory_bytes: sockets * cost::SOCKET_BYTES,
            notes: exchanges * habit::COMMANDS * (hearing - 1.0),
        }
    }
}

/// Every part of a desk, and last the way of a customer's words to a screen through them: each is simulated by itself, and
/// the waits of one traveller are taken for independent of each other (Kleinrock).
pub(crate) fn parts(size: Size, design: Design, count: usize, seed: u64) -> Vec<Part> {
    let loads = Loads::of(size, design);
    let mut simulation = Simulation { count, random: Random::new(seed), way: Some(vec![0.0; count]) };
    let nodes = size.nodes;
    let operations = loads.exchanges * habit::OPERATIONS;
    let (pieces, asked) = (operations / nodes, operations / design.databases());
    let paper = |name, load| Part { name, load, utilisation: None, p99_ms: None };
    let mut parts = vec![
        simulation.station("a node's cores", pieces, CORES, Service::Fixed(loads.node_cpu / pieces)),
        simulation.feed(operations / design.feeds(), if design == Design::Feeds { nodes.min(HOMES) } else { nodes }),
        simulation.station("a database's cores", asked, DATABASE_CORES, Service::Fixed(loads.database_cpu / asked)),
        simulation.station("a node's pump", loads.heard, 1, Service::Fixed(loads.pump_each)),
    ];
    let way = simulation.way.take().map(|took| Passed { took, utilisation: 0.0 }.percentile(0.99) * 1e3);
    parts.push(simulation.station(
        "a node's calls to LINE",
        loads.exchanges / nodes,
        LANES,
        Service::Exponential(cost::CALL),
    ));
    parts.push(paper("the bus", loads.notes / BUS));
    parts.push(paper("a node's network", loads.network / NETWORK));
    parts.push(paper("a node's memory, of 16 GiB", loads.memory_bytes / MEMORY_BYTES));
    parts.push(paper("the largest frame, of 1 MiB", loads.largest / FRAME_LIMIT));
    let fullest = parts.iter().map(|part| part.load).fold(0.0, f64::max);
    parts.push(Part { name: "webhook → frame", load: fullest, utilisation: None, p99_ms: way });
    parts
}

struct Simulation {
    count: usize,
    random: Random,
    /// What each has taken so far; none when one of the stations never catches up.
    way: Option<Vec<f64>>,
}

impl Simulation {
    fn station(&mut self, name: &'static str, per_second: f64, servers: usize, each: Service) -> Part {
        #[expect(clippy::cast_precision_loss, reason = "few servers")]
        let load = per_second * each.mean() / servers as f64;
        let run = |line: &[f64], random: &mut Random| serve(line, servers, each, random);
        self.part(name, load, per_second, run)
    }

    /// The row that all commits of a feed take last.
    fn feed(&mut self, per_second: f64, nodes: f64) -> Part {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozens")]
        let writers = Writers {
            count: nodes as usize * WRITERS,
            most: BATCH,
            before: cost::WRITER,
            held: cost::ROW_HELD,
            held_each: cost::ROW_HELD_EACH,
        };
        #[expect(clippy::cast_precision_loss, reason = "a batch")]
        let fullest = BATCH as f64 / (cost::ROW_HELD + cost::ROW_HELD_EACH * BATCH as f64);
        let run = |line: &[f64], random: &mut Random| writers.serve(line, random);
        self.part("a feed's row", per_second / fullest, per_second, run)
    }

    fn part(
        &mut self,
        name: &'static str,
        load: f64,
        per_second: f64,
        run: impl FnOnce(&[f64], &mut Random) -> Passed,
    ) -> Part {
        if load >= 1.0 {
            self.way = None;
            return Part { name, load, utilisation: None, p99_ms: None };
        }
        let passed = run(&arrivals(self.count, per_second, &mut self.random), &mut self.random);
        if let Some(way) = &mut self.way {
            way.iter_mut().zip(&passed.took).for_each(|(sum, took)| *sum += took);
        }
        Part { name, load, utilisation: Some(passed.utilisation), p99_ms: Some(passed.percentile(0.99) * 1e3) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: Size = Size { channels: 1_000.0, operators: 100_000.0, nodes: 40.0 };

    fn load(parts: &[Part], name: &str) -> f64 {
        parts.iter().find(|part| part.name == name).unwrap().load
    }

    #[test]
    fn a_small_desk_has_room_and_a_large_one_breaks_where_the_paper_says() {
        let small = Size { channels: 1.0, operators: 20.0, nodes: 1.0 };
        assert!(parts(small, Design::Today, 2_000, 1).iter().all(|part| part.load < 0.1));
        let large = parts(DESK, Design::Today, 2_000, 1);
        for name in ["a feed's row", "a node's pump", "a node's network", "the largest frame, of 1 MiB"] {
            assert!(load(&large, name) > 1.0, "{name}");
        }
        assert!(large.last().unwrap().p99_ms.is_none(), "it never catches up");
    }

    #[test]
    fn each_change_takes_load_away_and_the_last_leaves_room_everywhere() {
        let fullest = Design::ALL.map(|design| load(&parts(DESK, design, 2_000, 1), "webhook → frame"));
        assert!(fullest.is_sorted_by(|before, after| before >= after), "{fullest:?}");
        assert!(fullest[3] < 0.7, "{fullest:?}");
    }

    #[test]
    fn the_simulation_works_as_much_as_the_paper_says() {
        for part in parts(DESK, Design::Feeds, 100_000, 1) {
            // A feed's row is held longer than its load says: batches are not full before they must be.
            if let (Some(utilisation), true) = (part.utilisation, part.name != "a feed's row") {
                assert!((utilisation / part.load - 1.0).abs() < 0.05, "{part:?}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_table() {
        let table = |seed| serde_json::to_string(&parts(DESK, Design::Feeds, 2_000, seed)).unwrap();
        assert_eq!(table(1), table(1));
        assert_ne!(table(1), table(2));
    }
}
