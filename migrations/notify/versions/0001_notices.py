"""Notices, and each attempt to hand one over."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import PLUMBING_1

revision = "notify_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE notify.notices (
    id uuid PRIMARY KEY,
    event_id uuid NOT NULL,
    reason text NOT NULL,
    ticket_id uuid NOT NULL,
    tracking_code text NOT NULL,
    kind text CHECK (kind IN ('email', 'sms')),
    address text,
    subject text NOT NULL,
    body text NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'sending', 'accepted', 'failed', 'uncertain', 'suppressed')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    give_up_at timestamptz NOT NULL,
    claimed_by text,
    claimed_until timestamptz,
    provider_id text,
    error text,
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    UNIQUE (event_id, reason)
);
CREATE INDEX notices_due ON notify.notices (kind, next_attempt_at, id) WHERE status = 'queued';
CREATE INDEX notices_sending ON notify.notices (claimed_until) WHERE status = 'sending';
CREATE INDEX notices_ticket ON notify.notices (ticket_id, id);

CREATE TABLE notify.delivery_attempts (
    notice_id uuid NOT NULL REFERENCES notify.notices,
    number integer NOT NULL,
    worker text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text,
    detail text,
    PRIMARY KEY (notice_id, number)
);
"""


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_1.format(schema="notify"))
    execute_all(op.execute, TABLES)
