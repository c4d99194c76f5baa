//! Limits that clients can rely on, each with its reason.

/// LINE's limit of a text message, in UTF-16 code units (LINE Messaging API reference, "Text message").
pub const TEXT_UNITS: usize = 5000;
/// A larger frame ends the socket with 4009 (WS3).
pub const FRAME_BYTES: usize = 64 * 1024;
/// A frame's `id` and a message's `temp_id`, in characters.
pub const CLIENT_ID_CHARS: usize = 100;
/// A transfer's reason, in characters.
pub const REASON_CHARS: usize = 255;
/// A search or filter text, in characters.
pub const QUERY_CHARS: usize = 200;
/// A webhook request's body (WH5).
pub const WEBHOOK_BYTES: usize = 1024 * 1024;
/// Any other request body. A text of 5000 UTF-16 units is 15 kB of UTF-8 and at most 30 kB when escaped.
pub const REQUEST_BYTES: usize = 64 * 1024;
/// Malformed frames in a row before a socket ends with 4010 (WS4).
pub const MALFORMED_FRAMES: u32 = 20;
/// What a socket may have waiting to be sent before it is dropped with 4008 (WS8).
pub const SOCKET_QUEUE_BYTES: usize = 1024 * 1024;
/// Messages in a conversation's first page and in the answer to a plain `join_room`.
pub const THREAD_PAGE: u32 = 50;
/// Messages in the answer to `join_room` with `after_message_id`.
pub const CATCH_UP_PAGE: u32 = 500;
/// Default and largest `limit` of a list.
pub const PAGE_DEFAULT: u32 = 50;
/// See [`PAGE_DEFAULT`].
pub const PAGE_MAX: u32 = 100;
/// Events that `resume_after` replays before it says `resync_required` instead (WS6).
pub const REPLAY_EVENTS: usize = 2000;
/// Shortest and longest password, in characters: NIST SP 800-63B asks for at least 8; the top keeps hashing cheap.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
