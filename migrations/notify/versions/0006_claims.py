"""A claim is a row of its own, in which its courier notes how far it came.

While releases roll, the older one looks at `notices.claimed_by`, `claimed_until` and `claimed_under`, which are still
written so that it takes none of the newer one's for untouched; and the newer one gives up what the older one claimed by
the older rule. Once nobody runs the older release, that rule, these columns and `notices_sending` can go.
"""

from alembic import op

from migrations import execute_all

revision = "notify_0006"
down_revision = "notify_0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE notify.claims (
    id uuid PRIMARY KEY,
    worker text NOT NULL,
    claimed_until timestamptz NOT NULL,
    claimed_under timestamptz NOT NULL DEFAULT pg_postmaster_start_time(),
    under_way uuid[] NOT NULL DEFAULT '{}',
    began_at timestamptz,
    accepted uuid[] NOT NULL DEFAULT '{}',
    provider_ids text[] NOT NULL DEFAULT '{}',
    begins timestamptz[] NOT NULL DEFAULT '{}',
    ends timestamptz[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
COMMENT ON TABLE notify.claims IS 'What couriers have in their hands; gone when each notice of it is settled';
COMMENT ON COLUMN notify.claims.claimed_under IS
    'When the PostgreSQL was started under which it was claimed: notes that do not wait for the disk hold there';
COMMENT ON COLUMN notify.claims.under_way IS 'The notices of the message that is being handed over, since began_at';
COMMENT ON COLUMN notify.claims.accepted IS
    'What was taken and is not settled; beside it, place by place, how it was called, when it began and when it ended';
COMMENT ON TABLE notify.delivery_attempts IS 'Each that has ended; one under way is noted in its claim';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
