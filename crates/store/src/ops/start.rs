//! An operator writes first: contact, session and first words in one transaction, so that no half of it is ever there.

use linedesk_core::permission::Staff;
use linedesk_protocol::{ConversationId, Timestamp};

use super::channels::ChannelId;
use super::conversations;
use super::messages::{self, Draft, SendError, Written};
use super::sessions::{self, ActError, Command};
use crate::error::StoreError;
use crate::tx::{Origin, Tx};

/// What is begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub channel: ChannelId,
    /// Checked by the caller.
    pub chat_id: String,
    pub by: Staff,
    pub first: Option<FirstText>,
}

/// The first words. The caller has checked their length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstText {
    pub text: String,
    pub temp_id: Option<String>,
    /// As in [`Draft`].
    pub send_key: String,
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Act(#[from] ActError),
    #[error(transparent)]
    Send(#[from] SendError),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Act(error.into())
    }
}

/// Finds or makes the conversation, takes its session, and sends the first words.
pub fn start(tx: &mut Tx<'_>, start: &Start, origin: &Origin, now: Timestamp) -> Result<ConversationId, StartError> {
    let conversation = conversations::get_or_create(tx, start.channel, &start.chat_id, now)?;
    sessions::act(tx, conversation, &Command::Start(start.by), origin, now)?;
    if let Some(first) = &start.first {
        let send = Draft {
            conversation,
            by: start.by,
            written: Written::text(&first.text),
            temp_id: first.temp_id.clone(),
            send_key: first.send_key.clone(),
            quote: None,
        };
        messages::send(tx, &send, origin, now)?;
    }
    Ok(conversation)
}
