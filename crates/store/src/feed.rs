//! The feed: the desk-wide log of durable events. It holds what changed and where it is, not copies of it.
//!
//! INVARIANT: seqs are gap-free and in commit order on both engines (WS6): a batch takes them from the one `desk` row as
//! its last step before the commit, and that row stays locked until then.

use linedesk_protocol::{ConversationId, Seq, Timestamp};

use crate::engine::{Connection, Param, Row, params};
use crate::error::StoreError;
use crate::ops::channels::ChannelId;
use crate::tx::{Counters, Query, Tx};

/// What kind of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    MessageCreated,
    MessageUpdated,
    /// The delivery of a message reached another state.
    DeliveryChanged,
    /// A conversation's summary.
    ConversationChanged,
    ConversationRead,
    SessionCreated,
    SessionClaimed,
    SessionReleased,
    SessionClosed,
    SessionTransferred,
    /// An operator's role, name or right to sign in.
    OperatorChanged,
    /// A sign-in was ended; `data` is the refresh family.
    SignedOut,
}

impl EventKind {
    const TABLE: [(Self, &'static str); 12] = [
        (Self::MessageCreated, "message_created"),
        (Self::MessageUpdated, "message_updated"),
        (Self::DeliveryChanged, "delivery_changed"),
        (Self::ConversationChanged, "conversation_changed"),
        (Self::ConversationRead, "conversation_read"),
        (Self::SessionCreated, "session_created"),
        (Self::SessionClaimed, "session_claimed"),
        (Self::SessionReleased, "session_released"),
        (Self::SessionClosed, "session_closed"),
        (Self::SessionTransferred, "session_transferred"),
        (Self::OperatorChanged, "operator_changed"),
        (Self::SignedOut, "signed_out"),
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        Self::TABLE.iter().find(|(kind, _)| *kind == self).map_or("", |(_, text)| text)
    }
}

impl std::str::FromStr for EventKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::TABLE.iter().find(|(_, known)| *known == text).map(|(kind, _)| *kind).ok_or(())
    }
}

/// An event before it has its seq.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewEvent {
    pub(crate) at: Timestamp,
    pub(crate) kind: EventKind,
    pub(crate) conversation: Option<ConversationId>,
    /// The message, session or operator.
    pub(crate) subject: Option<i64>,
    /// The socket that caused it.
    pub(crate) socket: Option<String>,
    /// What the rows will no longer tell later, as JSON: a session event's snapshot.
    pub(crate) data: Option<String>,
}

/// An event of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    pub seq: Seq,
    pub at: Timestamp,
    pub kind: EventKind,
    pub conversation: Option<ConversationId>,
    /// The conversation's channel.
    pub channel: Option<ChannelId>,
    /// The message, session or operator.
    pub subject: Option<i64>,
    /// The socket that caused it.
    pub socket: Option<String>,
    /// A session event's snapshot, or a signed-out family.
    pub data: Option<String>,
}

const COLUMNS: usize = 7;
/// Rows of one statement; a few sizes only, so that few statements are cached.
const CHUNKS: [usize; 3] = [64, 8, 1];

/// Stores a batch's events and counter changes; gives the seq before the first.
pub(crate) fn append(
    connection: &mut dyn Connection,
    events: &[NewEvent],
    counters: Counters,
) -> Result<i64, StoreError> {
    if events.is_empty() && counters == Counters::default() {
        return Ok(0);
    }
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let rows = connection.query(
        "UPDATE desk SET seq = seq + $1, listed = listed + $2, with_history = with_history + $3 RETURNING seq",
        params![count, counters.listed, counters.with_history],
    )?;
    let head: i64 = rows.first().ok_or_else(|| StoreError::Corrupt("the desk row is missing".to_owned()))?.get(0)?;
    let base = head - count;
    let mut rest = events;
    let mut seq = base;
    for size in CHUNKS {
        while rest.len() >= size {
            let (chunk, later) = rest.split_at(size);
            let mut values: Vec<Param<'_>> = Vec::with_capacity(size * COLUMNS);
            for event in chunk {
                seq += 1;
                values.extend_from_slice(params![
                    seq,
                    event.at,
                    event.kind.as_str(),
                    event.conversation,
                    event.subject,
                    event.socket.as_deref(),
                    event.data.as_deref()
                ]);
            }
            connection.execute(insert_text(size), &values)?;
            rest = later;
        }
    }
    Ok(base)
}

fn insert_text(size: usize) -> &'static str {
    static TEXTS: std::sync::OnceLock<Vec<(usize, String)>> = std::sync::OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        CHUNKS
            .iter()
            .map(|&size| {
                let rows: Vec<String> = (0..size)
                    .map(|row| {
                        let places: Vec<_> =
                            (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column)).collect();
                        format!("({})", places.join(", "))
                    })
                    .collect();
                let columns = "seq, at, kind, conversation_id, subject_id, socket, data";
                (size, format!("INSERT INTO feed ({columns}) VALUES {}", rows.join(", ")))
            })
            .collect()
    });
    texts.iter().find(|(known, _)| *known == size).map_or("", |(_, text)| text)
}

/// The feed's newest seq.
pub fn head(tx: &mut impl Query) -> Result<Seq, StoreError> {
    tx.query_one("SELECT seq FROM desk", &[])?.get(0)
}

/// The oldest seq that is still kept; events before it are gone.
pub fn oldest(tx: &mut impl Query) -> Result<Option<Seq>, StoreError> {
    tx.query_one("SELECT min(seq) FROM feed", &[])?.get(0)
}

/// Events after a seq, in order.
pub fn list_after(tx: &mut impl Query, after: Seq, limit: usize) -> Result<Vec<FeedEvent>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.query(
        "SELECT f.seq, f.at, f.kind, f.conversation_id, f.subject_id, f.socket, f.data, k.channel_id FROM feed f
         LEFT JOIN contacts k ON k.id = f.conversation_id WHERE f.seq > $1 ORDER BY f.seq LIMIT $2",
        params![after, limit],
    )?;
    rows.iter().map(read).collect()
}

/// Forgets at most `limit` of the oldest events from before `before`. The newest event always stays, so that whoever
/// resumes at the head is not taken for being too far behind.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let oldest = oldest(tx)?.map_or(0, |seq| seq.0);
    let head = head(tx)?.0;
    // `at` grows with seq but for clocks that were set back: the first event that is young enough ends it.
    let young = "SELECT min(seq) FROM feed WHERE seq >= $1 AND seq < $2 AND at >= $3";
    let end = oldest.saturating_add(limit).min(head);
    let end = tx.query_one(young, params![oldest, end, before])?.get::<Option<i64>>(0)?.unwrap_or(end);
    if end <= oldest {
        return Ok(0);
    }
    tx.execute("DELETE FROM feed WHERE seq < $1", params![end])
}

fn read(row: &Row) -> Result<FeedEvent, StoreError> {
    Ok(FeedEvent {
        seq: row.get(0)?,
        at: row.get(1)?,
        kind: row.parse(2)?,
        conversation: row.get(3)?,
        channel: row.get::<Option<i64>>(7)?.map(ChannelId),
        subject: row.get(4)?,
        socket: row.get(5)?,
        data: row.get(6)?,
    })
}
