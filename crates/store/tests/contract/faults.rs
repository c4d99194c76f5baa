//! Places that cannot be used, and databases that do not answer for a while.

use linedesk_store::ops::settings;
use linedesk_store::{Access, Location, Query, Store, StoreError};
use rusqlite::Connection;

use super::actions::{text, user};
use super::harness::{Desk, Engine, Place, block_on};

fn refusal(location: &Location, access: Access) -> StoreError {
    match Store::open(location, access) {
        Err(error) => error,
        Ok(_) => panic!("it was opened"),
    }
}

fn sqlite() -> Place {
    Place::new(Engine::Sqlite).unwrap()
}

#[test]
fn a_second_server_on_a_data_directory_is_refused() {
    let place = sqlite();
    let server = place.open();
    let error = refusal(&place.location(), Access::Server);
    let line = error.to_string();
    assert!(matches!(error, StoreError::Unusable(_)) && !line.contains('\n'));
    assert!(line.contains("another linedesk") && line.contains(&place.location().to_string()), "{line}");
    drop(Store::open(&place.location(), Access::Command).unwrap());
    drop(server);
    drop(place.open());
}

#[test]
fn only_the_owner_may_look_into_the_data_directory() {
    use std::os::unix::fs::PermissionsExt;
    let place = sqlite();
    let Location::Sqlite { data_dir } = place.location() else { unreachable!() };
    let made = data_dir.join("made/by linedesk");
    drop(Store::open(&Location::Sqlite { data_dir: made.clone() }, Access::Server).unwrap());
    assert_eq!(std::fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_cannot_be_a_data_directory_is_refused() {
    let place = sqlite();
    let Location::Sqlite { data_dir } = place.location() else { unreachable!() };
    let file = data_dir.join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let garbage = data_dir.join("garbage");
    std::fs::create_dir(&garbage).unwrap();
    std::fs::write(garbage.join("linedesk.db"), "this is no database, but long enough to be read as one".repeat(99))
        .unwrap();
    for data_dir in [file, garbage] {
        for access in [Access::Server, Access::Command] {
            let error = refusal(&Location::Sqlite { data_dir: data_dir.clone() }, access);
            assert!(matches!(error, StoreError::Unusable(_)), "{error:?}");
            assert!(error.to_string().contains(&*data_dir.to_string_lossy()), "{error}");
        }
    }
}

#[test]
fn a_postgres_that_does_not_answer_is_unavailable_and_an_unreadable_address_unusable() {
    let open = |url: &str| refusal(&Location::Postgres { url: url.to_owned(), schema: None }, Access::Command);
    let nobody = open("postgres://nobody:s3cret@127.0.0.1:1/desk");
    assert!(nobody.is_unavailable() && !nobody.to_string().contains("s3cret"), "{nobody}");
    let unreadable = open("postgres://u:s3cret@host:not-a-port/desk");
    assert!(matches!(unreadable, StoreError::Unusable(_)) && !unreadable.to_string().contains("s3cret"));
}

fn beside(desk: &Desk) -> Connection {
    let Location::Sqlite { data_dir } = desk.place.location() else { unreachable!() };
    Connection::open(data_dir.join("linedesk.db")).unwrap()
}

async fn settings(desk: &Desk) -> Vec<String> {
    desk.texts("SELECT key FROM settings ORDER BY key").await.into_iter().flatten().collect()
}

/// Takes as long as a statement waits for a lock.
#[test]
fn a_database_that_another_process_holds_is_unavailable_and_can_be_read_meanwhile() {
    block_on(async {
        let desk = Desk::open(sqlite()).await;
        desk.write(|tx| settings::get_or_create(tx, "before", "x")).await;
        let holder = beside(&desk);
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let (write, read) = tokio::join!(
            desk.store.write::<_, StoreError, _>(|tx| settings::get_or_create(tx, "during", "x")),
            settings(&desk),
        );
        assert!(matches!(&write, Err(StoreError::Unavailable(_))), "{write:?}");
        assert_eq!(read, ["before"]);
        holder.execute_batch("ROLLBACK").unwrap();
        desk.write(|tx| settings::get_or_create(tx, "after", "x")).await;
        assert_eq!(settings(&desk).await, ["after", "before"]);
    });
}

#[test]
fn a_database_that_is_held_for_a_moment_is_waited_for() {
    block_on(async {
        let desk = Desk::open(sqlite()).await;
        let holder = beside(&desk);
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let (reached, is_reached) = std::sync::mpsc::sync_channel(1);
        let let_go = std::thread::spawn(move || {
            is_reached.recv().unwrap();
            holder.execute_batch("COMMIT").unwrap();
        });
        let mut write =
            std::pin::pin!(desk.store.write::<_, StoreError, _>(|tx| settings::get_or_create(tx, "a", "x")));
        let first = std::future::poll_fn(|cx| std::task::Poll::Ready(write.as_mut().poll(cx).is_pending())).await;
        assert!(first, "it waits");
        reached.send(()).unwrap();
        write.await.unwrap();
        let_go.join().unwrap();
        assert_eq!(settings(&desk).await, ["a"]);
    });
}

/// Lets the database grow by so many pages from now on; a full disk is none.
async fn room_for(desk: &Desk, pages: i64) {
    desk.write(move |tx| {
        let now: i64 = tx.query_one("PRAGMA page_count", &[])?.get(0)?;
        tx.query_one(&format!("PRAGMA max_page_count = {}", now + pages), &[]).map(drop)
    })
    .await;
}

#[test]
fn a_full_disk_is_unavailable_leaves_nothing_half_written_and_passes() {
    block_on(async {
        let desk = Desk::open(sqlite()).await;
        desk.ingest(vec![text(&user(1), "before", "hello")]).await;
        let long = "long text ".repeat(50_000);
        for pages in [0, 1, 3, 20, 60] {
            room_for(&desk, pages).await;
            let (channel, events) =
                (desk.channel, vec![text(&user(2), "small", "fits"), text(&user(3), "large", &long)]);
            let failed = desk
                .store
                .write::<_, StoreError, _>(move |tx| {
                    linedesk_store::ops::webhook::ingest(tx, channel, &events, super::harness::NOW)
                })
                .await;
            assert!(matches!(&failed, Err(StoreError::Unavailable(_))), "{failed:?}");
            assert_eq!(desk.texts("SELECT webhook_event_id FROM webhook_events").await, [Some("before".to_owned())]);
            desk.assert_sound().await;
        }
        room_for(&desk, 1_000_000).await;
        let events = vec![text(&user(2), "small", "fits"), text(&user(3), "large", &long)];
        assert_eq!(desk.ingest(events).await.new, 2);
        desk.assert_sound().await;
    });
}

#[test]
fn on_a_full_disk_exactly_what_is_acknowledged_is_there() {
    block_on(async {
        let desk = Desk::open(sqlite()).await;
        let store = std::sync::Arc::new(desk.another());
        let mut acknowledged = std::collections::BTreeSet::new();
        let mut refused = 0;
        for round in 0..6 {
            // The writer of the other store: the limit is its connection's own.
            let pages = if round == 5 { 1_000_000 } else { 12 };
            let limit = store.write::<_, StoreError, _>(move |tx| {
                let now: i64 = tx.query_one("PRAGMA page_count", &[])?.get(0)?;
                tx.query_one(&format!("PRAGMA max_page_count = {}", now + pages), &[]).map(drop)
            });
            limit.await.unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            for number in 0..12_usize {
                let (store, channel, id) = (store.clone(), desk.channel, format!("e{round:02}-{number:02}"));
                tasks.spawn(async move {
                    let events = vec![text(&user(1), &id, &"words ".repeat(number * 300))];
                    let done = store.write::<_, StoreError, _>(move |tx| {
                        linedesk_store::ops::webhook::ingest(tx, channel, &events, super::harness::NOW)
                    });
                    (id, done.await)
                });
            }
            for (id, answer) in tasks.join_all().await {
                match answer {
                    Ok(_) => drop(acknowledged.insert(Some(id))),
                    Err(error) => {
                        assert!(error.is_unavailable(), "{error:?}");
                        refused += 1;
                    }
                }
            }
            let kept = desk.texts("SELECT webhook_event_id FROM webhook_events ORDER BY 1").await;
            assert_eq!(kept, acknowledged.iter().cloned().collect::<Vec<_>>());
            desk.assert_sound().await;
        }
        assert!(refused > 0 && acknowledged.len() >= 12, "{refused} refused");
    });
}
