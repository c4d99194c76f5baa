//! SQLite through rusqlite: WAL, `synchronous=FULL`, cached statements.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, OpenFlags, Statement, ToSql};

use super::{Connection, Dialect, Param, Row, Value};
use crate::error::StoreError;

/// How long a statement waits for another process that holds the database (a command beside the server, a backup).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const CACHED_STATEMENTS: usize = 256;

pub(crate) struct Sqlite {
    connection: rusqlite::Connection,
    texts: Texts,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(unusable(path))?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(unusable(path))?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;",
            )
            .map_err(unusable(path))?;
        // Plans must not hang on bound values: with partial indexes SQLite would prepare a statement anew at every call.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(unusable(path))?;
        Ok(Self { connection, texts: Texts::default() })
    }

    /// A database that nobody uses, such as a backup: nothing of it is changed, and nothing is made beside it.
    pub(crate) fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(unusable(path))?;
        Ok(Self { connection, texts: Texts::default() })
    }
}

fn unusable(path: &Path) -> impl Fn(rusqlite::Error) -> StoreError + '_ {
    move |error| StoreError::Unusable(format!("cannot open the database {}: {error}", path.display()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory,
        ) => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Statement(error.to_string()),
    }
}

/// `$1` written as `?1`: SQLite would number `$1` by its first appearance, not by its name.
///
/// They are found by where they are, which nearly always is in the executable: hashing them would cost more than some of
/// the statements. Another text at the same place is seen by comparing.
#[derive(Default)]
struct Texts(HashMap<usize, Text>);

struct Text {
    given: String,
    numbered: String,
}

impl Texts {
    /// More than the desk has; the few that are put together may be at many places.
    const MOST: usize = 1024;

    /// Our texts have no `$` inside quotes.
    fn numbered(&mut self, sql: &str) -> &str {
        let make = || Text { given: sql.to_owned(), numbered: sql.replace('$', "?") };
        let place = sql.as_ptr().addr();
        if self.0.len() >= Self::MOST && !self.0.contains_key(&place) {
            self.0.clear();
        }
        let text = self.0.entry(place).or_insert_with(make);
        if text.given != sql {
            *text = make();
        }
        &text.numbered
    }
}

impl Sqlite {
    fn with_statement<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        run: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut statement = self.connection.prepare_cached(self.texts.numbered(sql)).map_err(failed)?;
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, param).map_err(failed)?;
        }
        run(&mut statement).map_err(failed)
    }
}

impl Connection for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.with_statement(sql, params, |statement| statement.raw_execute().map(|rows| rows as u64))
    }

    fn insert(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<i64>, StoreError> {
        let is_new = self.with_statement(sql, params, |statement| Ok(statement.raw_execute()? > 0))?;
        Ok(is_new.then(|| self.connection.last_insert_rowid()))
    }

    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.with_statement(sql, params, |statement| {
            let columns = statement.column_count();
            let mut rows = statement.raw_query();
            let mut answer = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..columns).map(|index| row.get_ref(index).map(read)).collect::<Result<_, _>>()?;
                answer.push(Row(values));
            }
            Ok(answer)
        })
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(failed)
    }

    fn begin_write(&mut self, _is_shared: bool) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE", &[]).map(drop)
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.execute("BEGIN DEFERRED", &[]).map(drop)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.execute("COMMIT", &[]).map(drop)
    }

    fn rollback(&mut self) {
        // An error that already ended the transaction (disk full) leaves nothing to roll back.
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK", &[])
        {
            tracing::error!(%error, "rolling back failed");
        }
    }
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Value::Bytes(value.to_vec()),
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(value) => ValueRef::Integer(*value),
            Param::Real(value) => ValueRef::Real(*value),
            Param::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Param::Text(value) => ValueRef::Text(value.as_bytes()),
            Param::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_text_at_the_same_place_is_seen() {
        let mut texts = Texts::default();
        let mut text = "SELECT $2, $1".to_owned();
        let place = text.as_ptr();
        assert_eq!(texts.numbered(&text), "SELECT ?2, ?1");
        text.replace_range(8..9, "1");
        assert_eq!(text.as_ptr(), place);
        assert_eq!(texts.numbered(&text), "SELECT ?1, ?1");
    }

    #[test]
    fn texts_of_ever_new_places_do_not_pile_up() {
        let mut texts = Texts::default();
        let many: Vec<String> = (0..3 * Texts::MOST).map(|number| format!("SELECT {number}")).collect();
        for text in &many {
            assert_eq!(texts.numbered(text), text);
            assert!(texts.0.len() <= Texts::MOST);
        }
    }
}
