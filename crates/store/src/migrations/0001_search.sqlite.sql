-- Substring search, three characters and more. The index keeps its own copy of the text: without it a deletion would only
-- hide the row, and an unsent text could be read out of the index until it is merged (WH6).
CREATE VIRTUAL TABLE message_search USING fts5 (content, tokenize = 'trigram');
INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1);
