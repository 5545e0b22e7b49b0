"""The ear: surveys, invitations, responses, and the tallies that an index is a sum of."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import PLUMBING_1

revision = "survey_index_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE survey_index.surveys (
    code text PRIMARY KEY,
    title text NOT NULL,
    instrument text NOT NULL,
    edition text NOT NULL,
    missing text NOT NULL CHECK (missing IN ('per_question', 'complete_rows')),
    zone text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE survey_index.invitations (
    id uuid PRIMARY KEY,
    survey text NOT NULL REFERENCES survey_index.surveys,
    ticket_id uuid NOT NULL UNIQUE,
    tracking_code text NOT NULL,
    unit text NOT NULL,
    channel text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE survey_index.imports (
    id uuid PRIMARY KEY,
    survey text NOT NULL REFERENCES survey_index.surveys,
    file_sha256 text NOT NULL,
    mapping text NOT NULL,
    rows integer NOT NULL,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL,
    UNIQUE (survey, file_sha256)
);

CREATE TABLE survey_index.responses (
    id uuid PRIMARY KEY,
    survey text NOT NULL REFERENCES survey_index.surveys,
    import_id uuid REFERENCES survey_index.imports,
    invitation_id uuid UNIQUE REFERENCES survey_index.invitations,
    respondent text,
    unit text NOT NULL,
    service text NOT NULL,
    channel text NOT NULL,
    day date NOT NULL,
    answered_at timestamptz NOT NULL,
    complete boolean NOT NULL,
    answers jsonb NOT NULL,
    comment text
);
CREATE INDEX responses_survey ON survey_index.responses (survey, day);

CREATE TABLE survey_index.tallies (
    survey text NOT NULL REFERENCES survey_index.surveys,
    unit text NOT NULL,
    service text NOT NULL,
    channel text NOT NULL,
    day date NOT NULL,
    question text NOT NULL,
    value smallint NOT NULL,
    complete boolean NOT NULL,
    count bigint NOT NULL CHECK (count >= 0),
    PRIMARY KEY (survey, day, unit, service, channel, question, value, complete)
);
COMMENT ON TABLE survey_index.tallies IS
    'How often a question got a value, apart for complete rows; question "*" counts the respondents themselves';

INSERT INTO survey_index.surveys (code, title, instrument, edition, missing, zone, created_at)
VALUES ('layanan', 'Survei Kepuasan Masyarakat atas penanganan pengaduan', 'skm14_2017', 'permenpanrb14_2017',
        'per_question', 'Asia/Jakarta', now());
"""


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_1.format(schema="survey_index"))
    execute_all(op.execute, TABLES)
