"""Keys, contacts, chats, booths."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import PLUMBING_1

revision = "intake_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE intake.api_keys (
    key_id text PRIMARY KEY,
    name text NOT NULL,
    secret_hash text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE intake.idempotency_keys (
    client text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    answer text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (client, key)
);

CREATE TABLE intake.chats (
    id uuid PRIMARY KEY,
    tracking_code text NOT NULL UNIQUE,
    opened_at timestamptz NOT NULL,
    last_position integer NOT NULL DEFAULT 0
);
COMMENT ON COLUMN intake.chats.last_position IS
    'Positions are handed out under the lock on this row, so they become visible in their order';

CREATE TABLE intake.contacts (
    id uuid PRIMARY KEY,
    tracking_code text NOT NULL,
    channel text NOT NULL,
    chat_id uuid REFERENCES intake.chats,
    position integer,
    name text,
    email text,
    phone text,
    programme_number_sealed text,
    programme_number_last4 text,
    subject text NOT NULL,
    body text NOT NULL,
    client text NOT NULL,
    received_at timestamptz NOT NULL,
    CHECK ((chat_id IS NULL) = (position IS NULL))
);
CREATE UNIQUE INDEX contacts_tracking_code ON intake.contacts (tracking_code) WHERE chat_id IS NULL;
CREATE UNIQUE INDEX contacts_chat ON intake.contacts (chat_id, position) WHERE chat_id IS NOT NULL;

CREATE TABLE intake.chat_replies (
    id uuid PRIMARY KEY,
    chat_id uuid NOT NULL REFERENCES intake.chats,
    position integer NOT NULL,
    body text NOT NULL,
    sent_at timestamptz NOT NULL,
    UNIQUE (chat_id, position)
);

CREATE TABLE intake.booth_days (
    booth text NOT NULL,
    day date NOT NULL,
    last_number integer NOT NULL,
    PRIMARY KEY (booth, day)
);
CREATE TABLE intake.visits (
    id uuid PRIMARY KEY,
    booth text NOT NULL,
    day date NOT NULL,
    number integer NOT NULL,
    tracking_code text NOT NULL UNIQUE,
    status text NOT NULL CHECK (status IN ('waiting', 'called', 'settled', 'escalated')),
    name text,
    email text,
    phone text,
    programme_number_sealed text,
    programme_number_last4 text,
    subject text NOT NULL,
    body text NOT NULL,
    taken_at timestamptz NOT NULL,
    call_due_at timestamptz NOT NULL,
    called_at timestamptz,
    called_by text,
    ended_at timestamptz,
    contact_id uuid,
    UNIQUE (booth, day, number)
);
CREATE INDEX visits_waiting ON intake.visits (booth, day, number) WHERE status = 'waiting';
"""


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_1.format(schema="intake"))
    execute_all(op.execute, TABLES)
