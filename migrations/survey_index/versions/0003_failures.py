"""What an error means: streams that wait, dead letters that end, refills in pieces; and keys for every unsafe verb."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import IDEMPOTENCY_KEYS_1, PLUMBING_2

revision = "survey_index_0003"
down_revision = "survey_index_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_2.format(schema="survey_index"))
    execute_all(op.execute, IDEMPOTENCY_KEYS_1.format(schema="survey_index"))
