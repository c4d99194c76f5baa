-- How a channel's access tokens come about, and whether it is in use. Secrets are sealed by the server from here on.
ALTER TABLE channels ADD COLUMN token_kind TEXT NOT NULL DEFAULT 'long_lived';
-- LINE's id of the channel: for tokens that the server issues by itself.
ALTER TABLE channels ADD COLUMN line_channel_id TEXT;
-- The private key that LINE knows the public half of.
ALTER TABLE channels ADD COLUMN assertion_key TEXT;
-- LINE gives out 30 of these at most, so every node uses the same one.
ALTER TABLE channels ADD COLUMN issued_token TEXT;
ALTER TABLE channels ADD COLUMN issued_until BIGINT;
ALTER TABLE channels ADD COLUMN is_active BOOLEAN NOT NULL DEFAULT TRUE;
