"""What people withdraw that they said, also before it came."""

from alembic import op

from migrations import execute_all

revision = "intake_0008"
down_revision = "intake_0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE intake.withdrawals (
    channel text NOT NULL,
    account text NOT NULL,
    external_id text NOT NULL,
    withdrawn_at timestamptz NOT NULL,
    PRIMARY KEY (channel, account, external_id)
);
CREATE INDEX withdrawals_withdrawn_at ON intake.withdrawals (withdrawn_at);
CREATE INDEX sources_external_id ON intake.sources (channel, account, external_id);
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
