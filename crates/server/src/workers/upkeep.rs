//! Upkeep: idle sessions (SE5), and forgetting what is too old to be of use.

use std::sync::Arc;
use std::time::Duration;

use linedesk_core::session::IdleStep;
use linedesk_protocol::{SessionStatus, Timestamp};
use linedesk_store::StoreError;
use linedesk_store::ops::sessions::{self, ActError, Idle};
use linedesk_store::ops::{messages, outbox, sign_in};
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

const LOOK_EVERY: Duration = Duration::from_secs(10);
const FORGET_EVERY: u32 = 60;
const SESSIONS_AT_ONCE: i64 = 200;

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let mut rounds = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if let Err(error) = idle_sessions(&desk).await {
            tracing::warn!(%error, "idle sessions cannot be looked through");
        }
        desk.limits.forget_fresh(desk.clock.now_ms());
        rounds = rounds.wrapping_add(1);
        if rounds % FORGET_EVERY == 1
            && let Err(error) = forget(&desk).await
        {
            tracing::warn!(%error, "what is old cannot be forgotten");
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
            step(desk, session, now).await?;
        }
    }
    Ok(())
}

async fn step(desk: &Desk, idle: Idle, now: Timestamp) -> Result<(), ActError> {
    let policy = desk.config.idle;
    let due = match idle.status {
        SessionStatus::Active => policy.step_active(idle.last_activity_at.0, idle.warned_at.map(|at| at.0), now.0),
        SessionStatus::Waiting => policy.step_waiting(idle.started_at.0, now.0, &desk.config.hours),
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
        .await
        .map(drop)
}
