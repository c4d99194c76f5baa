//! A thin client of the Messaging API: one call, one answer.
//!
//! INVARIANT: it never repeats a request by itself and follows no redirect, so what the caller counts is what LINE got.
//! It tells apart what the delivery machine must know: surely not sent, in doubt, refused (see [`CallError`]).
//!
//! Everything is bounded: connecting, the whole call, the size of an answer, idle connections. Addresses and tokens are
//! in no error and no `Debug` text.
//!
//! Deliberately absent: retries, rate limits, and checks of what is sent ([`crate::message::validate`]).

mod answer;
mod content;
mod error;
mod transport;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::json;

pub use self::answer::{
    Answer, BotInfo, GroupSummary, IssuedToken, MemberCount, MessageQuota, Profile, PushOutcome, QuotaConsumption,
    SentMessage, SentMessages, WebhookEndpoint, WebhookTest,
};
pub use self::content::{Content, ContentError, ContentStream};
pub use self::error::{BoxError, CallError, Doubt, ErrorDetail};
use self::transport::Transport;
use crate::message::{OutgoingMessage, PushRequest, ReplyRequest};

/// Where LINE is, and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineClientConfig {
    /// `https://api.line.me`
    pub api_url: String,
    /// `https://api-data.line.me`
    pub data_api_url: String,
    /// For name lookup, TCP and TLS together.
    pub connect_timeout: Duration,
    /// For a whole call. While content is streamed: for each wait.
    pub timeout: Duration,
    /// For streaming one message's content.
    pub content_timeout: Duration,
    /// Of one message's content; more is an error. LINE documents no such limit.
    pub content_max_bytes: u64,
}

impl Default for LineClientConfig {
    fn default() -> Self {
        Self {
            api_url: "https://api.line.me".to_owned(),
            data_api_url: "https://api-data.line.me".to_owned(),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(10),
            content_timeout: Duration::from_secs(600),
            content_max_bytes: 1024 * 1024 * 1024,
        }
    }
}

/// A channel access token. It shows itself nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(pub String);

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// The client. Cheap to clone: connections are shared.
///
/// Each call takes the token of the channel that it is for. All of them fail with a [`CallError`].
#[derive(Clone)]
pub struct LineClient {
    transport: Transport,
}

impl fmt::Debug for LineClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineClient(..)")
    }
}

impl LineClient {
    /// Fails with [`CallError::Invalid`] where an address is no URL or TLS cannot be set up.
    pub fn new(config: &LineClientConfig) -> Result<Self, CallError> {
        Ok(Self { transport: Transport::new(config)? })
    }

    /// Answers free of charge. Never carries a retry key: LINE refuses it there (LINE doc "Retry failed API requests").
    pub async fn reply(&self, token: &AccessToken, request: &ReplyRequest) -> Result<Answer<SentMessages>, CallError> {
        self.transport.send(token, Method::POST, &["v2", "bot", "message", "reply"], Some(request)).await
    }

    /// Sends at a cost, per recipient. The retry key is a UUID, the same for every try of the same request within 24 h;
    /// a key that was accepted before is [`PushOutcome::AlreadyAccepted`] (DL4).
    ///
    /// A 200 does not mean that it was delivered: whoever blocked the account gets nothing (LINE doc).
    pub async fn push(
        &self,
        token: &AccessToken,
        request: &PushRequest,
        retry_key: &str,
    ) -> Result<Answer<PushOutcome>, CallError> {
        self.transport.push(token, request, retry_key).await
    }

    /// Asks LINE whether it would take these messages in a push, without sending them; a refusal tells what is wrong.
    pub async fn validate_push(&self, token: &AccessToken, messages: &[OutgoingMessage]) -> Result<(), CallError> {
        let body = json!({"messages": messages});
        self.transport.command(token, Method::POST, &["v2", "bot", "message", "validate", "push"], &body).await
    }

    /// Issues a stateless channel access token: good for 15 minutes, and never to be revoked.
    pub async fn issue_stateless_token(
        &self,
        channel_id: &str,
        channel_secret: &str,
    ) -> Result<Answer<IssuedToken>, CallError> {
        let form = [("grant_type", "client_credentials"), ("client_id", channel_id), ("client_secret", channel_secret)];
        self.transport.form(&["oauth2", "v3", "token"], &form).await
    }

    /// Issues a channel access token v2.1: good for as long as the assertion says, and counted by LINE.
    pub async fn issue_token_by_assertion(&self, assertion: &str) -> Result<Answer<IssuedToken>, CallError> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        self.transport.form(&["oauth2", "v2.1", "token"], &form).await
    }

    /// Of a friend, or of someone who wrote; 404 for whoever blocked the account.
    pub async fn profile(&self, token: &AccessToken, user_id: &str) -> Result<Answer<Profile>, CallError> {
        self.transport.get(token, &["v2", "bot", "profile", user_id]).await
    }

    pub async fn group_member_profile(
        &self,
        token: &AccessToken,
        group_id: &str,
        user_id: &str,
    ) -> Result<Answer<Profile>, CallError> {
        self.transport.get(token, &["v2", "bot", "group", group_id, "member", user_id]).await
    }

    pub async fn room_member_profile(
        &self,
        token: &AccessToken,
        room_id: &str,
        user_id: &str,
    ) -> Result<Answer<Profile>, CallError> {
        self.transport.get(token, &["v2", "bot", "room", room_id, "member", user_id]).await
    }

    pub async fn group_summary(&self, token: &AccessToken, group_id: &str) -> Result<Answer<GroupSummary>, CallError> {
        self.transport.get(token, &["v2", "bot", "group", group_id, "summary"]).await
    }

    /// How many people are in a group, besides the account.
    pub async fn group_member_count(
        &self,
        token: &AccessToken,
        group_id: &str,
    ) -> Result<Answer<MemberCount>, CallError> {
        self.transport.get(token, &["v2", "bot", "group", group_id, "members", "count"]).await
    }

    /// How many people are in a room, besides the account.
    pub async fn room_member_count(
        &self,
        token: &AccessToken,
        room_id: &str,
    ) -> Result<Answer<MemberCount>, CallError> {
        self.transport.get(token, &["v2", "bot", "room", room_id, "members", "count"]).await
    }

    /// How many messages may be paid for this month.
    pub async fn quota(&self, token: &AccessToken) -> Result<Answer<MessageQuota>, CallError> {
        self.transport.get(token, &["v2", "bot", "message", "quota"]).await
    }

    /// How many were; approximate (LINE doc).
    pub async fn quota_consumption(&self, token: &AccessToken) -> Result<Answer<QuotaConsumption>, CallError> {
        self.transport.get(token, &["v2", "bot", "message", "quota", "consumption"]).await
    }

    pub async fn bot_info(&self, token: &AccessToken) -> Result<Answer<BotInfo>, CallError> {
        self.transport.get(token, &["v2", "bot", "info"]).await
    }

    /// Shows the loading animation until the next message, in 1:1 chats only. LINE takes 5 to 60 seconds in steps of 5;
    /// what lies between goes up to the next step.
    pub async fn loading_start(&self, token: &AccessToken, chat_id: &str, seconds: u8) -> Result<(), CallError> {
        let seconds = seconds.clamp(5, 60).next_multiple_of(5);
        let body = json!({"chatId": chat_id, "loadingSeconds": seconds});
        self.transport.command(token, Method::POST, &["v2", "bot", "chat", "loading", "start"], &body).await
    }

    /// Marks the message and all before it as read; the token is the webhook's. Needs Chat = On.
    pub async fn mark_as_read(&self, token: &AccessToken, mark_as_read_token: &str) -> Result<(), CallError> {
        let body = json!({"markAsReadToken": mark_as_read_token});
        self.transport.command(token, Method::POST, &["v2", "bot", "chat", "markAsRead"], &body).await
    }

    pub async fn webhook_endpoint(&self, token: &AccessToken) -> Result<Answer<WebhookEndpoint>, CallError> {
        self.transport.get(token, &["v2", "bot", "channel", "webhook", "endpoint"]).await
    }

    pub async fn set_webhook_endpoint(&self, token: &AccessToken, endpoint: &str) -> Result<(), CallError> {
        let body = json!({"endpoint": endpoint});
        self.transport.command(token, Method::PUT, &["v2", "bot", "channel", "webhook", "endpoint"], &body).await
    }

    /// Has LINE call the endpoint that is set, and tells how that went.
    pub async fn test_webhook_endpoint(&self, token: &AccessToken) -> Result<Answer<WebhookTest>, CallError> {
        self.transport.send(token, Method::POST, &["v2", "bot", "channel", "webhook", "test"], Some(&json!({}))).await
    }

    /// A contact's picture, at the address that LINE gave: public, so no token goes there. At most 1 MiB.
    pub async fn picture(&self, url: &str) -> Result<Bytes, CallError> {
        self.transport.public_file(url).await
    }

    /// The file behind a message, from the data host. LINE does not promise to keep it: fetch it at once.
    pub async fn content(&self, token: &AccessToken, message_id: &str) -> Result<Content, CallError> {
        self.transport.content(token, &["v2", "bot", "message", message_id, "content"]).await
    }

    /// LINE's preview of a message's image or video, a smaller picture.
    pub async fn content_preview(&self, token: &AccessToken, message_id: &str) -> Result<Content, CallError> {
        self.transport.content(token, &["v2", "bot", "message", message_id, "content", "preview"]).await
    }
}
