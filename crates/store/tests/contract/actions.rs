//! Short ways to say what happens on a desk.

use std::sync::atomic::Ordering;

use linedesk_core::permission::Staff;
use linedesk_protocol::{ConversationId, Message, MessageId, MessageType, Role, SourceType, Summary, Timestamp};
use linedesk_store::ops::conversations;
use linedesk_store::ops::messages::{self, Draft, SendError, Sent, Written};
use linedesk_store::ops::operators::{self, NewOperator, OperatorError};
use linedesk_store::ops::sessions::{self, ActError, Acted, Command};
use linedesk_store::ops::webhook::{self, Chat, Effect, Event, Ingested, NewMessage};
use linedesk_store::{Committed, Origin, Store};

use super::harness::{Desk, NOW};

/// The LINE id of the customer with this number.
pub(crate) fn user(number: u32) -> String {
    format!("U{number:032x}")
}

/// An event in a customer's chat.
pub(crate) fn event(chat: &str, id: &str, effect: Effect) -> Event {
    Event {
        webhook_event_id: Some(id.to_owned()),
        kind: "message".to_owned(),
        raw: format!("raw of {id}"),
        redact: |_| "redacted".to_owned(),
        occurred_at: NOW,
        reply_token: None,
        chat: Some(Chat { source_type: SourceType::User, chat_id: chat.to_owned() }),
        effect,
        line: None,
        author: None,
        joined: Vec::new(),
        left: Vec::new(),
    }
}

/// A customer's text. Its LINE message id is `line-{id}` and its quote token `quote-{id}`.
pub(crate) fn text(chat: &str, id: &str, content: &str) -> Event {
    event(chat, id, Effect::Message(new_message(id, content)))
}

pub(crate) fn new_message(id: &str, content: &str) -> NewMessage {
    NewMessage {
        line_message_id: Some(format!("line-{id}")),
        message_type: MessageType::Text,
        content: content.to_owned(),
        payload: None,
        quote_token: Some(format!("quote-{id}")),
        quoted_line_message_id: None,
        media: None,
        mark_as_read_token: None,
        asks_for_person: false,
        after_hours: false,
    }
}

/// A customer's text that asks for a person.
pub(crate) fn hand_off(chat: &str, id: &str) -> Event {
    let message = NewMessage { asks_for_person: true, ..new_message(id, "a person, please") };
    event(chat, id, Effect::Message(message))
}

/// The withdrawal of the message that the event `id` brought.
pub(crate) fn unsend(chat: &str, id: &str) -> Event {
    let effect = Effect::Unsend { line_message_id: format!("line-{id}") };
    event(chat, &format!("unsend-{id}"), effect)
}

pub(crate) fn origin(by: Staff) -> Origin {
    Origin { operator: Some(by.id), via: "rest", address: Some("192.0.2.7".to_owned()), socket: Some("s1".to_owned()) }
}

pub(crate) fn new_operator(username: &str, role: Role) -> NewOperator {
    NewOperator {
        username: username.to_owned(),
        display_name: format!("{username} (shown)"),
        role,
        password_hash: "hash".to_owned(),
    }
}

/// A text with the `temp_id`.
pub(crate) fn draft(conversation: ConversationId, by: Staff, text: &str, temp_id: &str) -> Draft {
    Draft {
        conversation,
        by,
        written: Written::text(text),
        temp_id: Some(temp_id.to_owned()),
        send_key: temp_id.to_owned(),
        quote: None,
    }
}

pub(crate) async fn note_through(store: &Store, new: Draft, now: Timestamp) -> Result<Committed<Sent>, SendError> {
    let origin = origin(new.by);
    store.write(move |tx| messages::write_note(tx, &new, &origin, now)).await
}

pub(crate) async fn send_through(store: &Store, new: Draft, now: Timestamp) -> Result<Committed<Sent>, SendError> {
    store.write(move |tx| messages::send(tx, &new, &origin(new.by), now)).await
}

/// By whom a command is, for its audit row.
fn origin_of(command: &Command) -> Origin {
    match command {
        Command::Start(by)
        | Command::Claim(by)
        | Command::Release(by)
        | Command::Close(by)
        | Command::Transfer { by, .. } => origin(*by),
        Command::Request { .. } | Command::TimeOut => Origin::system("worker"),
    }
}

pub(crate) async fn act_through(
    store: &Store,
    conversation: ConversationId,
    command: Command,
    now: Timestamp,
) -> Result<Committed<Acted>, ActError> {
    store.write(move |tx| sessions::act(tx, conversation, &command, &origin_of(&command), now)).await
}

impl Desk {
    /// A number that was not used before on this desk.
    pub(crate) fn number_of_its_own(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn operator(&self, username: &str, role: Role) -> Staff {
        let new = new_operator(username, role);
        let made = self
            .store
            .write::<_, OperatorError, _>(move |tx| operators::create(tx, &new, &Origin::system("command"), NOW));
        Staff { id: made.await.unwrap().value, role }
    }

    pub(crate) async fn ingest_at(&self, events: Vec<Event>, now: Timestamp) -> Ingested {
        let channel = self.channel;
        self.write(move |tx| webhook::ingest(tx, channel, &events, now)).await
    }

    pub(crate) async fn ingest(&self, events: Vec<Event>) -> Ingested {
        self.ingest_at(events, NOW).await
    }

    /// The customer says something.
    pub(crate) async fn say(&self, chat: &str, content: &str) -> MessageId {
        let id = format!("said-{}", self.number_of_its_own());
        self.ingest(vec![text(chat, &id, content)]).await;
        self.message_of(&id).await
    }

    /// The message that an event brought.
    pub(crate) async fn message_of(&self, event: &str) -> MessageId {
        MessageId(self.number(format!("SELECT id FROM messages WHERE line_message_id = 'line-{event}'")).await)
    }

    /// A new customer's conversation.
    pub(crate) async fn conversation(&self) -> ConversationId {
        let chat = user(self.number_of_its_own());
        let channel = self.channel;
        self.write(move |tx| conversations::get_or_create(tx, channel, &chat, NOW)).await
    }

    /// A new customer's conversation with an active session of `owner`.
    pub(crate) async fn session_of(&self, owner: Staff) -> ConversationId {
        let conversation = self.conversation().await;
        self.act(conversation, Command::Start(owner)).await.unwrap();
        conversation
    }

    pub(crate) async fn chat_of(&self, conversation: ConversationId) -> String {
        self.summary(conversation).await.line_user_id
    }

    pub(crate) async fn act(&self, conversation: ConversationId, command: Command) -> Result<Acted, ActError> {
        act_through(&self.store, conversation, command, NOW).await.map(|done| done.value)
    }

    /// Sends a text of its own.
    pub(crate) async fn send(&self, conversation: ConversationId, by: Staff, text: &str) -> MessageId {
        let temp_id = format!("sent-{}", self.number_of_its_own());
        send_through(&self.store, draft(conversation, by, text, &temp_id), NOW).await.unwrap().value.message.id
    }

    pub(crate) async fn summary(&self, conversation: ConversationId) -> Summary {
        self.read(move |tx| conversations::summary(tx, conversation)).await.unwrap()
    }

    pub(crate) async fn message(&self, id: MessageId) -> Message {
        self.read(move |tx| messages::find(tx, id)).await.unwrap()
    }
}
