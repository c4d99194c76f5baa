//! What an operation works with: statements, events for the feed, audit rows, counters, and signals for the workers.
//!
//! Events and counters are only collected here; the writer stores them as the batch's last step, so that the one counter
//! row is held as briefly as possible and seqs are gap-free and in commit order (WS6).

use linedesk_protocol::{ConversationId, OperatorId, SessionId, Timestamp};
use serde_json::Value as Json;

use crate::engine::{Connection, Dialect, Param, Row, params};
use crate::error::StoreError;
use crate::feed::NewEvent;

/// Who does something, and from where: what an audit row says besides the change (SE6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// None for the system and for customers.
    pub operator: Option<OperatorId>,
    /// `rest`, `socket`, `webhook`, `worker` or `command`.
    pub via: &'static str,
    /// The client's address, where there is one.
    pub address: Option<String>,
    /// The socket that caused it, so that its room is not told twice.
    pub socket: Option<String>,
}

impl Origin {
    /// Something linedesk does by itself.
    pub const fn system(via: &'static str) -> Self {
        Self { operator: None, via, address: None, socket: None }
    }
}

/// Points at an event that this operation emitted; the seq is known after the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRef(pub(crate) usize);

/// Changes of the desk's counters, which spare lists a `count(*)` over every conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    /// Conversations that are not archived.
    pub(crate) listed: i64,
    /// Of those, the ones that ever had a session.
    pub(crate) with_history: i64,
}

/// Which workers have something to do after the commit.
#[expect(clippy::struct_excessive_bools, reason = "one for each worker")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wakes {
    pub(crate) outbox: bool,
    pub(crate) profiles: bool,
    pub(crate) media: bool,
    pub(crate) quota: bool,
    /// Texts for the search index.
    pub(crate) texts: bool,
}

/// A write transaction, or one operation's part of a batch.
pub struct Tx<'a> {
    connection: &'a mut dyn Connection,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) counters: Counters,
    pub(crate) wakes: Wakes,
    /// A statement since the operation began may have changed a row.
    has_written: bool,
    /// A statement failed, and the transaction may be gone with it: PostgreSQL lets nothing more happen in it, and SQLite
    /// ends it when the disk is full.
    has_failed: bool,
    /// It failed because the database does not answer.
    is_gone: bool,
}

/// A consistent snapshot for reading.
pub struct ReadTx<'a> {
    connection: &'a mut dyn Connection,
}

/// Something that can be asked.
pub trait Query {
    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError>;
    fn dialect(&self) -> Dialect;

    /// The first row, if there is one.
    fn query_opt(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// The one row that there must be.
    fn query_one(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Row, StoreError> {
        self.query_opt(sql, params)?.ok_or_else(|| StoreError::Corrupt("a row that must exist is missing".to_owned()))
    }
}

impl<'a> ReadTx<'a> {
    pub(crate) fn new(connection: &'a mut dyn Connection) -> Self {
        Self { connection }
    }
}

impl Query for ReadTx<'_> {
    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.connection.query(sql, params)
    }

    fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }
}

impl Query for Tx<'_> {
    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let result = self.connection.query(sql, params);
        self.note(&result);
        result
    }

    fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: &'a mut dyn Connection) -> Self {
        Self {
            connection,
            events: Vec::new(),
            counters: Counters::default(),
            wakes: Wakes::default(),
            has_written: false,
            has_failed: false,
            is_gone: false,
        }
    }

    pub(crate) fn reborrow(&mut self) -> &mut dyn Connection {
        &mut *self.connection
    }

    pub(crate) fn begin_operation(&mut self) {
        self.has_written = false;
    }

    pub(crate) const fn has_written(&self) -> bool {
        self.has_written
    }

    pub(crate) const fn has_failed(&self) -> bool {
        self.has_failed
    }

    pub(crate) const fn is_gone(&self) -> bool {
        self.is_gone
    }

    fn note<T>(&mut self, result: &Result<T, StoreError>) {
        if let Err(error) = result {
            self.has_failed = true;
            self.is_gone |= matches!(error, StoreError::Unavailable(_));
        }
    }

    /// Runs a changing statement and tells how many rows it touched.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.has_written = true;
        let result = self.connection.execute(sql, params);
        self.note(&result);
        result
    }

    /// A changing statement with `RETURNING`.
    pub(crate) fn returning(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.has_written = true;
        Query::query(self, sql, params)
    }

    /// Inserts a row and gives its id.
    pub(crate) fn insert(&mut self, sql: &str, params: &[Param<'_>]) -> Result<i64, StoreError> {
        self.insert_if_new(sql, params)?.ok_or_else(|| StoreError::Corrupt("an insert gave no id".to_owned()))
    }

    /// As [`Tx::insert`], with `ON CONFLICT … DO NOTHING`: none when the row was there.
    pub(crate) fn insert_if_new(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<i64>, StoreError> {
        self.has_written = true;
        let result = self.connection.insert(sql, params);
        self.note(&result);
        result
    }

    /// Appends an event to the feed. It gets its seq as the batch's last step before the commit.
    pub(crate) fn emit(&mut self, event: NewEvent) -> EventRef {
        self.has_written = true;
        self.events.push(event);
        EventRef(self.events.len() - 1)
    }

    /// Writes the audit row of a change, in the change's own transaction (SE6).
    pub(crate) fn audit(&mut self, at: Timestamp, origin: &Origin, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let text = |value: &Option<Json>| value.as_ref().map(Json::to_string);
        let (before, after) = (text(&entry.before), text(&entry.after));
        self.execute(
            "INSERT INTO audit (at, operator_id, via, address, action, conversation_id, session_id, subject_operator_id, before_state, after_state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            params![
                at,
                origin.operator,
                origin.via,
                origin.address.as_deref(),
                entry.action,
                entry.conversation,
                entry.session,
                entry.subject_operator,
                before.as_deref(),
                after.as_deref()
            ],
        )
        .map(drop)
    }
}

/// What changed (SE6).
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditEntry<'a> {
    pub(crate) action: &'a str,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) session: Option<SessionId>,
    pub(crate) subject_operator: Option<OperatorId>,
    pub(crate) before: Option<Json>,
    pub(crate) after: Option<Json>,
}
