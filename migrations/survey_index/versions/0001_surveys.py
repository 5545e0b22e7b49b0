"""survey_index: instruments, surveys, cases, invitations, responses, tallies, and the plan of follow-up."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import PLUMBING_1
from services.survey_index.domain.instruments import builtin

revision = "survey_index_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE survey_index.api_keys (
    key_id text PRIMARY KEY,
    name text NOT NULL,
    secret_hash text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE survey_index.instruments (
    code text NOT NULL,
    version smallint NOT NULL,
    definition jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (code, version)
);
COMMENT ON TABLE survey_index.instruments IS 'A unit''s own; those of the regulations come with the software';

CREATE TABLE survey_index.surveys (
    code text PRIMARY KEY,
    title text NOT NULL,
    definition jsonb NOT NULL,
    unit text NOT NULL DEFAULT '',
    services text[] NOT NULL DEFAULT '{}',
    opens_on date,
    closes_on date,
    edition text NOT NULL,
    missing text NOT NULL CHECK (missing IN ('per_question', 'complete_rows')),
    code_list text NOT NULL,
    zone text NOT NULL,
    population integer CHECK (population > 0),
    min_age smallint,
    selection text NOT NULL CHECK (selection IN ('everybody', 'simple_random')),
    response_percent smallint NOT NULL CHECK (response_percent BETWEEN 1 AND 100),
    invitation_days smallint NOT NULL CHECK (invitation_days > 0),
    recontact_days smallint NOT NULL CHECK (recontact_days >= 0),
    closed_at timestamptz,
    published_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK (closes_on >= opens_on)
);
COMMENT ON COLUMN survey_index.surveys.definition IS 'The instrument as it was on the first day: it never changes';

CREATE TABLE survey_index.cases (
    ticket_id uuid PRIMARY KEY,
    survey text NOT NULL REFERENCES survey_index.surveys,
    tracking_code text NOT NULL,
    unit text NOT NULL,
    channel text NOT NULL,
    ended_at timestamptz NOT NULL,
    person bytea,
    outcome text NOT NULL
);
CREATE INDEX cases_survey ON survey_index.cases (survey, outcome);
CREATE INDEX cases_person ON survey_index.cases (person, ended_at) WHERE outcome = 'invited';
COMMENT ON TABLE survey_index.cases IS
    'The frame that a sample is drawn from: each settled case, and whether its citizen was asked';

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
    content_sha256 text NOT NULL,
    mapping text NOT NULL,
    rows integer NOT NULL,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL,
    UNIQUE (survey, content_sha256)
);

CREATE TABLE survey_index.responses (
    id uuid PRIMARY KEY,
    survey text NOT NULL,
    unit text NOT NULL,
    service text NOT NULL,
    channel text NOT NULL,
    day date NOT NULL,
    answered_at timestamptz NOT NULL,
    complete boolean NOT NULL,
    answers smallint[] NOT NULL,
    age smallint,
    sex text NOT NULL,
    education text NOT NULL,
    occupation text NOT NULL,
    comment text,
    comment_about text NOT NULL,
    respondent text,
    import_id uuid,
    invitation_id uuid,
    once text,
    interviewer_name text,
    interviewer_nip text
);
CREATE INDEX responses_survey ON survey_index.responses (survey, day);
CREATE UNIQUE INDEX responses_invitation ON survey_index.responses (invitation_id) WHERE invitation_id IS NOT NULL;
CREATE UNIQUE INDEX responses_once ON survey_index.responses (survey, once) WHERE once IS NOT NULL;
COMMENT ON COLUMN survey_index.responses.answers IS
    'In the order of the questions of the survey''s definition; NULL where nothing was answered';
COMMENT ON TABLE survey_index.responses IS
    'Without foreign keys: a file of a million rows would look each of them up. Nothing else writes here';

CREATE TABLE survey_index.tallies (
    survey text NOT NULL,
    dimension text NOT NULL,
    grain text NOT NULL CHECK (grain IN ('day', 'month')),
    day date NOT NULL,
    unit text NOT NULL,
    service text NOT NULL,
    channel text NOT NULL,
    complete boolean NOT NULL,
    value text NOT NULL,
    counts bigint[] NOT NULL,
    PRIMARY KEY (survey, dimension, grain, day, unit, service, channel, complete, value)
);
COMMENT ON TABLE survey_index.tallies IS
    'How often each question got each value (domain/tallies.py says which place is which), by day and by month,
     for everybody (dimension "") and apart for each value of the dimensions sex, education, occupation';

CREATE TABLE survey_index.back_checks (
    response_id uuid PRIMARY KEY REFERENCES survey_index.responses,
    result text NOT NULL CHECK (result IN ('confirmed', 'differs', 'not_reached')),
    note text NOT NULL,
    checked_by text NOT NULL,
    checked_at timestamptz NOT NULL
);

CREATE TABLE survey_index.follow_ups (
    id uuid PRIMARY KEY,
    survey text NOT NULL REFERENCES survey_index.surveys,
    element text NOT NULL,
    action text NOT NULL,
    responsible text NOT NULL,
    due_on date NOT NULL,
    planned integer NOT NULL CHECK (planned > 0),
    realised integer NOT NULL CHECK (realised BETWEEN 0 AND planned),
    created_at timestamptz NOT NULL
);
"""

FIRST_SURVEY = """
INSERT INTO survey_index.surveys (code, title, definition, edition, missing, code_list, zone, selection,
                                  response_percent, invitation_days, recontact_days, created_at)
VALUES ('layanan', 'Survei Kepuasan Masyarakat atas penanganan pengaduan', '{definition}', 'permenpanrb14_2017',
        'per_question', 's002_2020', 'Asia/Jakarta', 'everybody', 100, 14, 30, now());
"""


def upgrade() -> None:
    execute_all(op.execute, PLUMBING_1.format(schema="survey_index"))
    execute_all(op.execute, TABLES)
    definition = builtin()["skm14_2017"].asking_nps().model_dump_json().replace("'", "''")
    op.get_bind().exec_driver_sql(FIRST_SURVEY.format(definition=definition))
