-- Who surely gets what is pushed: friends, and for seven days whoever wrote (LINE Messaging API reference "Send push message").
ALTER TABLE contacts ADD COLUMN is_friend BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE contacts SET is_friend = TRUE WHERE friend_status = 'ACTIVE' AND EXISTS (
    SELECT 1 FROM messages WHERE conversation_id = contacts.id AND sender_role = 'SYSTEM' AND payload LIKE '%"kind":"follow"%');
-- When the contact last wrote.
ALTER TABLE conversations ADD COLUMN heard_at BIGINT;
UPDATE conversations SET heard_at = (
    SELECT max(created_at) FROM messages WHERE conversation_id = conversations.id AND sender_role = 'USER');
