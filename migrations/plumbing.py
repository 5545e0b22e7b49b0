"""The tables behind "once", the same in every schema. A migration names the version that it makes and never changes."""

PLUMBING_1 = """
CREATE TABLE {schema}.outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    event_id uuid NOT NULL,
    type text NOT NULL,
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL,
    payload text NOT NULL,
    published_at timestamptz,
    entry_ms bigint,
    entry_number bigint,
    PRIMARY KEY (seq, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX outbox_unpublished ON {schema}.outbox (seq) WHERE published_at IS NULL;
CREATE TABLE {schema}.outbox_other_days PARTITION OF {schema}.outbox DEFAULT;
COMMENT ON TABLE {schema}.outbox IS 'Events, written with the change they tell of; one partition a UTC day';

CREATE TABLE {schema}.outbox_state (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    generation text,
    last_ms bigint NOT NULL DEFAULT 0,
    last_number bigint NOT NULL DEFAULT 0,
    finished_ms bigint NOT NULL DEFAULT 0,
    finished_number bigint NOT NULL DEFAULT 0
);
INSERT INTO {schema}.outbox_state DEFAULT VALUES;
COMMENT ON TABLE {schema}.outbox_state IS 'Which filling of Redis we write to, how far, and what every reader finished';

CREATE TABLE {schema}.inbox (
    event_id uuid PRIMARY KEY,
    handled_at timestamptz NOT NULL
);
CREATE INDEX inbox_handled_at ON {schema}.inbox USING brin (handled_at);
CREATE TABLE {schema}.inbox_failures (
    event_id uuid PRIMARY KEY,
    failures integer NOT NULL,
    reason text NOT NULL,
    failed_at timestamptz NOT NULL
);
CREATE TABLE {schema}.dead_letters (
    id uuid PRIMARY KEY,
    stream text NOT NULL,
    entry_id text NOT NULL,
    event_id uuid,
    event_type text,
    correlation_id text,
    handler text NOT NULL,
    reason text NOT NULL,
    failures integer NOT NULL,
    payload text NOT NULL,
    died_at timestamptz NOT NULL,
    replayed_at timestamptz,
    UNIQUE (stream, entry_id)
);
CREATE UNIQUE INDEX dead_letters_event ON {schema}.dead_letters (event_id)
    WHERE event_id IS NOT NULL AND replayed_at IS NULL;
"""
