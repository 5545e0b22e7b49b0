"""An attempt begins when a notice is handed over, not when it is claimed; and what one address is told in an hour."""

from alembic import op

from migrations import execute_all

revision = "notify_0005"
down_revision = "notify_0004"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE notify.notices ADD claim uuid, ADD claimed_under timestamptz, ADD held boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN notify.notices.claim IS 'Names the claim in which it is, or was, being handed over';
COMMENT ON COLUMN notify.notices.claimed_under IS
    'When the PostgreSQL was started under which it was claimed: notes that do not wait for the disk hold there';
COMMENT ON COLUMN notify.notices.held IS 'Its address was told much in that hour: it is told together with others';
CREATE INDEX notices_address ON notify.notices (address, created_at) WHERE address IS NOT NULL;
COMMENT ON INDEX notify.notices_address IS 'How much an address was told in the last hour';
CREATE INDEX notices_held ON notify.notices (address, id) WHERE held AND status IN ('queued', 'sending');
COMMENT ON TABLE notify.delivery_attempts IS 'Each begins right before its message is handed over';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
