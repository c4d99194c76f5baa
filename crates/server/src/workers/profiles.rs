//! Fetches names and pictures of contacts from LINE. It holds nothing else up (WH4).

use std::sync::Arc;
use std::time::Duration;

use linedesk_line::client::{AccessToken, CallError};
use linedesk_protocol::SourceType;
use linedesk_store::StoreError;
use linedesk_store::ops::contacts::{self, DueProfile, Profile};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

/// Calls at once: names may come a little later than messages.
const AT_ONCE: usize = 4;
/// After so long another worker may try what this one took.
const TAKEN_FOR: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(5);
const AFTER_A_FAILURE: Duration = Duration::from_secs(30);
const PAUSE_AT_MOST: Duration = Duration::from_secs(3600);

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    loop {
        let taken = take(&desk).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "due profiles cannot be read");
            Vec::new()
        });
        let is_idle = taken.is_empty();
        let mut calls = JoinSet::new();
        for due in taken {
            calls.spawn(fetch(Arc::clone(&desk), due));
        }
        while calls.join_next().await.is_some() {}
        if stop.is_cancelled() {
            return;
        }
        if is_idle {
            tokio::select! {
                () = stop.cancelled() => return,
                () = desk.store.signals().profiles() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

async fn take(desk: &Desk) -> Result<Vec<DueProfile>, StoreError> {
    let (now, again_at) = (desk.now(), desk.after(TAKEN_FOR));
    let limit = i64::try_from(AT_ONCE).unwrap_or(1);
    if !desk.store.read::<_, StoreError, _>(move |tx| contacts::has_due(tx, now)).await? {
        return Ok(Vec::new());
    }
    let taken = desk.store.write::<_, StoreError, _>(move |tx| contacts::take_due(tx, now, again_at, limit)).await?;
    Ok(taken.value)
}

async fn fetch(desk: Arc<Desk>, due: DueProfile) {
    let profile = ask(&desk, &due).await;
    let (contact, now) = (due.contact, desk.now());
    let saved =
        desk.store.write::<_, StoreError, _>(move |tx| contacts::save_profile(tx, contact, &profile, now)).await;
    if let Err(error) = saved {
        tracing::warn!(%error, "a profile could not be kept");
    }
}

async fn ask(desk: &Desk, due: &DueProfile) -> Profile {
    let token = match desk.get_channel(due.channel).await {
        Ok(channel) => AccessToken(channel.access_token),
        Err(error) => {
            tracing::warn!(%error, "a profile waits for its channel");
            return Profile::Later(desk.after(AFTER_A_FAILURE));
        }
    };
    let answer = match due.source_type {
        SourceType::User => desk
            .line
            .profile(&token, &due.chat_id)
            .await
            .map(|answer| (answer.body.display_name, answer.body.picture_url, answer.body.language)),
        SourceType::Group => desk
            .line
            .group_summary(&token, &due.chat_id)
            .await
            .map(|answer| (answer.body.group_name, answer.body.picture_url, None)),
        // LINE tells nothing about rooms.
        SourceType::Room => return Profile::Hidden,
    };
    match answer {
        Ok((display_name, picture_url, language)) => {
            let picture_url = picture_url.filter(|url| desk.config.picture_source(url).is_some());
            // What LINE sends is anybody's text; a language tag is short (RFC 5646).
            let language = language.filter(|tag| (1..=35).contains(&tag.len()));
            Profile::Known { display_name, picture_url, language }
        }
        Err(CallError::Status { status: 404, .. }) => Profile::Hidden,
        Err(error) => {
            tracing::debug!(%error, "a profile could not be fetched");
            let doubled =
                AFTER_A_FAILURE * 2_u32.saturating_pow(u32::try_from(due.attempts).unwrap_or(u32::MAX).min(10));
            Profile::Later(desk.after(doubled.min(PAUSE_AT_MOST)))
        }
    }
}
