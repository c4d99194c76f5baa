//! The files behind customers' messages, as LINE's data host gives them.

use bytes::Bytes;

/// A file, and what LINE does when it is asked for.
#[derive(Clone, Debug)]
pub struct Content {
    pub content_type: String,
    pub bytes: Bytes,
    /// How many bytes it has: what `bytes` does not have of them is zeros, made as they are sent. So a video of 200 MB
    /// costs nothing.
    pub length: u64,
    /// LINE's preview of an image or video, a JPEG.
    pub preview: Option<Bytes>,
    /// So often LINE answers that it still prepares it (202).
    pub preparing: u32,
    /// LINE has it no more (404).
    pub missing: bool,
    /// After so many bytes the connection breaks; once.
    pub cut_at: Option<u64>,
    /// Before the first byte.
    pub delay_ms: u64,
    /// How often it was asked for.
    pub asked: u32,
}

impl Content {
    pub fn new(content_type: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            content_type: content_type.to_owned(),
            length: bytes.len() as u64,
            bytes,
            preview: None,
            preparing: 0,
            missing: false,
            cut_at: None,
            delay_ms: 0,
            asked: 0,
        }
    }

    /// One of the files that the page's customers can send: `photo`, `video`, `sound`, `document`.
    pub fn sample(name: &str) -> Option<Self> {
        let photo: &[u8] = include_bytes!("../assets/samples/photo.jpg");
        Some(match name {
            "photo" => Self { preview: Some(Bytes::from_static(photo)), ..Self::new("image/jpeg", photo) },
            "video" => Self {
                preview: Some(Bytes::from_static(photo)),
                ..Self::new("video/mp4", &include_bytes!("../assets/samples/video.mp4")[..])
            },
            "sound" => Self::new("audio/x-m4a", &include_bytes!("../assets/samples/sound.m4a")[..]),
            "document" => Self::new("application/octet-stream", &include_bytes!("../assets/samples/document.pdf")[..]),
            _ => return None,
        })
    }

    /// The bytes from `at`, at most 64 KiB.
    pub(crate) fn piece(&self, at: u64) -> Bytes {
        const MOST: usize = 64 * 1024;
        static ZEROS: [u8; MOST] = [0; MOST];
        let known = self.bytes.len() as u64;
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX).min(MOST);
        if at < known {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            return self.bytes.slice(at..self.bytes.len().min(at + left));
        }
        Bytes::from_static(&ZEROS[..left])
    }
}
