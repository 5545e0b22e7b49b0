"""Units have a row with a name, and cases and topics name them by a slug.

The name that stood in a case or a topic becomes a unit; the slug of it stands there now.

While releases roll, the older one writes names: a trigger puts their slugs in their place, and adds the unit. What the
older one reads, and tells others, is a slug meanwhile. Once nobody runs it, the functions and the triggers can go.
`unit_slug` does as `services.tickets.domain.units.slug_of`; a test holds one against the other.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0009"
down_revision = "tickets_0008"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE tickets.units (
    slug text PRIMARY KEY CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 63),
    name text NOT NULL
);
COMMENT ON TABLE tickets.units IS 'Who handles cases; edited by people';
"""
SLUG = """
CREATE FUNCTION tickets.unit_slug(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT coalesce(nullif(trim(BOTH '-' FROM left(trim(BOTH '-' FROM words), 63)), ''), 'unit-' || left(md5(name), 8))
    FROM lower(regexp_replace(name, '[^A-Za-z0-9]+', '-', 'g')) AS words
$$
"""
KEEP = """
CREATE FUNCTION tickets.unit_to_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets.units (slug, name) VALUES (tickets.unit_slug(NEW.unit), NEW.unit) ON CONFLICT DO NOTHING;
    NEW.unit = tickets.unit_slug(NEW.unit);
    RETURN NEW;
END
$$
"""
ROWS = """
INSERT INTO tickets.units (slug, name)
    SELECT DISTINCT ON (tickets.unit_slug(unit)) tickets.unit_slug(unit), unit FROM (
        SELECT unit FROM tickets.topics UNION SELECT unit FROM tickets.tickets) AS named
    ORDER BY tickets.unit_slug(unit), unit;
UPDATE tickets.topics SET unit = tickets.unit_slug(unit) WHERE unit <> tickets.unit_slug(unit);
UPDATE tickets.tickets SET unit = tickets.unit_slug(unit) WHERE unit <> tickets.unit_slug(unit);
"""
TRIGGERS = """
CREATE TRIGGER unit_to_slug BEFORE INSERT OR UPDATE OF unit ON tickets.tickets
    FOR EACH ROW WHEN (NEW.unit !~ '^[a-z0-9]+(-[a-z0-9]+)*$') EXECUTE FUNCTION tickets.unit_to_slug();
CREATE TRIGGER unit_to_slug BEFORE INSERT OR UPDATE OF unit ON tickets.topics
    FOR EACH ROW WHEN (NEW.unit !~ '^[a-z0-9]+(-[a-z0-9]+)*$') EXECUTE FUNCTION tickets.unit_to_slug();
"""


def upgrade() -> None:
    execute_all(op.execute, TABLE)
    for function in (SLUG, KEEP):
        op.execute(function)
    execute_all(op.execute, ROWS)
    execute_all(op.execute, TRIGGERS)
