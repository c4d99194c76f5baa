//! The file behind a message, as it arrives.

use bytes::Bytes;
use futures_util::Stream;

use super::error::BoxError;

/// What LINE says about a message's content (LINE doc "Get content").
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once a download, and mostly the large one")]
pub enum Content {
    Ready(ContentStream),
    /// 202: LINE still prepares it; ask again later.
    Preparing,
    /// 404: there is none, or no more.
    NotFound,
    /// 410: the user withdrew the message.
    Unsent,
}

/// Why content broke off. What arrived until then is not the whole.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    #[error("LINE sent nothing more in time")]
    Timeout,
    #[error("the connection to LINE was lost")]
    ConnectionLost(#[source] BoxError),
    #[error("the content has more than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
}

/// Content as it arrives.
#[derive(Debug)]
pub struct ContentStream {
    /// `Content-Type`, as LINE says.
    pub content_type: Option<String>,
    /// `Content-Length` in bytes, where LINE tells.
    pub length: Option<u64>,
    /// `x-line-request-id`, for LINE's support.
    pub request_id: Option<String>,
    pub(super) response: reqwest::Response,
    pub(super) max_bytes: u64,
    pub(super) received: u64,
}

impl ContentStream {
    /// The next piece; none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ContentError> {
        let max_bytes = self.max_bytes;
        if self.length.is_some_and(|length| length > max_bytes) {
            return Err(ContentError::TooLarge { max_bytes });
        }
        let chunk = self.response.chunk().await.map_err(|error| {
            let error = error.without_url();
            if error.is_timeout() { ContentError::Timeout } else { ContentError::ConnectionLost(error.into()) }
        })?;
        let bytes = chunk.as_ref().map_or(0, Bytes::len);
        self.received = self.received.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.received > max_bytes {
            return Err(ContentError::TooLarge { max_bytes });
        }
        Ok(chunk)
    }

    /// The same as a stream; it ends after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, ContentError>> + Send {
        futures_util::stream::try_unfold(self, async |mut content| {
            Ok(content.chunk().await?.map(|chunk| (chunk, content)))
        })
    }
}
