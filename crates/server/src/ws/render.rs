//! From feed events to frames: what changed is looked up as it is now, so a frame never shows what is no longer true.

use std::collections::HashMap;
use std::sync::Arc;

use linedesk_protocol::frame::{ConversationRead, ConversationUpdate, Event, MessageAck, MessageFailed, SessionEvent};
use linedesk_protocol::{ConversationId, DeliveryState, ErrorCode, Message, Summary};
use linedesk_store::feed::{EventKind, FeedEvent};
use linedesk_store::ops::{conversations, messages};
use linedesk_store::{Query, StoreError};

use super::encoded::Encoded;
use super::hub::{Audience, Frame, Scope};

/// A frame and whom it is for.
pub(crate) struct Rendered {
    pub(crate) frame: Arc<Frame>,
    pub(crate) audience: Audience,
    /// The socket that caused it.
    pub(crate) cause: Option<String>,
}

/// The rows that some events need.
pub(crate) struct Rows {
    messages: HashMap<i64, Message>,
    summaries: HashMap<ConversationId, Summary>,
}

/// Reads what `events` need, where `is_wanted` says that somebody will see it.
pub(crate) fn load(
    tx: &mut impl Query,
    events: &[FeedEvent],
    is_wanted: impl Fn(&FeedEvent) -> bool,
) -> Result<Rows, StoreError> {
    let mut message_ids = Vec::new();
    let mut conversation_ids = Vec::new();
    for event in events {
        match (event.kind, event.subject, event.conversation) {
            (EventKind::MessageCreated | EventKind::MessageUpdated | EventKind::DeliveryChanged, Some(id), _)
                if is_wanted(event) =>
            {
                message_ids.push(id);
            }
            (EventKind::ConversationChanged | EventKind::ConversationRead, _, Some(id)) => conversation_ids.push(id),
            _ => {}
        }
    }
    message_ids.sort_unstable();
    message_ids.dedup();
    conversation_ids.sort_unstable();
    conversation_ids.dedup();
    let found = messages::list_by_ids(tx, message_ids.into_iter())?;
    let summaries = conversations::summaries(tx, &conversation_ids)?;
    Ok(Rows {
        messages: found.into_iter().map(|message| (message.id.0, message)).collect(),
        summaries: summaries.into_iter().map(|summary| (summary.id, summary)).collect(),
    })
}

/// Renders events in order. Of a conversation's summary only the latest is told (WS6).
pub(crate) fn render(events: &[FeedEvent], rows: &Rows) -> Vec<Rendered> {
    let mut latest = HashMap::new();
    for event in events {
        if event.kind == EventKind::ConversationChanged {
            latest.insert(event.conversation, event.seq);
        }
    }
    events
        .iter()
        .filter(|event| {
            event.kind != EventKind::ConversationChanged || latest.get(&event.conversation) == Some(&event.seq)
        })
        .filter_map(|event| render_one(event, rows))
        .collect()
}

fn render_one(event: &FeedEvent, rows: &Rows) -> Option<Rendered> {
    let conversation = event.conversation;
    let message = || event.subject.and_then(|id| rows.messages.get(&id)).cloned();
    let (shown, audience) = match event.kind {
        EventKind::MessageCreated => match message() {
            Some(message) => (Event::NewMessage(message), Audience::Room(conversation?)),
            // Nobody in the room; the socket that caused it still waits for its answer.
            None => return own_only(event),
        },
        EventKind::MessageUpdated => match message() {
            // Whoever shows it anywhere, such as in a notification, is to take it away (WH6).
            Some(message) if message.unsent_at.is_some() => (Event::MessageUpdated(message), Audience::All),
            Some(message) => (Event::MessageUpdated(message), Audience::Room(conversation?)),
            None => return own_only(event),
        },
        EventKind::DeliveryChanged => {
            let message = message()?;
            let audience = match message.operator_id {
                Some(operator) => Audience::RoomAnd(conversation?, operator),
                None => Audience::Room(conversation?),
            };
            (delivery_event(message)?, audience)
        }
        EventKind::ConversationChanged => {
            let summary = rows.summaries.get(&conversation?)?.clone();
            (Event::ConversationUpdate(ConversationUpdate { summary, messages: None, has_more: None }), Audience::All)
        }
        EventKind::ConversationRead => {
            let summary = rows.summaries.get(&conversation?)?;
            let read = ConversationRead {
                conversation_id: summary.id,
                line_user_id: summary.line_user_id.clone(),
                message_id: linedesk_protocol::MessageId(event.subject?),
                unread_count: summary.unread_count,
            };
            (Event::ConversationRead(read), Audience::Room(summary.id))
        }
        EventKind::SessionCreated
        | EventKind::SessionClaimed
        | EventKind::SessionReleased
        | EventKind::SessionClosed
        | EventKind::SessionTransferred => {
            let payload: SessionEvent = serde_json::from_str(event.data.as_deref()?).ok()?;
            (session_event(event.kind, payload)?, Audience::All)
        }
        EventKind::OperatorChanged | EventKind::SignedOut => return None,
    };
    let scope = match audience {
        Audience::Room(room) => Scope::Room(room),
        Audience::RoomAnd(room, _) => Scope::About(room),
        Audience::All => Scope::Everybody,
    };
    Some(Rendered {
        frame: Frame::of_channel(shown, Some(event.seq), scope, event.channel, event.at),
        audience,
        cause: event.socket.clone(),
    })
}

fn own_only(event: &FeedEvent) -> Option<Rendered> {
    let cause = event.socket.clone()?;
    let scope = Scope::Room(ConversationId(0));
    let frame = Arc::new(Frame { seq: Some(event.seq), scope, channel: event.channel, encoded: Encoded::nothing() });
    Some(Rendered { frame, audience: Audience::Room(ConversationId(0)), cause: Some(cause) })
}

/// The frame of a session event.
pub(crate) fn session_event(kind: EventKind, payload: SessionEvent) -> Option<Event> {
    Some(match kind {
        EventKind::SessionCreated => Event::SessionCreated(payload),
        EventKind::SessionClaimed => Event::SessionClaimed(payload),
        EventKind::SessionReleased => Event::SessionReleased(payload),
        EventKind::SessionClosed => Event::SessionClosed(payload),
        EventKind::SessionTransferred => Event::SessionTransferred(payload),
        _ => return None,
    })
}

/// How a delivery stands now: `message_ack`, `message_failed`, or the message itself while it is on its way again.
pub(crate) fn delivery_event(message: Message) -> Option<Event> {
    let delivery = message.delivery.clone()?;
    Some(match delivery.state {
        DeliveryState::Accepted => Event::MessageAck(MessageAck {
            message_id: message.id,
            temp_id: message.temp_id,
            conversation_id: message.conversation_id,
            line_user_id: message.line_user_id,
            delivery,
        }),
        DeliveryState::Failed | DeliveryState::Unknown | DeliveryState::Withheld => {
            Event::MessageFailed(MessageFailed {
                message_id: message.id,
                temp_id: message.temp_id,
                conversation_id: message.conversation_id,
                line_user_id: message.line_user_id,
                code: delivery.code.unwrap_or(ErrorCode::InternalError),
                error: delivery.error.clone().unwrap_or_default(),
                retryable: delivery.retryable.unwrap_or(false),
                delivery,
            })
        }
        DeliveryState::Queued | DeliveryState::Sending => Event::MessageUpdated(message),
    })
}
