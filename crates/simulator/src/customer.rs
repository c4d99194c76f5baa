//! The customers and what is on their phones.
//!
//! INVARIANT: a thread is bounded ([`HISTORY`]); the oldest message goes first. A withdrawn message keeps its place and
//! loses its content.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

/// Messages kept per customer.
const HISTORY: usize = 2_000;
/// Customers at most: enough for a load test, not for a leak.
pub(crate) const CUSTOMERS: usize = 100_000;

/// What a customer is to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Friendship {
    /// Never added the account. May write all the same.
    Stranger,
    Friend,
    Blocked,
}

/// What kind of chat it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    User,
    Group,
    Room,
}

/// Someone with LINE on the phone, or a group or room of such people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Customer {
    /// `U`, for a group `C` and for a room `R`, and 32 hexadecimal digits.
    pub user_id: String,
    pub name: String,
    /// BCP 47.
    pub language: String,
    pub picture_url: Option<String>,
    pub friendship: Friendship,
    /// Unix ms until which the account's loading animation is shown.
    pub loading_until_ms: Option<i64>,
    pub source: SourceKind,
    /// Of a group or room, besides the account.
    pub members: Vec<String>,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Customer,
    Account,
}

/// How the account's message came: free or paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Reply,
    Push,
}

/// One message as the phone shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhoneMessage {
    pub id: String,
    pub author: Author,
    /// Who of a group or room wrote it.
    pub member: Option<String>,
    /// Unix ms.
    pub at_ms: i64,
    /// LINE's type: `text`, `flex`, …
    pub kind: String,
    /// What it says: a text's text, else its alternative text where it has one. None once withdrawn.
    pub text: Option<String>,
    pub quoted_message_id: Option<String>,
    #[serde(skip)]
    pub quote_token: String,
    /// Withdrawn by the customer.
    pub unsent: bool,
    /// The customer's messages: the account marked it as read.
    pub read: bool,
    /// The account's messages only, as is the next one.
    pub how: Option<How>,
    /// The `X-Line-Retry-Key` of the push it came with.
    pub retry_key: Option<String>,
    /// The message object as the account sent it, or what a customer's has besides its text. A text that is on the phone
    /// only has `displayedBy`, the event whose display text it is.
    pub content: Option<serde_json::Value>,
}

/// A customer and the messages on the phone.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) customer: Customer,
    pub(crate) messages: VecDeque<PhoneMessage>,
    /// Wrote at least once: the account may see the profile and push, friend or not. (LINE ends this after 7 days; a
    /// simulation does not last that long.)
    pub(crate) wrote: bool,
}

impl Thread {
    /// How many people a push reaches, and so what it costs.
    pub(crate) fn recipients(&self) -> u64 {
        match self.customer.source {
            SourceKind::User => 1,
            SourceKind::Group | SourceKind::Room => self.customer.members.len() as u64,
        }
    }

    /// Whether what the account sends arrives.
    pub(crate) fn is_reachable(&self) -> bool {
        match self.customer.friendship {
            Friendship::Friend => true,
            Friendship::Stranger => self.wrote,
            Friendship::Blocked => false,
        }
    }

    pub(crate) fn push(&mut self, message: PhoneMessage) {
        if self.messages.len() == HISTORY {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    pub(crate) fn message(&self, id: &str) -> Option<&PhoneMessage> {
        self.messages.iter().rev().find(|message| message.id == id)
    }

    pub(crate) fn message_by_quote_token(&self, token: &str) -> Option<&PhoneMessage> {
        self.messages.iter().rev().find(|message| message.quote_token == token)
    }

    /// Marks the customer's messages up to this one as read and returns those that changed.
    pub(crate) fn mark_read(&mut self, message_id: &str) -> Vec<PhoneMessage> {
        let Some(last) = self.messages.iter().position(|message| message.id == message_id) else { return Vec::new() };
        let unread = self
            .messages
            .iter_mut()
            .take(last + 1)
            .filter(|message| message.author == Author::Customer && !message.read);
        unread
            .map(|message| {
                message.read = true;
                message.clone()
            })
            .collect()
    }
}

/// All customers, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    in_order: Vec<Thread>,
    by_id: HashMap<String, usize>,
    /// Whose a customer's message is, for `unsend`, which names the message alone.
    owners: HashMap<String, String>,
    owned: VecDeque<String>,
}

/// Messages that can still be withdrawn.
const OWNED: usize = 100_000;

impl Threads {
    pub(crate) fn len(&self) -> usize {
        self.in_order.len()
    }

    pub(crate) fn add(&mut self, customer: Customer) {
        self.by_id.insert(customer.user_id.clone(), self.in_order.len());
        self.in_order.push(Thread { customer, messages: VecDeque::new(), wrote: false });
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Thread> {
        self.in_order.iter()
    }

    pub(crate) fn find(&self, user_id: &str) -> Option<&Thread> {
        self.by_id.get(user_id).map(|at| &self.in_order[*at])
    }

    pub(crate) fn find_mut(&mut self, user_id: &str) -> Option<&mut Thread> {
        self.by_id.get(user_id).map(|at| &mut self.in_order[*at])
    }

    /// Remembers whose message this is.
    pub(crate) fn own(&mut self, message_id: &str, user_id: &str) {
        if self.owned.len() == OWNED
            && let Some(oldest) = self.owned.pop_front()
        {
            self.owners.remove(&oldest);
        }
        self.owned.push_back(message_id.to_owned());
        self.owners.insert(message_id.to_owned(), user_id.to_owned());
    }

    pub(crate) fn owner(&self, message_id: &str) -> Option<&str> {
        self.owners.get(message_id).map(String::as_str)
    }
}
