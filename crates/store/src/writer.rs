//! Group commit: a thread runs what is queued, commits once, then answers all.
//!
//! An operation checks before it writes, so a refusal costs nothing. One that fails after writing rolls the whole batch
//! back, and the batch runs again one by one: no savepoint on the happy path. Whoever was answered `Ok` is on disk.
//!
//! INVARIANT: no answer leaves before its commit, refusals included: they may rest on what the same batch wrote.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use linedesk_protocol::Seq;
use tokio::sync::{mpsc, oneshot};

use crate::engine::{Connection, Dialect};
use crate::error::StoreError;
use crate::feed;
use crate::signals::Signals;
use crate::tx::{EventRef, Tx, Wakes};

/// Operations in one commit. More would add latency for little: at 256 the commit's share is already small.
const BATCH_SQLITE: usize = 256;
/// Fewer on PostgreSQL, where a batch holds row locks that other writers may wait for.
const BATCH_POSTGRES: usize = 64;

/// An operation that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed<T> {
    pub value: T,
    /// The seq before the operation's first event.
    base: i64,
}

impl<T> Committed<T> {
    /// The seq that an event of this operation got.
    pub fn seq(&self, event: EventRef) -> Seq {
        Seq(self.base + 1 + i64::try_from(event.0).unwrap_or(0))
    }
}

/// How an operation left its transaction.
pub(crate) enum Ran {
    Done,
    /// It refused before it wrote anything.
    Clean,
    /// It failed after writing, or a statement did: the transaction must go.
    Dirty,
}

/// An operation on its way through the writer. It may be run more than once; the last run counts.
pub(crate) trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;
    /// Forgets what an earlier run found: it may rest on what was rolled back since.
    fn forget(&mut self);
    /// Answers the caller: the base seq of its events, or why the commit failed.
    fn answer(self: Box<Self>, commit: Result<i64, &StoreError>);
}

type Answer<T, E> = oneshot::Sender<Result<Committed<T>, E>>;

struct Operation<F, T, E> {
    run: F,
    result: Option<Result<T, E>>,
    answer: Answer<T, E>,
}

impl<F, T, E> Job for Operation<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        tx.begin_operation();
        let result = catch_unwind(AssertUnwindSafe(|| (self.run)(tx)))
            .unwrap_or_else(|panic| Err(StoreError::Statement(panic_text(&*panic)).into()));
        let ran = match &result {
            _ if tx.has_failed() => Ran::Dirty,
            Ok(_) => Ran::Done,
            Err(_) if tx.has_written() => Ran::Dirty,
            Err(_) => Ran::Clean,
        };
        self.result = Some(result);
        ran
    }

    fn forget(&mut self) {
        self.result = None;
    }

    fn answer(self: Box<Self>, commit: Result<i64, &StoreError>) {
        let result = match (commit, self.result) {
            (Ok(base), Some(result)) => result.map(|value| Committed { value, base }),
            // Alone in its batch, with nobody's writes to rest on: its own words tell more.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(error), _) => Err(copy(error).into()),
            (Ok(_), None) => Err(StoreError::Unavailable("the operation did not run".to_owned()).into()),
        };
        // The caller may have gone away; its operation stands.
        let _ = self.answer.send(result);
    }
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("an operation panicked: {}", text.unwrap_or("without a message"))
}

fn copy(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(text) => StoreError::Unavailable(text.clone()),
        StoreError::Unclear(text) => StoreError::Unclear(text.clone()),
        StoreError::Statement(text) => StoreError::Statement(text.clone()),
        StoreError::Conflict(text) => StoreError::Conflict(text.clone()),
        StoreError::Corrupt(text) => StoreError::Corrupt(text.clone()),
        StoreError::Unusable(text) => StoreError::Unusable(text.clone()),
    }
}

/// Where an operation's caller waits.
pub(crate) type Pending<T, E> = oneshot::Receiver<Result<Committed<T>, E>>;

/// Wraps an operation for the queue.
pub(crate) fn job<F, T, E>(run: F) -> (Box<dyn Job>, Pending<T, E>)
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (answer, receiver) = oneshot::channel();
    (Box::new(Operation { run, result: None, answer }), receiver)
}

/// The writer thread: ends when every sender is gone and the queue is empty.
pub(crate) fn run(mut connection: Box<dyn Connection>, mut queue: mpsc::Receiver<Box<dyn Job>>, signals: &Signals) {
    let most = match connection.dialect() {
        Dialect::Sqlite => BATCH_SQLITE,
        Dialect::Postgres => BATCH_POSTGRES,
    };
    let mut batch: Vec<Box<dyn Job>> = Vec::with_capacity(most);
    while queue.blocking_recv_many(&mut batch, most) > 0 {
        metrics::histogram!("linedesk_store_batch_operations").record(u32::try_from(batch.len()).unwrap_or(0));
        commit_batch(&mut *connection, std::mem::take(&mut batch), signals);
    }
}

/// Runs and answers a batch; tells when the database is not to be had.
fn commit_batch(
    connection: &mut dyn Connection,
    mut batch: Vec<Box<dyn Job>>,
    signals: &Signals,
) -> Option<StoreError> {
    let mut result = try_commit(connection, &mut batch);
    if matches!(result, Err(StoreError::Unavailable(_))) && connection.dialect() == Dialect::Postgres {
        // A lost connection is made anew; nothing of the batch was committed.
        result = try_commit(connection, &mut batch);
    }
    match result {
        Ok(done) => finish(batch, done, signals),
        Err(StoreError::Conflict(_) | StoreError::Statement(_) | StoreError::Corrupt(_)) if batch.len() > 1 => {
            metrics::counter!("linedesk_store_batches_split_total").increment(1);
            let mut jobs = batch.into_iter();
            for job in jobs.by_ref() {
                if let Some(error) = commit_batch(connection, vec![job], signals) {
                    // The others would only wait for the same.
                    return answer_error(jobs.collect(), error);
                }
            }
            None
        }
        // Another writer or node stood in the way: once more, now that it is through.
        Err(StoreError::Conflict(_)) => match try_commit(connection, &mut batch) {
            Ok(done) => finish(batch, done, signals),
            Err(error) => answer_error(batch, error),
        },
        Err(error) => answer_error(batch, error),
    }
}

struct Done {
    /// The base seq of each job's events, in order.
    bases: Vec<i64>,
    head: Option<Seq>,
    wakes: Wakes,
}

fn try_commit(connection: &mut dyn Connection, batch: &mut [Box<dyn Job>]) -> Result<Done, StoreError> {
    forget(batch);
    connection.begin_write(batch.len() > 1)?;
    let result = run_and_commit(connection, batch);
    if result.is_err() {
        connection.rollback();
    }
    result
}

fn forget(batch: &mut [Box<dyn Job>]) {
    for job in batch {
        job.forget();
    }
}

fn run_and_commit(connection: &mut dyn Connection, batch: &mut [Box<dyn Job>]) -> Result<Done, StoreError> {
    let mut tx = Tx::new(connection);
    let mut counts = Vec::with_capacity(batch.len());
    let mut events = Vec::new();
    for job in batch.iter_mut() {
        match job.run(&mut tx) {
            Ran::Done => {
                counts.push(tx.events.len());
                events.append(&mut tx.events);
            }
            Ran::Clean => counts.push(0),
            Ran::Dirty if tx.is_gone() => {
                return Err(StoreError::Unavailable("the database went away in the middle of an operation".to_owned()));
            }
            Ran::Dirty => return Err(StoreError::Conflict("an operation failed in the middle".to_owned())),
        }
    }
    let (counters, wakes) = (tx.counters, tx.wakes);
    let first = feed::append(tx.reborrow(), &events, counters)?;
    connection.commit()?;
    let mut base = first;
    let bases = counts
        .into_iter()
        .map(|count| {
            let own = base;
            base += i64::try_from(count).unwrap_or(0);
            own
        })
        .collect();
    Ok(Done { bases, head: (!events.is_empty()).then_some(Seq(base)), wakes })
}

fn finish(batch: Vec<Box<dyn Job>>, done: Done, signals: &Signals) -> Option<StoreError> {
    for (job, base) in batch.into_iter().zip(done.bases) {
        job.answer(Ok(base));
    }
    signals.committed(done.head, done.wakes);
    None
}

fn answer_error(mut batch: Vec<Box<dyn Job>>, error: StoreError) -> Option<StoreError> {
    if batch.len() > 1 {
        forget(&mut batch);
    }
    for job in batch {
        job.answer(Err(&error));
    }
    matches!(error, StoreError::Unavailable(_) | StoreError::Unclear(_)).then_some(error)
}
