"""What channels bring is kept as it came before it is understood; conversations go by the names that channels give."""

from alembic import op

from migrations import execute_all

revision = "intake_0007"
down_revision = "intake_0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE intake.raw (
    id uuid PRIMARY KEY,
    channel text NOT NULL,
    account text NOT NULL,
    content bytea NOT NULL,
    headers jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    correlation_id text NOT NULL,
    traceparent text,
    status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'parsed', 'unreadable')),
    tries integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    ended_at timestamptz,
    faults jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE intake.raw IS 'Mails and webhooks, byte for byte';
COMMENT ON COLUMN intake.raw.faults IS 'Which parts of it nobody could understand, and why: never what they say';
CREATE INDEX raw_waiting ON intake.raw (next_try_at, id) WHERE status = 'waiting';
CREATE INDEX raw_ended ON intake.raw (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX raw_faulty ON intake.raw (channel, id) WHERE faults <> '[]';

CREATE TABLE intake.threads (
    channel text NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    chat_id uuid NOT NULL REFERENCES intake.chats,
    last_line_at timestamptz NOT NULL,
    PRIMARY KEY (channel, account, name)
);
COMMENT ON TABLE intake.threads IS 'By which names of a channel a conversation is known: a Message-ID, who writes';
CREATE INDEX threads_last_line_at ON intake.threads (last_line_at);

CREATE TABLE intake.sources (
    contact_id uuid PRIMARY KEY,
    raw_id uuid NOT NULL,
    channel text NOT NULL,
    account text NOT NULL,
    external_id text NOT NULL,
    sender text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX sources_raw ON intake.sources (raw_id);
CREATE INDEX sources_received_at ON intake.sources (received_at);
COMMENT ON TABLE intake.sources IS 'Where a contact came from: what the other side calls it, and whoever said it';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
