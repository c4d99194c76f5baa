//! Upkeep: idle sessions (SE5), alerts about late answers, and forgetting what is too old to be of use.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use linedesk_core::session::{IdleStep, ResponseState};
use linedesk_protocol::frame::{Event, SlaAlert};
use linedesk_protocol::{SessionId, SessionStatus, Timestamp};
use linedesk_store::ops::sessions::{self, ActError, Idle};
use linedesk_store::ops::{messages, outbox, sign_in};
use linedesk_store::{StoreError, feed};
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::ws::hub::{Audience, Frame, Scope};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// In rounds of looking.
const FORGET_EVERY: u32 = 60;
const SESSIONS_AT_ONCE: i64 = 200;
/// Customers without an answer that are looked at; a desk with more of them has no use for alerts.
const UNANSWERED: i64 = 10_000;
/// How long events can be resumed from; who comes back later loads everything anew.
const FEED_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Events forgotten in one commit, which no webhook should have to wait long for.
const FORGOTTEN_AT_ONCE: i64 = 2_000;

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let mut rounds = 0_u32;
    let mut alerts = Alerts::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if let Err(error) = idle_sessions(&desk).await {
            tracing::warn!(%error, "idle sessions cannot be looked through");
        }
        if let Err(error) = alerts.look(&desk).await {
            tracing::warn!(%error, "unanswered sessions cannot be looked through");
        }
        desk.limits.forget_fresh(desk.clock.now_ms());
        rounds = rounds.wrapping_add(1);
        if rounds % FORGET_EVERY == 1
            && let Err(error) = forget(&desk).await
        {
            tracing::warn!(%error, "what is old cannot be forgotten");
        }
        if let Err(error) = desk.renew_channels().await {
            tracing::warn!(%error, "the channels cannot be read");
        }
    }
}

/// Warns and closes what has been idle for too long.
pub(crate) async fn idle_sessions(desk: &Desk) -> Result<(), ActError> {
    let policy = desk.config.idle;
    for (status, after) in [
        (SessionStatus::Active, policy.warn_after.map(|warn| warn.min(policy.close_after_warning))),
        (SessionStatus::Waiting, policy.waiting_timeout),
    ] {
        let Some(after) = after else { continue };
        let now = desk.now();
        let before = Timestamp(now.0 - i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
        let idle = desk
            .store
            .read::<_, StoreError, _>(move |tx| sessions::list_idle(tx, status, before, SESSIONS_AT_ONCE))
            .await?;
        for session in idle {
            if let Err(error) = step(desk, session, now).await {
                tracing::warn!(%error, session.id = %session.session, "an idle session could not be looked after");
            }
        }
    }
    Ok(())
}

async fn step(desk: &Desk, idle: Idle, now: Timestamp) -> Result<(), ActError> {
    let policy = desk.config.idle;
    let due = match idle.status {
        SessionStatus::Active => policy.step_active(idle.last_activity_at.0, idle.warned_at.map(|at| at.0), now.0),
        SessionStatus::Waiting => policy.step_waiting(idle.last_activity_at.0, now.0, &desk.config.hours),
        SessionStatus::Closed => IdleStep::Nothing,
    };
    match due {
        IdleStep::Nothing => Ok(()),
        IdleStep::Warn => {
            let text = desk.config.idle_warning.clone();
            desk.store
                .write::<_, StoreError, _>(move |tx| {
                    if sessions::mark_warned(tx, &idle, now)? {
                        messages::send_system(tx, idle.conversation, &text, now)?;
                    }
                    Ok(())
                })
                .await?;
            Ok(())
        }
        IdleStep::Close => desk.store.write(move |tx| sessions::time_out(tx, &idle, now)).await.map(drop),
    }
}

async fn forget(desk: &Desk) -> Result<(), StoreError> {
    let now = desk.now();
    let life = i64::try_from(desk.config.reply_token_life.as_millis()).unwrap_or(0);
    desk.store
        .write::<_, StoreError, _>(move |tx| {
            outbox::forget_tokens(tx, Timestamp(now.0 - life))?;
            sign_in::forget_expired(tx, Timestamp(now.0 - 24 * 3_600_000))
        })
        .await?;
    let before = Timestamp(now.0 - i64::try_from(FEED_KEPT.as_millis()).unwrap_or(i64::MAX));
    loop {
        let forgotten =
            desk.store.write::<_, StoreError, _>(move |tx| feed::forget(tx, before, FORGOTTEN_AT_ONCE)).await?;
        if forgotten.value == 0 {
            return Ok(());
        }
    }
}

/// Tells this node's sockets of customers who wait too long for a first answer. Every node looks for itself.
#[derive(Debug, Default)]
struct Alerts {
    /// What was told of sessions that still wait.
    told: HashMap<SessionId, ResponseState>,
}

impl Alerts {
    async fn look(&mut self, desk: &Desk) -> Result<(), StoreError> {
        let Some(target) = desk.config.first_response else { return Ok(()) };
        let now = desk.now();
        let before = Timestamp(now.0 - i64::try_from(target.warn_after().as_millis()).unwrap_or(i64::MAX));
        let waiting =
            desk.store.read::<_, StoreError, _>(move |tx| sessions::list_unanswered(tx, before, UNANSWERED)).await?;
        let mut told = HashMap::with_capacity(waiting.len());
        for one in waiting {
            let waited = desk.config.hours.open_between(one.started_at.0, now.0);
            let state = target.state(waited);
            let severity = match state {
                ResponseState::InTime => continue,
                ResponseState::Near => "warning",
                ResponseState::Breached => "breach",
            };
            told.insert(one.session, state);
            if self.told.get(&one.session).is_some_and(|before| *before >= state) {
                continue;
            }
            let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
            let alert = SlaAlert {
                metric: "first_response".to_owned(),
                value_seconds: seconds(waited),
                threshold_seconds: seconds(target.within),
                conversation_id: one.conversation,
                line_user_id: one.chat_id,
                session_id: one.session,
                severity: severity.to_owned(),
            };
            let frame = Frame::of_channel(Event::SlaAlert(alert), None, Scope::Everybody, Some(one.channel), now);
            desk.hub.publish(&frame, Audience::All, None);
        }
        self.told = told;
        Ok(())
    }
}
