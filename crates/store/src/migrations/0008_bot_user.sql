-- The account's own user id, which webhooks name as their destination. Known once LINE was asked with the channel's token.
ALTER TABLE channels ADD COLUMN bot_user_id TEXT;
-- The latest webhook that was signed with the channel's secret and was for another account: for whom, and when.
ALTER TABLE channels ADD COLUMN misdirected_to TEXT;
ALTER TABLE channels ADD COLUMN misdirected_at BIGINT;
