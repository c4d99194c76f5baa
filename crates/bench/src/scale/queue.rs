//! Queues, simulated: who comes when, how long each waits, how busy the servers are. The same seed gives the same numbers.
//!
//! Times are seconds. What is known of such queues by theory (M/M/1, M/D/1, M/M/c) is what the tests hold it against.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// `SplitMix64`: small, even, and the same everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Above 0, at most 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }

    /// One of `count`.
    #[expect(clippy::cast_possible_truncation, reason = "smaller than `count`")]
    const fn one_of(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }
}

/// How long serving one takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Service {
    Fixed(f64),
    Exponential(f64),
}

impl Service {
    pub(crate) const fn mean(self) -> f64 {
        match self {
            Self::Fixed(mean) | Self::Exponential(mean) => mean,
        }
    }

    fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Fixed(time) => time,
            Self::Exponential(mean) => random.exponential(mean),
        }
    }
}

/// When each of so many comes who come at random (a Poisson process).
pub(crate) fn arrivals(count: usize, per_second: f64, random: &mut Random) -> Vec<f64> {
    let mut at = 0.0;
    let comes = |_| {
        at += random.exponential(1.0 / per_second);
        at
    };
    (0..count).map(comes).collect()
}

/// What a station did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    /// From coming to leaving, of each.
    pub(crate) took: Vec<f64>,
    /// The share of their time that the servers worked.
    pub(crate) utilisation: f64,
}

impl Passed {
    /// The time that `share` of them stay below.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.took.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
        sorted.get(at).copied().unwrap_or(0.0)
    }
}

/// Time as something that can be sorted.
#[derive(Clone, Copy, PartialEq)]
struct At(f64);

impl Eq for At {}

impl Ord for At {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Some servers and one line before them, first come, first served.
pub(crate) fn serve(line: &[f64], servers: usize, service: Service, random: &mut Random) -> Passed {
    let mut free: BinaryHeap<Reverse<At>> = (0..servers.max(1)).map(|_| Reverse(At(0.0))).collect();
    let (mut worked, mut passed) = (0.0, Passed::default());
    let started = line.first().copied().unwrap_or(0.0);
    let mut ended = started;
    for &came in line {
        let Reverse(At(server)) = free.pop().unwrap_or(Reverse(At(0.0)));
        let time = service.draw(random);
        let done = server.max(came) + time;
        free.push(Reverse(At(done)));
        worked += time;
        passed.took.push(done - came);
        ended = ended.max(done);
    }
    #[expect(clippy::cast_precision_loss, reason = "few servers")]
    let time = (ended - started) * servers.max(1) as f64;
    passed.utilisation = if time > 0.0 { worked / time } else { 0.0 };
    passed
}

/// Writers with group commit, all of whom meet at one row: see `linedesk_store::feed::append`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writers {
    pub(crate) count: usize,
    /// Operations in a commit, at most.
    pub(crate) most: usize,
    /// What a writer does for an operation before it takes the row.
    pub(crate) before: f64,
    /// How long the row is held for a commit, and for each operation of it.
    pub(crate) held: f64,
    pub(crate) held_each: f64,
}

/// A batch that is ready to take the row.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Batch {
    ready: At,
    writer: usize,
    first: usize,
    count: usize,
}

impl Writers {
    /// Each goes to some writer, who takes what waits, does its work, waits for the row, commits. The utilisation is the
    /// row's.
    pub(crate) fn serve(self, line: &[f64], random: &mut Random) -> Passed {
        let mut queues = vec![Vec::new(); self.count.max(1)];
        for at in 0..line.len() {
            queues[random.one_of(self.count.max(1))].push(at);
        }
        let mut next = vec![0; queues.len()];
        let mut ready = BinaryHeap::new();
        for (writer, queue) in queues.iter().enumerate() {
            ready.extend(self.batch(line, queue, writer, &mut next[writer], 0.0).map(Reverse));
        }
        let (mut row_free, mut held) = (0.0_f64, 0.0);
        let (started, mut passed) = (line.first().copied().unwrap_or(0.0), Passed::default());
        let mut ended = started;
        while let Some(Reverse(batch)) = ready.pop() {
            #[expect(clippy::cast_precision_loss, reason = "a few")]
            let time = self.held + self.held_each * batch.count as f64;
            let done = row_free.max(batch.ready.0) + time;
            (row_free, held, ended) = (done, held + time, done);
            let queue = &queues[batch.writer];
            for &at in &queue[batch.first..batch.first + batch.count] {
                passed.took.push(done - line[at]);
            }
            ready.extend(self.batch(line, queue, batch.writer, &mut next[batch.writer], done).map(Reverse));
        }
        passed.utilisation = if ended > started { held / (ended - started) } else { 0.0 };
        passed
    }

    /// What a writer that is free takes next.
    fn batch(self, line: &[f64], queue: &[usize], writer: usize, next: &mut usize, free: f64) -> Option<Batch> {
        let first = *next;
        let start = line[*queue.get(first)?].max(free);
        let waiting = queue[first..].iter().take(self.most.max(1)).take_while(|at| line[**at] <= start);
        let count = waiting.count();
        *next += count;
        #[expect(clippy::cast_precision_loss, reason = "a few")]
        let ready = At(start + self.before * count as f64);
        Some(Batch { ready, writer, first, count })
    }
}

#[cfg(test)]
mod tests;
