"""Units contain units, and some have their cases given to their agents by themselves."""

from alembic import op

from migrations import execute_all

revision = "tickets_0017"
down_revision = "tickets_0016"
branch_labels = None
depends_on = None

UNITS = """
ALTER TABLE tickets.units
    ADD parent text REFERENCES tickets.units (slug) CHECK (parent <> slug),
    ADD auto_assign boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN tickets.units.parent IS 'The unit that it belongs to, whose head sees its cases';
"""


def upgrade() -> None:
    execute_all(op.execute, UNITS)
