"""Whose a case is among those who work, how urgent, hidden from whom, held until when, merged into which; and the seals
of its trail.

Columns with a default or null: the release before writes none of them, and its happenings have no seal. It does not
know the new words of `status`: it meets one only after somebody used a new verb.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0015"
down_revision = "tickets_0014"
branch_labels = None
depends_on = None

TICKETS = """
ALTER TABLE tickets.tickets
    ADD assignee text,
    ADD priority text NOT NULL DEFAULT 'normal',
    ADD privacy text NOT NULL DEFAULT 'none',
    ADD held_until timestamptz,
    ADD merged_into uuid REFERENCES tickets.tickets,
    ADD last_seal text,
    ADD CONSTRAINT not_merged_into_itself CHECK (merged_into <> id),
    ADD CONSTRAINT merged_where_it_says_so CHECK ((status = 'merged') = (merged_into IS NOT NULL)) NOT VALID,
    DROP CONSTRAINT tickets_status_check;
COMMENT ON COLUMN tickets.tickets.last_seal IS 'The seal of the last happening: the end of its trail is not missing';
CREATE INDEX tickets_merged ON tickets.tickets (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX tickets_assignee ON tickets.tickets (assignee, id) WHERE assignee IS NOT NULL;
CREATE INDEX tickets_held ON tickets.tickets (held_until) WHERE held_until IS NOT NULL;
ALTER TABLE tickets.entries
    ADD is_internal boolean NOT NULL DEFAULT false,
    ADD said_to uuid REFERENCES tickets.tickets;
COMMENT ON COLUMN tickets.entries.said_to IS
    'The ticket that was answered, where that was merged: where the line belongs once the merge is undone';
"""
TRAIL = """
ALTER TABLE tickets.happenings ADD origin text, ADD salt text, ADD seal text;
REVOKE DELETE ON tickets.happenings FROM satuatap_tickets;
COMMENT ON COLUMN tickets.happenings.seal IS 'docs/domain.md, "The trail"; null: an older release wrote it';
"""
MERGES = """
CREATE TABLE tickets.merges (
    id uuid PRIMARY KEY,
    source_id uuid NOT NULL REFERENCES tickets.tickets,
    target_id uuid NOT NULL REFERENCES tickets.tickets,
    source_due_at timestamptz NOT NULL,
    own_due_at timestamptz NOT NULL,
    merged_at timestamptz NOT NULL,
    merged_by text NOT NULL,
    unmerged_at timestamptz,
    CHECK (source_id <> target_id)
);
CREATE UNIQUE INDEX merges_standing ON tickets.merges (source_id) WHERE unmerged_at IS NULL;
CREATE INDEX merges_source ON tickets.merges (source_id);
CREATE INDEX merges_target ON tickets.merges (target_id) WHERE unmerged_at IS NULL;
COMMENT ON TABLE tickets.merges IS 'Which ticket goes on as which, and what is needed to undo it';
CREATE TABLE tickets.links (
    ticket_id uuid NOT NULL REFERENCES tickets.tickets,
    other_id uuid NOT NULL REFERENCES tickets.tickets,
    linked_at timestamptz NOT NULL,
    linked_by text NOT NULL,
    PRIMARY KEY (ticket_id, other_id),
    CHECK (ticket_id < other_id)
);
CREATE INDEX links_other ON tickets.links (other_id);
COMMENT ON TABLE tickets.links IS 'Tickets that have to do with each other: one row for both ways';
"""


def upgrade() -> None:
    for statements in (TICKETS, TRAIL, MERGES):
        execute_all(op.execute, statements)
