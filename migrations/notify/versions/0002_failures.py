"""What an error means: streams that wait, dead letters that end, refills in pieces; and keys for every unsafe verb."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import IDEMPOTENCY_KEYS_1, PLUMBING_2

revision = "notify_0002"
down_revision = "notify_0001"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE notify.notices ADD traceparent text;
COMMENT ON COLUMN notify.notices.traceparent IS 'The W3C trace context of what caused the notice';
"""


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_2.format(schema="notify"))
    execute_all(op.execute, IDEMPOTENCY_KEYS_1.format(schema="notify"))
    execute_all(op.execute, TABLES)
