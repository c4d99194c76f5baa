//! What customers do, and sending webhooks again: shared by [`Simulator`]'s methods and the page's control API.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::Simulator;
use crate::customer::{Author, CUSTOMERS, Customer, Friendship, PhoneMessage, SourceKind};
use crate::incoming::IncomingMessage;
use crate::platform::Platform;
use crate::settings::MarkAsReadMode;
use crate::shared::Shared;
use crate::webhook::events::{self, Event};
use crate::webhook::lanes::Dispatch;
use crate::webhook::{self};

/// UTF-16 code units of a customer's message.
const TEXT_UNITS: usize = 5_000;
pub(super) const NAME_CHARS: usize = 100;

/// Why a customer cannot do that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    #[error("there is no such customer")]
    UnknownCustomer,
    #[error("there is no such message of a customer")]
    UnknownMessage,
    #[error("there is no such event")]
    UnknownEvent,
    #[error("the customer blocked the account, and must unblock it first")]
    Blocked,
    #[error("the text is empty or longer than 5000 UTF-16 code units")]
    InvalidText,
    #[error("the name is empty or longer than 100 characters")]
    InvalidName,
    #[error("a group has 1 to 500 members")]
    InvalidMembers,
    #[error("there are too many customers")]
    TooManyCustomers,
    #[error("too many webhooks wait for this customer")]
    QueueFull,
}

impl From<webhook::lanes::QueueFull> for ControlError {
    fn from(_: webhook::lanes::QueueFull) -> Self {
        Self::QueueFull
    }
}

/// A message a customer sent, and what its webhook carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentMessage {
    pub message_id: String,
    pub event_id: String,
    pub reply_token: String,
    pub quote_token: String,
    pub mark_as_read_token: String,
}

impl Simulator {
    /// Adds someone who is not a friend yet, and returns the user id. The same seed and order give the same ids.
    pub fn add_customer(&self, name: &str, language: &str, picture_url: Option<&str>) -> Result<String, ControlError> {
        add_customer(&self.shared, name, language, picture_url.map(str::to_owned)).map(|customer| customer.user_id)
    }

    pub fn send_text(&self, user_id: &str, text: &str) -> Result<SentMessage, ControlError> {
        self.send_message(user_id, &IncomingMessage::text(text))
    }

    /// Quotes a message of the same chat.
    pub fn send_text_quoting(
        &self,
        user_id: &str,
        text: &str,
        quoted_message_id: &str,
    ) -> Result<SentMessage, ControlError> {
        self.send_message(user_id, &IncomingMessage::text(text).quoting(quoted_message_id))
    }

    /// Sends all of them at once: they travel as several events of one webhook.
    pub fn send_texts_at_once(&self, user_id: &str, texts: &[&str]) -> Result<Vec<SentMessage>, ControlError> {
        let messages: Vec<_> = texts.iter().map(|text| IncomingMessage::text(text)).collect();
        self.send_at_once(user_id, &messages)
    }

    /// Sends a message of any kind.
    pub fn send_message(&self, user_id: &str, message: &IncomingMessage) -> Result<SentMessage, ControlError> {
        send_message(&self.shared, user_id, None, message)
    }

    /// As one of a group or room; LINE does not always tell who.
    pub fn send_message_as(
        &self,
        chat_id: &str,
        member: Option<&str>,
        message: &IncomingMessage,
    ) -> Result<SentMessage, ControlError> {
        send_message(&self.shared, chat_id, member, message)
    }

    /// Sends messages of any kind as several events of one webhook.
    pub fn send_at_once(&self, user_id: &str, messages: &[IncomingMessage]) -> Result<Vec<SentMessage>, ControlError> {
        send_at_once(&self.shared, user_id, messages)
    }

    /// Adds the account as a friend, or unblocks it. Nothing happens to a friend.
    pub fn follow(&self, user_id: &str) -> Result<(), ControlError> {
        set_friendship(&self.shared, user_id, Friendship::Friend)
    }

    /// Blocks the account. Nothing happens to one who blocked it before.
    pub fn unfollow(&self, user_id: &str) -> Result<(), ControlError> {
        set_friendship(&self.shared, user_id, Friendship::Blocked)
    }

    /// As [`Simulator::follow`]; the event says `isUnblocked` for one who had blocked the account.
    pub fn unblock(&self, user_id: &str) -> Result<(), ControlError> {
        set_friendship(&self.shared, user_id, Friendship::Friend)
    }

    /// Makes someone a friend or a stranger, or blocks the account. LINE tells nothing of those who turn strangers.
    pub fn set_friendship(&self, user_id: &str, to: Friendship) -> Result<(), ControlError> {
        set_friendship(&self.shared, user_id, to)
    }

    /// Withdraws a customer's message.
    pub fn unsend(&self, message_id: &str) -> Result<(), ControlError> {
        unsend(&self.shared, message_id)
    }

    /// Sends the last webhook again as a redelivery, however it went the first time.
    pub fn redeliver_last(&self) -> Result<(), ControlError> {
        redeliver(&self.shared, None)
    }

    /// Sends an event again as a redelivery: late, out of order, as often as wanted.
    pub fn redeliver(&self, event_id: &str) -> Result<(), ControlError> {
        redeliver(&self.shared, Some(event_id))
    }
}

pub(crate) fn add_customer(
    shared: &Shared,
    name: &str,
    language: &str,
    picture_url: Option<String>,
) -> Result<Customer, ControlError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS {
        return Err(ControlError::InvalidName);
    }
    shared.update(|platform| {
        if platform.threads.len() >= CUSTOMERS {
            return Err(ControlError::TooManyCustomers);
        }
        let customer = Customer {
            user_id: platform.ids.user(),
            name: name.to_owned(),
            language: language.to_owned(),
            picture_url,
            friendship: Friendship::Stranger,
            loading_until_ms: None,
            source: SourceKind::User,
            members: Vec::new(),
        };
        platform.threads.add(customer.clone());
        platform.customer_changed(&customer.user_id);
        Ok(customer)
    })
}

/// Changes the state and queues the webhook that tells of it, under one lock: webhooks go out in the order in which things
/// happened, and when the queue is full nothing happens.
pub(crate) fn act<T>(
    shared: &Arc<Shared>,
    user_id: &str,
    change: impl FnOnce(&mut Platform) -> Result<(T, Vec<Value>), ControlError>,
) -> Result<T, ControlError> {
    let (done, is_new_lane) = shared.update(|platform| {
        if platform.lanes.is_full(user_id) {
            return Err(ControlError::QueueFull);
        }
        let (done, events) = change(platform)?;
        let is_new_lane = !events.is_empty() && platform.lanes.push(user_id, Dispatch { events })?;
        Ok::<_, ControlError>((done, is_new_lane))
    })?;
    if is_new_lane {
        webhook::start(shared, user_id);
    }
    Ok(done)
}

/// Sends a message into a chat; `member` is who of a group or room.
pub(crate) fn send_message(
    shared: &Arc<Shared>,
    chat_id: &str,
    member: Option<&str>,
    message: &IncomingMessage,
) -> Result<SentMessage, ControlError> {
    let now_ms = shared.now_ms();
    act(shared, chat_id, |platform| {
        write(platform, now_ms, chat_id, member, message).map(|(sent, event)| (sent, vec![event]))
    })
}

/// Sends several messages as the events of one webhook.
pub(crate) fn send_at_once(
    shared: &Arc<Shared>,
    user_id: &str,
    messages: &[IncomingMessage],
) -> Result<Vec<SentMessage>, ControlError> {
    // Looked at first: one that cannot be sent must not leave the others behind on the phone.
    if !messages.iter().all(is_sendable) {
        return Err(ControlError::InvalidText);
    }
    let now_ms = shared.now_ms();
    act(shared, user_id, |platform| {
        let written: Result<Vec<_>, _> =
            messages.iter().map(|message| write(platform, now_ms, user_id, None, message)).collect();
        Ok(written?.into_iter().unzip())
    })
}

fn is_sendable(message: &IncomingMessage) -> bool {
    let text = message.fields.get("text").and_then(Value::as_str).unwrap_or_default();
    (message.kind != "text" || !text.trim().is_empty()) && text.encode_utf16().count() <= TEXT_UNITS
}

/// Puts the message on the phone and makes its event.
fn write(
    platform: &mut Platform,
    now_ms: i64,
    chat_id: &str,
    member: Option<&str>,
    message: &IncomingMessage,
) -> Result<(SentMessage, Value), ControlError> {
    if !is_sendable(message) {
        return Err(ControlError::InvalidText);
    }
    let IncomingMessage { kind, fields, quoted, content } = message;
    let (id, quote_token) = (platform.ids.message(), platform.ids.token(now_ms));
    let thread = platform.threads.find_mut(chat_id).ok_or(ControlError::UnknownCustomer)?;
    if thread.customer.friendship == Friendship::Blocked {
        return Err(ControlError::Blocked);
    }
    if let Some(quoted) = quoted {
        thread.message(quoted).filter(|message| !message.unsent).ok_or(ControlError::UnknownMessage)?;
    }
    let shown = PhoneMessage {
        id: id.clone(),
        author: Author::Customer,
        member: member.map(str::to_owned),
        at_ms: now_ms,
        kind: kind.clone(),
        text: message.shown(),
        quoted_message_id: quoted.clone(),
        quote_token: quote_token.clone(),
        unsent: false,
        read: platform.settings.mark_as_read_mode == MarkAsReadMode::Auto,
        how: None,
        retry_key: None,
        content: (kind != "text").then(|| Value::Object(fields.clone())),
    };
    thread.wrote = true;
    thread.push(shown.clone());
    platform.threads.own(&id, chat_id);
    platform.message_changed(chat_id, shown);
    if let Some(content) = content {
        platform.contents.insert(id.clone(), content.clone());
    }

    let mark_as_read_token = platform.ids.token(now_ms);
    platform.read_tokens.insert(mark_as_read_token.clone(), (chat_id.to_owned(), id.clone()));
    let mut part = fields.clone();
    part.insert("type".to_owned(), kind.clone().into());
    part.insert("id".to_owned(), id.clone().into());
    if ["text", "sticker", "image", "video"].contains(&kind.as_str()) {
        part.insert("quoteToken".to_owned(), quote_token.clone().into());
    }
    part.insert("markAsReadToken".to_owned(), mark_as_read_token.clone().into());
    if let Some(quoted) = quoted {
        part.insert("quotedMessageId".to_owned(), quoted.clone().into());
    }
    let part = Some(("message", Value::Object(part)));
    let event = events::make(platform, Event { kind: "message", chat_id, member, now_ms, replyable: true, part });
    let text_of = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let sent = SentMessage {
        message_id: id,
        event_id: text_of("webhookEventId"),
        reply_token: text_of("replyToken"),
        quote_token,
        mark_as_read_token,
    };
    Ok((sent, event))
}

pub(crate) fn set_friendship(shared: &Arc<Shared>, user_id: &str, to: Friendship) -> Result<(), ControlError> {
    let now_ms = shared.now_ms();
    act(shared, user_id, |platform| {
        let thread = platform.threads.find_mut(user_id).ok_or(ControlError::UnknownCustomer)?;
        let before = std::mem::replace(&mut thread.customer.friendship, to);
        if before == to {
            return Ok(((), Vec::new()));
        }
        platform.customer_changed(user_id);
        let is_user = user_id.starts_with('U');
        let event = match to {
            // LINE sends nothing when someone is merely no friend any more.
            Friendship::Stranger => return Ok(((), Vec::new())),
            Friendship::Friend => {
                let part = json!({"isUnblocked": before == Friendship::Blocked});
                let (kind, part) = if is_user { ("follow", Some(("follow", part))) } else { ("join", None) };
                Event { kind, chat_id: user_id, member: None, now_ms, replyable: true, part }
            }
            Friendship::Blocked => {
                let kind = if is_user { "unfollow" } else { "leave" };
                Event { kind, chat_id: user_id, member: None, now_ms, replyable: false, part: None }
            }
        };
        Ok(((), vec![events::make(platform, event)]))
    })
}

pub(crate) fn unsend(shared: &Arc<Shared>, message_id: &str) -> Result<(), ControlError> {
    let now_ms = shared.now_ms();
    let owner = shared.read(|platform| platform.threads.owner(message_id).map(str::to_owned));
    let user_id = &owner.ok_or(ControlError::UnknownMessage)?;
    act(shared, user_id, |platform| {
        let thread = platform.threads.find_mut(user_id).ok_or(ControlError::UnknownCustomer)?;
        let message = thread.messages.iter_mut().rev().find(|message| message.id == message_id && !message.unsent);
        let message = message.ok_or(ControlError::UnknownMessage)?;
        (message.unsent, message.text, message.content) = (true, None, None);
        let member = message.member.clone();
        let message = message.clone();
        platform.message_changed(user_id, message);
        let part = Some(("unsend", json!({"messageId": message_id})));
        let event = events::make(
            platform,
            Event { kind: "unsend", chat_id: user_id, member: member.as_deref(), now_ms, replyable: false, part },
        );
        Ok(((), vec![event]))
    })
}

pub(crate) fn redeliver(shared: &Arc<Shared>, event_id: Option<&str>) -> Result<(), ControlError> {
    let found = shared.read(|platform| match event_id {
        None => platform.sent.last(),
        Some(id) => platform.sent.find(id),
    });
    let mut dispatch = found.ok_or(ControlError::UnknownEvent)?;
    dispatch.mark_as_redelivery();
    let lane = lane_of(dispatch.events.first());
    webhook::dispatch(shared, &lane, dispatch)?;
    Ok(())
}

pub(crate) fn send_raw_event(shared: &Arc<Shared>, event: Value) -> Result<(), ControlError> {
    let lane = lane_of(Some(&event));
    webhook::dispatch(shared, &lane, Dispatch { events: vec![event] })?;
    Ok(())
}

pub(crate) fn send_verification(shared: &Arc<Shared>) -> Result<(), ControlError> {
    webhook::dispatch(shared, &lane_of(None), Dispatch { events: Vec::new() })?;
    Ok(())
}

fn lane_of(event: Option<&Value>) -> String {
    let source = event.map(|event| &event["source"]);
    let id = source.and_then(|source| ["groupId", "roomId", "userId"].iter().find_map(|name| source[name].as_str()));
    id.unwrap_or_default().to_owned()
}
