"""API keys are bound to channels, have a limit, are rotated, and it is known when they were used last."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import KEYS_2

revision = "intake_0015"
down_revision = "intake_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_all(op.execute, KEYS_2.format(schema="intake"))
