"""Whose a ticket is: citizens and their handles, with tables of their own.

Each ticket that is there gets a citizen of its own, and is written once more to say so.

While releases roll, the older one keeps who it is in columns of `tickets`, and the newer one in `citizens` and
`handles`; triggers keep both the same. A ticket that comes without a citizen is the older one's: it gets one, from its
columns. One that comes with a citizen gets its columns from him. A change of the columns, which the newer release never
names, goes to the citizen, a change of the citizen to the columns; `pg_trigger_depth` tells a release's own statement
from what a trigger did. Once nobody runs the older release, the columns, these functions and the triggers can go.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0007"
down_revision = "tickets_0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE tickets.citizens (
    id uuid PRIMARY KEY,
    name text,
    created_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE TABLE tickets.handles (
    id uuid PRIMARY KEY,
    citizen_id uuid NOT NULL,
    kind text NOT NULL,
    value text,
    sealed text,
    last4 text,
    sureness text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    CHECK (num_nonnulls(value, sealed, last4) > 0)
);
COMMENT ON COLUMN tickets.handles.sureness IS 'How sure it is that it is his; said: he said so';
ALTER TABLE tickets.tickets ADD citizen_id uuid;
INSERT INTO tickets.citizens (id, name, created_at, version) SELECT id, name, opened_at, 1 FROM tickets.tickets;
INSERT INTO tickets.handles (id, citizen_id, kind, value, sealed, last4, sureness, first_seen_at)
    SELECT gen_random_uuid(), t.id, h.kind, h.value, h.sealed, h.last4, 'said', t.opened_at
    FROM tickets.tickets t CROSS JOIN LATERAL (VALUES
        ('email', nullif(t.email, ''), NULL, NULL),
        ('phone', nullif(t.phone, ''), NULL, NULL),
        ('programme_number', NULL, t.programme_number_sealed, t.programme_number_last4)
    ) AS h (kind, value, sealed, last4)
    WHERE num_nonnulls(h.value, h.sealed, h.last4) > 0;
UPDATE tickets.tickets SET citizen_id = id;
ALTER TABLE tickets.tickets ALTER citizen_id SET NOT NULL, ADD FOREIGN KEY (citizen_id) REFERENCES tickets.citizens;
ALTER TABLE tickets.handles ADD FOREIGN KEY (citizen_id) REFERENCES tickets.citizens;
CREATE INDEX tickets_citizen ON tickets.tickets (citizen_id);
CREATE INDEX handles_citizen ON tickets.handles (citizen_id);
CREATE INDEX handles_value ON tickets.handles (kind, value) WHERE value IS NOT NULL;
CREATE VIEW tickets.citizens_as_columns AS
    SELECT c.id, c.name,
           (SELECT value FROM tickets.handles WHERE citizen_id = c.id AND kind = 'email'
            ORDER BY first_seen_at, id LIMIT 1) AS email,
           (SELECT value FROM tickets.handles WHERE citizen_id = c.id AND kind = 'phone'
            ORDER BY first_seen_at, id LIMIT 1) AS phone,
           n.sealed, n.last4
    FROM tickets.citizens c LEFT JOIN LATERAL (
        SELECT sealed, last4 FROM tickets.handles WHERE citizen_id = c.id AND kind = 'programme_number'
        ORDER BY first_seen_at, id LIMIT 1) AS n ON true;
"""

ADD_HANDLES = """
CREATE FUNCTION tickets.add_handles(t tickets.tickets, seen_at timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO tickets.handles (id, citizen_id, kind, value, sealed, last4, sureness, first_seen_at)
    SELECT gen_random_uuid(), t.citizen_id, h.kind, h.value, h.sealed, h.last4, 'said', seen_at
    FROM (VALUES
        ('email', nullif(t.email, ''), NULL, NULL),
        ('phone', nullif(t.phone, ''), NULL, NULL),
        ('programme_number', NULL, t.programme_number_sealed, t.programme_number_last4)
    ) AS h (kind, value, sealed, last4)
    WHERE num_nonnulls(h.value, h.sealed, h.last4) > 0
      AND NOT EXISTS (SELECT FROM tickets.handles k WHERE k.citizen_id = t.citizen_id AND k.kind = h.kind)
$$
"""
NEW_TICKET = """
CREATE FUNCTION tickets.new_ticket_and_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE handle record;
BEGIN
    IF NEW.citizen_id IS NULL THEN
        NEW.citizen_id := NEW.id;
        INSERT INTO tickets.citizens (id, name, created_at, version) VALUES (NEW.id, NEW.name, NEW.opened_at, 1);
        PERFORM tickets.add_handles(NEW, NEW.opened_at);
    ELSE  -- the view says the same, and takes three times as long for each new ticket
        NEW.name := (SELECT name FROM tickets.citizens WHERE id = NEW.citizen_id);
        FOR handle IN SELECT kind, value, sealed, last4 FROM tickets.handles WHERE citizen_id = NEW.citizen_id
                      ORDER BY first_seen_at DESC, id DESC LOOP
            IF handle.kind = 'email' THEN
                NEW.email := handle.value;
            ELSIF handle.kind = 'phone' THEN
                NEW.phone := handle.value;
            ELSIF handle.kind = 'programme_number' THEN
                NEW.programme_number_sealed := handle.sealed;
                NEW.programme_number_last4 := handle.last4;
            END IF;
        END LOOP;
    END IF;
    RETURN NEW;
END
$$
"""
TO_CITIZEN = """
CREATE FUNCTION tickets.columns_to_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets.citizens SET name = NEW.name, version = version + 1 WHERE id = NEW.citizen_id;
    PERFORM tickets.add_handles(NEW, now());
    UPDATE tickets.handles SET sealed = NEW.programme_number_sealed, last4 = NEW.programme_number_last4
    WHERE citizen_id = NEW.citizen_id AND kind = 'programme_number'
      AND (sealed, last4) IS DISTINCT FROM (NEW.programme_number_sealed, NEW.programme_number_last4);
    RETURN NULL;
END
$$
"""
TO_COLUMNS = """
CREATE FUNCTION tickets.citizens_to_columns(changed uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE tickets.tickets t
    SET name = c.name, email = c.email, phone = c.phone, programme_number_sealed = c.sealed,
        programme_number_last4 = c.last4
    FROM tickets.citizens_as_columns c
    WHERE t.citizen_id = ANY(changed) AND c.id = t.citizen_id
$$
"""
CITIZENS_CHANGED = """
CREATE FUNCTION tickets.citizens_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tickets.citizens_to_columns(ARRAY(SELECT id FROM changed));
    RETURN NULL;
END
$$
"""
HANDLES_CHANGED = """
CREATE FUNCTION tickets.handles_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tickets.citizens_to_columns(ARRAY(SELECT DISTINCT citizen_id FROM changed));
    RETURN NULL;
END
$$
"""
TRIGGERS = """
CREATE TRIGGER new_ticket_and_citizen BEFORE INSERT ON tickets.tickets
    FOR EACH ROW EXECUTE FUNCTION tickets.new_ticket_and_citizen();
CREATE TRIGGER columns_to_citizen
    AFTER UPDATE OF name, email, phone, programme_number_sealed, programme_number_last4 ON tickets.tickets
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND
        (OLD.name, OLD.email, OLD.phone, OLD.programme_number_sealed, OLD.programme_number_last4) IS DISTINCT FROM
        (NEW.name, NEW.email, NEW.phone, NEW.programme_number_sealed, NEW.programme_number_last4))
    EXECUTE FUNCTION tickets.columns_to_citizen();
CREATE TRIGGER citizens_changed AFTER UPDATE ON tickets.citizens REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION tickets.citizens_changed();
CREATE TRIGGER handles_added AFTER INSERT ON tickets.handles REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION tickets.handles_changed();
CREATE TRIGGER handles_changed AFTER UPDATE ON tickets.handles REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION tickets.handles_changed();
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
    for function in (ADD_HANDLES, NEW_TICKET, TO_CITIZEN, TO_COLUMNS, CITIZENS_CHANGED, HANDLES_CHANGED):
        op.execute(function)
    execute_all(op.execute, TRIGGERS)
