"""Units contain units; agents have a row each; and a case that nobody has may be given to one, with the reasons kept.

Columns with a default or null: the release before writes none of them.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0019"
down_revision = "tickets_0018"
branch_labels = None
depends_on = None

UNITS = """
ALTER TABLE tickets.units
    ADD parent text REFERENCES tickets.units (slug) CHECK (parent <> slug),
    ADD auto_assign boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN tickets.units.parent IS 'The unit that it belongs to, whose head sees its cases';
"""
AGENTS = """
CREATE TABLE tickets.agents (
    subject text PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    units text[] NOT NULL,
    capacity integer NOT NULL CHECK (capacity >= 0),
    skills text[] NOT NULL,
    languages text[] NOT NULL,
    shifts jsonb NOT NULL,
    works_on_days_off boolean NOT NULL,
    zone text NOT NULL,
    presence text NOT NULL DEFAULT 'offline',
    present_until timestamptz,
    last_given_at timestamptz
);
CREATE INDEX agents_units ON tickets.agents USING gin (units);
COMMENT ON TABLE tickets.agents IS 'Who works on cases; edited by people. A row goes when its agent leaves';
COMMENT ON COLUMN tickets.agents.present_until IS 'When what he declared ends; then he is given nothing new';
"""
ROUTINGS = """
CREATE TABLE tickets.routings (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL REFERENCES tickets.tickets,
    at timestamptz NOT NULL,
    agent text,
    looks jsonb NOT NULL
);
CREATE INDEX routings_ticket ON tickets.routings (ticket_id, id);
COMMENT ON TABLE tickets.routings IS 'To whom a case was given by itself, or that it waits (no agent), and why';
CREATE TABLE tickets.languages (
    ticket_id uuid PRIMARY KEY REFERENCES tickets.tickets,
    language text NOT NULL
);
COMMENT ON TABLE tickets.languages IS 'In which language a citizen wants to be answered, where somebody said so';
"""
INDICES = """
CREATE INDEX tickets_waiting ON tickets.tickets
    (unit, (CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'low' THEN 3 ELSE 2 END), opened_at, id)
    WHERE assignee IS NULL AND status IN ('open', 'escalated');
CREATE INDEX tickets_load ON tickets.tickets (assignee)
    WHERE assignee IS NOT NULL AND status IN ('open', 'escalated');
"""


def upgrade() -> None:
    for statements in (UNITS, AGENTS, ROUTINGS, INDICES):
        execute_all(op.execute, statements)
