"""Which mails of a mailbox were fetched, and the files that came with contacts."""

from alembic import op

from migrations import execute_all

revision = "intake_0010"
down_revision = "intake_0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE intake.fetched_mails (
    mailbox text NOT NULL,
    uidvalidity bigint NOT NULL,
    uid bigint NOT NULL,
    digest bytea NOT NULL,
    fetched_at timestamptz NOT NULL,
    settled_at timestamptz,
    PRIMARY KEY (mailbox, uidvalidity, uid)
);
COMMENT ON TABLE intake.fetched_mails IS 'What was fetched out of mailboxes: a mail has these three for a name';
COMMENT ON COLUMN intake.fetched_mails.digest IS 'SHA-256 of its bytes: a mailbox that is numbered anew has it again';
COMMENT ON COLUMN intake.fetched_mails.settled_at IS 'When it was moved, or marked, in the mailbox';
CREATE INDEX fetched_mails_digest ON intake.fetched_mails (mailbox, digest);
CREATE INDEX fetched_mails_fetched_at ON intake.fetched_mails (fetched_at);
CREATE INDEX fetched_mails_unsettled ON intake.fetched_mails (mailbox, uidvalidity, uid) WHERE settled_at IS NULL;

CREATE TABLE intake.attachments (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL,
    place integer NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    received_at timestamptz NOT NULL,
    UNIQUE (contact_id, place)
);
COMMENT ON TABLE intake.attachments IS 'Files that came with contacts; their bytes are in the store, under their id';
COMMENT ON COLUMN intake.attachments.media_type IS 'By what is in it, else as the sender calls it';
CREATE INDEX attachments_received_at ON intake.attachments (received_at);
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
