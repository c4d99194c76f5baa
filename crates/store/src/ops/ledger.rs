//! What messages cost: the ledger of accepted calls, LINE's own count, and what was learnt of reply tokens.

use linedesk_core::delivery::Method;
use linedesk_core::token_life::TokenLife;
use linedesk_protocol::rest::{Booked, DayUsage};
use linedesk_protocol::{ConversationId, SourceType, Timestamp};

use super::channels::ChannelId;
use crate::engine::params;
use crate::error::StoreError;
use crate::tx::{Query, Tx};

/// Books a call that LINE accepted; gives how many people it reached.
pub(crate) fn book(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    method: Method,
    messages: usize,
    day: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (channel, recipients) = reach(tx, conversation)?;
    tx.execute(
        "INSERT INTO ledger (at, day, channel_id, conversation_id, method, messages, recipients)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            now,
            day,
            channel.0,
            conversation,
            method.as_str(),
            i64::try_from(messages).unwrap_or(i64::MAX),
            recipients
        ],
    )?;
    tx.wakes.quota |= method == Method::Push;
    Ok(recipients)
}

/// A conversation's channel, and how many people a message to it reaches, as far as that is known.
pub(crate) fn reach(tx: &mut impl Query, conversation: ConversationId) -> Result<(ChannelId, i64), StoreError> {
    let row = tx.query_one(
        "SELECT channel_id, source_type, coalesce(member_count, 1) FROM contacts WHERE id = $1",
        params![conversation],
    )?;
    let recipients = match row.parse(1)? {
        SourceType::User => 1,
        SourceType::Group | SourceType::Room => row.get::<i64>(2)?.max(1),
    };
    Ok((ChannelId(row.get(0)?), recipients))
}

/// A channel's days of a month (`YYYY-MM`) on which anything was booked, in order.
pub fn list_days(tx: &mut impl Query, channel: ChannelId, month: &str) -> Result<Vec<DayUsage>, StoreError> {
    let rows = tx.query(
        "SELECT day, method, count(*), CAST(sum(messages) AS BIGINT), CAST(sum(recipients) AS BIGINT) FROM ledger
         WHERE channel_id = $1 AND day >= $2 AND day < $3 GROUP BY day, method ORDER BY day",
        // "-0" and "-9" lie around every day of the month.
        params![channel.0, &format!("{month}-0"), &format!("{month}-9")],
    )?;
    let mut days: Vec<DayUsage> = Vec::new();
    for row in &rows {
        let day: String = row.get(0)?;
        if days.last().is_none_or(|last| last.day != day) {
            days.push(DayUsage { day, booked: Booked::default() });
        }
        let Some(DayUsage { booked, .. }) = days.last_mut() else { continue };
        if row.get::<&str>(1)? == Method::Reply.as_str() {
            (booked.free_calls, booked.free_messages) = (row.get(2)?, row.get(3)?);
        } else {
            (booked.paid_calls, booked.paid_messages, booked.paid_recipients) = (row.get(2)?, row.get(3)?, row.get(4)?);
        }
    }
    Ok(days)
}

/// What LINE said of a channel's month, and what was booked since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// None without a limit.
    pub limit: Option<i64>,
    /// LINE's count of this month, and what was paid since it was asked.
    pub used: i64,
    pub checked_at: Timestamp,
}

/// Keeps what LINE says of the month at `now`.
pub fn save_quota(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    limit: Option<i64>,
    used: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO channel_quota (channel_id, monthly_limit, used, checked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (channel_id) DO UPDATE SET monthly_limit = $2, used = $3, checked_at = $4",
        params![channel.0, limit, used, now],
    )
    .map(drop)
}

/// None until LINE was asked. What it said before the month began counts no more.
pub fn find_quota(
    tx: &mut impl Query,
    channel: ChannelId,
    month_start: Timestamp,
) -> Result<Option<Quota>, StoreError> {
    let row = tx.query_opt(
        "SELECT q.monthly_limit, CASE WHEN q.checked_at < $2 THEN 0 ELSE q.used END, q.checked_at,
         (SELECT CAST(coalesce(sum(l.recipients), 0) AS BIGINT) FROM ledger l
         WHERE l.channel_id = q.channel_id AND l.method = 'push' AND l.at > q.checked_at AND l.at >= $2)
         FROM channel_quota q WHERE q.channel_id = $1",
        params![channel.0, month_start],
    )?;
    let Some(row) = row else { return Ok(None) };
    let since: i64 = row.get(3)?;
    Ok(Some(Quota { limit: row.get(0)?, used: row.get::<i64>(1)? + since, checked_at: row.get(2)? }))
}

/// What is known of a channel's reply tokens.
pub(crate) fn token_life(tx: &mut impl Query, channel: ChannelId) -> Result<TokenLife, StoreError> {
    let row = tx.query_opt("SELECT learnt FROM token_lives WHERE channel_id = $1", params![channel.0])?;
    // Learnt anew where it cannot be read: it is no more than experience.
    Ok(row.and_then(|row| serde_json::from_str(row.get(0).ok()?).ok()).unwrap_or_default())
}

/// Keeps what was learnt.
pub(crate) fn save_token_life(tx: &mut Tx<'_>, channel: ChannelId, life: &TokenLife) -> Result<(), StoreError> {
    let learnt = serde_json::to_string(life).map_err(|error| StoreError::Statement(error.to_string()))?;
    tx.execute(
        "INSERT INTO token_lives (channel_id, learnt, expected_ms) VALUES ($1, $2, $3)
         ON CONFLICT (channel_id) DO UPDATE SET learnt = $2, expected_ms = $3",
        params![channel.0, &learnt, life.expected_ms(i64::MAX)],
    )
    .map(drop)
}
