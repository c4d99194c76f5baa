//! REST requests and answers (AU, RE). Paths are in docs/PROTOCOL.md and in the generated `openapi.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::FieldError;
use crate::id::{ConversationId, MessageId, OperatorId, Seq};
use crate::model::{ChatMode, FriendStatus, Message, OperatorStatus, Role, Session, Summary, TokenKind};
use crate::time::Timestamp;

/// `POST /auth/login` (AU1).
#[derive(Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct LoginRequest {
    pub username: String,
    #[schema(format = Password)]
    pub password: String,
}

/// `POST /auth/password`: also ends every other sign-in of the operator.
#[derive(Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChangePasswordRequest {
    #[schema(format = Password)]
    pub current_password: String,
    #[schema(format = Password, min_length = 8, max_length = 128)]
    pub new_password: String,
}

/// The answer to `login` and `refresh`; the refresh token travels in an `HttpOnly` cookie beside it.
#[derive(Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct TokenAnswer {
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    #[ts(type = "number")]
    pub expires_in: i64,
    pub user: User,
}

/// The operator who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct User {
    pub id: OperatorId,
    pub username: String,
    pub display_name: String,
    pub role: Role,
}

/// `GET /admin/live-chat/conversations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ConversationList {
    /// Newest activity first.
    pub conversations: Vec<Summary>,
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How many match the filter.
    #[ts(type = "number")]
    pub total: i64,
    #[ts(type = "number")]
    pub waiting_count: i64,
    #[ts(type = "number")]
    pub active_count: i64,
    pub counts: ListCounts,
    /// The feed's place at which this list was true: `resume_after` for a socket that follows it.
    pub seq: Seq,
}

/// How many conversations each list has without `q` and `tag`, at the page's instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ListCounts {
    #[ts(type = "number")]
    pub all: i64,
    #[ts(type = "number")]
    pub waiting: i64,
    #[ts(type = "number")]
    pub active: i64,
    /// The caller's own.
    #[ts(type = "number")]
    pub mine: i64,
    #[ts(type = "number")]
    pub bot: i64,
    #[ts(type = "number")]
    pub closed: i64,
}

impl ListCounts {
    pub fn of(&self, status: ListStatus) -> i64 {
        match status {
            ListStatus::All => self.all,
            ListStatus::Waiting => self.waiting,
            ListStatus::Active => self.active,
            ListStatus::Mine => self.mine,
            ListStatus::Bot => self.bot,
            ListStatus::Closed => self.closed,
        }
    }
}

/// `GET …/{key}/contact`: what is known of a contact besides the summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ContactCard {
    /// BCP 47, as LINE tells it; of some users only.
    #[schema(required)]
    pub language: Option<String>,
    /// When the desk first heard of the contact.
    pub first_seen_at: Timestamp,
    /// When LINE was last asked for name and picture; null before it answered.
    #[schema(required)]
    pub profile_fetched_at: Option<Timestamp>,
    /// The same LINE user in other channels of this desk, the latest activity first, at most 20: LINE gives a person one id
    /// for all channels of a provider.
    pub elsewhere: Vec<Elsewhere>,
    #[ts(type = "number")]
    pub session_count: i64,
    /// Newest first, at most 20.
    pub sessions: Vec<Session>,
    #[ts(type = "number")]
    pub note_count: i64,
    /// Newest first, at most 20.
    pub notes: Vec<Message>,
}

/// A conversation with the same person in another channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Elsewhere {
    pub conversation_id: ConversationId,
    pub channel: String,
    pub friend_status: FriendStatus,
    pub last_activity_at: Timestamp,
    /// A session is open there.
    pub is_open: bool,
}

/// Which conversations a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListStatus {
    #[default]
    All,
    Waiting,
    Active,
    /// Active and the caller's own.
    Mine,
    /// No session is open.
    Bot,
    /// No session is open, and there was one.
    Closed,
}

/// `POST /admin/live-chat/conversations`.
#[derive(Clone, Debug, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct StartConversation {
    #[schema(pattern = "^[UCR][0-9A-Fa-f]{32}$")]
    pub line_user_id: String,
    #[serde(default)]
    #[ts(optional)]
    #[schema(min_length = 1, max_length = 5000)]
    pub initial_message: Option<String>,
    /// As in [`SendMessage`]: the same again sends the first message only once.
    #[serde(default)]
    #[ts(optional)]
    #[schema(min_length = 1, max_length = 100)]
    pub temp_id: Option<String>,
    /// The channel's name; `default` without it.
    #[serde(default)]
    #[ts(optional)]
    pub channel: Option<String>,
}

/// `GET …/{key}`: the summary with the latest messages, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ConversationDetail {
    #[serde(flatten)]
    pub summary: Summary,
    pub messages: Vec<Message>,
}

/// `GET …/{key}/messages`: oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    pub has_more_before: bool,
    pub has_more_after: bool,
}

/// `POST …/{key}/messages`, and `send_message` on the socket: exactly one of `text` and `line_message`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(try_from = "SendFields")]
pub struct SendMessage {
    /// Sent exactly as given, 1 to 5000 UTF-16 code units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(min_length = 1, max_length = 5000)]
    pub text: Option<String>,
    /// Instead of `text`: a message object as the Messaging API takes it (LINE OpenAPI `Message`): `sticker`, `location`,
    /// `flex`, `template`, `imagemap`, `textV2` with mentions, `text` with `quickReply` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "{ type: string, [field: string]: unknown }")]
    #[schema(value_type = Option<Object>)]
    pub line_message: Option<serde_json::Value>,
    /// The sender's own id, ≤ 100 characters: the same again answers the same message and sends nothing twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(min_length = 1, max_length = 100)]
    pub temp_id: Option<String>,
    /// A message of the same conversation that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quote_message_id: Option<MessageId>,
}

/// [`SendMessage`] before its fields are looked at together.
#[derive(Deserialize)]
struct SendFields {
    text: Option<String>,
    line_message: Option<serde_json::Value>,
    temp_id: Option<String>,
    quote_message_id: Option<MessageId>,
}

impl TryFrom<SendFields> for SendMessage {
    type Error = &'static str;

    fn try_from(fields: SendFields) -> Result<Self, Self::Error> {
        let SendFields { text, line_message, temp_id, quote_message_id } = fields;
        match (&text, &line_message) {
            // As serde says it of a field that must be there.
            (None, None) => Err("missing field `text`"),
            (Some(_), Some(_)) => Err("give one of text and line_message"),
            _ => Ok(Self { text, line_message, temp_id, quote_message_id }),
        }
    }
}

/// `POST /admin/live-chat/messages/validate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ValidateMessage {
    /// As in [`SendMessage`].
    #[ts(type = "{ type: string, [field: string]: unknown }")]
    #[schema(value_type = Object)]
    pub line_message: serde_json::Value,
}

/// What would be wrong about a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct MessageCheck {
    /// LINE would take it.
    pub valid: bool,
    pub problems: Vec<FieldError>,
}

/// `POST …/{key}/notes`: never sent to LINE.
#[derive(Clone, Debug, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct WriteNote {
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
    /// As in [`SendMessage`]: the same again writes no second note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(min_length = 1, max_length = 100)]
    pub temp_id: Option<String>,
}

/// `POST …/{key}/transfer`, and `transfer_session` on the socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct TransferSession {
    pub to_operator_id: OperatorId,
    /// ≤ 255 characters, kept with the hop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 255)]
    pub reason: Option<String>,
}

/// `POST …/{key}/mode`: HUMAN opens a session of the caller's, BOT closes the open one.
#[derive(Clone, Debug, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct SetMode {
    pub mode: ChatMode,
}

/// `POST …/{key}/read`, and `mark_read` on the socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct MarkRead {
    pub message_id: MessageId,
}

/// `GET …/{key}/members`: who is known to be in a group or room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct MemberList {
    /// By name. Those who spoke or joined: LINE lists nobody.
    pub members: Vec<Member>,
    /// As LINE counts, without the account; null until it told.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub member_count: Option<i64>,
}

/// Somebody in a group or room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Member {
    pub line_user_id: String,
    #[schema(required)]
    pub display_name: Option<String>,
    /// They left.
    pub has_left: bool,
}

/// `GET /admin/usage`: what messages cost, by channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Usage {
    /// `YYYY-MM`, in the business time zone.
    pub month: String,
    pub channels: Vec<ChannelUsage>,
}

/// One channel's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChannelUsage {
    pub channel: String,
    /// As LINE tells it now; of the current month only.
    #[schema(required)]
    pub quota: Option<QuotaState>,
    /// What linedesk booked: every call that LINE accepted.
    pub booked: Booked,
    /// The days of the month so far, all of them.
    pub days: Vec<DayUsage>,
}

/// Accepted calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Booked {
    /// Calls by reply.
    #[ts(type = "number")]
    pub free_calls: i64,
    /// Messages in them.
    #[ts(type = "number")]
    pub free_messages: i64,
    /// Calls by push.
    #[ts(type = "number")]
    pub paid_calls: i64,
    #[ts(type = "number")]
    pub paid_messages: i64,
    /// What LINE counts against the quota: one a recipient of a push.
    #[ts(type = "number")]
    pub paid_recipients: i64,
}

/// One day of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct DayUsage {
    /// `YYYY-MM-DD`
    pub day: String,
    pub booked: Booked,
}

/// A channel's paid messages this month. Also the payload of `quota_update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct QuotaState {
    pub channel: String,
    /// Paid messages a month; null without a limit.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub limit: Option<i64>,
    /// LINE's own count, with what was booked since it was asked.
    #[ts(type = "number")]
    pub used: i64,
    /// Null without a limit.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub left: Option<i64>,
    /// The last so many are kept for people's messages.
    #[ts(type = "number")]
    pub reserve: i64,
    /// What `used` will be at the month's end if it goes on so; null in the month's first day.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub forecast: Option<i64>,
    pub level: QuotaLevel,
    /// When LINE was asked.
    pub checked_at: Timestamp,
}

/// How much is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum QuotaLevel {
    /// Enough, or no limit.
    Ok,
    /// Under a fifth is left.
    Low,
    /// Only the reserve is left: automatic messages are held.
    Reserve,
    /// Nothing: only free replies go out.
    Spent,
}

/// `GET /admin/channels`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChannelList {
    pub channels: Vec<ChannelState>,
}

/// A channel, without its secrets.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own on the wire")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChannelState {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    /// Off: LINE's webhooks are refused, and LINE is not called.
    pub is_active: bool,
    pub token_kind: TokenKind,
    #[schema(required)]
    pub line_channel_id: Option<String>,
    /// What LINE is to call: to be entered in its console. A path where the desk has no public address.
    pub webhook_url: String,
    pub has_secret: bool,
    pub has_access_token: bool,
    pub has_assertion_key: bool,
    /// The configuration sets its secrets anew at every start.
    pub is_configured: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// As LINE tells it, after a change; null where it was not asked.
    #[schema(required)]
    pub account: Option<LineAccount>,
    /// What LINE says against it, after a change: it is kept all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub warning: Option<String>,
    /// Webhooks that were refused since the last change, because they are for another LINE account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(nullable = false)]
    pub misdirected: Option<Misdirected>,
}

/// Webhooks that were signed with a channel's secret and were for another LINE account: the secret is that account's, the
/// access token is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Misdirected {
    /// The user id of the account that the latest was for (`destination`).
    pub destination: String,
    pub at: Timestamp,
}

/// `POST /admin/doctor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct AskDoctor {
    /// Let LINE call the webhook.
    pub test: bool,
}

/// What an installation needs, piece by piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Findings {
    pub findings: Vec<Finding>,
    pub checked_at: Timestamp,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Finding {
    pub level: FindingLevel,
    /// What was found, in a word that a program can act on, such as `webhook_off`.
    pub code: String,
    /// The channel's name, where it is about one.
    #[schema(required)]
    pub channel: Option<String>,
    /// What the sentence has in it, by name.
    pub values: BTreeMap<String, String>,
    /// In English.
    pub found: String,
    /// What to do, and where, in English.
    #[schema(required)]
    pub todo: Option<String>,
}

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    Ok,
    /// It works, and could surprise.
    Warning,
    Wrong,
}

/// A LINE Official Account, as LINE tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct LineAccount {
    pub display_name: String,
    /// Such as `@123abcde`.
    pub basic_id: String,
}

/// `POST /admin/channels`, and without `name` `POST /admin/channels/{id}`: what is left out stays as it is.
#[derive(Clone, Default, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChannelWish {
    /// 1 to 40 of `a-z`, `0-9`, `-`, `_`; in the webhook's address, and never changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(pattern = "^[a-z0-9_-]{1,40}$")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = Password)]
    pub channel_secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = Password)]
    pub access_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub token_kind: Option<TokenKind>,
    /// LINE's id of the channel, digits: for `stateless` and `jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(pattern = "^[0-9]{1,20}$")]
    pub line_channel_id: Option<String>,
    /// The private key as a JSON Web Key, with the `kid` that LINE showed: for `jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = Password)]
    pub assertion_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub is_active: Option<bool>,
}

/// `GET /admin/live-chat/operators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct OperatorList {
    pub operators: Vec<OperatorEntry>,
}

/// An active operator, as those who transfer to them see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct OperatorEntry {
    pub id: OperatorId,
    pub display_name: String,
    pub role: Role,
    pub status: OperatorStatus,
    /// ACTIVE sessions that are theirs.
    #[ts(type = "number")]
    pub active_chats: i64,
}

/// `GET /admin/live-chat/messages/search`: newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct SearchAnswer {
    pub items: Vec<SearchHit>,
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A message that was found, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct SearchHit {
    pub message: Message,
    pub conversation: Summary,
}
