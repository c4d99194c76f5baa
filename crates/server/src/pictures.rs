//! Contacts' pictures, by way of the desk: a browser that shows them asks nobody else, and LINE learns of no operator.
//!
//! A picture's address changes with the picture, so what was fetched stays right. Bounded: bytes kept, fetches at once, and
//! how long a page waits; browsers have few connections, and pictures must not hold up what matters.

use std::time::Duration;

use bytes::Bytes;
use linedesk_line::client::CallError;
use moka::future::Cache;
use tokio::sync::Semaphore;

use crate::desk::Desk;

const KEPT_BYTES: u64 = 16 * 1024 * 1024;
const AT_ONCE: usize = 8;
const WITHIN: Duration = Duration::from_secs(2);

/// A picture of a kind that browsers show.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureError {
    /// LINE has none at that address, or something that is no picture.
    #[error("there is no picture at the address that LINE gave")]
    Missing,
    #[error("LINE does not answer, or too slowly")]
    Unavailable,
}

pub(crate) struct Pictures {
    kept: Cache<String, Picture>,
    turns: Semaphore,
}

impl Default for Pictures {
    fn default() -> Self {
        let weight =
            |url: &String, picture: &Picture| u32::try_from(url.len() + picture.bytes.len()).unwrap_or(u32::MAX);
        Self { kept: Cache::builder().max_capacity(KEPT_BYTES).weigher(weight).build(), turns: Semaphore::new(AT_ONCE) }
    }
}

/// The picture at an address that LINE gave, fetched once however many ask.
pub(crate) async fn get(desk: &Desk, url: &str) -> Result<Picture, PictureError> {
    let source = desk.config.picture_source(url).ok_or(PictureError::Missing)?;
    let fetched = desk.pictures.kept.try_get_with_by_ref(&source, fetch(desk, &source));
    // CANCEL-SAFETY: whoever else waits for it goes on with it; else it is asked for anew.
    let fetched = tokio::time::timeout(WITHIN, fetched).await.map_err(|_| PictureError::Unavailable)?;
    fetched.map_err(|error| *error)
}

async fn fetch(desk: &Desk, source: &str) -> Result<Picture, PictureError> {
    let _turn = desk.pictures.turns.acquire().await.map_err(|_| PictureError::Unavailable)?;
    let bytes = desk.line.picture(source).await.map_err(|error| {
        tracing::debug!(%error, "a picture could not be fetched");
        match error {
            CallError::Status { status, .. } if status < 500 && status != 429 => PictureError::Missing,
            CallError::Invalid(_) => PictureError::Missing,
            _ => PictureError::Unavailable,
        }
    })?;
    let content_type = content_type(&bytes).ok_or(PictureError::Missing)?;
    Ok(Picture { content_type, bytes })
}

/// By content: what a server says of a file is no proof. No SVG, which is a document with scripts.
fn content_type(bytes: &[u8]) -> Option<&'static str> {
    const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];
    infer::get(bytes).map(|kind| kind.mime_type()).filter(|kind| SHOWN.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_that_browsers_show_are_pictures() {
        assert_eq!(content_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(content_type(b"\xff\xd8\xff\xe0...."), Some("image/jpeg"));
        assert_eq!(content_type(b"RIFF\x10\x00\x00\x00WEBPVP8 "), Some("image/webp"));
        for other in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"<html>", b"%PDF-1.7", b"PK\x03\x04", b""] {
            assert_eq!(content_type(other), None);
        }
    }
}
