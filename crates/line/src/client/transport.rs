//! Requests and answers, below what they mean.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, PushOutcome, SentMessages};
use super::content::{Content, ContentStream};
use super::error::{CallError, Doubt};
use super::{AccessToken, LineClientConfig};
use crate::message::PushRequest;

/// Refused by LINE when it is on a reply; on a push the same for every try (LINE doc "Retry failed API requests").
const RETRY_KEY: &str = "x-line-retry-key";
const REQUEST_ID: &str = "x-line-request-id";
const ACCEPTED_REQUEST_ID: &str = "x-line-accepted-request-id";
/// LINE's answers are small; more than this is not one.
const ANSWER_BYTES: usize = 1024 * 1024;
/// LINE may close an idle connection just as a request goes out on it, and then nobody knows whether it arrived. Closing
/// first keeps that rare.
const IDLE: Duration = Duration::from_secs(15);
const IDLE_PER_HOST: usize = 32;

/// An answer in which nothing is of interest.
#[derive(Deserialize)]
struct Ignored {}

#[derive(Clone)]
pub(super) struct Transport {
    http: Client,
    api: Url,
    data: Url,
    timeout: Duration,
    content_timeout: Duration,
    content_max_bytes: u64,
}

impl Transport {
    pub(super) fn new(config: &LineClientConfig) -> Result<Self, CallError> {
        // It fails where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (api, data) = (base("API", &config.api_url)?, base("data API", &config.data_api_url)?);
        let mut builder = Client::builder()
            .connect_timeout(config.connect_timeout)
            .read_timeout(config.timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("linedesk/", env!("CARGO_PKG_VERSION")));
        if api.scheme() == "http" && data.scheme() == "http" {
            // A simulator: no certificates are needed, and on a bare machine there are none to load.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| CallError::Invalid(with_sources(&error)))?;
        Ok(Self {
            http,
            api,
            data,
            timeout: config.timeout,
            content_timeout: config.content_timeout,
            content_max_bytes: config.content_max_bytes,
        })
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        token: &AccessToken,
        path: &[&str],
    ) -> Result<Answer<T>, CallError> {
        self.send::<(), T>(token, Method::GET, path, None).await
    }

    pub(super) async fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        token: &AccessToken,
        method: Method,
        path: &[&str],
        body: Option<&B>,
    ) -> Result<Answer<T>, CallError> {
        let request = self.request(token, method, path, body)?;
        let response = request.send().await.map_err(CallError::from_transport)?;
        if response.status().is_success() { accepted(response).await } else { Err(refused(response).await) }
    }

    /// A form without a token: it asks for one.
    pub(super) async fn form<T: DeserializeOwned>(
        &self,
        path: &[&str],
        fields: &[(&str, &str)],
    ) -> Result<Answer<T>, CallError> {
        let mut encoded = self.api.clone();
        encoded.query_pairs_mut().clear().extend_pairs(fields);
        let body = encoded.query().unwrap_or_default().to_owned();
        let request = self.http.post(with_path(&self.api, path)?).timeout(self.timeout);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let response = request.send().await.map_err(CallError::from_transport)?;
        if response.status().is_success() { accepted(response).await } else { Err(refused(response).await) }
    }

    /// A request whose answer has nothing to tell: LINE sends an empty object, or nothing (LINE OpenAPI).
    pub(super) async fn command(
        &self,
        token: &AccessToken,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<(), CallError> {
        let request = self.request(token, method, path, Some(body))?;
        let response = request.send().await.map_err(CallError::from_transport)?;
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        let status = response.status().as_u16();
        match bounded_body(response).await {
            Some(body) if body.is_empty() || object::<Ignored>(&body).is_some() => Ok(()),
            _ => Err(CallError::Ambiguous(Doubt::AnswerUnreadable { status })),
        }
    }

    pub(super) async fn push(
        &self,
        token: &AccessToken,
        request: &PushRequest,
        retry_key: &str,
    ) -> Result<Answer<PushOutcome>, CallError> {
        if !is_uuid(retry_key) {
            return Err(CallError::Invalid("the retry key is not a UUID".to_owned()));
        }
        let path = ["v2", "bot", "message", "push"];
        let request = self.request(token, Method::POST, &path, Some(request))?.header(RETRY_KEY, retry_key);
        let response = request.send().await.map_err(CallError::from_transport)?;
        if response.status() == StatusCode::CONFLICT {
            let answer = headers(&response);
            let body = bounded_body(response).await.unwrap_or_default();
            // The status alone says it all.
            let SentMessages { sent_messages } = object(&body).unwrap_or_default();
            return Ok(answer.map(|()| PushOutcome::AlreadyAccepted { sent_messages }));
        }
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        let answer: Answer<SentMessages> = accepted(response).await?;
        Ok(answer.map(|SentMessages { sent_messages }| PushOutcome::Accepted { sent_messages }))
    }

    pub(super) async fn content(&self, token: &AccessToken, path: &[&str]) -> Result<Content, CallError> {
        let request = self.http.get(with_path(&self.data, path)?).header(AUTHORIZATION, bearer(token)?);
        let response = request.timeout(self.content_timeout).send().await.map_err(CallError::from_transport)?;
        match response.status() {
            StatusCode::OK => Ok(Content::Ready(ContentStream {
                content_type: header(&response, CONTENT_TYPE.as_str()),
                length: response.content_length(),
                request_id: header(&response, REQUEST_ID),
                response,
                max_bytes: self.content_max_bytes,
                received: 0,
            })),
            StatusCode::ACCEPTED => Ok(Content::Preparing),
            StatusCode::NOT_FOUND => Ok(Content::NotFound),
            StatusCode::GONE => Ok(Content::Unsent),
            _ => Err(refused(response).await),
        }
    }

    pub(super) async fn public_file(&self, url: &str) -> Result<Bytes, CallError> {
        let url = Url::parse(url).map_err(|_| CallError::Invalid("a file's address is no URL".to_owned()))?;
        let response = self.http.get(url).timeout(self.timeout).send().await.map_err(CallError::from_transport)?;
        let status = response.status();
        if !status.is_success() {
            // Its body is nobody's answer.
            return Err(CallError::refused(status.as_u16(), None, &[]));
        }
        let body = bounded_body(response).await;
        body.map(Bytes::from).ok_or(CallError::Ambiguous(Doubt::AnswerUnreadable { status: status.as_u16() }))
    }

    fn request<B: Serialize>(
        &self,
        token: &AccessToken,
        method: Method,
        path: &[&str],
        body: Option<&B>,
    ) -> Result<RequestBuilder, CallError> {
        let request = self.http.request(method, with_path(&self.api, path)?).timeout(self.timeout);
        let request = request.header(AUTHORIZATION, bearer(token)?);
        Ok(match body {
            Some(body) => request.json(body),
            None => request,
        })
    }
}

fn base(which: &str, url: &str) -> Result<Url, CallError> {
    match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain(&url) => Ok(url),
        _ => Err(CallError::Invalid(format!("the {which} address is not a plain http or https URL"))),
    }
}

/// A name and password would become a second `Authorization`, and a query would end up behind every path.
fn is_plain(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none()
}

/// Ids come from outside, so each is one segment whatever it holds. Nothing and dots cannot be one, and of line breaks
/// and tabs a URL keeps nothing: the path would be that of another call or id.
fn with_path(base: &Url, path: &[&str]) -> Result<Url, CallError> {
    let is_odd = |id: &str| matches!(id, "" | "." | "..") || id.bytes().any(|byte| byte.is_ascii_control());
    if path.iter().any(|segment| is_odd(segment)) {
        return Err(CallError::Invalid("an id is empty, dots, or has control characters".to_owned()));
    }
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    Ok(url)
}

fn bearer(token: &AccessToken) -> Result<HeaderValue, CallError> {
    let AccessToken(text) = token;
    let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    let value = is_token.then(|| HeaderValue::from_str(&format!("Bearer {text}")).ok()).flatten();
    let mut value = value
        .ok_or_else(|| CallError::Invalid("the channel access token is empty or has odd characters".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The form LINE asks for: hexadecimal with hyphens (LINE OpenAPI).
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn headers(response: &Response) -> Answer<()> {
    Answer {
        body: (),
        request_id: header(response, REQUEST_ID),
        accepted_request_id: header(response, ACCEPTED_REQUEST_ID),
    }
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

async fn accepted<T: DeserializeOwned>(response: Response) -> Result<Answer<T>, CallError> {
    let status = response.status().as_u16();
    let unreadable = || CallError::Ambiguous(Doubt::AnswerUnreadable { status });
    let answer = headers(&response);
    let body = bounded_body(response).await.ok_or_else(unreadable)?;
    let body = object(&body).ok_or_else(unreadable)?;
    Ok(answer.map(|()| body))
}

/// All of LINE's answers are objects. Serde would also read an array as a struct.
fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    if body.trim_ascii_start().starts_with(b"{") { serde_json::from_slice(body).ok() } else { None }
}

async fn refused(response: Response) -> CallError {
    let status = response.status().as_u16();
    let request_id = header(&response, REQUEST_ID);
    // The status stands, even where the rest does not arrive.
    CallError::refused(status, request_id, &bounded_body(response).await.unwrap_or_default())
}

/// None where it is cut or too long.
async fn bounded_body(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(segment: &str) -> String {
        let mut bytes = segment.bytes();
        let mut decoded = Vec::new();
        while let Some(byte) = bytes.next() {
            decoded.push(if byte == b'%' {
                let hex = String::from_utf8(bytes.by_ref().take(2).collect()).unwrap();
                u8::from_str_radix(&hex, 16).unwrap()
            } else {
                byte
            });
        }
        String::from_utf8(decoded).unwrap()
    }

    proptest! {
        #[test]
        fn an_id_arrives_as_it_is_or_not_at_all(
            id in prop_oneof![any::<String>(), "[./%2eE\\\\?#;: \t\n]{0,6}", ".{0,3}"],
            at in "http://127[.]0[.]0[.]1(:8080)?(/|/line|/line/)?",
        ) {
            let base = Url::parse(&at).unwrap();
            if let Ok(url) = with_path(&base, &["v2", "bot", &id, "content"]) {
                let segments: Vec<_> = url.path_segments().unwrap().rev().take(4).map(decoded).collect();
                prop_assert_eq!(segments, ["content", &id, "bot", "v2"]);
                prop_assert_eq!((url.query(), url.fragment(), url.host_str()), (None, None, Some("127.0.0.1")));
            }
        }
    }
}
