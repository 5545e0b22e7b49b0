"""Who did what and read what, and which staff tokens were revoked."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import ACCESS_TRAIL_1, REVOCATIONS_1

revision = "tickets_0004"
down_revision = "tickets_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_all(op.execute, REVOCATIONS_1.format(schema="tickets"))
    execute_all(op.execute, ACCESS_TRAIL_1.format(schema="tickets"))
