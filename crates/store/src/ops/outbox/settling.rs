//! How calls to LINE end, written down: messages come to rest, wait again or go alone, and the lane goes on or pauses.

use linedesk_core::delivery::{self, Method, Settlement};
use linedesk_core::token_life;
use linedesk_protocol::{ConversationId, DeliveryState, ErrorCode, MessageId, Timestamp};

use super::{Batch, DueCall, channel_of, find_batch, keep_token};
use crate::engine::{Row, params};
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::ops::messages::emit;
use crate::ops::{conversations, ledger, line_reads};
use crate::tx::{Query, Tx};

/// What LINE told with a call's outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// LINE's ids and quote tokens of what was sent, in order.
    pub sent: Vec<(String, Option<String>)>,
    /// LINE's words of refusal, for the operator.
    pub error: Option<String>,
    /// The day in the business time zone (`YYYY-MM-DD`) on which an accepted call is booked.
    pub day: String,
    /// An operator's answer tells LINE that the customer's messages are read.
    pub marks_read: bool,
    /// This try surely did nothing: no connection was made, or LINE refused it.
    pub no_effect: bool,
}

/// Writes down how a call ended. Does nothing when the batch is no longer the lane's, or when somebody else has made a
/// later try of it: what an earlier one tells must not dissolve a batch that is on its way.
pub fn settle(
    tx: &mut Tx<'_>,
    call: &DueCall,
    settlement: Settlement,
    told: &Told,
    now: Timestamp,
) -> Result<(), StoreError> {
    if conversations::hold(tx, call.conversation)?.is_none() {
        return Ok(());
    }
    let sql = "SELECT 1 FROM lanes l JOIN batches b ON b.id = l.batch_id
               WHERE l.conversation_id = $1 AND l.batch_id = $2 AND b.attempts = $3";
    if tx.query_opt(sql, params![call.conversation, call.batch, call.try_number])?.is_none() {
        return Ok(());
    }
    let batch = find_batch(tx, call.batch)?;
    if told.no_effect && !call.may_have_arrived {
        tx.execute("UPDATE batches SET may_have_arrived = FALSE WHERE id = $1", params![call.batch])?;
    }
    write_settlement(tx, call.conversation, &batch, settlement, told, now)
}

pub(super) fn write_settlement(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    batch: &Batch,
    settlement: Settlement,
    told: &Told,
    now: Timestamp,
) -> Result<(), StoreError> {
    let messages = tx.query(
        "SELECT message_id, code, queued_at FROM deliveries WHERE conversation_id = $1 AND batch_id = $2 ORDER BY message_id",
        params![conversation, batch.id],
    )?;
    match settlement {
        Settlement::Rest { state, spare_token, .. } => {
            if state == DeliveryState::Accepted {
                let recipients = ledger::book(tx, conversation, batch.method, messages.len(), &told.day, now)?;
                if batch.method == Method::Push {
                    tx.execute(
                        "UPDATE deliveries SET recipients = $2 WHERE conversation_id = $3 AND batch_id = $1",
                        params![batch.id, recipients, conversation],
                    )?;
                }
                learn(tx, conversation, batch, true)?;
                if told.marks_read {
                    let newest = messages.last().map_or(Ok(MessageId(0)), |row| row.get(0))?;
                    line_reads::read_up_to(tx, conversation, newest, now)?;
                }
            }
            for (index, row) in messages.iter().enumerate() {
                put_to_rest(tx, conversation, row.get(0)?, settlement, told.error.as_deref(), now)?;
                if let Some((line_id, quote_token)) = told.sent.get(index) {
                    tx.execute(
                        "UPDATE messages SET line_message_id = $2, quote_token = $3 WHERE id = $1",
                        params![row.get::<MessageId>(0)?, line_id, quote_token.as_deref()],
                    )?;
                }
            }
            tx.execute("UPDATE lanes SET failures = 0 WHERE conversation_id = $1", params![conversation])?;
            dissolve(tx, conversation, batch, spare_token, now.0)
        }
        Settlement::Again { after, code } => {
            tell_waiting(tx, conversation, &messages, code, now)?;
            pause(tx, conversation, after, now)
        }
        Settlement::Requeue { after, spare_token } => {
            let mut waiting = Vec::with_capacity(messages.len());
            for row in messages {
                match delivery::give_up_waiting(row.get(2)?, now.0) {
                    Some(gave_up) => put_to_rest(tx, conversation, row.get(0)?, gave_up, None, now)?,
                    None => waiting.push(row),
                }
            }
            put_back(tx, &waiting, false)?;
            tell_waiting(tx, conversation, &waiting, ErrorCode::LineUnavailable, now)?;
            dissolve(tx, conversation, batch, spare_token, now.0)?;
            pause(tx, conversation, after, now)
        }
        Settlement::TokenRefused => {
            put_back(tx, &messages, false)?;
            learn(tx, conversation, batch, false)?;
            // An older token is no better than this one.
            tx.execute(
                "DELETE FROM reply_tokens WHERE conversation_id = $1 AND received_at <= $2",
                params![conversation, batch.token_received_at.unwrap_or(0)],
            )?;
            dissolve(tx, conversation, batch, false, now.0)
        }
        Settlement::Split => {
            put_back(tx, &messages, true)?;
            dissolve(tx, conversation, batch, false, now.0)
        }
    }
}

/// Learns from a reply token that was tried.
fn learn(tx: &mut Tx<'_>, conversation: ConversationId, batch: &Batch, worked: bool) -> Result<(), StoreError> {
    let Some(received_at) = batch.token_received_at else { return Ok(()) };
    let age_ms = batch.begun_ms - received_at;
    if worked && age_ms < token_life::PROMISED_MS {
        return Ok(());
    }
    let channel = channel_of(tx, conversation)?;
    let mut life = ledger::token_life(tx, channel)?;
    if life.tried(age_ms, worked) { ledger::save_token_life(tx, channel, &life) } else { Ok(()) }
}

/// Writes down the state in which a message rests; nothing for a settlement that is no rest.
fn put_to_rest(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    settlement: Settlement,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Settlement::Rest { state, cost, code, retryable, .. } = settlement else { return Ok(()) };
    tx.execute(
        "UPDATE deliveries SET state = $2, cost = $3, code = $4, error = $5, retryable = $6, batch_id = NULL,
         goes_alone = FALSE, settled_at = $7 WHERE message_id = $1",
        params![
            message,
            state.as_str(),
            cost.map(linedesk_protocol::DeliveryCost::as_str),
            code.map(ErrorCode::as_str),
            error,
            retryable,
            now
        ],
    )?;
    emit(tx, EventKind::DeliveryChanged, conversation, message, None, now);
    Ok(())
}

fn put_back(tx: &mut Tx<'_>, messages: &[Row], goes_alone: bool) -> Result<(), StoreError> {
    for row in messages {
        let message: MessageId = row.get(0)?;
        tx.execute(
            "UPDATE deliveries SET state = 'queued', batch_id = NULL, goes_alone = $2 WHERE message_id = $1",
            params![message, goes_alone],
        )?;
    }
    Ok(())
}

/// Lets the operator see that a message waits for LINE: once, not at every try.
fn tell_waiting(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    messages: &[Row],
    code: ErrorCode,
    now: Timestamp,
) -> Result<(), StoreError> {
    for row in messages {
        if row.get::<Option<&str>>(1)? == Some(code.as_str()) {
            continue;
        }
        let message: MessageId = row.get(0)?;
        tx.execute("UPDATE deliveries SET code = $2 WHERE message_id = $1", params![message, code.as_str()])?;
        emit(tx, EventKind::MessageUpdated, conversation, message, None, now);
    }
    Ok(())
}

fn dissolve(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    batch: &Batch,
    spare_token: bool,
    now_ms: i64,
) -> Result<(), StoreError> {
    if let (true, Some(token), Some(received_at)) = (spare_token, &batch.reply_token, batch.token_received_at) {
        keep_token(tx, conversation, token, received_at)?;
    }
    tx.execute("DELETE FROM batches WHERE id = $1", params![batch.id])?;
    tx.execute(
        "UPDATE lanes SET batch_id = NULL, ready_at = $2 WHERE conversation_id = $1",
        params![conversation, now_ms],
    )?;
    Ok(())
}

fn pause(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    after: std::time::Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ready_at = now.0.saturating_add(i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
    tx.execute(
        "UPDATE lanes SET ready_at = $2, failures = failures + 1, lease_owner = NULL, lease_until = NULL WHERE conversation_id = $1",
        params![conversation, ready_at],
    )
    .map(drop)
}
