"""What cases count for, by day, unit, topic and channel, and what happened to them, also by who did it.

What a case was counted for is kept with it, so that it is taken back when the case counts for something else. Cases of
before, and those that an older release changes while releases roll, are counted by a job of tickets.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0012"
down_revision = "tickets_0011"
branch_labels = None
depends_on = None

STEPS = """
ALTER TABLE tickets.tickets ADD COLUMN occasions integer NOT NULL DEFAULT 1;
CREATE TABLE tickets.counted (
    ticket_id uuid PRIMARY KEY,
    version integer NOT NULL,
    unit text NOT NULL,
    topic text NOT NULL,
    channel text NOT NULL,
    amounts jsonb NOT NULL
);
COMMENT ON TABLE tickets.counted IS 'What each ticket counts for in tallies, in which version of it';
CREATE TABLE tickets.tallies (
    day date NOT NULL,
    unit text NOT NULL,
    topic text NOT NULL,
    channel text NOT NULL,
    count text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (day, unit, topic, channel, count)
);
COMMENT ON TABLE tickets.tallies IS 'Counts of tickets by the days of their zones';
CREATE TABLE tickets.deeds (
    day date NOT NULL,
    unit text NOT NULL,
    topic text NOT NULL,
    channel text NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (day, unit, topic, channel, actor, kind)
);
COMMENT ON TABLE tickets.deeds IS 'Counts of what happened to tickets; the actor is a member of staff, or empty';
"""


def upgrade() -> None:
    execute_all(op.execute, STEPS)
