-- Texts are put into the search index a little later than they are written, many at once; until then they are read. Up to
-- here, all are in it.
CREATE TABLE search_progress (indexed_to BIGINT NOT NULL);
INSERT INTO search_progress (indexed_to) SELECT coalesce(max(id), 0) FROM messages;
