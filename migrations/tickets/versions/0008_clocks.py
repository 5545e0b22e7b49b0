"""By when a ticket is to be resolved: a clock with a row of its own, which says by what it was set.

Which holidays were known when a clock of before was set was not written down: its `calendar_version` is `unknown`.

While releases roll, the older one keeps this in columns of `tickets`, and the newer one in `clocks`; triggers keep both
the same. A ticket that comes with a policy is the older one's: its clock is set from its columns. One without gets its
columns from its clock, which is there before it; so a clock may be earlier than its ticket in a transaction. A case
that the older one resolves or opens again stops its clock or lets it run (`name` is in every change of the older one,
and in none of the newer). Neither moves the moment when a clock is due. Once nobody runs the older release, the
columns, these functions and the triggers can go.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0008"
down_revision = "tickets_0007"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE tickets.clocks (
    ticket_id uuid NOT NULL,
    kind text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    stopped_at timestamptz,
    policy_name text NOT NULL,
    policy_version integer NOT NULL,
    calendar_name text NOT NULL,
    calendar_version text NOT NULL,
    PRIMARY KEY (ticket_id, kind)
);
COMMENT ON COLUMN tickets.clocks.calendar_version IS 'What the holidays came from: country and version of the library';
INSERT INTO tickets.clocks
    SELECT id, 'resolution', opened_at, resolution_due_at, resolved_at, policy_name, policy_version,
           'indonesia', 'unknown'
    FROM tickets.tickets;
ALTER TABLE tickets.clocks
    ADD FOREIGN KEY (ticket_id) REFERENCES tickets.tickets DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (policy_name, policy_version) REFERENCES tickets.sla_policies (name, version);
CREATE INDEX clocks_running ON tickets.clocks (kind, due_at) WHERE stopped_at IS NULL;
"""
NEW_TICKET = """
CREATE FUNCTION tickets.new_ticket_and_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.policy_name IS NOT NULL THEN
        INSERT INTO tickets.clocks
        VALUES (NEW.id, 'resolution', NEW.opened_at, NEW.resolution_due_at, NEW.resolved_at, NEW.policy_name,
                NEW.policy_version, 'indonesia', 'unknown');
    ELSE
        SELECT policy_name, policy_version, due_at
        INTO NEW.policy_name, NEW.policy_version, NEW.resolution_due_at
        FROM tickets.clocks WHERE ticket_id = NEW.id AND kind = 'resolution';
    END IF;
    RETURN NEW;
END
$$
"""
STOP = """
CREATE FUNCTION tickets.columns_to_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets.clocks SET stopped_at = NEW.resolved_at WHERE ticket_id = NEW.id AND kind = 'resolution';
    RETURN NULL;
END
$$
"""
TRIGGERS = """
CREATE TRIGGER new_ticket_and_clock BEFORE INSERT ON tickets.tickets
    FOR EACH ROW EXECUTE FUNCTION tickets.new_ticket_and_clock();
CREATE TRIGGER columns_to_clock AFTER UPDATE OF name ON tickets.tickets
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND OLD.resolved_at IS DISTINCT FROM NEW.resolved_at)
    EXECUTE FUNCTION tickets.columns_to_clock();
"""


def upgrade() -> None:
    execute_all(op.execute, TABLE)
    for function in (NEW_TICKET, STOP):
        op.execute(function)
    execute_all(op.execute, TRIGGERS)
