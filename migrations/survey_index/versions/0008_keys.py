"""API keys are bound to channels, have a limit, are rotated, and it is known when they were used last."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import KEYS_2

revision = "survey_index_0008"
down_revision = "survey_index_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_all(op.execute, KEYS_2.format(schema="survey_index"))
