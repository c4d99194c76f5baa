//! The seam between the operations and the two databases: `query` and `execute` over six kinds of value.
//!
//! SQL is written once, with `$1` placeholders. What truly differs asks [`Dialect`]. Statements are prepared once per
//! connection and cached by their text, so texts must come from a bounded set: never format a value into one.

use crate::error::StoreError;

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// Which database it is, for the few places where the SQL differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Appended to a `SELECT` that must hold the rows it read until the commit. SQLite has one writer and needs nothing.
    pub(crate) const fn for_update(self, sql: &'static str, locked: &'static str) -> &'static str {
        match self {
            Self::Sqlite => sql,
            Self::Postgres => locked,
        }
    }
}

/// A value on its way into a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value out of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
}

/// One row of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The column at `index`, as the type asked for.
    pub fn get<'a, T: FromValue<'a>>(&'a self, index: usize) -> Result<T, StoreError> {
        let value = self.0.get(index).ok_or_else(|| StoreError::Corrupt(format!("no column {index}")))?;
        T::from_value(value).ok_or_else(|| StoreError::Corrupt(format!("column {index} holds another type")))
    }

    /// The column at `index` read as one of a wire enum's values.
    pub fn parse<T: std::str::FromStr>(&self, index: usize) -> Result<T, StoreError> {
        self.parse_opt(index)?.ok_or_else(|| StoreError::Corrupt(format!("column {index} is null")))
    }

    /// As [`Row::parse`], where the column may be null.
    pub fn parse_opt<T: std::str::FromStr>(&self, index: usize) -> Result<Option<T>, StoreError> {
        let Some(text) = self.get::<Option<&str>>(index)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| StoreError::Corrupt(format!("column {index} holds an unknown value")))
    }
}

/// A type that a column can be read as.
pub trait FromValue<'a>: Sized {
    fn from_value(value: &'a Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($type:ty: $pattern:pat => $value:expr;)+) => {
        $(impl<'a> FromValue<'a> for $type {
            fn from_value(value: &'a Value) -> Option<Self> {
                match value { $pattern => Some($value), _ => None }
            }
        })+
    };
}

from_value! {
    i64: Value::Int(value) => *value;
    &'a str: Value::Text(value) => value;
    String: Value::Text(value) => value.clone();
    &'a [u8]: Value::Bytes(value) => value;
}

impl FromValue<'_> for bool {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            // SQLite keeps booleans as integers.
            Value::Int(value) => Some(*value != 0),
            _ => None,
        }
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    fn from_value(value: &'a Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

macro_rules! param_from {
    ($($type:ty: $value:ident => $param:expr;)+) => {
        $(impl<'a> From<$type> for Param<'a> {
            fn from($value: $type) -> Self { $param }
        })+
    };
}

param_from! {
    i64: value => Param::Int(value);
    &i64: value => Param::Int(*value);
    f64: value => Param::Real(value);
    bool: value => Param::Bool(value);
    &'a str: value => Param::Text(value);
    &'a String: value => Param::Text(value);
    &'a [u8]: value => Param::Bytes(value);
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}

macro_rules! id_values {
    ($($id:ident),+) => {
        $(
            impl From<linedesk_protocol::$id> for Param<'_> {
                fn from(id: linedesk_protocol::$id) -> Self { Param::Int(id.0) }
            }
            impl FromValue<'_> for linedesk_protocol::$id {
                fn from_value(value: &Value) -> Option<Self> { i64::from_value(value).map(linedesk_protocol::$id) }
            }
        )+
    };
}

id_values!(ConversationId, ContactId, MessageId, SessionId, OperatorId, Seq, Timestamp);

/// The values of a statement, in the order of its placeholders.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::engine::Param::from($value)),*] };
}
pub(crate) use params;

/// A connection that a store thread owns.
pub(crate) trait Connection: Send {
    fn dialect(&self) -> Dialect;
    /// Runs a statement and tells how many rows it touched.
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, StoreError>;
    /// Runs an `INSERT` of one row into a table with an `id`, and gives that; none when `ON CONFLICT` did nothing. On SQLite
    /// `RETURNING` would cost as much again as the row: a table for the answer, and a journal for the statement.
    fn insert(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<i64>, StoreError>;
    /// Runs a statement and gives its rows.
    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError>;
    /// Runs statements without parameters, as migrations have them.
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;
    /// With `is_shared`, several operations that have nothing to do with each other run in it: it gives way rather than
    /// wait long for what another transaction holds, since that one may be waiting for it.
    fn begin_write(&mut self, is_shared: bool) -> Result<(), StoreError>;
    /// A consistent snapshot.
    fn begin_read(&mut self) -> Result<(), StoreError>;
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Never fails: a connection that cannot roll back is replaced.
    fn rollback(&mut self);
}
