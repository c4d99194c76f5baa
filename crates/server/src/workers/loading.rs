//! Lets customers see that an operator writes: LINE's loading animation, in chats of two (LINE Messaging API reference
//! "Display a loading animation").
//!
//! Best effort: what cannot be asked now is not asked at all. It ends by itself, or with the next message.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use linedesk_protocol::{ConversationId, OperatorId, SourceType};
use linedesk_store::StoreError;
use linedesk_store::ops::conversations;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

/// Shown for so long; who still writes then is asked for again.
const SHOWN_SECONDS: u8 = 20;
/// Calls a second, for the whole node: LINE takes 100 a channel (LINE doc).
const PACE: Duration = Duration::from_millis(50);
const QUEUED: usize = 64;

/// Where sockets say that an operator writes.
#[derive(Debug)]
pub(crate) struct Loading(mpsc::Sender<Ask>);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    conversation: ConversationId,
    by: OperatorId,
}

pub(crate) fn queue() -> (mpsc::Sender<Ask>, mpsc::Receiver<Ask>) {
    mpsc::channel(QUEUED)
}

impl Loading {
    pub(crate) const fn new(queue: mpsc::Sender<Ask>) -> Self {
        Self(queue)
    }

    /// Never waits.
    pub(crate) fn ask(&self, conversation: ConversationId, by: OperatorId) {
        let _ = self.0.try_send(Ask { conversation, by });
    }
}

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, mut asked: mpsc::Receiver<Ask>, stop: CancellationToken) {
    let mut shown_until: HashMap<ConversationId, i64> = HashMap::new();
    loop {
        let ask = tokio::select! {
            () = stop.cancelled() => return,
            ask = asked.recv() => ask,
        };
        let Some(ask) = ask else { return stop.cancelled().await };
        let now = desk.now().0;
        shown_until.retain(|_, until| *until > now);
        if shown_until.contains_key(&ask.conversation) {
            continue;
        }
        match show(&desk, ask).await {
            Ok(true) => {
                shown_until.insert(ask.conversation, now + i64::from(SHOWN_SECONDS) * 1000);
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a conversation cannot be read"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PACE) => {}
        }
    }
}

/// Asks LINE to show it, where the operator may write.
async fn show(desk: &Desk, ask: Ask) -> Result<bool, StoreError> {
    let found = desk.store.read::<_, StoreError, _>(move |tx| conversations::summary(tx, ask.conversation)).await?;
    let Some(summary) = found else { return Ok(false) };
    let is_owner = summary.session.as_ref().is_some_and(|session| session.operator_id == Some(ask.by));
    if !is_owner || summary.source_type != SourceType::User {
        return Ok(false);
    }
    let Some(channel) = desk.channel(&summary.channel) else { return Ok(false) };
    let user = &summary.line_user_id;
    let ask = |token| async move { desk.line.loading_start(&token, user, SHOWN_SECONDS).await };
    if let Err(error) = desk.call_line(&channel, ask).await {
        tracing::debug!(%error, "the loading animation is not shown");
    }
    // Also after a failure: it is not worth asking at every key.
    Ok(true)
}
