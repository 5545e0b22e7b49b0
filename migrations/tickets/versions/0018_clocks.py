"""Several clocks of a ticket, each by a calendar and a policy that people edit, and a timer for each threshold.

What a clock does not say is as it was: edition 1 of the calendar `indonesia` is the week and the days off by which it
was set, and a policy without `terms` asks for a resolution within `resolution_days`.

While releases roll, the older one knows of one clock, and of no timer: a trigger sets that by which it is told when it
is too late. What stops or moves such a clock is looked at when the timer is due. The older one reads of each policy how
many days there are; so these columns are filled for newer policies, too. Once nobody runs the older release, the
trigger can go.
"""

import json

from alembic import op

from migrations import execute_all

revision = "tickets_0018"
down_revision = "tickets_0017"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE tickets.calendars (
    name text NOT NULL,
    version integer NOT NULL,
    zone text NOT NULL,
    content jsonb NOT NULL,
    in_force boolean NOT NULL,
    edited_by text NOT NULL,
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX calendars_in_force ON tickets.calendars (name) WHERE in_force;
COMMENT ON TABLE tickets.calendars IS 'docs/domain.md, "Deadlines"; edited by people, each edit a version';
ALTER TABLE tickets.sla_policies
    ADD terms jsonb,
    ADD edited_by text,
    ADD edited_at timestamptz;
COMMENT ON COLUMN tickets.sla_policies.terms IS 'docs/domain.md, "Deadlines"; NULL: resolution_days alone';
ALTER TABLE tickets.clocks
    ADD calendar_edition integer NOT NULL DEFAULT 1,
    ADD paused_at timestamptz,
    ADD pauses jsonb,
    ADD priority text NOT NULL DEFAULT 'normal',
    ADD fixed_at timestamptz,
    ADD breached_at timestamptz,
    ADD dropped boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN tickets.clocks.pauses IS 'NULL: an older release wrote it, which knew of none';
CREATE INDEX clocks_by_calendar ON tickets.clocks (calendar_name, calendar_edition) WHERE stopped_at IS NULL;
CREATE TABLE tickets.timers (
    ticket_id uuid NOT NULL,
    clock text NOT NULL,
    kind text NOT NULL,
    due_at timestamptz,
    fired_at timestamptz,
    PRIMARY KEY (ticket_id, clock, kind)
);
CREATE INDEX timers_open ON tickets.timers (due_at) WHERE fired_at IS NULL AND due_at IS NOT NULL;
COMMENT ON TABLE tickets.timers IS 'A threshold of a clock; due_at is NULL while its clock stands still';
INSERT INTO tickets.timers (ticket_id, clock, kind, due_at)
    SELECT ticket_id, kind, 'breach', due_at + interval '1 second' FROM tickets.clocks
    WHERE stopped_at IS NULL AND due_at >= now();
CREATE TABLE tickets.unit_contacts (
    unit text NOT NULL,
    role text NOT NULL,
    email text NOT NULL,
    PRIMARY KEY (unit, role, email)
);
COMMENT ON TABLE tickets.unit_contacts IS 'Whom of a unit an escalation is told; edited by people'
"""
TIME = """
CREATE FUNCTION tickets.time_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets.timers (ticket_id, clock, kind, due_at)
    VALUES (NEW.ticket_id, NEW.kind, 'breach',
            CASE WHEN NEW.stopped_at IS NULL THEN NEW.due_at + interval '1 second' END)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER time_clock AFTER INSERT ON tickets.clocks
    FOR EACH ROW WHEN (NEW.pauses IS NULL) EXECUTE FUNCTION tickets.time_clock()
"""
WEEKDAY, DAY, ALWAYS = [[8 * 60, 16 * 60]], [[8 * 60, 20 * 60]], [[0, 24 * 60]]
# docs/domain.md, "Deadlines": name, the slots of each day from Monday on in minutes, the days off
CALENDARS: tuple[tuple[str, list[list[list[int]]], list[str]], ...] = (
    ("indonesia", [WEEKDAY] * 5 + [[]] * 2, ["public"]),
    ("contact-centre", [DAY] * 7, []),
    ("always", [ALWAYS] * 7, []),
)


def upgrade() -> None:
    execute_all(op.execute, TABLES)
    op.execute(TIME)
    op.execute(TRIGGER)
    for name, week, days_off in CALENDARS:
        op.get_bind().exec_driver_sql(
            "INSERT INTO tickets.calendars (name, version, zone, content, in_force, edited_by, edited_at) "
            "VALUES ($1, 1, 'Asia/Jakarta', CAST($2 AS text)::jsonb, true, 'installation', now())",
            (name, json.dumps({"week": week, "days_off": days_off, "special": {}})),
        )
