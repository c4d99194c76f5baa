//! Migrations: append-only, run at start, each in one transaction.

use crate::Access;
use crate::engine::{Connection, Dialect, params};
use crate::error::StoreError;

struct Migration {
    number: i64,
    common: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        common: include_str!("migrations/0001_desk.sql"),
        sqlite: include_str!("migrations/0001_search.sqlite.sql"),
        postgres: include_str!("migrations/0001_search.postgres.sql"),
    },
    Migration { number: 2, common: include_str!("migrations/0002_contact_card.sql"), sqlite: "", postgres: "" },
    Migration { number: 3, common: include_str!("migrations/0003_media.sql"), sqlite: "", postgres: "" },
    Migration { number: 4, common: include_str!("migrations/0004_ledger.sql"), sqlite: "", postgres: "" },
    Migration { number: 5, common: include_str!("migrations/0005_people.sql"), sqlite: "", postgres: "" },
    Migration { number: 6, common: include_str!("migrations/0006_channels.sql"), sqlite: "", postgres: "" },
    Migration { number: 7, common: include_str!("migrations/0007_operator_channels.sql"), sqlite: "", postgres: "" },
    Migration { number: 8, common: include_str!("migrations/0008_bot_user.sql"), sqlite: "", postgres: "" },
    Migration { number: 9, common: include_str!("migrations/0009_reach.sql"), sqlite: "", postgres: "" },
    Migration { number: 10, common: include_str!("migrations/0010_nodes.sql"), sqlite: "", postgres: "" },
    Migration {
        number: 11,
        common: include_str!("migrations/0011_rows.sql"),
        sqlite: include_str!("migrations/0011_rows.sqlite.sql"),
        postgres: "",
    },
    Migration { number: 12, common: "", sqlite: include_str!("migrations/0012_indexing.sqlite.sql"), postgres: "" },
];

/// Nodes that start together on PostgreSQL take turns by this advisory lock. The number only has to be ours.
const ADVISORY_LOCK: i64 = 0x6c69_6e65_6465;

/// Brings the schema up to date; gives the numbers that were applied. A command that may run beside a server of another
/// version makes a new database at most.
pub(crate) fn run(connection: &mut dyn Connection, access: Access) -> Result<Vec<i64>, StoreError> {
    // A table that is made anew would take what refers to it along. It cannot be set inside of a transaction.
    set_foreign_keys(connection, "OFF")?;
    connection.begin_write(false)?;
    let result = run_locked(connection, access).and_then(|applied| connection.commit().map(|()| applied));
    if result.is_err() {
        connection.rollback();
    }
    set_foreign_keys(connection, "ON")?;
    result
}

fn set_foreign_keys(connection: &mut dyn Connection, state: &str) -> Result<(), StoreError> {
    match connection.dialect() {
        Dialect::Sqlite => connection.batch(&format!("PRAGMA foreign_keys = {state}")),
        Dialect::Postgres => Ok(()),
    }
}

/// Nothing refers to a row that is not there, as far as SQLite was not looking.
fn check_foreign_keys(connection: &mut dyn Connection) -> Result<(), StoreError> {
    if connection.dialect() == Dialect::Sqlite {
        let rows = connection.query("PRAGMA foreign_key_check", &[])?;
        if let Some(row) = rows.first() {
            let table: &str = row.get(0)?;
            return Err(StoreError::Corrupt(format!("a row of {table} refers to one that does not exist")));
        }
    }
    Ok(())
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// A schema that this version does not know yet.
pub(crate) fn refuse_newer(schema: i64) -> Result<(), StoreError> {
    let newest = newest();
    if schema > newest {
        return Err(StoreError::Unusable(format!(
            "the database is of a newer linedesk (schema {schema}, this one knows {newest}): start that version"
        )));
    }
    Ok(())
}

fn run_locked(connection: &mut dyn Connection, access: Access) -> Result<Vec<i64>, StoreError> {
    if connection.dialect() == Dialect::Postgres {
        // Another node's migration may take its time.
        connection.batch(&format!(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"
        ))?;
    }
    connection.batch("CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT PRIMARY KEY)")?;
    let rows = connection.query("SELECT coalesce(max(number), 0) FROM schema_migrations", &[])?;
    let done: i64 = rows.first().map_or(Ok(0), |row| row.get(0))?;
    let newest = newest();
    refuse_newer(done)?;
    if access == Access::Command && 0 < done && done < newest {
        return Err(StoreError::Unusable(format!(
            "the database is of an older linedesk (schema {done}, this one needs {newest}): stop it and run `linedesk migrate`"
        )));
    }
    let mut applied = Vec::new();
    for migration in MIGRATIONS.iter().filter(|migration| migration.number > done) {
        let (id, own) = match connection.dialect() {
            Dialect::Sqlite => ("INTEGER PRIMARY KEY", migration.sqlite),
            Dialect::Postgres => ("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", migration.postgres),
        };
        connection.batch(&migration.common.replace("{id}", id))?;
        connection.batch(own)?;
        connection.execute("INSERT INTO schema_migrations (number) VALUES ($1)", params![migration.number])?;
        applied.push(migration.number);
    }
    if !applied.is_empty() {
        check_foreign_keys(connection)?;
    }
    Ok(applied)
}
