//! Asks LINE how many paid messages are left, and tells whoever is signed in.
//!
//! LINE's count is late and approximate; between two questions what was booked is added. Every node asks for itself: it
//! is little, and a node that lost its bus would otherwise tell old numbers.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use linedesk_core::delivery::Quota;
use linedesk_core::quota::Count;
use linedesk_protocol::Timestamp;
use linedesk_protocol::frame::Event;
use linedesk_protocol::rest::QuotaState;
use linedesk_store::StoreError;
use linedesk_store::ops::channels::{Channel, ChannelId};
use linedesk_store::ops::ledger;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::ws::hub::{Audience, Frame, Scope};

const ASK_EVERY: Duration = Duration::from_secs(10 * 60);
/// After a question that LINE did not answer.
const ASK_AGAIN: Duration = Duration::from_secs(60);
/// Another node may have paid for something.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Bursts are told once.
const TELL_AT_MOST_EVERY: Duration = Duration::from_millis(500);

/// What was told last, for whoever signs in.
#[derive(Debug, Default)]
pub(crate) struct Quotas(RwLock<Vec<QuotaState>>);

impl Quotas {
    pub(crate) fn all(&self) -> Vec<QuotaState> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a channel's state; tells whether that is news.
    fn keep(&self, state: &QuotaState) -> bool {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(before) = known.iter_mut().find(|known| known.channel == state.channel) else {
            known.push(state.clone());
            return true;
        };
        let is_news = QuotaState { checked_at: before.checked_at, ..state.clone() } != *before;
        *before = state.clone();
        is_news
    }
}

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let mut asked = Vec::new();
    loop {
        for channel in desk.all_channels() {
            tokio::select! {
                () = look(&desk, &channel, &mut asked) => {}
                () = stop.cancelled() => return,
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = desk.store.signals().quota() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TELL_AT_MOST_EVERY) => {}
        }
    }
}

async fn look(desk: &Desk, channel: &Channel, asked: &mut Vec<(ChannelId, Timestamp)>) {
    let (now, id) = (desk.now(), channel.id);
    let pause = |every: Duration| i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
    let state = match state(desk, channel).await {
        Ok(state) => state,
        Err(error) => {
            tracing::warn!(%error, "the quota cannot be read");
            return;
        }
    };
    let is_old = state.as_ref().is_none_or(|state| now.0 - state.checked_at.0 >= pause(ASK_EVERY));
    let asked_at = asked.iter().position(|(asked, _)| *asked == id);
    let may_ask = asked_at.is_none_or(|at| now.0 - asked[at].1.0 >= pause(ASK_AGAIN));
    if is_old && may_ask {
        match asked_at {
            Some(at) => asked[at].1 = now,
            None => asked.push((id, now)),
        }
        // It keeps what LINE says.
        ask(desk, id).await;
    }
    if let Ok(Some(state)) = self::state(desk, channel).await {
        tell(desk, id, state);
    }
}

fn tell(desk: &Desk, channel: ChannelId, state: QuotaState) {
    if desk.quotas.keep(&state) {
        let frame = Frame::of_channel(Event::QuotaUpdate(state), None, Scope::Everybody, Some(channel), desk.now());
        desk.hub.publish(&frame, Audience::All, None);
    }
}

/// A channel's month as it stands; none until LINE was asked.
pub(crate) async fn state(desk: &Desk, channel: &Channel) -> Result<Option<QuotaState>, StoreError> {
    let (id, month_start) = (channel.id, desk.month_start());
    let found = desk.store.read::<_, StoreError, _>(move |tx| ledger::find_quota(tx, id, month_start)).await?;
    Ok(found.map(|quota| {
        let count = Count {
            limit: quota.limit,
            used: quota.used,
            reserve: desk.config.quota_reserve,
            month_passed: desk.config.hours.month_passed(desk.now().0),
        };
        QuotaState {
            channel: channel.name.clone(),
            limit: count.limit,
            used: count.used,
            left: count.left(),
            reserve: count.reserve,
            forecast: count.forecast(),
            level: count.level(),
            checked_at: quota.checked_at,
        }
    }))
}

/// Asks LINE, and keeps what it says. DL6: only the quota endpoints tell a spent month from a rate limit.
pub(crate) async fn ask(desk: &Desk, channel: ChannelId) -> Quota {
    let ask = |token| async move { tokio::try_join!(desk.line.quota(&token), desk.line.quota_consumption(&token)) };
    let (limit, used) = match desk.call_line_of(channel, ask).await {
        Ok((quota, used)) => (quota.body.value, used.body.total_usage),
        Err(error) => {
            tracing::debug!(%error, "LINE was asked for the quota");
            return Quota::Unknown;
        }
    };
    let now = desk.now();
    let saved = desk.store.write::<_, StoreError, _>(move |tx| ledger::save_quota(tx, channel, limit, used, now)).await;
    if let Err(error) = saved {
        tracing::warn!(%error, "what LINE says of the quota could not be kept");
    }
    if limit.is_some_and(|most| used >= most) { Quota::Spent } else { Quota::Left }
}
