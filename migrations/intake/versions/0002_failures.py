"""What an error means: streams that wait, dead letters that end, refills in pieces; and keys for every unsafe verb."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import PLUMBING_2

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE intake.idempotency_keys ADD status smallint NOT NULL DEFAULT 202, ADD etag text;
COMMENT ON COLUMN intake.idempotency_keys.status IS '202 where contacts share a commit';
CREATE INDEX idempotency_keys_created_at ON intake.idempotency_keys (created_at);
CREATE INDEX visits_called ON intake.visits (booth, day, called_by) WHERE status = 'called';
"""


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_2.format(schema="intake"))
    execute_all(op.execute, TABLES)
