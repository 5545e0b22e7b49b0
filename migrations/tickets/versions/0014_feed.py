"""Which transaction wrote what happened: a reader who follows all of it misses nothing that was committed late.

Rows of before, and no others, have none: they come first.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0014"
down_revision = "tickets_0013"
branch_labels = None
depends_on = None

STEPS = """
ALTER TABLE tickets.happenings ADD COLUMN written_by xid8;
ALTER TABLE tickets.happenings ALTER COLUMN written_by SET DEFAULT pg_current_xact_id();
CREATE INDEX happenings_feed ON tickets.happenings (coalesce(written_by, '0'), number, id);
"""


def upgrade() -> None:
    execute_all(op.execute, STEPS)
