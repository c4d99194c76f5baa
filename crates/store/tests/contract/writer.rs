//! Group commit: what an operation may expect of those it shares a commit with.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::task::Poll;

use linedesk_protocol::{Role, Seq};
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::messages::{SendError, Sent};
use linedesk_store::ops::settings;
use linedesk_store::{Committed, Query, Store, StoreError, Tx};
use tokio::task::JoinSet;

use super::actions::{draft, send_through, user};
use super::harness::{Desk, Engine, NOW, Place, block_on};

on_both_engines!(
    one_that_fails_after_writing_does_not_disturb_its_batch,
    one_that_refuses_before_writing_costs_nothing,
    one_that_panics_answers_an_error_and_the_writer_lives_on,
    a_failed_read_takes_no_acknowledged_write_with_it,
    a_failure_that_an_operation_hides_is_no_success,
    nothing_is_answered_before_the_commit,
    seqs_are_right_whatever_else_is_in_the_batch,
    more_than_one_batch_can_wait,
    an_operation_stands_when_its_caller_has_gone,
    closing_finishes_what_is_queued,
    a_read_that_panics_answers_an_error_and_the_reader_lives_on,
    a_failed_statement_of_a_read_harms_no_other,
    a_commit_wakes_who_has_something_to_do,
);

type Operation<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
type Written = Result<Committed<String>, StoreError>;

async fn is_pending<T>(mut work: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> bool {
    poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx).is_pending())).await
}

/// What holds a store thread up until it is opened: it says when it is reached.
fn gate() -> (impl FnMut() + Send + 'static, Receiver<()>, SyncSender<()>) {
    let (reached, is_reached) = sync_channel(1);
    let (open, is_open) = sync_channel(1);
    let wait = move || {
        let _ = reached.try_send(());
        let _: Result<(), _> = is_open.recv();
    };
    (wait, is_reached, open)
}

/// Runs operations in one batch: they are queued while the writer is held up.
async fn in_one_batch<T>(store: &Store, mut operations: Vec<Operation<'_, T>>) -> Vec<T> {
    let (mut wait, is_reached, open) = gate();
    let mut held = pin!(store.write::<_, StoreError, _>(move |_| {
        wait();
        Ok(())
    }));
    assert!(is_pending(held.as_mut()).await);
    is_reached.recv().unwrap();
    for operation in &mut operations {
        assert!(is_pending(operation.as_mut()).await);
    }
    drop(open);
    held.await.unwrap();
    let mut answers = Vec::new();
    for operation in operations {
        answers.push(operation.await);
    }
    answers
}

/// An operation that writes a setting and no event, and then does `more`; counts its runs.
fn writes<'a>(
    store: &'a Store,
    key: &'static str,
    runs: &Arc<AtomicU32>,
    mut more: impl FnMut(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Operation<'a, Written> {
    let runs = runs.clone();
    Box::pin(store.write(move |tx| {
        runs.fetch_add(1, Ordering::SeqCst);
        let value = settings::get_or_create(tx, key, key)?;
        more(tx)?;
        Ok(value)
    }))
}

fn fails(_: &mut Tx<'_>) -> Result<(), StoreError> {
    Err(StoreError::Corrupt("it fails".to_owned()))
}

async fn settings(desk: &Desk) -> Vec<String> {
    desk.texts("SELECT key FROM settings ORDER BY key").await.into_iter().flatten().collect()
}

fn counters<const N: usize>() -> [Arc<AtomicU32>; N] {
    std::array::from_fn(|_| Arc::default())
}

async fn one_that_fails_after_writing_does_not_disturb_its_batch(desk: &Desk) {
    let [a, b, c] = counters();
    let batch = vec![
        writes(&desk.store, "a", &a, |_| Ok(())),
        writes(&desk.store, "b", &b, fails),
        writes(&desk.store, "c", &c, |_| Ok(())),
    ];
    let answers = in_one_batch(&desk.store, batch).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(matches!(&answers[1], Err(StoreError::Corrupt(text)) if text == "it fails"), "{:?}", answers[1]);
    assert_eq!(settings(desk).await, ["a", "c"]);
    assert!(a.load(Ordering::SeqCst) > 1, "it was run again without the one that failed");
}

async fn one_that_refuses_before_writing_costs_nothing(desk: &Desk) {
    let [a, b] = counters();
    let refuses: Operation<'_, Written> =
        Box::pin(desk.store.write(|_| Err(StoreError::Corrupt("refused".to_owned()))));
    let batch = vec![writes(&desk.store, "a", &a, |_| Ok(())), refuses, writes(&desk.store, "b", &b, |_| Ok(()))];
    let answers = in_one_batch(&desk.store, batch).await;
    assert!(answers[0].is_ok() && answers[1].is_err() && answers[2].is_ok());
    assert_eq!(settings(desk).await, ["a", "b"]);
    assert_eq!((a.load(Ordering::SeqCst), b.load(Ordering::SeqCst)), (1, 1), "nothing was run again");
}

async fn one_that_panics_answers_an_error_and_the_writer_lives_on(desk: &Desk) {
    let [a, b, c] = counters();
    let panics: Operation<'_, Written> = Box::pin(desk.store.write(|_| panic!("before writing")));
    let batch = vec![
        writes(&desk.store, "a", &a, |_| Ok(())),
        panics,
        writes(&desk.store, "b", &b, |_| panic!("after writing")),
        writes(&desk.store, "c", &c, |_| Ok(())),
    ];
    let answers = in_one_batch(&desk.store, batch).await;
    for (answer, text) in [(&answers[1], "before writing"), (&answers[2], "after writing")] {
        assert!(matches!(answer, Err(StoreError::Statement(told)) if told.contains(text)), "{answer:?}");
    }
    assert!(answers[0].is_ok() && answers[3].is_ok());
    desk.write(|tx| settings::get_or_create(tx, "d", "d")).await;
    assert_eq!(settings(desk).await, ["a", "c", "d"]);
}

fn bad_select(tx: &mut impl Query) -> Result<(), StoreError> {
    tx.query("SELECT no_such_column FROM settings", &[]).map(drop)
}

async fn a_failed_read_takes_no_acknowledged_write_with_it(desk: &Desk) {
    let [a, b] = counters();
    let reads: Operation<'_, Written> = Box::pin(desk.store.write(|tx| bad_select(tx).map(|()| String::new())));
    let batch = vec![writes(&desk.store, "a", &a, |_| Ok(())), reads, writes(&desk.store, "b", &b, |_| Ok(()))];
    let answers = in_one_batch(&desk.store, batch).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(matches!(answers[1], Err(StoreError::Statement(_))), "{:?}", answers[1]);
    assert_eq!(settings(desk).await, ["a", "b"]);
}

async fn a_failure_that_an_operation_hides_is_no_success(desk: &Desk) {
    let [a, b, c] = counters();
    let hides = |tx: &mut Tx<'_>| {
        let _ = bad_select(tx);
        Ok(())
    };
    let batch = vec![
        writes(&desk.store, "a", &a, |_| Ok(())),
        writes(&desk.store, "b", &b, hides),
        writes(&desk.store, "c", &c, |_| Ok(())),
    ];
    let answers = in_one_batch(&desk.store, batch).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    let kept = settings(desk).await;
    assert!(kept.contains(&"a".to_owned()) && kept.contains(&"c".to_owned()));
    assert_eq!(answers[1].is_ok(), kept.contains(&"b".to_owned()), "{:?}", answers[1]);
}

async fn nothing_is_answered_before_the_commit(desk: &Desk) {
    let (mut hold, is_held, release) = gate();
    let (mut wait, in_the_middle, go_on) = gate();
    let [runs] = counters();
    let mut holds = pin!(desk.store.write::<_, StoreError, _>(move |_| {
        hold();
        Ok(())
    }));
    let mut first = writes(&desk.store, "a", &runs, |_| Ok(()));
    let mut refused = pin!(desk.store.write::<(), _, _>(|tx| {
        let known = tx.query_opt("SELECT 1 FROM settings", &[])?.is_some();
        Err(StoreError::Corrupt(format!("known: {known}")))
    }));
    let mut last = writes(&desk.store, "b", &runs, move |_| {
        wait();
        Ok(())
    });
    assert!(is_pending(holds.as_mut()).await);
    is_held.recv().unwrap();
    assert!(is_pending(first.as_mut()).await);
    assert!(is_pending(refused.as_mut()).await);
    assert!(is_pending(last.as_mut()).await);
    drop(release);
    in_the_middle.recv().unwrap();
    // The first two have run, and the commit is yet to come. The refusal rests on what the first one wrote.
    assert!(is_pending(first.as_mut()).await);
    assert!(is_pending(refused.as_mut()).await);
    assert_eq!(settings(desk).await, Vec::<String>::new());
    drop(go_on);
    holds.await.unwrap();
    assert_eq!(first.await.unwrap().value, "a");
    assert_eq!(last.await.unwrap().value, "b");
    let refused = refused.await;
    assert!(matches!(&refused, Err(StoreError::Corrupt(text)) if text == "known: true"), "{refused:?}");
}

async fn seqs_are_right_whatever_else_is_in_the_batch(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let (open, closed) = (desk.session_of(owner).await, desk.conversation().await);
    let store = &desk.store;
    let send = |conversation, temp_id: &str| -> Operation<'_, Result<Committed<Sent>, SendError>> {
        Box::pin(send_through(store, draft(conversation, owner, temp_id, temp_id), NOW))
    };
    for with_a_failure in [false, true] {
        let name = |number: u32| format!("t{number}-{with_a_failure}");
        let mut batch = vec![send(open, &name(1)), send(closed, &name(2)), send(open, &name(3)), send(open, &name(1))];
        if with_a_failure {
            batch.push(Box::pin(store.write(move |tx| {
                let new = draft(open, owner, "fails", "fails");
                linedesk_store::ops::messages::send(tx, &new, &super::actions::origin(owner), NOW)?;
                Err(SendError::BadQuote)
            })));
        }
        batch.push(send(open, &name(4)));
        let answers = in_one_batch(store, batch).await;
        let mut sent = 0;
        for answer in answers.into_iter().flatten() {
            let Some(event) = answer.value.event else { continue };
            let seq = answer.seq(event);
            let stored = desk.read(move |tx| feed::list_after(tx, Seq(seq.0 - 1), 1)).await.remove(0);
            let message = answer.value.message.id;
            assert_eq!((stored.kind, stored.subject), (EventKind::MessageCreated, Some(message.0)));
            sent += 1;
        }
        assert_eq!(sent, 3);
    }
}

async fn more_than_one_batch_can_wait(desk: &Desk) {
    let store = Arc::new(desk.another());
    let mut tasks = JoinSet::new();
    for number in 0..600 {
        let store = store.clone();
        tasks.spawn(async move {
            let key = format!("key {number}");
            let done = store.write::<_, StoreError, _>(move |tx| settings::get_or_create(tx, &key, &key)).await;
            done.unwrap();
        });
    }
    tasks.join_all().await;
    assert_eq!(settings(desk).await.len(), 600);
}

async fn an_operation_stands_when_its_caller_has_gone(desk: &Desk) {
    let (mut wait, is_reached, open) = gate();
    let [runs] = counters();
    let mut operation = writes(&desk.store, "a", &runs, move |_| {
        wait();
        Ok(())
    });
    assert!(is_pending(operation.as_mut()).await);
    is_reached.recv().unwrap();
    drop(operation);
    drop(open);
    desk.write(|tx| settings::get_or_create(tx, "b", "b")).await;
    assert_eq!(settings(desk).await, ["a", "b"]);
}

async fn closing_finishes_what_is_queued(desk: &Desk) {
    let store = Arc::new(desk.another());
    let (mut wait, is_reached, open) = gate();
    let [runs] = counters();
    let mut first = writes(&store, "a", &runs, move |_| {
        wait();
        Ok(())
    });
    let mut second = writes(&store, "b", &runs, |_| Ok(()));
    assert!(is_pending(first.as_mut()).await);
    is_reached.recv().unwrap();
    assert!(is_pending(second.as_mut()).await);
    let closing = std::thread::spawn({
        let store = store.clone();
        move || store.close()
    });
    drop(open);
    assert!(first.await.is_ok() && second.await.is_ok());
    closing.join().unwrap();
    let late = store.write::<(), StoreError, _>(|_| Ok(())).await;
    assert!(matches!(&late, Err(error) if error.is_unavailable()), "{late:?}");
    let late = store.read::<(), StoreError, _>(|_| Ok(())).await;
    assert!(matches!(&late, Err(error) if error.is_unavailable()), "{late:?}");
    assert_eq!(settings(desk).await, ["a", "b"]);
}

async fn a_read_that_panics_answers_an_error_and_the_reader_lives_on(desk: &Desk) {
    // More often than there are readers.
    for _ in 0..10 {
        let answer = desk.store.read::<(), StoreError, _>(|_| panic!("in a read")).await;
        assert!(matches!(answer, Err(StoreError::Statement(_))), "{answer:?}");
    }
    assert_eq!(settings(desk).await, Vec::<String>::new());
}

async fn a_failed_statement_of_a_read_harms_no_other(desk: &Desk) {
    for _ in 0..10 {
        let answer = desk.store.read::<(), StoreError, _>(|tx| bad_select(tx)).await;
        assert!(matches!(answer, Err(StoreError::Statement(_))), "{answer:?}");
        assert_eq!(settings(desk).await, Vec::<String>::new());
    }
}

async fn a_commit_wakes_who_has_something_to_do(desk: &Desk) {
    let signals = desk.store.signals();
    let mut head = signals.head();
    desk.say(&user(1), "hello").await;
    let committed = desk.head().await;
    head.wait_for(|known| *known == committed).await.unwrap();
    signals.profiles().await;
    assert!(is_pending(pin!(signals.outbox())).await);
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    desk.send(conversation, owner, "hello").await;
    signals.outbox().await;
    signals.advance(Seq(5_000));
    signals.advance(Seq(4_000));
    assert_eq!(*head.borrow(), Seq(5_000), "another node's hint never goes back");
}

#[test]
fn postgres_a_lost_connection_is_made_anew() {
    let Some(place) = Place::new(Engine::Postgres) else { return };
    block_on(async {
        let desk = Desk::open(place).await;
        for _ in 0..3 {
            let writer = desk.write(|tx| tx.query_one("SELECT pg_backend_pid()", &[])?.get::<i64>(0)).await;
            let reader = desk.read(|tx| tx.query_one("SELECT pg_backend_pid()", &[])?.get::<i64>(0)).await;
            desk.place.administer(&format!(
                "SELECT pg_terminate_backend({writer}, 5000), pg_terminate_backend({reader}, 5000)"
            ));
            desk.say(&user(1), "goes through").await;
        }
        assert_eq!(desk.number("SELECT count(*) FROM messages").await, 3);
        desk.assert_sound().await;
    });
}
