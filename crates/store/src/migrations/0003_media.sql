-- The files behind messages. Their bytes are in the media store, under the id; here is what is known of them.

CREATE TABLE media (
    -- Random.
    id TEXT PRIMARY KEY,
    message_id BIGINT NOT NULL UNIQUE REFERENCES messages (id),
    -- Where to fetch it; NULL for what an operator sent.
    line_message_id TEXT,
    state TEXT NOT NULL,
    content_type TEXT,
    size_bytes BIGINT,
    file_name TEXT,
    width BIGINT,
    height BIGINT,
    duration_ms BIGINT,
    has_preview BOOLEAN NOT NULL DEFAULT FALSE,
    -- Why it failed, or what it waits for.
    code TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- When a worker looks at it next; NULL when there is nothing more to do.
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    link_expires_at BIGINT
);
CREATE INDEX media_due ON media (due_at) WHERE due_at IS NOT NULL;

-- Ids whose objects in the media store nobody refers to, or not yet: they are deleted when due.
CREATE TABLE media_trash (
    id TEXT PRIMARY KEY,
    due_at BIGINT NOT NULL,
    -- Until then somebody who began earlier may still write them.
    until BIGINT NOT NULL
);
CREATE INDEX media_trash_due ON media_trash (due_at);
