"""A place for each line of a conversation and each record of an audit trail, by which they are read a page at a time.

It is counted while the ticket is held, so what is committed later comes later, whichever machine wrote it: ids made by
several clocks do not. No row is written again: what is there from before has no place and goes by its id, before all
others. The default gives a place to what the release before this one still writes.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0005"
down_revision = "tickets_0004"
branch_labels = None
depends_on = None

PLACE = """
ALTER TABLE tickets.{table} ADD place bigint;
CREATE SEQUENCE tickets.{table}_place OWNED BY tickets.{table}.place;
ALTER TABLE tickets.{table} ALTER place SET DEFAULT nextval('tickets.{table}_place');
CREATE INDEX {table}_page ON tickets.{table} (ticket_id, coalesce(place, 0), id);
DROP INDEX tickets.{table}_ticket;
"""


def upgrade() -> None:
    for table in ("entries", "audit"):
        execute_all(op.execute, PLACE.format(table=table))
