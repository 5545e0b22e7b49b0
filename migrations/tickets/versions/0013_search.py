"""What tickets are found by. Tickets of before, and those that an older release changes, are made findable by a job."""

from alembic import op

from migrations import execute_all

revision = "tickets_0013"
down_revision = "tickets_0012"
branch_labels = None
depends_on = None

STEPS = """
CREATE TABLE tickets.found_by (
    ticket_id uuid PRIMARY KEY,
    version integer NOT NULL,
    words tsvector NOT NULL,
    whose tsvector NOT NULL
);
CREATE INDEX found_by_words ON tickets.found_by USING gin (words);
CREATE INDEX found_by_whose ON tickets.found_by USING gin (whose);
COMMENT ON TABLE tickets.found_by IS 'The words by which a ticket is found: what was said, and whose it is';
"""


def upgrade() -> None:
    execute_all(op.execute, STEPS)
