"""Files that are still to be fetched from where a channel keeps them, and files in the store that nothing refers to."""

from alembic import op

from migrations import execute_all

revision = "intake_0013"
down_revision = "intake_0012"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE intake.attachments
    ADD state text NOT NULL DEFAULT 'kept' CONSTRAINT attachments_state_check CHECK (
        state IN ('waiting', 'kept', 'failed')),
    ADD reason text NOT NULL DEFAULT '';
COMMENT ON COLUMN intake.attachments.size IS 'In bytes; 0 while it is not kept';
COMMENT ON COLUMN intake.attachments.reason IS 'Why it is not kept, or not yet, for people';

CREATE TABLE intake.media (
    attachment_id uuid PRIMARY KEY REFERENCES intake.attachments ON DELETE CASCADE,
    channel text NOT NULL,
    account text NOT NULL,
    reference text NOT NULL,
    tries integer NOT NULL,
    next_try_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE intake.media IS 'Files to be fetched: a channel told only what it calls them';
CREATE INDEX media_next_try_at ON intake.media (channel, next_try_at);

CREATE TABLE intake.loose_files (
    file_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL
);
COMMENT ON TABLE intake.loose_files IS
    'Files in the store without a row of attachments: on the way to one, or left behind. They are removed when due';
CREATE INDEX loose_files_due_at ON intake.loose_files (due_at);
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
