-- What the panel beside a conversation shows: the contact's language, sessions so far, notes.

ALTER TABLE contacts ADD COLUMN language TEXT;
CREATE INDEX sessions_of_conversation ON sessions (conversation_id, id);
CREATE INDEX messages_notes ON messages (conversation_id, id) WHERE message_type = 'note';
