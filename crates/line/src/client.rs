//! A thin client of the Messaging API: one call, one answer. It never retries, and it tells apart what the delivery
//! machine must know: refused, surely not sent, or in doubt.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::message::{PushRequest, ReplyRequest};

/// Refused by LINE when it is on a reply; on a push the same for every try (LINE doc "Retry failed API requests").
const RETRY_KEY: &str = "x-line-retry-key";
/// LINE's answers are small; more than this is not one.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Where LINE is, and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineClientConfig {
    /// `https://api.line.me`
    pub api_url: String,
    /// `https://api-data.line.me`
    pub data_api_url: String,
    pub connect_timeout: Duration,
    /// For the whole call.
    pub timeout: Duration,
}

impl Default for LineClientConfig {
    fn default() -> Self {
        Self {
            api_url: "https://api.line.me".to_owned(),
            data_api_url: "https://api-data.line.me".to_owned(),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(10),
        }
    }
}

/// A channel access token. It shows itself nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(pub String);

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// How a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection was made: LINE surely did not get the request.
    #[error("no connection to LINE")]
    NotSent(#[source] reqwest::Error),
    /// A timeout or a cut after the request was on its way: LINE may have got it.
    #[error("LINE did not answer")]
    Ambiguous(#[source] reqwest::Error),
    /// LINE answered something that is not an answer; it did get the request.
    #[error("LINE's answer cannot be read")]
    Unreadable { status: u16 },
    /// LINE refused.
    #[error("LINE answered {status}: {message}")]
    Refused { status: u16, message: String, request_id: Option<String> },
    /// The request could not be made: a wrong address or token in the configuration.
    #[error("the request to LINE cannot be made: {0}")]
    Invalid(String),
}

/// An answer and what its headers told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    pub body: T,
    /// `x-line-request-id`, for LINE's support.
    pub request_id: Option<String>,
}

/// What was sent: LINE's ids, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessages {
    #[serde(default)]
    pub sent_messages: Vec<SentMessage>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessage {
    pub id: String,
    #[serde(default)]
    pub quote_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub display_name: String,
    #[serde(default)]
    pub picture_url: Option<String>,
    #[serde(default)]
    pub language: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupSummary {
    #[serde(default)]
    pub group_name: String,
    #[serde(default)]
    pub picture_url: Option<String>,
}

/// `GET /v2/bot/message/quota`: without a `value` the plan is unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct MessageQuota {
    #[serde(default)]
    pub value: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaConsumption {
    pub total_usage: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BotInfo {
    pub user_id: String,
    pub display_name: String,
    #[serde(default)]
    pub chat_mode: String,
    #[serde(default)]
    pub mark_as_read_mode: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WebhookEndpoint {
    pub endpoint: String,
    pub active: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTest {
    pub success: bool,
    #[serde(default)]
    pub status_code: i64,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub detail: String,
}

#[derive(Deserialize)]
struct Empty {}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<ErrorDetail>,
}

#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(default)]
    message: String,
    #[serde(default)]
    property: String,
}

/// A message's binary content.
#[derive(Debug)]
pub enum Content {
    Ready(ContentStream),
    /// 202: LINE still prepares it; ask again later.
    Preparing,
    /// 404 or 410: unknown, or withdrawn.
    Gone,
}

/// Content as it arrives.
#[derive(Debug)]
pub struct ContentStream {
    pub content_type: Option<String>,
    pub length: Option<u64>,
    response: reqwest::Response,
}

impl ContentStream {
    /// The next piece; none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, CallError> {
        self.response.chunk().await.map_err(CallError::Ambiguous)
    }
}

/// The client. Cheap to clone: connections are shared.
#[derive(Clone, Debug)]
pub struct LineClient {
    http: reqwest::Client,
    api: String,
    data: String,
}

impl LineClient {
    pub fn new(config: &LineClientConfig) -> Result<Self, CallError> {
        // Whoever was first to install a provider has installed this one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(config.connect_timeout)
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("linedesk/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| CallError::Invalid(error.to_string()))?;
        let trimmed = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self { http, api: trimmed(&config.api_url), data: trimmed(&config.data_api_url) })
    }

    /// Answers free of charge. Never carries a retry key: LINE refuses it there.
    pub async fn reply(&self, token: &AccessToken, request: &ReplyRequest) -> Result<Answer<SentMessages>, CallError> {
        self.call(token, Method::POST, "/v2/bot/message/reply", Some(request), None).await
    }

    /// Sends at a cost. A 409 means that an earlier try with this key was accepted, and is success (DL4).
    pub async fn push(
        &self,
        token: &AccessToken,
        request: &PushRequest,
        retry_key: &str,
    ) -> Result<Answer<SentMessages>, CallError> {
        self.call(token, Method::POST, "/v2/bot/message/push", Some(request), Some(retry_key)).await
    }

    pub async fn profile(&self, token: &AccessToken, user_id: &str) -> Result<Answer<Profile>, CallError> {
        self.get(token, &format!("/v2/bot/profile/{user_id}")).await
    }

    pub async fn group_member_profile(
        &self,
        token: &AccessToken,
        group_id: &str,
        user_id: &str,
    ) -> Result<Answer<Profile>, CallError> {
        self.get(token, &format!("/v2/bot/group/{group_id}/member/{user_id}")).await
    }

    pub async fn group_summary(&self, token: &AccessToken, group_id: &str) -> Result<Answer<GroupSummary>, CallError> {
        self.get(token, &format!("/v2/bot/group/{group_id}/summary")).await
    }

    pub async fn quota(&self, token: &AccessToken) -> Result<Answer<MessageQuota>, CallError> {
        self.get(token, "/v2/bot/message/quota").await
    }

    pub async fn quota_consumption(&self, token: &AccessToken) -> Result<Answer<QuotaConsumption>, CallError> {
        self.get(token, "/v2/bot/message/quota/consumption").await
    }

    pub async fn bot_info(&self, token: &AccessToken) -> Result<Answer<BotInfo>, CallError> {
        self.get(token, "/v2/bot/info").await
    }

    /// Shows the loading animation: 5 to 60 seconds in steps of 5, in 1:1 chats only.
    pub async fn loading_start(&self, token: &AccessToken, chat_id: &str, seconds: u8) -> Result<(), CallError> {
        let body = serde_json::json!({"chatId": chat_id, "loadingSeconds": seconds});
        self.call::<_, Empty>(token, Method::POST, "/v2/bot/chat/loading/start", Some(&body), None).await.map(drop)
    }

    /// Marks the message and all before it as read; needs Chat = On.
    pub async fn mark_as_read(&self, token: &AccessToken, mark_as_read_token: &str) -> Result<(), CallError> {
        let body = serde_json::json!({"markAsReadToken": mark_as_read_token});
        self.call::<_, Empty>(token, Method::POST, "/v2/bot/chat/markAsRead", Some(&body), None).await.map(drop)
    }

    pub async fn webhook_endpoint(&self, token: &AccessToken) -> Result<Answer<WebhookEndpoint>, CallError> {
        self.get(token, "/v2/bot/channel/webhook/endpoint").await
    }

    pub async fn set_webhook_endpoint(&self, token: &AccessToken, endpoint: &str) -> Result<(), CallError> {
        let body = serde_json::json!({"endpoint": endpoint});
        self.call::<_, Empty>(token, Method::PUT, "/v2/bot/channel/webhook/endpoint", Some(&body), None).await.map(drop)
    }

    pub async fn test_webhook_endpoint(&self, token: &AccessToken) -> Result<Answer<WebhookTest>, CallError> {
        self.call(token, Method::POST, "/v2/bot/channel/webhook/test", Some(&serde_json::json!({})), None).await
    }

    /// A message's binary content, from the data host.
    pub async fn content(&self, token: &AccessToken, message_id: &str) -> Result<Content, CallError> {
        let url = format!("{}/v2/bot/message/{message_id}/content", self.data);
        let response = self.http.get(url).header(AUTHORIZATION, bearer(token)?).send().await.map_err(failed)?;
        match response.status().as_u16() {
            200 => Ok(Content::Ready(ContentStream {
                content_type: header(&response, CONTENT_TYPE.as_str()),
                length: response.content_length(),
                response,
            })),
            202 => Ok(Content::Preparing),
            404 | 410 => Ok(Content::Gone),
            _ => Err(refused(response).await),
        }
    }

    async fn get<T: DeserializeOwned>(&self, token: &AccessToken, path: &str) -> Result<Answer<T>, CallError> {
        self.call::<(), T>(token, Method::GET, path, None, None).await
    }

    async fn call<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        token: &AccessToken,
        method: Method,
        path: &str,
        body: Option<&B>,
        retry_key: Option<&str>,
    ) -> Result<Answer<T>, CallError> {
        let url = format!("{}{path}", self.api);
        let mut request = self.http.request(method, url).header(AUTHORIZATION, bearer(token)?);
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(key) = retry_key {
            request = request.header(RETRY_KEY, key);
        }
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let accepted_before = retry_key.is_some() && status == StatusCode::CONFLICT;
        if !status.is_success() && !accepted_before {
            return Err(refused(response).await);
        }
        let request_id = header(&response, "x-line-request-id");
        let unreadable = || CallError::Unreadable { status: status.as_u16() };
        let bytes = bounded_body(response).await.ok_or_else(unreadable)?;
        let body = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
        Ok(Answer { body, request_id })
    }
}

fn bearer(token: &AccessToken) -> Result<HeaderValue, CallError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.0)).map_err(|_| {
        CallError::Invalid("the channel access token has characters that a header cannot carry".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn failed(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    if error.is_builder() {
        CallError::Invalid(error.to_string())
    } else if error.is_connect() {
        CallError::NotSent(error)
    } else {
        CallError::Ambiguous(error)
    }
}

fn header(response: &reqwest::Response, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

async fn bounded_body(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

async fn refused(response: reqwest::Response) -> CallError {
    let status = response.status().as_u16();
    let request_id = header(&response, "x-line-request-id");
    let body = bounded_body(response).await.unwrap_or_default();
    let message = match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(error) => {
            let details = error.details.iter().map(|detail| format!("{}: {}", detail.property, detail.message));
            std::iter::once(error.message.clone()).chain(details).collect::<Vec<_>>().join("; ")
        }
        Err(_) => "an answer that is not LINE's".to_owned(),
    };
    let message = message.chars().take(500).collect();
    CallError::Refused { status, message, request_id }
}
