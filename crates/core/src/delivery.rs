//! The delivery machine (DL1–DL8): how waiting messages of one conversation get to LINE.
//!
//! ```text
//! queued ─▶ sending ─▶ accepted            (free by reply, paid by push)
//!   ▲          ├─▶ failed                  (LINE refused it, or 24 h of retries are over)
//!   ├──────────┤   unknown                 (a reply without an answer: it may have arrived)
//!   └ retry ───┴─▶ withheld                (blocked, or no paid messages left)
//! ```
//!
//! A lane is one conversation's queue. A worker that holds a lane asks [`plan`] what to do, writes that down, calls LINE,
//! asks [`settle`] what the answer means and writes that down. Every crash between two of these steps leaves a lane from
//! which `plan` goes on rightly.
//!
//! INVARIANT: a batch that may have reached LINE by push is only ever sent again under its own retry key (DL4), and one
//! that may have reached LINE by reply is never sent again by itself (DL3).
//!
//! Deliberately absent: the HTTP call, rows, clocks.

use std::time::Duration;

use linedesk_protocol::{DeliveryCost, DeliveryState, ErrorCode};
use rand::Rng;

/// Messages in one call (DL5, LINE Messaging API: 1 to 5 message objects).
pub const BATCH_MESSAGES: usize = 5;
/// How long LINE remembers a retry key (LINE doc "Retry failed API requests").
pub const RETRY_KEY_LIFE: Duration = Duration::from_secs(24 * 3600);
/// A little less than the key's life, so that the last try still falls into it.
const LAST_TRY_AFTER: Duration = Duration::from_secs(24 * 3600 - 15 * 60);
const BACKOFF_FIRST: Duration = Duration::from_secs(1);
/// Not longer: when LINE is back, what waits for it should go soon.
const BACKOFF_MOST: Duration = Duration::from_secs(2 * 60);

/// How a batch goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Reply,
    Push,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Push => "push",
        }
    }
}

/// The batch that a lane's first messages are part of: it was begun, and its outcome is not written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BegunBatch {
    pub method: Method,
    /// When its first try was made, Unix ms.
    pub begun_ms: i64,
    /// A try of it may have reached LINE. Written down before each call, and taken back when no connection was made or LINE
    /// refused it.
    pub may_have_arrived: bool,
}

/// A lane as it stands in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub begun: Option<BegunBatch>,
    /// Messages waiting that are in no batch.
    pub queued: usize,
    /// The first waiting message must go alone (LINE refused the batch it was in).
    pub first_goes_alone: bool,
    /// The contact blocked the account (DL7).
    pub unreachable: bool,
    /// An unused reply token that is young enough (DL3).
    pub has_reply_token: bool,
}

/// What a worker that holds the lane does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Nothing waits.
    Idle,
    /// Begin a batch of the first `messages` waiting ones.
    Begin { method: Method, messages: usize },
    /// Send the begun batch again under its key.
    SendAgain,
    /// Write down how the begun batch ended without a further call.
    Settle(Settlement),
    /// Withhold everything that waits (DL7).
    Withhold,
}

/// Decides the next step of a lane.
pub fn plan(lane: Lane, now_ms: i64) -> Plan {
    if let Some(batch) = lane.begun {
        return match batch.method {
            // The process died between the call and writing its outcome down.
            Method::Reply => Plan::Settle(Settlement::unknown()),
            Method::Push if is_key_spent(batch.begun_ms, now_ms) => {
                Plan::Settle(Settlement::gave_up(batch.may_have_arrived))
            }
            Method::Push => Plan::SendAgain,
        };
    }
    if lane.queued == 0 {
        return Plan::Idle;
    }
    if lane.unreachable {
        return Plan::Withhold;
    }
    let method = if lane.has_reply_token { Method::Reply } else { Method::Push };
    let messages = if lane.first_goes_alone { 1 } else { lane.queued.min(BATCH_MESSAGES) };
    Plan::Begin { method, messages }
}

/// How a call to LINE ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 2xx, or 409 for a push: this key was accepted before.
    Accepted,
    /// LINE answered with this status.
    Refused(u16),
    /// The request surely did not reach LINE: no connection was made.
    NotSent,
    /// A timeout, or a connection cut after the request was on its way.
    Ambiguous,
}

/// What LINE's quota endpoints say after a 429 (DL6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// Paid messages are left, or the plan is unlimited: the 429 was a rate limit.
    Left,
    Spent,
    /// The quota endpoints did not answer.
    Unknown,
}

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The messages reach a resting state.
    Rest {
        state: DeliveryState,
        cost: Option<DeliveryCost>,
        code: Option<ErrorCode>,
        retryable: bool,
        spare_token: bool,
    },
    /// The batch keeps its key and goes again after a pause.
    Again { after: Duration, code: ErrorCode },
    /// The batch is dissolved, its messages wait again, and the lane pauses.
    Requeue { after: Duration, spare_token: bool },
    /// The reply token was no good and nothing was sent: the messages wait again, for a push if no other token is there.
    TokenRefused,
    /// One of several messages is bad: each goes alone.
    Split,
}

impl Settlement {
    const fn accepted(cost: DeliveryCost) -> Self {
        Self::Rest {
            state: DeliveryState::Accepted,
            cost: Some(cost),
            code: None,
            retryable: false,
            spare_token: false,
        }
    }

    const fn unknown() -> Self {
        Self::Rest {
            state: DeliveryState::Unknown,
            cost: None,
            code: Some(ErrorCode::LineUnavailable),
            retryable: true,
            spare_token: false,
        }
    }

    const fn gave_up(may_have_arrived: bool) -> Self {
        if may_have_arrived {
            return Self::unknown();
        }
        Self::Rest {
            state: DeliveryState::Failed,
            cost: None,
            code: Some(ErrorCode::LineUnavailable),
            retryable: true,
            spare_token: false,
        }
    }

    /// A wrong token or plan can be mended by the desk's owner, so 401 and 403 may be tried again by hand.
    const fn refused(status: u16, spare_token: bool) -> Self {
        Self::Rest {
            state: DeliveryState::Failed,
            cost: None,
            code: Some(ErrorCode::LineRejected),
            retryable: matches!(status, 401 | 403),
            spare_token,
        }
    }

    /// Held until a free reply is possible or an operator tries again (DL6).
    const fn quota_spent() -> Self {
        Self::Rest {
            state: DeliveryState::Withheld,
            cost: None,
            code: Some(ErrorCode::QuotaExhausted),
            retryable: true,
            spare_token: false,
        }
    }
}

/// A call that was made, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    pub outcome: Outcome,
    /// Messages in the batch.
    pub messages: usize,
    /// Tries of this batch so far, this one included.
    pub attempts: u32,
    /// When the first try was made, Unix ms.
    pub begun_ms: i64,
    /// An earlier try of this batch may have reached LINE.
    pub may_have_arrived: bool,
    /// Asked only after a 429; [`Quota::Unknown`] otherwise.
    pub quota: Quota,
}

/// Decides what the outcome of a call means.
pub fn settle(call: Call, now_ms: i64, rng: &mut impl Rng) -> Settlement {
    match (call.method, call.outcome) {
        (Method::Reply, Outcome::Accepted) => Settlement::accepted(DeliveryCost::Free),
        (Method::Push, Outcome::Accepted) => Settlement::accepted(DeliveryCost::Paid),
        (Method::Reply, Outcome::NotSent) => {
            Settlement::Requeue { after: backoff(call.attempts, rng), spare_token: true }
        }
        // LINE asks to retry on 500, so a 5xx may hide a reply that went out.
        (Method::Reply, Outcome::Ambiguous | Outcome::Refused(500..)) => Settlement::unknown(),
        (Method::Reply, Outcome::Refused(400)) => Settlement::TokenRefused,
        (Method::Reply, Outcome::Refused(429)) => {
            Settlement::Requeue { after: backoff(call.attempts + 1, rng), spare_token: true }
        }
        (Method::Reply, Outcome::Refused(status)) => Settlement::refused(status, true),
        (Method::Push, Outcome::NotSent) if !call.may_have_arrived => {
            Settlement::Requeue { after: backoff(call.attempts, rng), spare_token: false }
        }
        (Method::Push, Outcome::Refused(429)) if call.quota == Quota::Spent && !call.may_have_arrived => {
            Settlement::quota_spent()
        }
        (Method::Push, Outcome::NotSent | Outcome::Ambiguous | Outcome::Refused(429 | 500..)) => {
            if is_key_spent(call.begun_ms, now_ms) {
                Settlement::gave_up(call.may_have_arrived || call.outcome == Outcome::Ambiguous)
            } else {
                Settlement::Again { after: backoff(call.attempts, rng), code: ErrorCode::LineUnavailable }
            }
        }
        // Whether LINE looks at the body before the key is not documented, so the earlier try stays in doubt.
        (Method::Push, Outcome::Refused(_)) if call.may_have_arrived => Settlement::unknown(),
        (Method::Push, Outcome::Refused(400)) if call.messages > 1 => Settlement::Split,
        (Method::Push, Outcome::Refused(status)) => Settlement::refused(status, false),
    }
}

/// What becomes of a message that never reached LINE and would wait again: after as long as a key lives it is given up, so
/// that nothing goes out days later (DL4).
pub fn give_up_waiting(queued_ms: i64, now_ms: i64) -> Option<Settlement> {
    is_key_spent(queued_ms, now_ms).then(|| Settlement::gave_up(false))
}

/// Exponential, with jitter so that a thousand lanes do not come back at once: between half of and the whole of
/// 1 s, 2 s, 4 s … 2 min.
pub fn backoff(attempts: u32, rng: &mut impl Rng) -> Duration {
    let doubled = BACKOFF_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(20));
    doubled.min(BACKOFF_MOST).mul_f64(rng.random_range(0.5..=1.0))
}

fn is_key_spent(begun_ms: i64, now_ms: i64) -> bool {
    now_ms.saturating_sub(begun_ms) >= i64::try_from(LAST_TRY_AFTER.as_millis()).unwrap_or(i64::MAX)
}

/// Whether an operator may send it again (`retry_message`).
pub const fn may_retry(state: DeliveryState, retryable: bool) -> bool {
    match state {
        DeliveryState::Failed | DeliveryState::Withheld => retryable,
        DeliveryState::Unknown => true,
        DeliveryState::Queued | DeliveryState::Sending | DeliveryState::Accepted => false,
    }
}

/// Whether an operator may take it back (`cancel_message`): only what surely is not on its way.
pub const fn may_cancel(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Queued | DeliveryState::Failed | DeliveryState::Withheld)
}

/// One sentence for the operator: what happened and what to do.
pub const fn explain(state: DeliveryState, code: Option<ErrorCode>) -> &'static str {
    match (state, code) {
        (DeliveryState::Unknown, _) => "LINE did not confirm. It may have arrived.",
        (DeliveryState::Withheld, Some(ErrorCode::QuotaExhausted)) => {
            "This month's paid messages are used up. It goes out free if the customer writes within a day."
        }
        (DeliveryState::Withheld, _) => "They blocked this account, so nothing was sent.",
        (DeliveryState::Failed, Some(ErrorCode::Conflict)) => "Cancelled before it was sent.",
        (DeliveryState::Failed, Some(ErrorCode::LineUnavailable)) => "LINE could not be reached for a day. Try again.",
        (DeliveryState::Failed, _) => "LINE refused this message.",
        (DeliveryState::Queued | DeliveryState::Sending, Some(_)) => "LINE cannot be reached. We keep trying.",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
