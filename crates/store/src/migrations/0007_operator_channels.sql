-- Which channels an operator sees; without a row, all. Admins see all anyhow.
CREATE TABLE operator_channels (
    operator_id BIGINT NOT NULL REFERENCES operators (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    PRIMARY KEY (operator_id, channel_id)
);
