//! The outbox: deliveries as rows, one lane per conversation (DL1–DL8). What to do is decided by `linedesk_core::delivery`;
//! here it is written down before and after each call to LINE, never during one.
//!
//! INVARIANT: at most one batch of a lane is begun (`lanes.batch_id`). Only the holder of the lane's lease begins one, and
//! an outcome is written down only while its batch is the lane's: a worker that lost its lease changes nothing.

mod settling;

use linedesk_core::delivery::{self, BegunBatch, Lane, Method, Plan};
use linedesk_core::token_life;
use linedesk_protocol::{
    ConversationId, DeliveryState, ErrorCode, FriendStatus, MessageId, MessageType, SenderRole, Timestamp,
};

use self::settling::write_settlement;
pub use self::settling::{Told, settle};
use super::channels::ChannelId;
use super::contacts::emit_changed;
use super::conversations::{self, Held};
use super::ledger;
use super::messages::emit;
use crate::engine::{Dialect, Row, params};
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::tx::{Query, Tx};

/// How long a message held for want of paid messages waits for a free reply (DL6).
const HELD_FOR_MS: i64 = 24 * 3_600_000;

/// Adds a message to its conversation's lane, or keeps it back from one who blocked us (DL7).
pub(crate) fn put(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    reachable: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, code) = if reachable {
        (DeliveryState::Queued, None)
    } else {
        (DeliveryState::Withheld, Some(ErrorCode::RecipientUnreachable.as_str()))
    };
    tx.execute(
        "INSERT INTO deliveries (message_id, conversation_id, state, code, retryable, queued_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![message, conversation, state.as_str(), code, !reachable, now],
    )?;
    if reachable { open_lane(tx, conversation, now) } else { Ok(()) }
}

fn open_lane(tx: &mut Tx<'_>, conversation: ConversationId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO lanes (conversation_id, ready_at) VALUES ($1, $2) ON CONFLICT (conversation_id) DO NOTHING",
        params![conversation, now],
    )?;
    tx.wakes.outbox = true;
    Ok(())
}

/// Puts one message back at its place in the lane.
pub(crate) fn requeue(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE deliveries SET state = 'queued', cost = NULL, code = NULL, error = NULL, retryable = FALSE, batch_id = NULL,
         queued_at = $2, settled_at = NULL WHERE message_id = $1",
        params![message, now],
    )?;
    open_lane(tx, conversation, now)
}

/// A reply token came: what was held for want of paid messages can go free (DL6).
pub(crate) fn release_held(tx: &mut Tx<'_>, conversation: ConversationId, now: Timestamp) -> Result<(), StoreError> {
    let rows = tx.query(
        "SELECT message_id FROM deliveries WHERE conversation_id = $1 AND state = 'withheld' AND code = 'quota_exhausted'
         AND queued_at > $2 ORDER BY message_id",
        params![conversation, now.0 - HELD_FOR_MS],
    )?;
    for row in &rows {
        let message = row.get(0)?;
        requeue(tx, conversation, message, now)?;
        emit(tx, EventKind::MessageUpdated, conversation, message, None, now);
    }
    Ok(())
}

/// Keeps a reply token that a webhook brought.
pub(crate) fn keep_token(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    token: &str,
    received_at: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO reply_tokens (conversation_id, token, received_at) VALUES ($1, $2, $3)",
        params![conversation, token, received_at],
    )
    .map(drop)
}

/// Forgets tokens that are too old to be tried: from the oldest to the first that is young enough. One that a clock which
/// was set back put among them stays until then.
pub fn forget_tokens(tx: &mut Tx<'_>, received_before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM reply_tokens WHERE received_at < $1 AND id <
         coalesce((SELECT id FROM reply_tokens WHERE received_at >= $1 ORDER BY id LIMIT 1), 9223372036854775807)",
        params![received_before],
    )
}

/// A lane at $1 that the node $2 may take: ready, and nobody's, or nobody's any more. A lease that is over is still that of
/// its node, should that be another and live: whose clock is right nobody knows.
macro_rules! can_be_taken {
    () => {
        "ready_at <= $1 AND (lease_until IS NULL OR lease_until <= $1 AND NOT EXISTS
         (SELECT 1 FROM nodes n WHERE n.id <> $2 AND replace(lease_owner, n.id || '/', '') <> lease_owner))"
    };
}

/// Whether any lane is ready for a node: looked at before leasing, so that an idle desk writes nothing.
pub fn has_ready(tx: &mut impl Query, node: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = concat!("SELECT 1 FROM lanes WHERE ", can_be_taken!(), " LIMIT 1");
    Ok(tx.query_opt(sql, params![now, node])?.is_some())
}

/// Takes lanes that are ready and nobody holds. `owner` is the node's id, or begins with it and a slash. They are free again
/// when it is dead, or at `until` for the node itself.
pub fn lease(
    tx: &mut Tx<'_>,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    let take = match tx.dialect() {
        Dialect::Sqlite => {
            concat!(
                "UPDATE lanes SET lease_owner = $3, lease_until = $4 WHERE conversation_id IN (SELECT conversation_id FROM lanes
                 WHERE ",
                can_be_taken!(),
                " ORDER BY ready_at LIMIT $5) RETURNING conversation_id"
            )
        }
        Dialect::Postgres => {
            concat!(
                "UPDATE lanes SET lease_owner = $3, lease_until = $4 WHERE conversation_id IN (SELECT conversation_id FROM lanes
                 WHERE ",
                can_be_taken!(),
                " ORDER BY ready_at LIMIT $5 FOR UPDATE SKIP LOCKED) RETURNING conversation_id"
            )
        }
    };
    let node = owner.split('/').next().unwrap_or(owner);
    let rows = tx.returning(take, params![now, node, owner, until, limit])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The lanes that `owner` holds: what a taking got whose commit was unclear, if nobody else goes by its name.
pub fn list_held(tx: &mut impl Query, owner: &str) -> Result<Vec<ConversationId>, StoreError> {
    let rows = tx.query("SELECT conversation_id FROM lanes WHERE lease_owner = $1", params![owner])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Frees every lane that an earlier process on this data directory held. Only for the process that owns it alone.
pub fn free_all_leases(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE lanes SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL", &[]).map(drop)
}

/// Gives back a lane that a stopping worker holds and has no call under way for.
pub fn free(tx: &mut Tx<'_>, conversation: ConversationId, owner: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE lanes SET lease_owner = NULL, lease_until = NULL WHERE conversation_id = $1 AND lease_owner = $2",
        params![conversation, owner],
    )
    .map(drop)
}

/// A call to LINE that is written down and now to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct DueCall {
    pub batch: i64,
    pub conversation: ConversationId,
    pub channel: ChannelId,
    pub chat_id: String,
    pub method: Method,
    /// For a reply.
    pub reply_token: Option<String>,
    /// For a push: the same for every try (DL4).
    pub retry_key: String,
    pub messages: Vec<DueMessage>,
    /// Tries in a row that led to nothing, this one included: over all batches of the lane, so that a LINE that cannot be
    /// reached is asked less and less often.
    pub attempts: u32,
    pub begun_ms: i64,
    /// An earlier try may have reached LINE.
    pub may_have_arrived: bool,
    /// Which try of the batch this is: only the last one's outcome is written down.
    try_number: i64,
}

impl std::fmt::Debug for DueCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DueCall")
            .field("batch", &self.batch)
            .field("conversation", &self.conversation)
            .field("method", &self.method)
            .field("messages", &self.messages.len())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// One message of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    pub id: MessageId,
    pub message_type: MessageType,
    pub text: String,
    /// JSON: the message as LINE takes it, where there is more to it than a text.
    pub payload: Option<String>,
    pub quote_token: Option<String>,
    /// Who wrote it; none for what linedesk itself says.
    pub operator_name: Option<String>,
    pub file: Option<DueFile>,
}

/// The file of a message on its way out. What LINE is told of it is the same at every try (DL4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueFile {
    pub id: String,
    pub file_name: Option<String>,
    pub duration_ms: Option<i64>,
    pub link_expires_at: Timestamp,
}

/// What the holder of a lane does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make this call, then write its outcome down with [`settle`].
    Call(Box<DueCall>),
    /// Something was written down; ask again.
    Again,
    /// Nothing waits; the lane is gone.
    Idle,
    /// Somebody else holds the lane.
    Lost,
}

/// What a step goes by besides the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepPolicy {
    /// How old a reply token may be to be tried.
    pub token_life_ms: i64,
    /// So many paid messages are kept for what people write.
    pub reserve: i64,
    /// When the month began, of which LINE counts them.
    pub month_start: Timestamp,
}

/// Decides and writes down the next step of a lane that `owner` holds, and holds it on until `lease_until`. `retry_key` is
/// used if a batch begins; a step that is run again after an unclear commit is known by it.
pub fn step(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    owner: &str,
    retry_key: &str,
    policy: StepPolicy,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Step, StoreError> {
    let Some(held) = conversations::hold(tx, conversation)? else { return Ok(Step::Lost) };
    let sql = tx.dialect().for_update(
        "SELECT batch_id, failures FROM lanes WHERE conversation_id = $1 AND lease_owner = $2",
        "SELECT batch_id, failures FROM lanes WHERE conversation_id = $1 AND lease_owner = $2 FOR UPDATE",
    );
    let Some(lane) = tx.query_opt(sql, params![conversation, owner])? else { return Ok(Step::Lost) };
    let failures: i64 = lane.get(1)?;
    let batch = match lane.get(0)? {
        Some(id) => Some(find_batch(tx, id)?),
        None => None,
    };
    if let Some(batch) = batch.as_ref().filter(|batch| batch.retry_key == retry_key) {
        // This step began it, and its answer was lost: nobody has made the call.
        let batch = Batch { may_have_arrived: false, ..batch.clone() };
        return call(tx, &held, batch, failures, lease_until).map(Step::Call);
    }
    let waiting = tx.query(
        "SELECT message_id, goes_alone FROM deliveries WHERE conversation_id = $1 AND state = 'queued' ORDER BY message_id LIMIT 5",
        params![conversation],
    )?;
    let token = if batch.is_none() && !waiting.is_empty() { find_token(tx, conversation, policy, now)? } else { None };
    if let Some(first) = waiting.first().filter(|_| batch.is_none() && token.is_none() && policy.reserve > 0)
        && is_for_reserve(tx, conversation, first.get(0)?, policy)?
    {
        withhold_for_quota(tx, conversation, first.get(0)?, now)?;
        return Ok(Step::Again);
    }
    let view = Lane {
        begun: batch.as_ref().map(Batch::view),
        queued: waiting.len(),
        first_goes_alone: waiting.first().map_or(Ok(false), |row| row.get(1))?,
        unreachable: held.friend_status == FriendStatus::Unfollowed,
        has_reply_token: token.is_some(),
    };
    match delivery::plan(view, now.0) {
        Plan::Idle => {
            tx.execute("DELETE FROM lanes WHERE conversation_id = $1", params![conversation])?;
            Ok(Step::Idle)
        }
        Plan::Withhold => {
            withhold(tx, conversation, now)?;
            Ok(Step::Again)
        }
        Plan::Settle(settlement) => {
            let batch = batch.ok_or_else(|| StoreError::Corrupt("a batch to settle is missing".to_owned()))?;
            write_settlement(tx, conversation, &batch, settlement, &Told::default(), now)?;
            Ok(Step::Again)
        }
        Plan::SendAgain => {
            let batch = batch.ok_or_else(|| StoreError::Corrupt("a batch to repeat is missing".to_owned()))?;
            call(tx, &held, batch, failures, lease_until).map(Step::Call)
        }
        Plan::Begin { method, messages } => {
            let batch = begin(tx, conversation, method, &waiting[..messages], token.as_ref(), retry_key, now)?;
            call(tx, &held, batch, failures, lease_until).map(Step::Call)
        }
    }
}

/// The newest token that is worth a try (DL3).
fn find_token(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    policy: StepPolicy,
    now: Timestamp,
) -> Result<Option<Row>, StoreError> {
    let token = tx.query_opt(
        "SELECT id, token, received_at FROM reply_tokens WHERE conversation_id = $1 AND received_at > $2
         ORDER BY received_at DESC, id DESC LIMIT 1",
        params![conversation, now.0 - policy.token_life_ms],
    )?;
    let Some(token) = token else { return Ok(None) };
    let age_ms = now.0 - token.get::<i64>(2)?;
    if age_ms < token_life::PROMISED_MS {
        return Ok(Some(token));
    }
    let channel = channel_of(tx, conversation)?;
    let mut life = ledger::token_life(tx, channel)?;
    if life.is_worth_a_try(age_ms) {
        return Ok(Some(token));
    }
    life.skipped(age_ms);
    ledger::save_token_life(tx, channel, &life)?;
    Ok(None)
}

fn channel_of(tx: &mut impl Query, conversation: ConversationId) -> Result<ChannelId, StoreError> {
    let row = tx.query_one("SELECT channel_id FROM contacts WHERE id = $1", params![conversation])?;
    Ok(ChannelId(row.get(0)?))
}

/// Whether a message that linedesk itself wrote would take of the paid messages that are kept for people's.
fn is_for_reserve(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    policy: StepPolicy,
) -> Result<bool, StoreError> {
    let row = tx.query_one("SELECT sender_role FROM messages WHERE id = $1", params![message])?;
    if row.parse::<SenderRole>(0)? == SenderRole::Admin {
        return Ok(false);
    }
    let (channel, recipients) = ledger::reach(tx, conversation)?;
    let quota = ledger::find_quota(tx, channel, policy.month_start)?;
    let is_short =
        |quota: ledger::Quota| quota.limit.is_some_and(|limit| limit - quota.used - recipients < policy.reserve);
    Ok(quota.is_some_and(is_short))
}

fn withhold_for_quota(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE deliveries SET state = 'withheld', code = 'quota_exhausted', error = NULL, retryable = TRUE, settled_at = $2
         WHERE message_id = $1",
        params![message, now],
    )?;
    emit(tx, EventKind::DeliveryChanged, conversation, message, None, now);
    Ok(())
}

#[derive(Clone, Debug)]
struct Batch {
    id: i64,
    method: Method,
    retry_key: String,
    reply_token: Option<String>,
    token_received_at: Option<i64>,
    begun_ms: i64,
    may_have_arrived: bool,
}

impl Batch {
    const fn view(&self) -> BegunBatch {
        BegunBatch { method: self.method, begun_ms: self.begun_ms, may_have_arrived: self.may_have_arrived }
    }
}

fn find_batch(tx: &mut Tx<'_>, id: i64) -> Result<Batch, StoreError> {
    let row = tx.query_one(
        "SELECT id, method, retry_key, reply_token, token_received_at, begun_at, may_have_arrived FROM batches WHERE id = $1",
        params![id],
    )?;
    Ok(Batch {
        id: row.get(0)?,
        method: if row.get::<&str>(1)? == Method::Reply.as_str() { Method::Reply } else { Method::Push },
        retry_key: row.get(2)?,
        reply_token: row.get(3)?,
        token_received_at: row.get(4)?,
        begun_ms: row.get(5)?,
        may_have_arrived: row.get(6)?,
    })
}

fn begin(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    method: Method,
    messages: &[Row],
    token: Option<&Row>,
    retry_key: &str,
    now: Timestamp,
) -> Result<Batch, StoreError> {
    let (reply_token, token_received_at) = match (method, token) {
        (Method::Reply, Some(row)) => {
            // Used from here on, whatever comes: a token works once.
            tx.execute("DELETE FROM reply_tokens WHERE id = $1", params![row.get::<i64>(0)?])?;
            // The summary says until when a reply is free.
            emit_changed(tx, conversation, now);
            (Some(row.get::<String>(1)?), Some(row.get::<i64>(2)?))
        }
        _ => (None, None),
    };
    let id = tx.insert(
        "INSERT INTO batches (conversation_id, method, retry_key, reply_token, token_received_at, begun_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![conversation, method.as_str(), retry_key, reply_token.as_deref(), token_received_at, now],
    )?;
    for row in messages {
        let message: MessageId = row.get(0)?;
        tx.execute(
            "UPDATE deliveries SET state = 'sending', batch_id = $2 WHERE message_id = $1",
            params![message, id],
        )?;
    }
    tx.execute("UPDATE lanes SET batch_id = $2 WHERE conversation_id = $1", params![conversation, id])?;
    Ok(Batch {
        id,
        method,
        retry_key: retry_key.to_owned(),
        reply_token,
        token_received_at,
        begun_ms: now.0,
        may_have_arrived: false,
    })
}

fn call(
    tx: &mut Tx<'_>,
    held: &Held,
    batch: Batch,
    failures: i64,
    lease_until: Timestamp,
) -> Result<Box<DueCall>, StoreError> {
    tx.execute("UPDATE lanes SET lease_until = $2 WHERE conversation_id = $1", params![held.id, lease_until])?;
    // From here on the process may die with the request on its way.
    let tries = tx.returning(
        "UPDATE batches SET attempts = attempts + 1, may_have_arrived = TRUE WHERE id = $1 RETURNING attempts",
        params![batch.id],
    )?;
    let try_number = tries.first().map_or(Ok(0), |row| row.get(0))?;
    let rows = tx.query(
        "SELECT d.message_id, m.message_type, m.content, m.payload, q.quote_token, o.display_name, f.id, f.file_name,
         f.duration_ms, f.link_expires_at FROM deliveries d JOIN messages m ON m.id = d.message_id
         LEFT JOIN messages q ON q.id = m.quoted_message_id LEFT JOIN operators o ON o.id = m.operator_id
         LEFT JOIN media f ON f.message_id = m.id
         WHERE d.conversation_id = $1 AND d.batch_id = $2 AND d.state = 'sending' ORDER BY d.message_id",
        params![held.id, batch.id],
    )?;
    let messages = rows.iter().map(read_due).collect::<Result<_, StoreError>>()?;
    let channel = channel_of(tx, held.id)?;
    Ok(Box::new(DueCall {
        batch: batch.id,
        conversation: held.id,
        channel,
        chat_id: held.chat_id.clone(),
        method: batch.method,
        reply_token: batch.reply_token,
        retry_key: batch.retry_key,
        messages,
        attempts: u32::try_from(failures).unwrap_or(u32::MAX).saturating_add(1),
        begun_ms: batch.begun_ms,
        may_have_arrived: batch.may_have_arrived,
        try_number,
    }))
}

fn read_due(row: &Row) -> Result<DueMessage, StoreError> {
    let file = match row.get::<Option<String>>(6)? {
        Some(id) => Some(DueFile {
            id,
            file_name: row.get(7)?,
            duration_ms: row.get(8)?,
            link_expires_at: row.get::<Option<Timestamp>>(9)?.unwrap_or(Timestamp(0)),
        }),
        None => None,
    };
    Ok(DueMessage {
        id: row.get(0)?,
        message_type: row.parse(1)?,
        text: row.get(2)?,
        payload: row.get(3)?,
        quote_token: row.get(4)?,
        operator_name: row.get(5)?,
        file,
    })
}

fn withhold(tx: &mut Tx<'_>, conversation: ConversationId, now: Timestamp) -> Result<(), StoreError> {
    let rows = tx.returning(
        "UPDATE deliveries SET state = 'withheld', code = 'recipient_unreachable', error = NULL, retryable = TRUE, settled_at = $2
         WHERE conversation_id = $1 AND state = 'queued' RETURNING message_id",
        params![conversation, now],
    )?;
    for row in &rows {
        emit(tx, EventKind::DeliveryChanged, conversation, row.get(0)?, None, now);
    }
    Ok(())
}
