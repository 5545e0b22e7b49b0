"""The blind index of a sealed number, by which equal numbers meet and nobody reads one."""

from alembic import op

from migrations import execute_all

revision = "tickets_0011"
down_revision = "tickets_0010"
branch_labels = None
depends_on = None

COLUMN = """
ALTER TABLE tickets.handles ADD blind_index text;
CREATE INDEX handles_blind_index ON tickets.handles (kind, blind_index) WHERE blind_index IS NOT NULL;
COMMENT ON COLUMN tickets.handles.blind_index IS 'Equal for equal numbers of a kind: HMAC-SHA256 by the installation';
"""


def upgrade() -> None:
    execute_all(op.execute, COLUMN)
