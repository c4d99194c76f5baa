//! Rate limits per operator over all sockets and nodes (WS7). Other nodes hear of what was taken through the bus.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use linedesk_core::limits::{self, Gcra, Quota};
use linedesk_protocol::OperatorId;
use serde::{Deserialize, Serialize};

use crate::bus::Note;
use crate::desk::Desk;

/// What is limited apart from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    Send,
    Typing,
    Command,
}

#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<(OperatorId, Class), Gcra>>);

impl Limits {
    pub(crate) fn take_send(&self, desk: &Desk, operator: OperatorId) -> Result<(), Duration> {
        self.take(desk, operator, Class::Send)
    }

    /// Takes one, or tells after how long one can be taken.
    pub(crate) fn take(&self, desk: &Desk, operator: OperatorId, class: Class) -> Result<(), Duration> {
        let now = desk.clock.now_ms();
        {
            let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            limits.entry((operator, class)).or_default().try_take(quota(desk, class), now)?;
        }
        desk.bus.tell(Note::Taken { operator, class });
        Ok(())
    }

    /// What another node has let pass.
    pub(crate) fn taken_elsewhere(&self, desk: &Desk, operator: OperatorId, class: Class) {
        let now = desk.clock.now_ms();
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limits.entry((operator, class)).or_default().take_unchecked(quota(desk, class), now);
    }

    /// Forgets what is as good as new. A limit in use is kept a little longer: signing in anew must not renew it.
    pub(crate) fn forget_fresh(&self, now_ms: i64) {
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limits.retain(|_, state| !state.is_fresh(now_ms));
    }
}

fn quota(desk: &Desk, class: Class) -> Quota {
    match class {
        Class::Send => desk.config.sends,
        Class::Typing => limits::TYPING,
        Class::Command => desk.config.commands,
    }
}
