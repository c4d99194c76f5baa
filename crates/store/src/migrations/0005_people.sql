-- Who is in groups and rooms, who said what, how old a profile is, and what is to be marked as read.

CREATE TABLE members (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    line_user_id TEXT NOT NULL,
    display_name TEXT,
    has_left BOOLEAN NOT NULL DEFAULT FALSE,
    profile_due_at BIGINT,
    profile_attempts BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, line_user_id)
);
CREATE INDEX members_profile_due ON members (profile_due_at) WHERE profile_due_at IS NOT NULL;

-- The member of a group or room who said it, where LINE tells.
ALTER TABLE messages ADD COLUMN author_id TEXT;
ALTER TABLE contacts ADD COLUMN profile_fetched_at BIGINT;
CREATE INDEX contacts_by_chat ON contacts (chat_id);

-- The newest token to mark a conversation as read in LINE; due when its time has come.
CREATE TABLE line_reads (
    conversation_id BIGINT PRIMARY KEY REFERENCES conversations (id),
    token TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX line_reads_due ON line_reads (due_at) WHERE due_at IS NOT NULL;
