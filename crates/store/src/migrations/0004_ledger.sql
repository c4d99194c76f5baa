-- What messages cost: every call that LINE accepted, what LINE says of the month, and how long reply tokens live.

CREATE TABLE ledger (
    id {id},
    at BIGINT NOT NULL,
    -- YYYY-MM-DD in the business time zone of then.
    day TEXT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    conversation_id BIGINT NOT NULL,
    method TEXT NOT NULL,
    messages BIGINT NOT NULL,
    -- People whom it reached: what a push costs.
    recipients BIGINT NOT NULL
);
CREATE INDEX ledger_by_day ON ledger (channel_id, day);
CREATE INDEX ledger_paid ON ledger (channel_id, at) WHERE method = 'push';

ALTER TABLE deliveries ADD COLUMN recipients BIGINT;
ALTER TABLE contacts ADD COLUMN member_count BIGINT;

CREATE TABLE channel_quota (
    channel_id BIGINT PRIMARY KEY REFERENCES channels (id),
    -- NULL without a limit.
    monthly_limit BIGINT,
    used BIGINT NOT NULL,
    checked_at BIGINT NOT NULL
);

CREATE TABLE token_lives (
    channel_id BIGINT PRIMARY KEY REFERENCES channels (id),
    -- JSON of linedesk_core::token_life.
    learnt TEXT NOT NULL,
    expected_ms BIGINT NOT NULL
);
