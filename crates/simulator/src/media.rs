//! Fetching what the account sends, as LINE does after it has accepted a message: by the addresses in it, without any
//! sign-in. What comes is looked at and let go, never kept; the page has it passed on.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderValue, RANGE};
use serde::Serialize;
use serde_json::Value;

use crate::shared::Shared;

const WITHIN: Duration = Duration::from_secs(60);
/// Fetches that are remembered.
pub(crate) const KEPT: usize = 5_000;

/// How fetching one file went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MediaFetch {
    /// LINE's type of the message.
    pub kind: String,
    /// `originalContentUrl` or `previewImageUrl`.
    pub property: String,
    pub url: String,
    /// None where no answer came.
    pub status: Option<u16>,
    pub content_type: String,
    pub bytes: u64,
    /// Why LINE would show nothing.
    pub problem: Option<String>,
}

/// What LINE takes (LINE Messaging API reference): types and most bytes.
fn limits(kind: &str, property: &str) -> (&'static [&'static str], u64) {
    match (kind, property) {
        (_, "previewImageUrl") => (&["image/jpeg", "image/png"], 1_000_000),
        ("image", _) => (&["image/jpeg", "image/png"], 10_000_000),
        ("video", _) => (&["video/mp4"], 200_000_000),
        _ => (&["audio/mpeg", "audio/mp4", "audio/x-m4a"], 200_000_000),
    }
}

/// Most bytes of a file of this type, where LINE shows it.
pub(crate) fn most_bytes(content_type: &str) -> Option<u64> {
    let kinds = [("image", "originalContentUrl"), ("video", "originalContentUrl"), ("audio", "originalContentUrl")];
    let mut limits = kinds.into_iter().map(|(kind, property)| limits(kind, property));
    limits.find(|(types, _)| types.contains(&content_type)).map(|(_, most)| most)
}

/// LINE wants `https`; a simulation also takes `http` from this machine, where a desk under test serves.
pub(crate) fn is_fetchable(url: &str) -> bool {
    let Ok(parsed) = Url::parse(url) else { return false };
    let is_local = matches!(parsed.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    parsed.username().is_empty() && (parsed.scheme() == "https" || parsed.scheme() == "http" && is_local)
}

/// Asks for a file, or for a part of it.
pub(crate) async fn open(
    shared: &Shared,
    url: &str,
    range: Option<&HeaderValue>,
) -> Result<reqwest::Response, reqwest::Error> {
    let request = shared.http.get(url).timeout(WITHIN);
    match range {
        Some(range) => request.header(RANGE, range),
        None => request,
    }
    .send()
    .await
}

/// Fetches whatever these messages name.
pub(crate) fn fetch_all(shared: &Arc<Shared>, messages: &[Value]) {
    for message in messages {
        let kind = message["type"].as_str().unwrap_or_default();
        if !["image", "video", "audio"].contains(&kind) {
            continue;
        }
        for property in ["originalContentUrl", "previewImageUrl"] {
            if let Some(url) = message[property].as_str() {
                let (shared, kind, url) = (Arc::clone(shared), kind.to_owned(), url.to_owned());
                let task = fetch(Arc::clone(&shared), kind, property, url);
                shared.spawn(task);
            }
        }
    }
}

async fn fetch(shared: Arc<Shared>, kind: String, property: &'static str, url: String) {
    let (types, most) = limits(&kind, property);
    let mut fetched = MediaFetch {
        kind,
        property: property.to_owned(),
        url: url.clone(),
        status: None,
        content_type: String::new(),
        bytes: 0,
        problem: None,
    };
    match shared.http.get(&url).timeout(WITHIN).send().await {
        Err(_) => fetched.problem = Some("It cannot be reached".to_owned()),
        Ok(mut response) => {
            fetched.status = Some(response.status().as_u16());
            let header = response.headers().get("content-type").and_then(|value| value.to_str().ok());
            fetched.content_type = header.unwrap_or_default().to_owned();
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) => fetched.bytes += chunk.len() as u64,
                    Ok(None) => break,
                    Err(_) => {
                        fetched.problem = Some("It broke off".to_owned());
                        break;
                    }
                }
            }
            if !response.status().is_success() {
                fetched.problem = Some("It is refused".to_owned());
            } else if !types.contains(&fetched.content_type.as_str()) {
                fetched.problem = Some(format!("It is {}", fetched.content_type));
            } else if fetched.bytes > most {
                fetched.problem = Some(format!("It has more than {most} bytes"));
            }
        }
    }
    shared.update(|platform| {
        if platform.fetches.len() == KEPT {
            platform.fetches.pop_front();
        }
        platform.fetches.push_back(fetched);
    });
}
