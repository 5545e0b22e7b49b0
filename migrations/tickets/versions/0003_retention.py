"""An index for each filter that the list of tickets offers."""

from alembic import op

from migrations import execute_all

revision = "tickets_0003"
down_revision = "tickets_0002"
branch_labels = None
depends_on = None

TABLES = """
DROP INDEX tickets.tickets_open;
CREATE INDEX tickets_unit ON tickets.tickets (unit, id);
CREATE INDEX tickets_status ON tickets.tickets (status, id);
COMMENT ON INDEX tickets.tickets_status IS 'GET /v1/tickets?status= and ?status_category=, newest first';
CREATE INDEX tickets_channel ON tickets.tickets (channel, id);
CREATE INDEX tickets_topic ON tickets.tickets (topic, id);
CREATE INDEX tickets_escalated ON tickets.tickets (escalation_level, id) WHERE escalation_level > 0;
CREATE INDEX tickets_opened ON tickets.tickets (opened_at);
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
