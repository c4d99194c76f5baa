//! Frames as they go over the wire: encoded once for all sockets, and written from where they are.
//!
//! The WebSocket library would copy each frame into a buffer of each socket, and keep a buffer as large as the most that a
//! socket was ever written at once.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};
use linedesk_protocol::frame::ServerFrame;

/// Final and text, as its first byte says (RFC 6455, section 5.2). What a server sends is not masked.
const FINAL_TEXT: u8 = 0x81;
/// That byte, and the longest form of a length.
const HEADER: usize = 10;

/// A frame with its header.
#[derive(Clone, Debug)]
pub(crate) struct Encoded(Bytes);

impl Encoded {
    pub(crate) fn new(frame: &ServerFrame) -> Self {
        let mut buffer = vec![0; HEADER];
        if serde_json::to_writer(&mut buffer, frame).is_err() {
            // Our own types always serialise; should one not, the client gets a frame it ignores instead of a broken socket.
            buffer.truncate(HEADER);
            buffer.extend_from_slice(b"{\"type\":\"error\",\"payload\":{}}");
        }
        Self::with_header(buffer)
    }

    /// What stands in for a frame that is nobody's to read.
    pub(crate) const fn nothing() -> Self {
        Self(Bytes::new())
    }

    /// From room for a header with a text behind it.
    fn with_header(mut buffer: Vec<u8>) -> Self {
        let length = buffer.len() - HEADER;
        let (long, short) = (u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes(), length.to_le_bytes()[0]);
        let start = match length {
            0..126 => {
                buffer[HEADER - 2..HEADER].copy_from_slice(&[FINAL_TEXT, short]);
                HEADER - 2
            }
            126..=0xffff => {
                buffer[HEADER - 4..HEADER].copy_from_slice(&[FINAL_TEXT, 126, long[6], long[7]]);
                HEADER - 4
            }
            _ => {
                buffer[..2].copy_from_slice(&[FINAL_TEXT, 127]);
                buffer[2..HEADER].copy_from_slice(&long);
                0
            }
        };
        Self(Bytes::from(buffer).slice(start..))
    }

    pub(crate) const fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes on the wire.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }
}

/// Frames that are written one after the other, several with one call of the system.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    frames: VecDeque<Bytes>,
    /// A part of the first one is written.
    is_begun: bool,
}

impl Outgoing {
    pub(super) fn add(&mut self, frames: impl IntoIterator<Item = Encoded>) {
        self.frames.extend(frames.into_iter().map(|frame| frame.0).filter(|bytes| !bytes.is_empty()));
    }

    /// Drops what is not on its way. A frame that is must be ended before anything else may be written.
    pub(super) fn keep_begun(&mut self) {
        self.frames.truncate(usize::from(self.is_begun));
    }
}

impl Buf for Outgoing {
    fn remaining(&self) -> usize {
        self.frames.iter().map(Bytes::len).sum()
    }

    fn has_remaining(&self) -> bool {
        !self.frames.is_empty()
    }

    fn chunk(&self) -> &[u8] {
        self.frames.front().map_or(&[], |first| first)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let filled = slices.iter_mut().zip(&self.frames);
        filled.map(|(slice, bytes)| *slice = IoSlice::new(bytes)).count()
    }

    fn advance(&mut self, mut count: usize) {
        while let Some(first) = self.frames.front_mut() {
            if count < first.len() {
                self.is_begun |= count > 0;
                return first.advance(count);
            }
            count -= first.len();
            self.frames.pop_front();
            self.is_begun = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    fn encoded(text: &str) -> Encoded {
        let mut buffer = vec![0; HEADER];
        buffer.extend_from_slice(text.as_bytes());
        Encoded::with_header(buffer)
    }

    #[tokio::test]
    async fn a_frame_of_every_form_of_length_is_read_as_what_it_is() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 200_000] {
            let text = "x".repeat(length);
            let bytes = encoded(&text).0;
            let reader = tokio::io::join(&bytes[..], tokio::io::sink());
            let mut client = WebSocketStream::from_raw_socket(reader, Role::Client, None).await;
            let read = futures_util::StreamExt::next(&mut client).await.unwrap().unwrap();
            assert_eq!(read, Message::text(text), "{length}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_system_takes_at_once_all_is_written_in_order(
            texts in proptest::collection::vec("[a-z]{0,300}", 0..20),
            steps in proptest::collection::vec(1_usize..500, 1..40),
            at_once in 1_usize..8,
        ) {
            let frames: Vec<_> = texts.iter().map(|text| encoded(text)).collect();
            let expected: Vec<u8> = frames.iter().flat_map(|frame| frame.0.to_vec()).collect();
            let mut outgoing = Outgoing::default();
            outgoing.add(frames);
            let mut written = Vec::new();
            for step in steps.iter().cycle() {
                if !outgoing.has_remaining() {
                    break;
                }
                let mut slices = vec![IoSlice::new(&[]); at_once];
                let count = outgoing.chunks_vectored(&mut slices);
                let offered: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
                prop_assert!(offered.starts_with(outgoing.chunk()));
                let taken = (*step).min(offered.len());
                written.extend_from_slice(&offered[..taken]);
                outgoing.advance(taken);
                prop_assert_eq!(outgoing.remaining(), expected.len() - written.len());
            }
            prop_assert_eq!(written, expected);
        }

        #[test]
        fn what_is_written_when_the_rest_is_dropped_is_whole_frames(
            texts in proptest::collection::vec("[a-z]{0,200}", 1..10),
            steps in proptest::collection::vec(0_usize..300, 0..6),
        ) {
            let frames: Vec<_> = texts.iter().map(|text| encoded(text)).collect();
            let lengths: Vec<usize> = frames.iter().map(Encoded::len).collect();
            let mut outgoing = Outgoing::default();
            outgoing.add(frames);
            let mut written = 0;
            for step in steps {
                let taken = step.min(outgoing.remaining());
                outgoing.advance(taken);
                written += taken;
            }
            outgoing.keep_begun();
            let ends: Vec<usize> = lengths.iter().scan(0, |end, length| { *end += length; Some(*end) }).collect();
            let whole = written + outgoing.remaining();
            prop_assert!(whole == 0 || ends.contains(&whole), "{} is no end of {:?}", whole, ends);
            let least = ends.iter().copied().find(|end| *end >= written).unwrap_or(0);
            prop_assert!(whole <= least, "only what was begun");
        }
    }
}
