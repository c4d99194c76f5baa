//! Ids as newtypes, so that a session id never stands where a conversation id is meant. On the wire they are integers.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[ts(type = "number")]
        #[schema(value_type = i64)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A channel's one lasting thread with a contact.
    ConversationId
);
id!(
    /// A LINE user, group or room.
    ContactId
);
id!(
    /// Anything in a thread. Grows with the order of storing within one conversation.
    MessageId
);
id!(
    /// One hand-over from bot to human inside a conversation.
    SessionId
);
id!(
    /// A person with an account.
    OperatorId
);
id!(
    /// A place in the feed: gap-free and in commit order over the whole desk (WS6). 0 is before the first event.
    Seq
);
