//! The nouns that REST answers and socket frames share.

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::id::{ConversationId, MessageId, OperatorId, SessionId};
use crate::time::Timestamp;

// `$wire` is a `tt`: derives do not see a captured `literal` for what it is, and OpenAPI would get the variant's name.
macro_rules! wire_enum {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $vdoc:literal])* $variant:ident = $wire:tt,)+ }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
        // OpenAPI has no place for a text about one value of an enum, so they are listed in the enum's.
        #[schema(description = concat!($($doc, "\n",)* $($("\n- `", $wire, "`:", $vdoc,)*)+).trim_ascii())]
        pub enum $name { $($(#[doc = $vdoc])* #[serde(rename = $wire)] $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value as it is written on the wire and in the database.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $wire,)+ } }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownValue;

            fn from_str(text: &str) -> Result<Self, UnknownValue> {
                match text { $($wire => Ok(Self::$variant),)+ _ => Err(UnknownValue(stringify!($name))) }
            }
        }
    };
}

/// A text that is none of an enum's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownValue(pub &'static str);

impl std::fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown {}", self.0)
    }
}

impl std::error::Error for UnknownValue {}

wire_enum!(
    /// What an operator may do (AU3).
    Role { SuperAdmin = "SUPER_ADMIN", Admin = "ADMIN", Agent = "AGENT", }
);
wire_enum!(
    /// Whether an operator can take chats at the moment. `offline` = no socket.
    OperatorStatus { Online = "online", Away = "away", Busy = "busy", Offline = "offline", }
);
wire_enum!(
    /// What kind of chat it is.
    SourceType { User = "user", Group = "group", Room = "room", }
);
wire_enum!(
    /// Whether the contact can be reached; `UNFOLLOWED` = blocked us or left.
    FriendStatus { Active = "ACTIVE", Unfollowed = "UNFOLLOWED", Unknown = "UNKNOWN", }
);
wire_enum!(
    /// Who answers: HUMAN exactly while a session is open (SE2).
    ChatMode { Bot = "BOT", Human = "HUMAN", }
);
wire_enum!(
    /// How far a session is. CLOSED is its end.
    SessionStatus { Waiting = "WAITING", Active = "ACTIVE", Closed = "CLOSED", }
);
wire_enum!(
    /// Who ended a session. `SYSTEM_TIMEOUT`: nothing happened in it for too long (SE5).
    ClosedBy { Operator = "OPERATOR", User = "USER", System = "SYSTEM", SystemTimeout = "SYSTEM_TIMEOUT", }
);
wire_enum!(
    /// From the contact, or to them. Notes count as outgoing.
    Direction { Incoming = "INCOMING", Outgoing = "OUTGOING", }
);
wire_enum!(
    /// Who wrote a message. USER is the contact, ADMIN any operator.
    SenderRole { User = "USER", Bot = "BOT", Admin = "ADMIN", System = "SYSTEM", }
);
wire_enum!(
    /// What a message is (WH6). `system` also stands for what linedesk does not know yet.
    MessageType {
        Text = "text", Image = "image", Video = "video", Audio = "audio", File = "file", Location = "location",
        Sticker = "sticker", Flex = "flex", Template = "template", Imagemap = "imagemap", Note = "note", System = "system",
    }
);
wire_enum!(
    /// How far an outgoing message came. There is no "read" or "delivered": LINE does not tell.
    DeliveryState {
        /// Waiting for its turn.
        Queued = "queued",
        /// Being handed to LINE.
        Sending = "sending",
        /// LINE took it.
        Accepted = "accepted",
        /// LINE refused it, or it could not be handed over in time.
        Failed = "failed",
        /// A free reply was sent and LINE did not confirm: it may have arrived.
        Unknown = "unknown",
        /// Not sent on purpose: the contact blocked the account, or the month's paid messages are used up.
        Withheld = "withheld",
    }
);
wire_enum!(
    /// How far the file behind a message came.
    MediaState {
        /// On its way from LINE.
        Fetching = "fetching",
        /// Here: `GET /media/{id}`.
        Ready = "ready",
        /// LINE has it no more, or the customer withdrew it: it will not come.
        Gone = "gone",
        /// It could not be fetched or kept; `POST …/messages/{id}/fetch` tries again.
        Failed = "failed",
    }
);
wire_enum!(
    /// How a channel's access tokens come about.
    TokenKind {
        /// Issued once by hand, in LINE's console.
        LongLived = "long_lived",
        /// Issued by linedesk every quarter of an hour, from the channel's id and secret.
        Stateless = "stateless",
        /// Issued by linedesk every month, with a private key whose public half LINE knows (v2.1).
        Jwt = "jwt",
    }
);
wire_enum!(
    /// What a delivery cost: a reply is free, a push is paid.
    DeliveryCost { Free = "free", Paid = "paid", }
);

/// A label on a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Tag {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    pub color: String,
}

/// A conversation as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Summary {
    pub id: ConversationId,
    /// The channel's name, `default` for the one from the configuration.
    pub channel: String,
    /// The LINE chat id: `U…`, `C…` or `R…` + 32 hex.
    pub line_user_id: String,
    pub source_type: SourceType,
    /// Null until LINE told it.
    #[schema(required)]
    pub display_name: Option<String>,
    #[schema(required)]
    pub picture_url: Option<String>,
    pub friend_status: FriendStatus,
    pub chat_mode: ChatMode,
    /// The open session, if any.
    #[schema(required)]
    pub session: Option<Session>,
    #[schema(required)]
    pub last_message: Option<LastMessage>,
    /// Messages of the contact after the newest one that any operator has read.
    #[ts(type = "number")]
    pub unread_count: i64,
    pub tags: Vec<Tag>,
    pub archived: bool,
    /// People in the group or room besides the account, as far as LINE told: what a push costs. Absent for a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    #[schema(nullable = false)]
    pub member_count: Option<i64>,
    /// Until when a reply is expected to be free: the newest unused reply token, for as long as this channel's tokens are
    /// known to work (DL3). Absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub free_until: Option<Timestamp>,
    /// Until when a push surely reaches them: nothing tells that they are a friend, and LINE delivers to others for seven
    /// days after they wrote; it takes later pushes, and delivers nothing. Absent for friends, groups, rooms, and whoever
    /// blocked the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub reach_until: Option<Timestamp>,
}

/// The newest message of a conversation, cut to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct LastMessage {
    pub id: MessageId,
    pub content: String,
    pub message_type: MessageType,
    pub direction: Direction,
    pub created_at: Timestamp,
    pub sender_role: SenderRole,
    pub operator_id: Option<OperatorId>,
    /// When the customer withdrew it; `content` is empty then (WH6).
    pub unsent_at: Option<Timestamp>,
}

/// One hand-over from bot to human.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Session {
    pub id: SessionId,
    pub status: SessionStatus,
    #[schema(required)]
    pub operator_id: Option<OperatorId>,
    #[schema(required)]
    pub operator_name: Option<String>,
    pub started_at: Timestamp,
    #[schema(required)]
    pub claimed_at: Option<Timestamp>,
    #[schema(required)]
    pub closed_at: Option<Timestamp>,
    /// When an operator first answered in it.
    #[schema(required)]
    pub first_response_at: Option<Timestamp>,
    #[schema(required)]
    pub closed_by: Option<ClosedBy>,
    #[ts(type = "number")]
    pub transfer_count: i64,
    /// It began outside business hours and waits for them (SE5).
    pub after_hours: bool,
}

/// Anything in a thread. `content` is kept and shown exactly as it was typed; escaping is the viewer's work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub line_user_id: String,
    #[schema(required)]
    pub session_id: Option<SessionId>,
    pub direction: Direction,
    pub sender_role: SenderRole,
    #[schema(required)]
    pub operator_id: Option<OperatorId>,
    #[schema(required)]
    pub operator_name: Option<String>,
    pub message_type: MessageType,
    /// The text; for other types a plain-text stand-in (a sticker's words, a file's name), possibly empty.
    pub content: String,
    /// What the type needs besides: ids, sizes, coordinates. Null for plain text.
    #[ts(type = "unknown")]
    #[schema(required, value_type = Option<Object>)]
    pub payload: Option<serde_json::Value>,
    #[schema(required)]
    pub quoted_message_id: Option<MessageId>,
    pub created_at: Timestamp,
    /// When the customer withdrew it; `content` and `payload` are erased then (WH6).
    #[schema(required)]
    pub unsent_at: Option<Timestamp>,
    /// Null for what does not go to LINE.
    #[schema(required)]
    pub delivery: Option<Delivery>,
    /// The sender's own id for it, given back so that a client can match it with what it shows already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false, max_length = 100)]
    pub temp_id: Option<String>,
    /// The file behind an image, video, audio or file. Absent where there is none, and once it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub media: Option<Media>,
    /// Who said it in a group or room, where LINE tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub author: Option<Author>,
}

/// A member of a group or room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Author {
    pub line_user_id: String,
    /// Null until LINE told it.
    #[schema(required)]
    pub display_name: Option<String>,
}

/// The file behind a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Media {
    /// `GET /media/{id}` is the file, `GET /media/{id}/preview` the preview of an image or video.
    pub id: String,
    pub state: MediaState,
    /// By its content; null until it is here.
    #[schema(required)]
    pub content_type: Option<String>,
    #[ts(type = "number | null")]
    #[schema(required)]
    pub size_bytes: Option<i64>,
    /// As the sender called it: anybody's text.
    #[schema(required)]
    pub file_name: Option<String>,
    /// In pixels, of an image whose preview could be made.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub width: Option<i64>,
    #[ts(type = "number | null")]
    #[schema(required)]
    pub height: Option<i64>,
    /// Of video and audio.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub duration_ms: Option<i64>,
    pub has_preview: bool,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub code: Option<ErrorCode>,
    /// When the link that the customer got stops working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub link_expires_at: Option<Timestamp>,
}

/// Getting one outgoing message to LINE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Delivery {
    pub state: DeliveryState,
    #[schema(required)]
    pub cost: Option<DeliveryCost>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub code: Option<ErrorCode>,
    /// One sentence for the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub error: Option<String>,
    /// Whether `retry_message` makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub retryable: Option<bool>,
    /// How many paid messages the call that carried it was counted as: one a recipient, however many messages it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    #[schema(nullable = false)]
    pub recipients: Option<i64>,
}
