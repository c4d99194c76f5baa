//! Faults on demand: what goes wrong with the next calls of an endpoint family.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The calls a fault applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    Reply,
    Push,
    /// Profiles, quota, content, and everything else of the API.
    Other,
    /// The platform's own requests to the webhook URL.
    Webhook,
}

/// What goes wrong. "Accepted" is the moment a request takes effect: a message is shown, a webhook is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers this status without effect. Two exceptions: 409 on a push takes effect first, since it says that an
    /// earlier try was accepted; and a webhook is sent, but the platform takes the answer to have been this one.
    Status { status: u16 },
    /// Waits, then goes on as LINE would.
    Delay { delay_ms: u64 },
    /// Never answers and has no effect. A webhook is not sent and counts as timed out.
    Hang,
    /// Takes effect and never answers.
    HangAfter,
    /// Drops the connection without a response and without effect. A webhook is not sent.
    CutBefore,
    /// Takes effect, then drops the connection without a response. A webhook's answer is lost.
    CutAfter,
}

/// A fault and how often it happens: always until reset, or for the next `times` calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(flatten)]
    pub kind: FaultKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl Fault {
    pub const fn always(kind: FaultKind) -> Self {
        Self { kind, times: None }
    }

    pub const fn status(status: u16) -> Self {
        Self::always(FaultKind::Status { status })
    }

    pub fn delay(delay: Duration) -> Self {
        Self::always(FaultKind::Delay { delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX) })
    }

    pub const fn hang() -> Self {
        Self::always(FaultKind::Hang)
    }

    pub const fn hang_after() -> Self {
        Self::always(FaultKind::HangAfter)
    }

    pub const fn cut_before() -> Self {
        Self::always(FaultKind::CutBefore)
    }

    pub const fn cut_after() -> Self {
        Self::always(FaultKind::CutAfter)
    }

    /// Only the next `times` calls.
    #[must_use]
    pub const fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Only the next call.
    #[must_use]
    pub const fn once(self) -> Self {
        self.times(1)
    }

    pub(crate) fn is_valid(&self) -> bool {
        match self.kind {
            FaultKind::Status { status } => (400..=599).contains(&status),
            FaultKind::Delay { delay_ms } => delay_ms <= 600_000,
            FaultKind::Hang | FaultKind::HangAfter | FaultKind::CutBefore | FaultKind::CutAfter => true,
        }
    }
}

/// Uses the fault up once.
pub(crate) fn take(slot: &mut Option<Fault>) -> Option<FaultKind> {
    let fault = slot.as_mut()?;
    let kind = fault.kind;
    match &mut fault.times {
        None => Some(kind),
        Some(0) => {
            *slot = None;
            None
        }
        Some(times) => {
            *times -= 1;
            if *times == 0 {
                *slot = None;
            }
            Some(kind)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_ends_and_an_uncounted_one_stays() {
        let mut slot = Some(Fault::status(500).times(2));
        assert!(take(&mut slot).is_some() && take(&mut slot).is_some());
        assert_eq!((take(&mut slot), slot), (None, None));
        let mut slot = Some(Fault::cut_after());
        assert!((0..5).all(|_| take(&mut slot) == Some(FaultKind::CutAfter)));
    }

    #[test]
    fn the_wire_form_is_flat() {
        let fault: Fault = serde_json::from_str(r#"{"kind":"status","status":429,"times":3}"#).unwrap();
        assert_eq!(fault, Fault::status(429).times(3));
        assert_eq!(serde_json::to_string(&Fault::hang()).unwrap(), r#"{"kind":"hang"}"#);
    }
}
