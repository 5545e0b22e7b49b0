"""Which contacts have their ticket, so that one that has none can be named."""

from alembic import op

from migrations import execute_all

revision = "intake_0014"
down_revision = "intake_0013"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE intake.contact_tickets (
    contact_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    channel text NOT NULL,
    ticketed_at timestamptz NOT NULL,
    PRIMARY KEY (contact_id, ticket_id) INCLUDE (channel)
);
CREATE INDEX contact_tickets_ticketed_at ON intake.contact_tickets (ticketed_at);
COMMENT ON TABLE intake.contact_tickets IS 'In which ticket a contact is, as tickets told: one, if all is well';

CREATE TABLE intake.ledger_state (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    began_at timestamptz NOT NULL
);
INSERT INTO intake.ledger_state (began_at) VALUES (now());
COMMENT ON TABLE intake.ledger_state IS 'Since when contact_tickets is kept: of what came before, nothing is compared';
COMMENT ON COLUMN intake.fetched_mails.digest IS
    'SHA-256 of its bytes: a mailbox that is numbered anew has it again. Empty for a UID that nobody had any more';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
