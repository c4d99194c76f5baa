-- Nodes that live. Each counts up its number for as long as it works; what a node holds whose number stands still is freed.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    beat BIGINT NOT NULL
);
-- The node that looks after it now; without one nobody does.
ALTER TABLE contacts ADD COLUMN profile_taken_by TEXT;
ALTER TABLE members ADD COLUMN profile_taken_by TEXT;
ALTER TABLE line_reads ADD COLUMN taken_by TEXT;
ALTER TABLE media ADD COLUMN taken_by TEXT;
