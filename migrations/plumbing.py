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

PLUMBING_2 = """
ALTER TABLE {schema}.outbox_state ADD refilled_to bigint;
COMMENT ON COLUMN {schema}.outbox_state.refilled_to IS
    'While Redis is filled again: the number in the outbox up to which that has come; NULL when nothing is refilled';

ALTER TABLE {schema}.inbox_failures ADD first_failed_at timestamptz;
COMMENT ON COLUMN {schema}.inbox_failures.first_failed_at IS 'From when on it is tried again; NULL means failed_at';

DROP INDEX {schema}.inbox_handled_at;
CREATE INDEX inbox_handled_at ON {schema}.inbox (handled_at);
COMMENT ON INDEX {schema}.inbox_handled_at IS
    'A B-tree: the ranges of a BRIN never get narrower when old rows are deleted';
CREATE INDEX inbox_failures_failed_at ON {schema}.inbox_failures (failed_at);

ALTER TABLE {schema}.dead_letters
    ADD replay_asked_at timestamptz, ADD replay_asked_by text,
    ADD discarded_at timestamptz, ADD discarded_by text, ADD discard_reason text;
DROP INDEX {schema}.dead_letters_event;
CREATE UNIQUE INDEX dead_letters_event ON {schema}.dead_letters (event_id)
    WHERE event_id IS NOT NULL AND replayed_at IS NULL AND discarded_at IS NULL;
CREATE INDEX dead_letters_asked ON {schema}.dead_letters (stream, replay_asked_at)
    WHERE replay_asked_at IS NOT NULL AND replayed_at IS NULL AND discarded_at IS NULL;
CREATE INDEX dead_letters_ended ON {schema}.dead_letters ((COALESCE(replayed_at, discarded_at)))
    WHERE COALESCE(replayed_at, discarded_at) IS NOT NULL;

CREATE TABLE {schema}.stops (
    stream text NOT NULL,
    event_id uuid NOT NULL,
    entry_id text NOT NULL,
    event_type text NOT NULL,
    correlation_id text NOT NULL,
    reason text NOT NULL,
    stopped_at timestamptz NOT NULL,
    skipped_at timestamptz,
    skipped_by text,
    skip_reason text,
    PRIMARY KEY (stream, event_id)
);
COMMENT ON TABLE {schema}.stops IS
    'At which event a stream waits for a release or for a person, and what the person decided';
"""

IDEMPOTENCY_KEYS_1 = """
CREATE TABLE {schema}.idempotency_keys (
    client text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    answer text NOT NULL,
    status smallint NOT NULL,
    etag text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (client, key)
);
CREATE INDEX idempotency_keys_created_at ON {schema}.idempotency_keys (created_at);
"""

REVOCATIONS_1 = """
CREATE TABLE {schema}.token_revocations (
    subject text PRIMARY KEY,
    issued_before timestamptz NOT NULL,
    revoked_by text NOT NULL,
    revoked_at timestamptz NOT NULL
);
COMMENT ON TABLE {schema}.token_revocations IS
    'Staff tokens of a subject (or, where it is empty, of everybody) that were issued before a moment: no longer valid';
"""

ACCESS_TRAIL_1 = """
CREATE TABLE {schema}.access_trail (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    subject text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text,
    detail text NOT NULL,
    request_id text NOT NULL,
    correlation_id text NOT NULL
);
CREATE INDEX access_trail_subject ON {schema}.access_trail (subject, id);
CREATE INDEX access_trail_object ON {schema}.access_trail (object_id, id) WHERE object_id IS NOT NULL;
CREATE INDEX access_trail_at ON {schema}.access_trail (at);
COMMENT ON TABLE {schema}.access_trail IS
    'Who did what, and who read about whom. Rows are added, and removed when their time is over; none is changed';
REVOKE UPDATE, TRUNCATE ON {schema}.access_trail FROM satuatap_{schema};
"""

WIDGET_KEYS_1 = """
ALTER TABLE {schema}.api_keys ADD origins text[] NOT NULL DEFAULT ARRAY[]::text[], ADD chats_per_minute integer;
COMMENT ON COLUMN {schema}.api_keys.chats_per_minute IS 'Of a widget''s key; null for all others';
"""

KEYS_2 = """
ALTER TABLE {schema}.api_keys
    ADD channels text[],
    ADD requests_per_minute integer,
    ADD old_secret_hash text,
    ADD old_until timestamptz,
    ADD used_at timestamptz,
    ADD old_used_at timestamptz;
COMMENT ON COLUMN {schema}.api_keys.channels IS 'By which channels it may bring something; null for all';
COMMENT ON COLUMN {schema}.api_keys.old_secret_hash IS 'Of the secret before this one, which works until old_until';
COMMENT ON COLUMN {schema}.api_keys.used_at IS 'When the secret was used last, to five minutes';
"""
