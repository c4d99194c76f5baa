//! The state of the platform and its transitions, without I/O: who the customers are, what was sent, which tokens are
//! good, what goes wrong next.
//!
//! INVARIANT: every transition is one call under one lock, so a request takes effect as a whole or not at all, and
//! [`crate::Simulator::wait_for`] never sees half of it.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Value, json};

use crate::calls::{Call, CallLog};
use crate::content::Content;
use crate::customer::{Author, Customer, How, PhoneMessage, Thread, Threads};
use crate::feed::{Change, without_bodies};
use crate::ids::Ids;
use crate::media::MediaFetch;
use crate::settings::Settings;
use crate::tokens::{AcceptedPush, RETRY_KEY_LIFE_MS, Remembered, ReplyToken};
use crate::webhook::lanes::{Lanes, Sent};

/// Faults against LINE's files that are kept.
const UNFIT: usize = 100;

/// What tests and [`crate::Simulator::wait_for`] may read.
#[derive(Debug)]
pub struct Platform {
    pub(crate) ids: Ids,
    pub(crate) settings: Settings,
    /// What `reset` goes back to.
    pub(crate) defaults: Settings,
    pub(crate) bot_user_id: String,
    pub(crate) basic_id: String,
    pub(crate) threads: Threads,
    pub(crate) reply_tokens: Remembered<ReplyToken>,
    /// To whom and to which message a token to mark as read belongs.
    pub(crate) read_tokens: Remembered<(String, String)>,
    /// Until when each issued access token is good.
    pub(crate) issued_tokens: Remembered<i64>,
    pub(crate) accepted_pushes: Remembered<AcceptedPush>,
    /// By the id of their message.
    pub(crate) contents: Remembered<Content>,
    pub(crate) fetches: VecDeque<MediaFetch>,
    pub(crate) counted: Counted,
    pub(crate) calls: CallLog,
    /// What was not as LINE's files describe it; the first ones.
    pub(crate) unfit: Vec<String>,
    pub(crate) lanes: Lanes,
    pub(crate) sent: Sent,
    /// Changes since the page was told last.
    pub(crate) changes: Vec<Change>,
}

/// What was accepted since the start, counted by the platform itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub reply_calls: u64,
    pub reply_messages: u64,
    pub push_calls: u64,
    pub push_messages: u64,
    /// What the pushes cost: one for each recipient whom they reached.
    pub paid: u64,
}

/// A message request that passed every check of its form.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) messages: Vec<Value>,
    pub(crate) how: How,
    pub(crate) retry_key: Option<String>,
}

/// Why a reply had no effect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SendError {
    InvalidReplyToken,
    UnknownRecipient,
    InvalidQuoteToken { index: usize },
    QuotaSpent,
    AlreadyAccepted { request_id: String, sent_messages: Value },
}

impl Platform {
    pub(crate) fn new(seed: u64, settings: Settings, now_ms: i64) -> Self {
        let mut ids = Ids::new(seed, now_ms);
        Self {
            bot_user_id: ids.user(),
            basic_id: ids.basic_id(),
            ids,
            defaults: settings.clone(),
            settings,
            threads: Threads::default(),
            reply_tokens: Remembered::default(),
            read_tokens: Remembered::default(),
            issued_tokens: Remembered::default(),
            accepted_pushes: Remembered::default(),
            contents: Remembered::default(),
            fetches: VecDeque::new(),
            counted: Counted::default(),
            calls: CallLog::default(),
            unfit: Vec::new(),
            lanes: Lanes::default(),
            sent: Sent::default(),
            changes: Vec::new(),
        }
    }

    pub(crate) fn add_unfit(&mut self, faults: impl Iterator<Item = String>) {
        let room = UNFIT.saturating_sub(self.unfit.len());
        self.unfit.extend(faults.take(room));
    }

    // What anyone may read.

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.threads.iter().map(|thread| &thread.customer)
    }

    pub fn find_customer(&self, user_id: &str) -> Option<&Customer> {
        self.threads.find(user_id).map(|thread| &thread.customer)
    }

    /// Everything on a customer's phone, oldest first; empty for an unknown one.
    pub fn messages(&self, user_id: &str) -> impl DoubleEndedIterator<Item = &PhoneMessage> {
        self.threads.find(user_id).into_iter().flat_map(|thread| &thread.messages)
    }

    /// What arrived from the account, oldest first.
    pub fn received(&self, user_id: &str) -> impl DoubleEndedIterator<Item = &PhoneMessage> {
        self.messages(user_id).filter(|message| message.author == Author::Account)
    }

    /// The log, oldest first.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> + ExactSizeIterator {
        self.calls.iter()
    }

    /// The file behind a message, as it is now.
    pub fn content(&self, message_id: &str) -> Option<&Content> {
        self.contents.get(message_id)
    }

    /// What was fetched of what the account sent, oldest first.
    pub fn fetches(&self) -> impl DoubleEndedIterator<Item = &MediaFetch> + ExactSizeIterator {
        self.fetches.iter()
    }

    /// What was accepted since the start.
    pub fn counted(&self) -> Counted {
        self.counted
    }

    pub fn paid_used(&self) -> u64 {
        self.settings.used
    }

    /// Whether no webhook is waiting or on its way.
    pub fn is_idle(&self) -> bool {
        self.lanes.is_empty()
    }

    // Transitions.

    pub(crate) fn log(&mut self, call: Call) {
        let call = Box::new(without_bodies(self.calls.add(call)));
        self.changes.push(Change::Call { call });
    }

    /// A channel access token that is good until then.
    pub(crate) fn issue_token(&mut self, until_ms: i64) -> String {
        let token = format!("issued-{}", self.ids.token(until_ms));
        self.issued_tokens.insert(token.clone(), until_ms);
        token
    }

    pub(crate) fn is_issued(&self, token: &str, now_ms: i64) -> bool {
        self.issued_tokens.get(token).is_some_and(|until| now_ms < *until)
    }

    pub(crate) fn end_issued_tokens(&mut self) {
        self.issued_tokens = Remembered::default();
    }

    pub(crate) fn reset_settings(&mut self) {
        self.settings.reset(&self.defaults);
        self.settings_changed();
    }

    pub(crate) fn settings_changed(&mut self) {
        self.changes.push(Change::Settings { settings: Box::new(self.settings.clone()) });
    }

    pub(crate) fn customer_changed(&mut self, user_id: &str) {
        if let Some(thread) = self.threads.find(user_id) {
            self.changes.push(Change::Customer { customer: thread.customer.clone() });
        }
    }

    pub(crate) fn message_changed(&mut self, user_id: &str, message: PhoneMessage) {
        self.changes.push(Change::Message { user_id: user_id.to_owned(), message: Box::new(message) });
    }

    /// Sends as a reply. A request refused for its messages leaves the token usable (LINE does not say).
    pub(crate) fn reply(&mut self, token: &str, outgoing: &Outgoing, now_ms: i64) -> Result<Value, SendError> {
        let life = self.settings.reply_token_life_ms;
        let known = self.reply_tokens.get(token).filter(|known| known.is_usable(now_ms, life));
        let user_id = known.ok_or(SendError::InvalidReplyToken)?.user_id.clone();
        self.check_quotes(&user_id, outgoing)?;
        if let Some(known) = self.reply_tokens.get_mut(token) {
            known.used = true;
        }
        self.counted.reply_calls += 1;
        self.counted.reply_messages += outgoing.messages.len() as u64;
        Ok(self.deliver(&user_id, outgoing, now_ms))
    }

    /// Sends as a push. One that reaches nobody is accepted, shows nothing and is not counted (LINE doc "Messaging API
    /// pricing": messages to those who blocked the account do not count).
    pub(crate) fn push(
        &mut self,
        to: &str,
        outgoing: &Outgoing,
        request_id: &str,
        now_ms: i64,
    ) -> Result<Value, SendError> {
        if let Some(accepted) = outgoing.retry_key.as_ref().and_then(|key| self.accepted_pushes.get(key))
            && now_ms - accepted.at_ms < RETRY_KEY_LIFE_MS
        {
            let AcceptedPush { request_id, sent_messages, .. } = accepted.clone();
            return Err(SendError::AlreadyAccepted { request_id, sent_messages });
        }
        let reachable = self.threads.find(to).map(Thread::is_reachable).ok_or(SendError::UnknownRecipient)?;
        self.check_quotes(to, outgoing)?;
        if self.settings.quota_is_spent() {
            return Err(SendError::QuotaSpent);
        }
        if reachable {
            // One per recipient, however many messages the request holds.
            let recipients = self.threads.find(to).map_or(1, Thread::recipients);
            self.settings.used = self.settings.used.saturating_add(recipients);
            self.counted.paid += recipients;
            self.settings_changed();
        }
        self.counted.push_calls += 1;
        self.counted.push_messages += outgoing.messages.len() as u64;
        let sent_messages = self.deliver(to, outgoing, now_ms);
        if let Some(key) = &outgoing.retry_key {
            let accepted =
                AcceptedPush { request_id: request_id.to_owned(), sent_messages: sent_messages.clone(), at_ms: now_ms };
            match self.accepted_pushes.get_mut(key) {
                Some(expired) => *expired = accepted,
                None => self.accepted_pushes.insert(key.clone(), accepted),
            }
        }
        Ok(sent_messages)
    }

    /// A quote token is good in its own chat only.
    fn check_quotes(&self, user_id: &str, outgoing: &Outgoing) -> Result<(), SendError> {
        let Some(thread) = self.threads.find(user_id) else { return Ok(()) };
        for (index, message) in outgoing.messages.iter().enumerate() {
            if let Some(token) = message.get("quoteToken").and_then(Value::as_str)
                && thread.message_by_quote_token(token).is_none()
            {
                return Err(SendError::InvalidQuoteToken { index });
            }
        }
        Ok(())
    }

    /// Puts the messages on the phone, if they reach it, and returns LINE's `sentMessages`.
    fn deliver(&mut self, user_id: &str, outgoing: &Outgoing, now_ms: i64) -> Value {
        let mut sent = Vec::with_capacity(outgoing.messages.len());
        for content in &outgoing.messages {
            let (id, quote_token) = (self.ids.message(), self.ids.token(now_ms));
            // Only what a person could quote has a quote token.
            let quotable = matches!(kind_of(content), "text" | "textV2" | "sticker" | "image" | "video" | "template");
            sent.push(if quotable { json!({"id": id, "quoteToken": quote_token}) } else { json!({"id": id}) });
            let Some(thread) = self.threads.find_mut(user_id).filter(|thread| thread.is_reachable()) else { continue };
            let quoted = content.get("quoteToken").and_then(Value::as_str);
            let quoted = quoted.and_then(|token| thread.message_by_quote_token(token)).map(|quoted| quoted.id.clone());
            let message = PhoneMessage {
                id,
                author: Author::Account,
                member: None,
                at_ms: now_ms,
                kind: kind_of(content).to_owned(),
                text: shown_text(content),
                quoted_message_id: quoted,
                quote_token,
                unsent: false,
                read: false,
                how: Some(outgoing.how),
                retry_key: outgoing.retry_key.clone(),
                content: Some(content.clone()),
            };
            thread.push(message.clone());
            thread.customer.loading_until_ms = None;
            self.message_changed(user_id, message);
        }
        self.customer_changed(user_id);
        Value::Array(sent)
    }
}

fn kind_of(content: &Value) -> &str {
    content.get("type").and_then(Value::as_str).unwrap_or("")
}

fn shown_text(content: &Value) -> Option<String> {
    ["text", "altText", "title", "address"].iter().find_map(|key| content.get(key)?.as_str().map(str::to_owned))
}
