//! Whose webhooks a channel takes. A webhook names the account that it is for, by the account's own user id; LINE tells
//! that id for the access token (`GET /v2/bot/info`). Where the two differ, somebody gave the channel the secret of another
//! account: its customers would be answered from the wrong one.
//!
//! INVARIANT: only what is known refuses. Without an id, or with a destination that is none, events are taken: a lost
//! message is worse. What is refused is not kept, and LINE may send it again.

use std::sync::Arc;
use std::time::Duration;

use linedesk_protocol::Timestamp;
use linedesk_store::StoreError;
use linedesk_store::ops::channels::{self, Channel, ChannelId};
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

/// For channels that were added elsewhere, and such as LINE could not be asked about yet.
const LOOK_EVERY: Duration = Duration::from_secs(15);
const ASK_AGAIN_MS: i64 = 60_000;
/// LINE may send again and again.
const NOTE_AGAIN_MS: i64 = 60_000;

/// Asks LINE about channels whose account is not known, until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let mut asked: Vec<(ChannelId, Timestamp)> = Vec::new();
    loop {
        let now = desk.now();
        asked.retain(|(_, at)| now.0 - at.0 < ASK_AGAIN_MS);
        for channel in desk.all_channels() {
            let is_due = channel.is_active && channel.bot_user_id.is_none();
            if !is_due || asked.iter().any(|(id, _)| *id == channel.id) {
                continue;
            }
            asked.push((channel.id, now));
            tokio::select! {
                () = ask(&desk, &channel) => {}
                () = stop.cancelled() => return,
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn ask(desk: &Desk, channel: &Channel) {
    match desk.call_line(channel, |token| async move { desk.line.bot_info(&token).await }).await {
        Ok(info) => keep(desk, channel, &info.body.user_id).await,
        Err(error) => tracing::debug!(%error, channel.name = %channel.name, "LINE does not tell whose channel it is"),
    }
}

/// Keeps what LINE said of a channel.
pub(crate) async fn keep(desk: &Desk, channel: &Channel, user_id: &str) {
    if !is_user_id(user_id) || channel.bot_user_id.as_deref() == Some(user_id) {
        return;
    }
    let (id, of, user_id) = (channel.id, channel.updated_at, user_id.to_owned());
    let kept = async {
        desk.store.write::<_, StoreError, _>(move |tx| channels::save_bot_user(tx, id, of, &user_id)).await?;
        desk.load_channels().await
    };
    if let Err(error) = kept.await {
        tracing::warn!(%error, channel.name = %channel.name, "whose channel it is could not be kept");
    }
}

/// Whether a webhook that the channel's secret signed is for another account than the channel's.
pub(crate) async fn is_misdirected(desk: &Desk, channel: &Channel, destination: &str) -> Result<bool, StoreError> {
    if !differs(channel, destination) {
        return Ok(false);
    }
    // What this node knows may be old: another may have changed the channel.
    desk.load_channels().await?;
    let channel = desk.get_channel(channel.id).await?;
    if !differs(&channel, destination) {
        return Ok(false);
    }
    metrics::counter!("linedesk_webhook_misdirected_total").increment(1);
    note(desk, &channel, destination).await;
    Ok(true)
}

async fn note(desk: &Desk, channel: &Channel, destination: &str) {
    let now = desk.now();
    let is_noted = |(noted, at): &(String, Timestamp)| noted == destination && now.0 - at.0 < NOTE_AGAIN_MS;
    if channel.misdirected.as_ref().is_some_and(is_noted) {
        return;
    }
    tracing::error!(
        channel.name = %channel.name,
        destination,
        "a webhook was refused: it is for another LINE account than the channel's access token"
    );
    let (id, of, destination) = (channel.id, channel.updated_at, destination.to_owned());
    let noted = async {
        desk.store
            .write::<_, StoreError, _>(move |tx| channels::note_misdirected(tx, id, of, &destination, now))
            .await?;
        desk.load_channels().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "a refused webhook could not be noted");
    }
}

fn differs(channel: &Channel, destination: &str) -> bool {
    is_user_id(destination) && channel.bot_user_id.as_deref().is_some_and(|known| known != destination)
}

/// As LINE writes them: `U` and 32 hex digits (LINE OpenAPI `webhook.yml`, `CallbackRequest`).
fn is_user_id(text: &str) -> bool {
    text.strip_prefix('U')
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_as_line_writes_them_is_compared() {
        assert!(is_user_id("U0123456789abcdef0123456789abcdef"));
        for text in ["", "U", "Udestination", "C0123456789abcdef0123456789abcdef", "U0123456789ABCDEF0123456789abcdef"]
        {
            assert!(!is_user_id(text), "{text}");
        }
    }
}
