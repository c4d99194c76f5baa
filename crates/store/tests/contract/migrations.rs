//! Opening a store: migrations, restarts, and what cannot be opened.

use std::sync::Barrier;

use linedesk_protocol::Seq;
use linedesk_store::ops::{channels, webhook};
use linedesk_store::{Access, Location, Query, Store, StoreError, feed};

use super::actions::{text, user};
use super::harness::{Engine, NOW, Place, block_on};

macro_rules! on_places_of_both_engines {
    ($($behaviour:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $behaviour() { super::on(super::Engine::Sqlite, super::$behaviour); })+
        }
        mod postgres {
            $(#[test] fn $behaviour() { super::on(super::Engine::Postgres, super::$behaviour); })+
        }
    };
}

on_places_of_both_engines!(
    opening_again_changes_nothing,
    all_who_open_a_new_place_at_once_succeed,
    a_newer_schema_is_refused,
    a_migration_that_fails_leaves_nothing_behind,
);

fn on(engine: Engine, behaviour: impl FnOnce(&Place)) {
    if let Some(place) = Place::new(engine) {
        behaviour(&place);
    }
}

async fn number(store: &Store, sql: &'static str) -> i64 {
    store.read::<_, StoreError, _>(|tx| tx.query_one(sql, &[])?.get(0)).await.unwrap()
}

/// The desk works.
async fn say(store: &Store) {
    let write = store.write::<_, StoreError, _>(|tx| {
        let channel = channels::put(tx, channels::DEFAULT, "secret", "token", NOW)?;
        webhook::ingest(tx, channel, &[text(&user(1), "e1", "hello")], NOW)
    });
    assert_eq!(write.await.unwrap().value.new, 1);
}

fn opening_again_changes_nothing(place: &Place) {
    for round in 1..4 {
        drop(place.open());
        let location = place.location();
        let store = Store::open(&location, Access::Command).unwrap();
        drop(store);
        if round == 1 {
            place.administer("INSERT INTO settings (key, value) VALUES ('kept', 'kept')");
        }
    }
    let store = place.open();
    block_on(async {
        assert_eq!(number(&store, "SELECT count(*) FROM settings WHERE value = 'kept'").await, 1);
        assert_eq!(number(&store, "SELECT count(*) FROM schema_migrations").await, 12);
        assert_eq!(number(&store, "SELECT count(*) FROM desk").await, 1);
        say(&store).await;
    });
    let again = Store::open(&place.location(), Access::Command).unwrap();
    let head = block_on(again.read::<_, StoreError, _>(|tx| feed::head(tx))).unwrap();
    assert!(head > Seq(0));
    assert_eq!(*again.signals().head().borrow(), head, "a store knows the head from the start");
}

fn all_who_open_a_new_place_at_once_succeed(place: &Place) {
    let together = Barrier::new(4);
    let opened: Vec<_> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..4)
            .map(|number| {
                let (location, together) = (place.location(), &together);
                // One server on a data directory, and commands beside it; on PostgreSQL four nodes.
                let alone = matches!(location, Location::Sqlite { .. }) && number > 0;
                let access = if alone { Access::Command } else { Access::Server };
                scope.spawn(move || {
                    together.wait();
                    Store::open(&location, access)
                })
            })
            .collect();
        openers.into_iter().map(|opener| opener.join().unwrap()).collect()
    });
    for store in opened {
        store.unwrap();
    }
}

fn refused(place: &Place) -> String {
    match Store::open(&place.location(), Access::Command) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it was opened"),
    }
}

fn a_newer_schema_is_refused(place: &Place) {
    drop(place.open());
    place.administer("INSERT INTO schema_migrations (number) VALUES (4711)");
    assert!(matches!(Store::open(&place.location(), Access::Command), Err(StoreError::Unusable(_))));
    let line = refused(place);
    assert!(line.contains("newer linedesk") && line.contains("4711") && !line.contains('\n'), "{line}");
    place.administer("DELETE FROM schema_migrations WHERE number = 4711");
    drop(place.open());
}

fn a_migration_that_fails_leaves_nothing_behind(place: &Place) {
    place.administer("CREATE TABLE tags (in_the_way BIGINT)");
    for _ in 0..2 {
        let line = refused(place);
        assert!(line.contains("tags"), "{line}");
    }
    place.administer("DROP TABLE tags");
    block_on(say(&place.open()));
}
