//! What a file is, by its content and not by its name or by what somebody says of it.

use std::io::BufReader;
use std::sync::Arc;

use linedesk_protocol::MessageType;
use linedesk_store::ops::media::FileFacts;
use lofty::config::ParseOptions;
use lofty::file::AudioFile as _;
use lofty::probe::Probe;
use tokio::sync::Semaphore;

use super::picture::{self, Jpeg};
use super::spool::Spool;

/// Of what nobody knows.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// Pictures are decoded one at a time: it takes a core, and much memory.
#[derive(Debug)]
pub(crate) struct Looking(Arc<Semaphore>);

impl Default for Looking {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// What a file is, and a preview of it.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) facts: FileFacts,
    pub(crate) preview: Option<Vec<u8>>,
}

impl Looking {
    /// Looks at a file, off the runtime's threads. `poster` is a picture of a video, which we cannot make ourselves.
    pub(crate) async fn look(
        &self,
        spool: &Spool,
        message_type: MessageType,
        poster: Option<Vec<u8>>,
    ) -> anyhow::Result<Looked> {
        let content_type = content_type(spool.head(), message_type);
        let size_bytes = i64::try_from(spool.size_bytes())?;
        let is_picture = content_type.starts_with("image/") && spool.size_bytes() <= picture::FILE_BYTES;
        let is_sound = content_type.starts_with("audio/");
        let mut looked =
            Looked { facts: FileFacts { content_type, size_bytes, ..FileFacts::default() }, preview: None };
        if is_picture || poster.is_some() {
            let file = spool.blocking_reader()?;
            let made = self.run(move || match poster {
                Some(poster) => picture::preview(std::io::Cursor::new(poster)),
                None => picture::preview(BufReader::new(file)),
            });
            // A decoder that fails over a file takes its preview with it, not the file.
            if let Some(Jpeg { bytes, width, height }) = made.await.unwrap_or_default() {
                looked.facts.width = Some(width.into());
                looked.facts.height = Some(height.into());
                looked.facts.has_preview = true;
                looked.preview = Some(bytes);
            }
        }
        if is_sound {
            let file = spool.blocking_reader()?;
            looked.facts.duration_ms = tokio::task::spawn_blocking(move || duration_ms(file)).await.unwrap_or_default();
        }
        Ok(looked)
    }

    /// Runs work with pictures when it is its turn. The turn is the work's, which goes on when its caller is gone.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await?;
        let work = move || {
            let _turn = turn;
            work()
        };
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}

/// How long a sound lasts; none where it cannot be told.
pub(crate) fn duration_ms(file: std::fs::File) -> Option<i64> {
    let options = ParseOptions::new().read_tags(false).read_cover_art(false);
    let probe = Probe::new(BufReader::new(file)).options(options).guess_file_type().ok()?;
    let length = probe.read().ok()?.properties().duration();
    i64::try_from(length.as_millis()).ok().filter(|ms| *ms > 0)
}

/// A file's type by its first bytes, in the names that browsers know.
pub(crate) fn content_type(head: &[u8], message_type: MessageType) -> String {
    let found = infer::get(head).map_or(UNKNOWN, |kind| kind.mime_type());
    let known = match found {
        "audio/m4a" => "audio/mp4",
        // The container is the same, and LINE says that it is a sound.
        "video/mp4" if message_type == MessageType::Audio => "audio/mp4",
        "video/x-m4v" => "video/mp4",
        "audio/x-wav" => "audio/wav",
        // MP4 of other makers: `ftyp` at its place says so.
        UNKNOWN if head.get(4..8) == Some(b"ftyp") => match message_type {
            MessageType::Audio => "audio/mp4",
            MessageType::Video => "video/mp4",
            _ => UNKNOWN,
        },
        UNKNOWN if is_text(head) => "text/plain",
        other => other,
    };
    known.to_owned()
}

fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end within a character.
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("\0")
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// What a browser shows by itself, and can do no harm with. All else it gets as a download of an unknown type.
pub(crate) fn is_shown(content_type: &str) -> bool {
    matches!(
        content_type,
        "image/jpeg"
            | "image/png"
            | "image/gif"
            | "image/webp"
            | "video/mp4"
            | "video/webm"
            | "video/quicktime"
            | "audio/mpeg"
            | "audio/mp4"
            | "audio/aac"
            | "audio/ogg"
            | "audio/wav"
    )
}

/// A name's ending for what has no name.
pub(crate) fn ending(content_type: &str) -> &'static str {
    match content_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "video/quicktime" => "mov",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/aac" => "aac",
        "audio/ogg" => "ogg",
        "audio/wav" => "wav",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "text/plain" => "txt",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_lasts_as_long_as_its_work() {
        let looking = Looking::default();
        let (started, wait_until_started) = tokio::sync::oneshot::channel();
        let (finish, wait_until_finished) = std::sync::mpsc::sync_channel::<()>(1);
        let work = looking.run(move || {
            started.send(()).unwrap();
            wait_until_finished.recv().unwrap();
        });
        tokio::select! {
            _ = work => unreachable!("it waits for us"),
            begun = wait_until_started => begun.unwrap(),
        }
        // Its caller is gone, and it is still at work.
        assert_eq!(looking.0.available_permits(), 0);
        finish.send(()).unwrap();
        assert_eq!(looking.run(|| 1).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_decoder_that_fails_is_an_error_and_gives_its_turn_back() {
        let looking = Looking::default();
        assert!(looking.run(|| -> u8 { panic!("a decoder fails") }).await.is_err());
        assert_eq!(looking.run(|| 1).await.unwrap(), 1);
    }

    #[test]
    fn types_come_from_the_content() {
        for (head, message_type, expected) in [
            (&b"\xff\xd8\xff\xe0..........."[..], MessageType::File, "image/jpeg"),
            (b"PK\x03\x04 named photo.jpg", MessageType::Image, "application/zip"),
            (b"\0\0\0\x18ftypM4A \0\0\0\0", MessageType::Audio, "audio/mp4"),
            (b"\0\0\0\x18ftypisom\0\0\0\0", MessageType::Audio, "audio/mp4"),
            (b"\0\0\0\x18ftypisom\0\0\0\0", MessageType::Video, "video/mp4"),
            (b"\0\0\0\x18ftypzzzz\0\0\0\0", MessageType::Video, "video/mp4"),
            (b"\0\0\0\x18ftypzzzz\0\0\0\0", MessageType::File, UNKNOWN),
            (b"<!DOCTYPE html><script>", MessageType::File, "text/html"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", MessageType::Image, "text/plain"),
            ("สวัสดี".as_bytes(), MessageType::File, "text/plain"),
            (&"สวัสดี".as_bytes()[..8], MessageType::File, "text/plain"),
            (b"", MessageType::File, UNKNOWN),
            (b"\0\x01\x02", MessageType::File, UNKNOWN),
        ] {
            assert_eq!(content_type(head, message_type), expected, "{head:?}");
        }
    }

    #[test]
    fn nothing_with_scripts_is_shown() {
        for kind in ["text/html", "text/xml", "image/svg+xml", "application/pdf", "text/plain", UNKNOWN, ""] {
            assert!(!is_shown(kind), "{kind}");
        }
    }
}
