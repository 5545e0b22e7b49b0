"""What happened is written once: each happening with its kind and its data, from which the audit trail is told.

While releases roll, the older one adds to `audit` and the newer one to `happenings`, and each reads what the other
wrote: a trigger on either table adds the same to the other. What it adds itself it does not add back: it looks whether
it was called by a statement of a release or by a trigger (`pg_trigger_depth`). Places are counted by one sequence for
both, so that a cursor of one release leads on in the other. A record that cannot be taken apart keeps its words as
`detail`. Once nobody runs the older release, `audit`, its functions and its triggers can go.

Tickets are locked before anything else is, as every release locks them: nobody waits in a circle. While rows are copied
readers of streams wait, and an agent is asked to try again.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0006"
down_revision = "tickets_0005"
branch_labels = None
depends_on = None

TABLE = """
LOCK TABLE tickets.tickets IN ACCESS EXCLUSIVE MODE;
ALTER SEQUENCE tickets.audit_place RENAME TO happenings_number;
CREATE TABLE tickets.happenings (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL,
    number bigint NOT NULL DEFAULT nextval('tickets.happenings_number'),
    version integer NOT NULL,
    kind text NOT NULL,
    data jsonb NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL
);
ALTER SEQUENCE tickets.happenings_number OWNED BY tickets.happenings.number;
COMMENT ON TABLE tickets.happenings IS 'What happened to tickets. Rows are added; none is changed';
"""

KIND = r"""
CREATE FUNCTION tickets.kind_of_audit(verb text, detail text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN verb LIKE 'notice\_%' AND detail ~ '^\S+ about \S+: ' THEN 'notice_failed'
                WHEN verb LIKE 'notice\_%' AND detail ~ '^\S+ about \S+$' THEN 'notice_settled'
                ELSE verb END
$$
"""
DATA = r"""
CREATE FUNCTION tickets.data_of_audit(verb text, detail text, actor text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN verb = 'opened' THEN jsonb_build_object('channel', detail)
        WHEN verb = 'escalated' AND actor = 'booth' AND detail = '' THEN jsonb_build_object('level', 1, 'reason', '')
        WHEN verb = 'escalated' AND actor <> 'booth' AND detail ~ '^level \d{1,9}(: .+)?$'
            THEN jsonb_build_object('level', CAST(substring(detail FROM '^level (\d+)') AS integer),
                                    'reason', coalesce(substring(detail FROM '^level \d+: (.+)$'), ''))
        WHEN tickets.kind_of_audit(verb, detail) = 'notice_failed' AND detail ~ '^\S+ about \S+: '
            THEN jsonb_build_object('way', substring(detail FROM '^(\S+) about '),
                                    'reason', substring(detail FROM '^\S+ about (\S+): '),
                                    'outcome', substr(verb, 8),
                                    'error', substring(detail FROM '^\S+ about \S+: (.*)$'))
        WHEN tickets.kind_of_audit(verb, detail) = 'notice_settled' AND detail ~ '^\S+ about \S+$'
            THEN jsonb_build_object('way', substring(detail FROM '^(\S+) about '),
                                    'reason', substring(detail FROM '^\S+ about (\S+)$'),
                                    'outcome', substr(verb, 8))
        WHEN detail = '' THEN jsonb_build_object()
        ELSE jsonb_build_object('detail', detail) END
$$
"""
VERB = """
CREATE FUNCTION tickets.verb_of_happening(kind text, data jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN kind IN ('notice_failed', 'notice_settled') AND data ? 'outcome'
                THEN 'notice_' || (data->>'outcome') ELSE kind END
$$
"""
DETAIL = """
CREATE FUNCTION tickets.detail_of_happening(kind text, data jsonb, actor text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(CASE
        WHEN data ? 'detail' THEN data->>'detail'
        WHEN kind = 'opened' THEN data->>'channel'
        WHEN kind = 'escalated' AND actor <> 'booth'
            THEN 'level ' || (data->>'level') || coalesce(': ' || nullif(data->>'reason', ''), '')
        WHEN kind = 'notice_failed' THEN (data->>'way') || ' about ' || (data->>'reason') || ': ' || (data->>'error')
        WHEN kind = 'notice_settled' THEN (data->>'way') || ' about ' || (data->>'reason')
        END, '')
$$
"""
TO_HAPPENINGS = """
CREATE FUNCTION tickets.audit_to_happenings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets.happenings (id, ticket_id, number, version, kind, data, actor, at)
    SELECT id, ticket_id, coalesce(place, 0), version, tickets.kind_of_audit(verb, detail),
           tickets.data_of_audit(verb, detail, actor), actor, at
    FROM added;
    RETURN NULL;
END
$$
"""
TO_AUDIT = """
CREATE FUNCTION tickets.happenings_to_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets.audit (id, ticket_id, place, version, actor, verb, detail, at)
    SELECT id, ticket_id, number, version, actor, tickets.verb_of_happening(kind, data),
           tickets.detail_of_happening(kind, data, actor), at
    FROM added;
    RETURN NULL;
END
$$
"""
STEPS = """
CREATE TRIGGER audit_to_happenings AFTER INSERT ON tickets.audit REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION tickets.audit_to_happenings();
INSERT INTO tickets.happenings (id, ticket_id, number, version, kind, data, actor, at)
    SELECT id, ticket_id, coalesce(place, 0), version, tickets.kind_of_audit(verb, detail),
           tickets.data_of_audit(verb, detail, actor), actor, at
    FROM tickets.audit;
ALTER TABLE tickets.happenings ADD FOREIGN KEY (ticket_id) REFERENCES tickets.tickets;
CREATE INDEX happenings_page ON tickets.happenings (ticket_id, number, id);
CREATE TRIGGER happenings_to_audit AFTER INSERT ON tickets.happenings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION tickets.happenings_to_audit();
REVOKE UPDATE, TRUNCATE ON tickets.happenings FROM satuatap_tickets;
"""


def upgrade() -> None:
    execute_all(op.execute, TABLE)
    for function in (KIND, DATA, VERB, DETAIL, TO_HAPPENINGS, TO_AUDIT):
        op.execute(function)
    execute_all(op.execute, STEPS)
