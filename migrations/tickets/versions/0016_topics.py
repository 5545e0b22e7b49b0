"""Topics have versions, what is learned from examples is kept beside them, and so is what citizens were asked for.

An older process reads topics as before; one that was retired meanwhile it goes on giving, until it is replaced.
"""

from alembic import op

from migrations import execute_all

revision = "tickets_0016"
down_revision = "tickets_0015"
branch_labels = None
depends_on = None

VERSIONS = """
ALTER TABLE tickets.topics
    ADD required_by_channel jsonb NOT NULL DEFAULT '{}',
    ADD version integer NOT NULL DEFAULT 1,
    ADD edited_by text NOT NULL DEFAULT 'installation',
    ADD edited_at timestamptz NOT NULL DEFAULT now(),
    ADD is_retired boolean NOT NULL DEFAULT false;
CREATE TABLE tickets.topic_versions (
    slug text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    phrases text[] NOT NULL,
    required text[] NOT NULL,
    required_by_channel jsonb NOT NULL,
    is_retired boolean NOT NULL,
    edited_by text NOT NULL,
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (slug, version)
);
COMMENT ON TABLE tickets.topic_versions IS 'What each topic was, since when and by whom; rows are only added';
INSERT INTO tickets.topic_versions
    SELECT slug, version, name, unit, phrases, required, required_by_channel, is_retired, edited_by, edited_at
    FROM tickets.topics;
"""
MODELS = """
CREATE TABLE tickets.topic_models (
    version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trained_at timestamptz NOT NULL,
    trained_by text NOT NULL,
    report jsonb NOT NULL,
    labels text[] NOT NULL,
    terms text[] NOT NULL,
    parts text[] NOT NULL,
    weights bytea NOT NULL,
    rarity bytea NOT NULL,
    bias bytea NOT NULL,
    slope double precision NOT NULL,
    lead_offset double precision NOT NULL,
    is_active boolean NOT NULL DEFAULT false,
    activated_at timestamptz,
    activated_by text
);
CREATE UNIQUE INDEX topic_models_active ON tickets.topic_models (is_active) WHERE is_active;
COMMENT ON TABLE tickets.topic_models IS
    'docs/topics.md; a label is the slug of a topic; weights are float16, a row for each term, then for each part';
"""

REQUESTS = """
CREATE TABLE tickets.info_requests (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL REFERENCES tickets.tickets,
    fields text NOT NULL,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    UNIQUE (ticket_id, fields)
);
COMMENT ON TABLE tickets.info_requests IS
    'What citizens were asked for, once for each set of fields (as sorted words); id is the line that asked';
"""


def upgrade() -> None:
    execute_all(op.execute, VERSIONS)
    execute_all(op.execute, MODELS)
    execute_all(op.execute, REQUESTS)
