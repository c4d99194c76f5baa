//! Groups and rooms, and everything that happens in a chat besides messages.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Simulator;
use super::actions::{ControlError, NAME_CHARS, act};
use crate::customer::{Author, CUSTOMERS, Customer, Friendship, PhoneMessage, SourceKind};
use crate::platform::Platform;
use crate::shared::Shared;
use crate::webhook::events::{self, Event};

/// Members of a group or room.
const MEMBERS: usize = 500;

impl Simulator {
    /// Makes a group of these people and invites the account; gives the group's id. It has no name when it is a room.
    pub fn add_group(&self, name: Option<&str>, members: &[&str]) -> Result<String, ControlError> {
        let members: Vec<_> = members.iter().map(|member| (*member).to_owned()).collect();
        add_group(&self.shared, name, &members)
    }

    /// People come into a group or room.
    pub fn join_members(&self, chat_id: &str, members: &[&str]) -> Result<(), ControlError> {
        change_members(&self.shared, chat_id, &strings(members), true)
    }

    /// People leave a group or room.
    pub fn leave_members(&self, chat_id: &str, members: &[&str]) -> Result<(), ControlError> {
        change_members(&self.shared, chat_id, &strings(members), false)
    }

    /// The account is put out of a group or room.
    pub fn remove_account(&self, chat_id: &str) -> Result<(), ControlError> {
        super::actions::set_friendship(&self.shared, chat_id, Friendship::Blocked)
    }

    /// Anything else that happens in a chat: `postback`, `beacon`, `videoPlayComplete`, `accountLink`, `membership`, or a
    /// type that LINE does not have yet. `part` is the property of that name.
    pub fn send_event(
        &self,
        chat_id: &str,
        member: Option<&str>,
        kind: &str,
        part: Option<(&str, Value)>,
        is_replyable: bool,
    ) -> Result<(), ControlError> {
        send_event(&self.shared, chat_id, member, kind, part, is_replyable, None)
    }
}

fn strings(members: &[&str]) -> Vec<String> {
    members.iter().map(|member| (*member).to_owned()).collect()
}

pub(crate) fn add_group(shared: &Arc<Shared>, name: Option<&str>, members: &[String]) -> Result<String, ControlError> {
    if members.is_empty() || members.len() > MEMBERS {
        return Err(ControlError::InvalidMembers);
    }
    let name = name.map(str::trim);
    if name.is_some_and(|name| name.is_empty() || name.chars().count() > NAME_CHARS) {
        return Err(ControlError::InvalidName);
    }
    let now_ms = shared.now_ms();
    let chat_id = shared.update(|platform| {
        if platform.threads.len() >= CUSTOMERS {
            return Err(ControlError::TooManyCustomers);
        }
        if !are_people(platform, members) {
            return Err(ControlError::UnknownCustomer);
        }
        let kind = if name.is_some() { SourceKind::Group } else { SourceKind::Room };
        let chat_id = platform.ids.chat(kind);
        platform.threads.add(Customer {
            user_id: chat_id.clone(),
            name: name.unwrap_or_default().to_owned(),
            language: String::new(),
            picture_url: None,
            friendship: Friendship::Stranger,
            loading_until_ms: None,
            source: kind,
            members: members.to_vec(),
        });
        Ok(chat_id)
    })?;
    act(shared, &chat_id, |platform| {
        if let Some(thread) = platform.threads.find_mut(&chat_id) {
            thread.customer.friendship = Friendship::Friend;
        }
        platform.customer_changed(&chat_id);
        let event = Event { kind: "join", chat_id: &chat_id, member: None, now_ms, replyable: true, part: None };
        Ok(((), vec![events::make(platform, event)]))
    })?;
    Ok(chat_id)
}

fn are_people(platform: &Platform, members: &[String]) -> bool {
    members.iter().all(|member| platform.find_customer(member).is_some_and(|one| one.source == SourceKind::User))
}

pub(crate) fn change_members(
    shared: &Arc<Shared>,
    chat_id: &str,
    members: &[String],
    come: bool,
) -> Result<(), ControlError> {
    let now_ms = shared.now_ms();
    act(shared, chat_id, |platform| {
        if !are_people(platform, members) {
            return Err(ControlError::UnknownCustomer);
        }
        let thread = platform.threads.find_mut(chat_id).filter(|thread| thread.customer.source != SourceKind::User);
        let Customer { members: known, friendship, .. } = &mut thread.ok_or(ControlError::UnknownCustomer)?.customer;
        let is_told = *friendship != Friendship::Blocked;
        let mut after = known.clone();
        after.retain(|member| !members.contains(member));
        if come {
            after.extend_from_slice(members);
        }
        if after.len() > MEMBERS {
            return Err(ControlError::InvalidMembers);
        }
        *known = after;
        platform.customer_changed(chat_id);
        // Where the account is not, LINE tells it nothing.
        if !is_told {
            return Ok(((), Vec::new()));
        }
        let people: Vec<_> = members.iter().map(|member| json!({"type": "user", "userId": member})).collect();
        let (kind, name) = if come { ("memberJoined", "joined") } else { ("memberLeft", "left") };
        let part = Some((name, json!({"members": people})));
        // LINE gives a reply token for who joins only.
        let event = Event { kind, chat_id, member: None, now_ms, replyable: come, part };
        Ok(((), vec![events::make(platform, event)]))
    })
}

/// `shown` is what the phone shows as written by the customer, though no message was sent.
pub(crate) fn send_event(
    shared: &Arc<Shared>,
    chat_id: &str,
    member: Option<&str>,
    kind: &str,
    part: Option<(&str, Value)>,
    replyable: bool,
    shown: Option<&str>,
) -> Result<(), ControlError> {
    let now_ms = shared.now_ms();
    act(shared, chat_id, |platform| {
        let (id, quote_token) = (platform.ids.message(), platform.ids.token(now_ms));
        let thread = platform.threads.find_mut(chat_id).ok_or(ControlError::UnknownCustomer)?;
        if thread.customer.friendship == Friendship::Blocked {
            return Err(ControlError::Blocked);
        }
        if let Some(text) = shown {
            let message = PhoneMessage {
                id,
                author: Author::Customer,
                member: member.map(str::to_owned),
                at_ms: now_ms,
                kind: "text".to_owned(),
                text: Some(text.to_owned()),
                quoted_message_id: None,
                quote_token,
                unsent: false,
                read: false,
                how: None,
                retry_key: None,
                content: Some(json!({"displayedBy": kind})),
            };
            thread.push(message.clone());
            platform.message_changed(chat_id, message);
        }
        let event = Event { kind, chat_id, member, now_ms, replyable, part };
        Ok(((), vec![events::make(platform, event)]))
    })
}
