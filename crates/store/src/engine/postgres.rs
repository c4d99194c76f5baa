//! PostgreSQL through rust-postgres: one connection a thread, reconnected when it is lost.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};

use super::{Connection, Dialect, Param, Row, Value, params};
use crate::error::StoreError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A statement that takes longer is given up: nothing the desk asks takes seconds on a healthy database.
const STATEMENT_TIMEOUT_MS: u32 = 15_000;

/// How long a batch waits for a row: two batches that hold conversations of each other would wait for ever. Well below
/// PostgreSQL's own `deadlock_timeout` of a second.
const SHARED_LOCK_WAIT_MS: u32 = 100;
/// An operation alone holds its rows in one order and cannot be part of a circle; whoever has them is soon done.
const LOCK_WAIT_MS: u32 = 5_000;
/// After a commit that was not answered.
const STATUS_TRIES: u32 = 20;
const STATUS_PAUSE: Duration = Duration::from_millis(100);
/// A server that vanished without a word is given up after so long; the kernel's own patience is many minutes.
const SILENCE: Duration = Duration::from_secs(10);

pub(crate) struct Postgres {
    config: Config,
    schema: Option<String>,
    client: Option<Client>,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    /// `schema` is what a test runs in; the desk itself uses the connection's own search path.
    pub(crate) fn open(url: &str, schema: Option<&str>) -> Result<Self, StoreError> {
        let mut config: Config =
            url.parse().map_err(|_| StoreError::Unusable("the PostgreSQL address cannot be read".to_owned()))?;
        config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(SILENCE).application_name("linedesk");
        let mut postgres = Self { config, schema: schema.map(str::to_owned), client: None, statements: HashMap::new() };
        postgres.client()?;
        Ok(postgres)
    }

    fn client(&mut self) -> Result<&mut Client, StoreError> {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            self.client = None;
            self.statements.clear();
            let mut client = self.config.connect(NoTls).map_err(failed)?;
            client
                .batch_execute(&format!(
                    "SET statement_timeout = {STATEMENT_TIMEOUT_MS}; SET idle_in_transaction_session_timeout = {STATEMENT_TIMEOUT_MS}"
                ))
                .map_err(failed)?;
            if let Some(schema) = &self.schema {
                client.batch_execute(&format!("SET search_path = \"{schema}\"")).map_err(failed)?;
            }
            self.client = Some(client);
        }
        self.client.as_mut().ok_or_else(|| StoreError::Unavailable("no connection".to_owned()))
    }

    /// Asks, over a new connection, what became of a transaction whose commit was not answered.
    fn was_committed(&mut self, transaction: i64, why: String) -> Result<(), StoreError> {
        for _ in 0..STATUS_TRIES {
            self.client = None;
            let status = self.query("SELECT txid_status($1)", params![transaction]);
            match status.as_deref().map(|rows| rows.first().map(|row| row.get::<Option<&str>>(0))) {
                Ok(Some(Ok(Some("committed")))) => return Ok(()),
                // Rolled back: the writer may run it again.
                Ok(Some(Ok(Some("aborted")))) => return Err(StoreError::Unavailable(why)),
                // The old connection's end is still under way, or there is no new one yet.
                _ => std::thread::sleep(STATUS_PAUSE),
            }
        }
        Err(StoreError::Unclear(why))
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        self.prepared(sql, str::to_owned)
    }

    /// `text` makes what is prepared for it; one text is always asked for in the same way.
    fn prepared(&mut self, sql: &str, text: impl FnOnce(&str) -> String) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client()?.prepare(&text(sql)).map_err(failed)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn failed(error: postgres::Error) -> StoreError {
    let text = match error.as_db_error() {
        Some(cause) => format!("{} ({})", cause.message(), cause.code().code()),
        None => error.to_string(),
    };
    match error.code() {
        Some(code)
            if [
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::UNIQUE_VIOLATION,
                SqlState::LOCK_NOT_AVAILABLE,
            ]
            .contains(code) =>
        {
            StoreError::Conflict(text)
        }
        // Class 08 connection, 53 resources (disk full, too many connections), 57 shutdown or timeout, 58 I/O.
        Some(code) if ["08", "53", "57", "58"].iter().any(|class| code.code().starts_with(class)) => {
            StoreError::Unavailable(text)
        }
        Some(_) => StoreError::Statement(text),
        None => StoreError::Unavailable(text),
    }
}

impl Connection for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        let params = references(params);
        self.client()?.execute(&statement, &params).map_err(failed)
    }

    fn insert(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<i64>, StoreError> {
        let statement = self.prepared(sql, |sql| format!("{sql} RETURNING id"))?;
        let params = references(params);
        let row = self.client()?.query_opt(&statement, &params).map_err(failed)?;
        row.map(|row| row.try_get(0).map_err(failed)).transpose()
    }

    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let statement = self.statement(sql)?;
        let params = references(params);
        let rows = self.client()?.query(&statement, &params).map_err(failed)?;
        rows.iter().map(|row| (0..row.len()).map(|index| read(row, index)).collect::<Result<_, _>>().map(Row)).collect()
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.client()?.batch_execute(sql).map_err(failed)
    }

    fn begin_write(&mut self, is_shared: bool) -> Result<(), StoreError> {
        let patience_ms = if is_shared { SHARED_LOCK_WAIT_MS } else { LOCK_WAIT_MS };
        self.batch(&format!("BEGIN; SET LOCAL lock_timeout = {patience_ms}"))
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.batch("BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ")
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let rows = self.query("SELECT txid_current()", &[])?;
        let transaction: i64 = rows.first().map_or(Ok(0), |row| row.get(0))?;
        match self.batch("COMMIT") {
            Err(StoreError::Unavailable(why)) => self.was_committed(transaction, why),
            done => done,
        }
    }

    fn rollback(&mut self) {
        if let Some(client) = &mut self.client
            && client.batch_execute("ROLLBACK").is_err()
        {
            self.client = None;
        }
    }
}

fn references<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

fn read(row: &postgres::Row, index: usize) -> Result<Value, StoreError> {
    let unreadable = |error: postgres::Error| StoreError::Corrupt(error.to_string());
    let kind = row.columns()[index].type_();
    let value = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map_err(unreadable)?.map(Value::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map_err(unreadable)?.map(|value| Value::Int(value.into())),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(index).map_err(unreadable)?.map(Value::Real),
        Type::BOOL => row.try_get::<_, Option<bool>>(index).map_err(unreadable)?.map(Value::Bool),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index).map_err(unreadable)?.map(Value::Bytes),
        Type::TEXT | Type::VARCHAR | Type::NAME => {
            row.try_get::<_, Option<String>>(index).map_err(unreadable)?.map(Value::Text)
        }
        ref other => return Err(StoreError::Corrupt(format!("column {index} is of type {other}"))),
    };
    Ok(value.unwrap_or(Value::Null))
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Param::Int(value) => value.to_sql(kind, out),
            Param::Real(value) => value.to_sql(kind, out),
            Param::Bool(value) => value.to_sql(kind, out),
            // PostgreSQL's text cannot hold NUL.
            Param::Text(value) if value.contains('\0') => value.replace('\0', "\u{fffd}").to_sql(kind, out),
            Param::Text(value) => value.to_sql(kind, out),
            Param::Bytes(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
