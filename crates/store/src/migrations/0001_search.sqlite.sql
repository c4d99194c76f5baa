-- Substring search, three characters and more. Only the index is kept here; the text is in `messages`.
CREATE VIRTUAL TABLE message_search USING fts5 (content, content = '', contentless_delete = 1, tokenize = 'trigram');
-- What is deleted leaves the index at once: an unsent text may not stay (WH6).
INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1);
