-- `BIGINT PRIMARY KEY` is an index beside the table; `INTEGER PRIMARY KEY` is the table's own order. Every webhook writes
-- to these tables, and most reads begin at one of them. Foreign keys are off while this runs, and checked afterwards.

CREATE TABLE new_feed (
    seq INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    conversation_id BIGINT,
    subject_id BIGINT,
    socket TEXT,
    data TEXT
);
INSERT INTO new_feed (seq, at, kind, conversation_id, subject_id, socket, data)
    SELECT seq, at, kind, conversation_id, subject_id, socket, data FROM feed ORDER BY seq;
DROP TABLE feed;
ALTER TABLE new_feed RENAME TO feed;

CREATE TABLE new_conversations (
    id INTEGER PRIMARY KEY REFERENCES contacts (id),
    last_activity_at BIGINT NOT NULL,
    last_message_id BIGINT,
    unread_count BIGINT NOT NULL DEFAULT 0,
    read_message_id BIGINT NOT NULL DEFAULT 0,
    session_id BIGINT,
    session_status TEXT,
    owner_id BIGINT,
    had_session BOOLEAN NOT NULL DEFAULT FALSE,
    archived BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    heard_at BIGINT
);
INSERT INTO new_conversations (id, last_activity_at, last_message_id, unread_count, read_message_id, session_id,
    session_status, owner_id, had_session, archived, created_at, heard_at)
    SELECT id, last_activity_at, last_message_id, unread_count, read_message_id, session_id,
    session_status, owner_id, had_session, archived, created_at, heard_at FROM conversations ORDER BY id;
DROP TABLE conversations;
ALTER TABLE new_conversations RENAME TO conversations;
CREATE INDEX conversations_by_activity ON conversations (last_activity_at, id) WHERE NOT archived;
CREATE INDEX conversations_open ON conversations (session_status, last_activity_at, id) WHERE session_status IS NOT NULL;
CREATE INDEX conversations_of_owner ON conversations (owner_id, last_activity_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX conversations_closed ON conversations (last_activity_at, id) WHERE had_session AND session_status IS NULL AND NOT archived;

CREATE TABLE new_deliveries (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    state TEXT NOT NULL,
    cost TEXT,
    code TEXT,
    error TEXT,
    retryable BOOLEAN NOT NULL DEFAULT FALSE,
    batch_id BIGINT,
    goes_alone BOOLEAN NOT NULL DEFAULT FALSE,
    queued_at BIGINT NOT NULL,
    settled_at BIGINT,
    recipients BIGINT
);
INSERT INTO new_deliveries (message_id, conversation_id, state, cost, code, error, retryable, batch_id, goes_alone,
    queued_at, settled_at, recipients)
    SELECT message_id, conversation_id, state, cost, code, error, retryable, batch_id, goes_alone,
    queued_at, settled_at, recipients FROM deliveries ORDER BY message_id;
DROP TABLE deliveries;
ALTER TABLE new_deliveries RENAME TO deliveries;
CREATE INDEX deliveries_waiting ON deliveries (conversation_id, message_id) WHERE state IN ('queued', 'sending', 'withheld');

CREATE TABLE new_lanes (
    conversation_id INTEGER PRIMARY KEY REFERENCES conversations (id),
    ready_at BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    batch_id BIGINT,
    failures BIGINT NOT NULL DEFAULT 0
);
INSERT INTO new_lanes (conversation_id, ready_at, lease_owner, lease_until, batch_id, failures)
    SELECT conversation_id, ready_at, lease_owner, lease_until, batch_id, failures FROM lanes;
DROP TABLE lanes;
ALTER TABLE new_lanes RENAME TO lanes;
CREATE INDEX lanes_ready ON lanes (ready_at);
