"""One citizen for all that he brings, and one ticket for all that is said of a case, by whatever channel.

Whom a handle names is looked up: addresses in whatever case they are written. Codes that citizens were given lead to
the ticket that what they brought joined, and so do their chats. What may be one is suggested to people.
Rules by which contacts join are data, in versions.

While releases roll, the older one goes on making a citizen and a ticket of each contact: readers live with duplicates,
and find them by their handles.

`citizens_to_columns` serves the releases before `tickets_0007`, which read who it is from columns of his tickets. Since
a citizen may have many, it leaves out those that somebody else holds: it would wait for them in no order.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0020"
down_revision = "tickets_0019"
branch_labels = None
depends_on = None

RULES = """{
    "join": 0.77, "suggest": 0.46,
    "same_text": 1.0, "same_topic": 0.06, "other_topic": -0.25, "other_numbers": -0.25, "recent": 0.03,
    "little_said_words": 3, "burst_minutes": 10, "recent_days": 3, "open_days": 60, "resolved_days": 14
}"""

TABLES = """
ALTER TABLE tickets.citizens ADD merged_into uuid REFERENCES tickets.citizens;
CREATE INDEX handles_looked_up ON tickets.handles (kind, lower(value), first_seen_at) WHERE value IS NOT NULL;
CREATE INDEX tickets_of_citizen ON tickets.tickets (citizen_id, opened_at);
ALTER TABLE tickets.entries ADD code text;
CREATE TABLE tickets.codes (
    code text PRIMARY KEY,
    ticket_id uuid NOT NULL REFERENCES tickets.tickets,
    contact_id uuid NOT NULL,
    chat_id uuid UNIQUE,
    channel text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX codes_ticket ON tickets.codes (ticket_id);
CREATE INDEX codes_contact ON tickets.codes (contact_id);
COMMENT ON TABLE tickets.codes IS 'Codes and chats of contacts that joined a ticket which has others of its own';
CREATE TABLE tickets.suggestions (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('citizens', 'tickets')),
    one uuid NOT NULL,
    other uuid NOT NULL,
    score double precision NOT NULL,
    because text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'accepted', 'dismissed')),
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    CHECK (one < other),
    UNIQUE (kind, one, other)
);
CREATE INDEX suggestions_other ON tickets.suggestions (kind, other);
COMMENT ON TABLE tickets.suggestions IS 'Two that may be one. A pair that is here is never suggested anew';
CREATE TABLE tickets.citizen_merges (
    id uuid PRIMARY KEY,
    citizen_id uuid NOT NULL REFERENCES tickets.citizens,
    into_id uuid NOT NULL REFERENCES tickets.citizens,
    ticket_ids uuid[] NOT NULL,
    handle_ids uuid[] NOT NULL,
    reason text NOT NULL,
    merged_at timestamptz NOT NULL,
    merged_by text NOT NULL,
    unmerged_at timestamptz,
    unmerged_by text
);
CREATE UNIQUE INDEX citizen_merges_in_force ON tickets.citizen_merges (citizen_id) WHERE unmerged_at IS NULL;
CREATE INDEX citizen_merges_into ON tickets.citizen_merges (into_id);
COMMENT ON TABLE tickets.citizen_merges IS 'What moved from one citizen to another, so that it can move back';
CREATE TABLE tickets.matching_rules (
    version integer PRIMARY KEY,
    rules jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
"""

TO_COLUMNS = """
CREATE OR REPLACE FUNCTION tickets.citizens_to_columns(changed uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE tickets.tickets t
    SET name = c.name, email = c.email, phone = c.phone, programme_number_sealed = c.sealed,
        programme_number_last4 = c.last4
    FROM tickets.citizens_as_columns c
    WHERE c.id = t.citizen_id
      AND t.id IN (SELECT id FROM tickets.tickets WHERE citizen_id = ANY(changed) ORDER BY id FOR UPDATE SKIP LOCKED)
      AND (t.name, t.email, t.phone, t.programme_number_sealed, t.programme_number_last4)
          IS DISTINCT FROM (c.name, c.email, c.phone, c.sealed, c.last4)
$$
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
    op.execute(TO_COLUMNS)
    op.execute(
        "INSERT INTO tickets.matching_rules (version, rules, created_at, created_by) "
        f"VALUES (1, '{RULES}'::jsonb, now(), 'migration')"
    )
