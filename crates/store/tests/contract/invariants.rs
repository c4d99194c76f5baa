//! What must hold of a desk at any time, asked of the rows themselves.

use linedesk_store::{Query, ReadTx, StoreError};

/// Each statement counts what breaks its rule. What is compared with the feed holds while nothing of it is forgotten.
const RULES: &[(&str, &str)] = &[
    (
        "ws6: the feed has no gap and ends at the head",
        "SELECT count(*) FROM desk WHERE seq <> (SELECT coalesce(max(seq), 0) FROM feed)
         OR (SELECT count(*) FROM feed) <> (SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM feed)",
    ),
    (
        "the counter of listed conversations is their number",
        "SELECT count(*) FROM desk WHERE listed <> (SELECT count(*) FROM conversations WHERE NOT archived)",
    ),
    (
        "the counter of conversations with a history is their number",
        "SELECT count(*) FROM desk WHERE with_history <> (SELECT count(*) FROM conversations c WHERE NOT c.archived
         AND EXISTS (SELECT 1 FROM sessions s WHERE s.conversation_id = c.id))",
    ),
    (
        "se1: a conversation has at most one open session",
        "SELECT count(*) FROM (SELECT conversation_id FROM sessions WHERE status <> 'CLOSED'
         GROUP BY conversation_id HAVING count(*) > 1) doubles",
    ),
    (
        "a conversation shows its open session",
        "SELECT count(*) FROM conversations c LEFT JOIN sessions s ON s.conversation_id = c.id AND s.status <> 'CLOSED'
         WHERE c.session_id IS DISTINCT FROM s.id OR c.session_status IS DISTINCT FROM s.status
         OR c.owner_id IS DISTINCT FROM s.operator_id",
    ),
    (
        "an open session has an owner exactly while it is active",
        "SELECT count(*) FROM sessions WHERE status <> 'CLOSED' AND (status = 'ACTIVE') <> (operator_id IS NOT NULL)",
    ),
    (
        "an archived conversation has no open session",
        "SELECT count(*) FROM conversations WHERE archived AND session_id IS NOT NULL",
    ),
    (
        "se4: every hop is kept",
        "SELECT count(*) FROM sessions s WHERE transfer_count <>
         (SELECT count(*) FROM session_transfers t WHERE t.session_id = s.id)",
    ),
    (
        "se6: every change of a session has its audit row",
        "SELECT count(*) FROM sessions s WHERE
         (SELECT count(*) FROM audit a WHERE a.session_id = s.id AND a.action LIKE 'session%') <>
         (SELECT count(*) FROM feed f WHERE f.subject_id = s.id AND f.kind LIKE 'session%')
         AND (SELECT min(seq) FROM feed) = 1",
    ),
    (
        "the unread count is the number of messages after the newest read one",
        "SELECT count(*) FROM conversations c WHERE unread_count <> (SELECT count(*) FROM messages m
         WHERE m.conversation_id = c.id AND m.direction = 'INCOMING' AND m.id > c.read_message_id)",
    ),
    (
        "a conversation shows its last message",
        "SELECT count(*) FROM conversations c WHERE last_message_id IS DISTINCT FROM (SELECT max(m.id) FROM messages m
         WHERE m.conversation_id = c.id AND m.message_type <> 'note')",
    ),
    (
        "every message is told of once",
        "SELECT count(*) FROM messages m WHERE
         (SELECT count(*) FROM feed f WHERE f.kind = 'message_created' AND f.subject_id = m.id) <> 1
         AND (SELECT min(seq) FROM feed) = 1",
    ),
    (
        "wh2: one event makes one message",
        "SELECT count(*) FROM (SELECT webhook_event_row FROM messages WHERE webhook_event_row IS NOT NULL
         GROUP BY webhook_event_row HAVING count(*) > 1) doubles",
    ),
    (
        "dl1: exactly what goes out has a delivery",
        "SELECT count(*) FROM messages m LEFT JOIN deliveries d ON d.message_id = m.id
         WHERE (m.direction = 'OUTGOING' AND m.message_type <> 'note') <> (d.message_id IS NOT NULL)",
    ),
    (
        "dl8: what waits is in a lane",
        "SELECT count(*) FROM deliveries d LEFT JOIN lanes l ON l.conversation_id = d.conversation_id
         WHERE d.state IN ('queued', 'sending') AND l.conversation_id IS NULL",
    ),
    (
        "dl8: what is being sent is in its lane's batch, and nothing else is",
        "SELECT count(*) FROM deliveries d LEFT JOIN lanes l ON l.conversation_id = d.conversation_id
         WHERE (d.state = 'sending') <> (d.batch_id IS NOT NULL) OR (d.batch_id IS NOT NULL AND d.batch_id <> l.batch_id)",
    ),
    (
        "a lane's batch exists",
        "SELECT count(*) FROM lanes l LEFT JOIN batches b ON b.id = l.batch_id AND b.conversation_id = l.conversation_id
         WHERE l.batch_id IS NOT NULL AND b.id IS NULL",
    ),
    (
        "a batch is a lane's",
        "SELECT count(*) FROM batches b WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.batch_id = b.id)",
    ),
];

/// The rules that are broken.
pub(crate) fn broken(tx: &mut ReadTx<'_>) -> Result<Vec<&'static str>, StoreError> {
    let mut broken = Vec::new();
    for (rule, sql) in RULES {
        if tx.query_one(sql, &[])?.get::<i64>(0)? > 0 {
            broken.push(*rule);
        }
    }
    Ok(broken)
}
