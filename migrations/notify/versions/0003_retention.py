"""When the texts of notices were removed, and indices for retention and for the list by status."""

from alembic import op

from migrations import execute_all

revision = "notify_0003"
down_revision = "notify_0002"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE notify.notices ADD text_removed_at timestamptz;
COMMENT ON COLUMN notify.notices.text_removed_at IS 'Since then nothing says what it said, and to whom';
CREATE INDEX notices_with_text ON notify.notices (ended_at) WHERE text_removed_at IS NULL AND ended_at IS NOT NULL;
CREATE INDEX delivery_attempts_ended ON notify.delivery_attempts (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX notices_status ON notify.notices (status, id);
COMMENT ON INDEX notify.notices_status IS 'GET /v1/notices?status=';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
