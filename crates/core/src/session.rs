//! The session machine (SE1–SE5): from a hand-over to a person until it is closed.
//!
//! ```text
//! (none) ──request──▶ WAITING ──claim──▶ ACTIVE ──close──▶ CLOSED
//!    └────start (operator)──────────────▶ ACTIVE ⟲ transfer
//!                      WAITING ◀─release── ACTIVE
//! ```
//!
//! INVARIANT: a conversation has at most one open session (SE1): `decide` is given the open one, or none, and never opens
//! a second. The store holds the same with a unique index. An ACTIVE session has an owner; a WAITING one has none.
//!
//! Deliberately absent: time, storage and names. Whoever applies a [`Change`] writes rows, events and audit.

use std::time::Duration;

use linedesk_protocol::{ClosedBy, OperatorId, SessionStatus};

use crate::hours::BusinessHours;
use crate::permission::Staff;

/// The open session of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    Waiting,
    Active { owner: OperatorId },
}

impl Open {
    pub const fn owner(self) -> Option<OperatorId> {
        match self {
            Self::Waiting => None,
            Self::Active { owner } => Some(owner),
        }
    }

    pub const fn status(self) -> SessionStatus {
        match self {
            Self::Waiting => SessionStatus::Waiting,
            Self::Active { .. } => SessionStatus::Active,
        }
    }
}

/// What somebody wants of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The customer asks for a person.
    Request,
    /// An operator takes the conversation over, whether somebody waits in it or not.
    Start {
        by: Staff,
    },
    Claim {
        by: Staff,
    },
    Release {
        by: Staff,
    },
    Close {
        by: Staff,
    },
    Transfer {
        by: Staff,
        to: TransferTarget,
    },
    /// The system ends it (SE5).
    TimeOut,
}

/// The operator who is to take a session over, as the store knows them (SE4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferTarget {
    pub id: OperatorId,
    /// Exists and is not deactivated.
    pub is_active: bool,
}

/// What becomes of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new session begins.
    Opened(Open),
    Claimed {
        owner: OperatorId,
    },
    Released {
        from: OperatorId,
    },
    /// `from` is none when it was assigned out of the queue.
    Transferred {
        from: Option<OperatorId>,
        to: OperatorId,
    },
    Closed {
        by: ClosedBy,
    },
    /// It is already as wanted: a command repeated after a lost answer.
    Unchanged,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no session is open in this conversation")]
    NoneOpen,
    #[error("another operator has taken it")]
    AlreadyClaimed { by: OperatorId },
    #[error("only its owner or an admin may do this")]
    NotOwner { owner: Option<OperatorId> },
    #[error("nobody has taken it yet")]
    NotActive,
    #[error("this operator cannot take it")]
    TargetUnfit,
    #[error("it is theirs already")]
    SameOwner,
}

/// Decides what an action does to the open session of a conversation.
pub fn decide(open: Option<Open>, action: Action) -> Result<Change, Refusal> {
    match (action, open) {
        (Action::Request, None) => Ok(Change::Opened(Open::Waiting)),
        (Action::Request, Some(_)) => Ok(Change::Unchanged),

        (Action::Start { by }, None) => Ok(Change::Opened(Open::Active { owner: by.id })),
        (Action::Claim { .. }, None) => Err(Refusal::NoneOpen),
        (Action::Start { by } | Action::Claim { by }, Some(Open::Waiting)) => Ok(Change::Claimed { owner: by.id }),
        (Action::Start { by } | Action::Claim { by }, Some(Open::Active { owner })) => {
            if owner == by.id {
                Ok(Change::Unchanged)
            } else {
                Err(Refusal::AlreadyClaimed { by: owner })
            }
        }

        (Action::Release { .. } | Action::Close { .. } | Action::Transfer { .. } | Action::TimeOut, None) => {
            Err(Refusal::NoneOpen)
        }
        (Action::Release { .. }, Some(Open::Waiting)) => Err(Refusal::NotActive),
        (Action::Release { by }, Some(Open::Active { owner })) => {
            allowed(by, Some(owner))?;
            Ok(Change::Released { from: owner })
        }
        (Action::Close { by }, Some(open)) => {
            allowed(by, open.owner())?;
            Ok(Change::Closed { by: ClosedBy::Operator })
        }
        (Action::Transfer { by, to }, Some(open)) => {
            allowed(by, open.owner())?;
            if !to.is_active {
                return Err(Refusal::TargetUnfit);
            }
            if open.owner() == Some(to.id) {
                return Err(Refusal::SameOwner);
            }
            Ok(Change::Transferred { from: open.owner(), to: to.id })
        }
        (Action::TimeOut, Some(_)) => Ok(Change::Closed { by: ClosedBy::SystemTimeout }),
    }
}

/// Whether `by` may send into the open session (SE3).
pub fn may_send(open: Option<Open>, by: Staff) -> Result<(), Refusal> {
    allowed(by, open.ok_or(Refusal::NoneOpen)?.owner())
}

fn allowed(by: Staff, owner: Option<OperatorId>) -> Result<(), Refusal> {
    if by.may_act_for(owner) { Ok(()) } else { Err(Refusal::NotOwner { owner }) }
}

/// The session after a change; `None` = none is open.
pub fn apply(open: Option<Open>, change: Change) -> Option<Open> {
    match change {
        Change::Opened(open) => Some(open),
        Change::Claimed { owner } | Change::Transferred { to: owner, .. } => Some(Open::Active { owner }),
        Change::Released { .. } => Some(Open::Waiting),
        Change::Closed { .. } => None,
        Change::Unchanged => open,
    }
}

/// When the system speaks up in, or ends, a session in which nothing happens (SE5). `None` switches that part off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdlePolicy {
    /// An ACTIVE session without a message for so long gets the warning.
    pub warn_after: Option<Duration>,
    /// After the warning it is closed in this time, unless somebody writes.
    pub close_after_warning: Duration,
    /// A WAITING session is closed after so much business time.
    pub waiting_timeout: Option<Duration>,
}

/// What is due in an idle session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleStep {
    Nothing,
    /// Tell the customer that the chat will be closed.
    Warn,
    Close,
}

impl IdlePolicy {
    /// For an ACTIVE session. `warned_ms` counts only while nothing was written after it.
    pub fn step_active(&self, last_activity_ms: i64, warned_ms: Option<i64>, now_ms: i64) -> IdleStep {
        let Some(warn_after) = self.warn_after else {
            return IdleStep::Nothing;
        };
        match warned_ms {
            Some(warned) if warned >= last_activity_ms => {
                if passed(warned, now_ms) >= self.close_after_warning {
                    IdleStep::Close
                } else {
                    IdleStep::Nothing
                }
            }
            _ if passed(last_activity_ms, now_ms) >= warn_after => IdleStep::Warn,
            _ => IdleStep::Nothing,
        }
    }

    /// For a WAITING session: only business time counts, and it ends only within business hours.
    pub fn step_waiting(&self, last_activity_ms: i64, now_ms: i64, hours: &BusinessHours) -> IdleStep {
        match self.waiting_timeout {
            Some(timeout) if hours.is_open_at(now_ms) && hours.open_between(last_activity_ms, now_ms) >= timeout => {
                IdleStep::Close
            }
            _ => IdleStep::Nothing,
        }
    }
}

/// How soon a customer who asked for a person is to be answered first (`sla_alert`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseTarget {
    /// Business time.
    pub within: Duration,
    /// How much of it may pass before the warning, 1 to 100.
    pub warn_percent: u32,
}

/// How a wait stands against its target, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResponseState {
    InTime,
    /// Soon over.
    Near,
    Breached,
}

impl ResponseTarget {
    /// When the warning is due.
    pub fn warn_after(&self) -> Duration {
        self.within * self.warn_percent / 100
    }

    /// For someone who has waited so much business time.
    pub fn state(&self, waited: Duration) -> ResponseState {
        if waited >= self.within {
            ResponseState::Breached
        } else if waited >= self.warn_after() {
            ResponseState::Near
        } else {
            ResponseState::InTime
        }
    }
}

fn passed(from_ms: i64, to_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(to_ms.saturating_sub(from_ms)).unwrap_or(0))
}

#[cfg(test)]
mod tests;
