"""That a citizen was erased, by whom, when and why; and the one change that a trail allows: a digest for a text."""

from alembic import op

from migrations import execute_all

revision = "tickets_0017"
down_revision = "tickets_0016"
branch_labels = None
depends_on = None


ERASURES = """
CREATE TABLE tickets.erasures (
    id uuid PRIMARY KEY,
    citizen_id uuid NOT NULL,
    reason text NOT NULL,
    erased_by text NOT NULL,
    erased_at timestamptz NOT NULL,
    tickets integer NOT NULL
);
CREATE INDEX erasures_citizen ON tickets.erasures (citizen_id, id);
COMMENT ON TABLE tickets.erasures IS 'That citizens were erased, by whom and why. Rows are added, and none is changed';
REVOKE UPDATE, TRUNCATE ON tickets.erasures FROM satuatap_tickets;
"""
ONLY_ERASED = """
CREATE FUNCTION tickets.happening_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM jsonb_each(OLD.data) AS o(name, value)
        FULL JOIN jsonb_each(NEW.data) AS n(name, value) USING (name)
        WHERE n.value IS DISTINCT FROM o.value AND NOT coalesce(
            jsonb_typeof(o.value) = 'string' AND jsonb_typeof(n.value -> 'sha256') = 'string'
            AND n.value - 'sha256' = '{}', false)
    ) THEN
        RAISE EXCEPTION 'what happened is not changed: only a digest may take the place of a text';
    END IF;
    RETURN NEW;
END
$$
"""
RIGHT = """
CREATE TRIGGER only_erased BEFORE UPDATE ON tickets.happenings
    FOR EACH ROW EXECUTE FUNCTION tickets.happening_only_erased();
GRANT UPDATE (data) ON tickets.happenings TO satuatap_tickets;
"""


def upgrade() -> None:
    """Adds; nothing that an older release reads or writes changes."""
    execute_all(op.execute, ERASURES)
    op.execute(ONLY_ERASED)
    execute_all(op.execute, RIGHT)
