-- The first schema. Times are Unix milliseconds, UTC. {id} is the engine's self-numbering primary key.

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row: the feed's head and the counters that lists need.
CREATE TABLE desk (
    seq BIGINT NOT NULL,
    listed BIGINT NOT NULL,
    with_history BIGINT NOT NULL
);
INSERT INTO desk (seq, listed, with_history) VALUES (0, 0, 0);

CREATE TABLE feed (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    conversation_id BIGINT,
    subject_id BIGINT,
    socket TEXT,
    data TEXT
);

CREATE TABLE channels (
    id {id},
    name TEXT NOT NULL UNIQUE,
    channel_secret TEXT NOT NULL,
    access_token TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE operators (
    id {id},
    username TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A sign-in and all refresh tokens that descend from it (AU2).
CREATE TABLE refresh_families (
    id TEXT PRIMARY KEY,
    operator_id BIGINT NOT NULL REFERENCES operators (id),
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX refresh_families_of_operator ON refresh_families (operator_id) WHERE revoked_at IS NULL;

CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY,
    family_id TEXT NOT NULL REFERENCES refresh_families (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE contacts (
    id {id},
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    chat_id TEXT NOT NULL,
    source_type TEXT NOT NULL,
    display_name TEXT,
    -- In lower case, for finding: SQLite lowers ASCII only.
    name_key TEXT,
    picture_url TEXT,
    friend_status TEXT NOT NULL,
    profile_due_at BIGINT,
    profile_attempts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    UNIQUE (channel_id, chat_id)
);
CREATE INDEX contacts_profile_due ON contacts (profile_due_at) WHERE profile_due_at IS NOT NULL;

-- A contact's one lasting thread: it has the contact's id.
CREATE TABLE conversations (
    id BIGINT PRIMARY KEY REFERENCES contacts (id),
    last_activity_at BIGINT NOT NULL,
    last_message_id BIGINT,
    unread_count BIGINT NOT NULL DEFAULT 0,
    read_message_id BIGINT NOT NULL DEFAULT 0,
    session_id BIGINT,
    session_status TEXT,
    owner_id BIGINT,
    had_session BOOLEAN NOT NULL DEFAULT FALSE,
    archived BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL
);
CREATE INDEX conversations_by_activity ON conversations (last_activity_at, id) WHERE NOT archived;
CREATE INDEX conversations_open ON conversations (session_status, last_activity_at, id) WHERE session_status IS NOT NULL;
CREATE INDEX conversations_of_owner ON conversations (owner_id, last_activity_at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX conversations_closed ON conversations (last_activity_at, id) WHERE had_session AND session_status IS NULL AND NOT archived;

CREATE TABLE tags (
    id {id},
    name TEXT NOT NULL UNIQUE,
    color TEXT NOT NULL
);
CREATE TABLE conversation_tags (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    tag_id BIGINT NOT NULL REFERENCES tags (id),
    PRIMARY KEY (conversation_id, tag_id)
);
CREATE INDEX conversation_tags_by_tag ON conversation_tags (tag_id, conversation_id);

CREATE TABLE sessions (
    id {id},
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    status TEXT NOT NULL,
    operator_id BIGINT,
    started_at BIGINT NOT NULL,
    claimed_at BIGINT,
    closed_at BIGINT,
    first_response_at BIGINT,
    closed_by TEXT,
    transfer_count BIGINT NOT NULL DEFAULT 0,
    after_hours BOOLEAN NOT NULL DEFAULT FALSE,
    last_activity_at BIGINT NOT NULL,
    warned_at BIGINT
);
-- SE1: at most one open session in a conversation, whoever writes.
CREATE UNIQUE INDEX sessions_one_open ON sessions (conversation_id) WHERE status <> 'CLOSED';
CREATE INDEX sessions_idle ON sessions (status, last_activity_at) WHERE status <> 'CLOSED';

-- Every hop of a session (SE4).
CREATE TABLE session_transfers (
    id {id},
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    at BIGINT NOT NULL,
    from_operator_id BIGINT,
    to_operator_id BIGINT NOT NULL,
    by_operator_id BIGINT,
    reason TEXT
);
CREATE INDEX session_transfers_of_session ON session_transfers (session_id);

-- Every webhook event as it came; an unsent message's content is erased from it (WH6).
CREATE TABLE webhook_events (
    id {id},
    webhook_event_id TEXT UNIQUE,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    kind TEXT NOT NULL,
    raw TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    error TEXT
);
CREATE INDEX webhook_events_failed ON webhook_events (id) WHERE state = 'failed';

CREATE TABLE messages (
    id {id},
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    session_id BIGINT,
    direction TEXT NOT NULL,
    sender_role TEXT NOT NULL,
    operator_id BIGINT,
    message_type TEXT NOT NULL,
    content TEXT NOT NULL,
    payload TEXT,
    line_message_id TEXT,
    quote_token TEXT,
    quoted_message_id BIGINT,
    quoted_line_message_id TEXT,
    temp_id TEXT,
    send_key TEXT,
    webhook_event_row BIGINT,
    created_at BIGINT NOT NULL,
    unsent_at BIGINT
);
CREATE INDEX messages_in_conversation ON messages (conversation_id, id);
-- The sender's temp_id, or a key of the server's: an operation that runs again finds what it stored before.
CREATE UNIQUE INDEX messages_by_send_key ON messages (conversation_id, operator_id, send_key) WHERE send_key IS NOT NULL;
CREATE INDEX messages_by_line_id ON messages (line_message_id) WHERE line_message_id IS NOT NULL;

-- Messages withdrawn before they came: redelivery may turn the order around.
CREATE TABLE withdrawn (
    channel_id BIGINT NOT NULL,
    line_message_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, line_message_id)
);

CREATE TABLE reply_tokens (
    id {id},
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    token TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX reply_tokens_of_conversation ON reply_tokens (conversation_id, id);
CREATE INDEX reply_tokens_by_age ON reply_tokens (received_at);

-- One call to LINE with up to five messages, and all its tries (DL4, DL5).
CREATE TABLE batches (
    id {id},
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    method TEXT NOT NULL,
    retry_key TEXT NOT NULL,
    reply_token TEXT,
    token_received_at BIGINT,
    begun_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    may_have_arrived BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE deliveries (
    message_id BIGINT PRIMARY KEY REFERENCES messages (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    state TEXT NOT NULL,
    cost TEXT,
    code TEXT,
    error TEXT,
    retryable BOOLEAN NOT NULL DEFAULT FALSE,
    batch_id BIGINT,
    goes_alone BOOLEAN NOT NULL DEFAULT FALSE,
    queued_at BIGINT NOT NULL,
    settled_at BIGINT
);
CREATE INDEX deliveries_waiting ON deliveries (conversation_id, message_id) WHERE state IN ('queued', 'sending', 'withheld');

-- One conversation's queue to LINE; the row exists while something waits in it (DL2).
CREATE TABLE lanes (
    conversation_id BIGINT PRIMARY KEY REFERENCES conversations (id),
    ready_at BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    batch_id BIGINT,
    failures BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX lanes_ready ON lanes (ready_at);

CREATE TABLE read_marks (
    operator_id BIGINT NOT NULL REFERENCES operators (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    message_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (operator_id, conversation_id)
);

-- Who changed what, from where, before and after (SE6).
CREATE TABLE audit (
    id {id},
    at BIGINT NOT NULL,
    operator_id BIGINT,
    via TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    conversation_id BIGINT,
    session_id BIGINT,
    subject_operator_id BIGINT,
    before_state TEXT,
    after_state TEXT
);
CREATE INDEX audit_of_conversation ON audit (conversation_id, id) WHERE conversation_id IS NOT NULL;
