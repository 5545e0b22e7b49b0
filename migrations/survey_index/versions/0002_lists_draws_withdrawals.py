"""Units' own code lists, kept by the surveys that begin with them; samples that hit their size; files taken back.

A survey's unit and services, until now labels, are limits from here on: answers about others are refused (ADR 15).
"""

from alembic import op

from migrations import execute_all
from services.survey_index.domain.profile import code_lists

revision = "survey_index_0002"
down_revision = "survey_index_0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE survey_index.code_lists (
    code text PRIMARY KEY,
    definition jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE survey_index.code_lists IS 'A unit''s own; others come with the software';

ALTER TABLE survey_index.surveys ADD codes jsonb;
COMMENT ON COLUMN survey_index.surveys.codes IS 'The code list as it was on the first day';

ALTER TABLE survey_index.surveys DROP CONSTRAINT surveys_selection_check;
ALTER TABLE survey_index.surveys ADD CHECK (selection IN ('everybody', 'simple_random', 'nobody'));
UPDATE survey_index.surveys SET selection = 'everybody' WHERE selection = 'simple_random' AND population IS NULL;
ALTER TABLE survey_index.surveys ADD CHECK (selection <> 'simple_random' OR population IS NOT NULL);
CREATE INDEX surveys_unit ON survey_index.surveys (lower(unit)) WHERE closed_at IS NULL;

ALTER TABLE survey_index.imports ADD withdrawn_by text, ADD withdrawn_at timestamptz;
ALTER TABLE survey_index.imports DROP CONSTRAINT imports_survey_content_sha256_key;
CREATE UNIQUE INDEX imports_content ON survey_index.imports (survey, content_sha256) WHERE withdrawn_at IS NULL;
COMMENT ON COLUMN survey_index.imports.withdrawn_at IS 'When it was taken back: its rows are gone';

ALTER TABLE survey_index.back_checks DROP CONSTRAINT back_checks_response_id_fkey;
COMMENT ON TABLE survey_index.back_checks IS
    'Without a foreign key: a file of a million rows that is taken back would look for each of them here';

CREATE TABLE survey_index.draws (
    survey text PRIMARY KEY REFERENCES survey_index.surveys,
    seen bigint NOT NULL,
    reached bigint NOT NULL,
    drawn bigint NOT NULL
);
COMMENT ON TABLE survey_index.draws IS
    'How far the drawing of a sample has come: it decides the chance of the case that comes next';
INSERT INTO survey_index.draws (survey, seen, reached, drawn)
SELECT survey, count(*), count(*) FILTER (WHERE outcome IN ('invited', 'not_drawn')),
       count(*) FILTER (WHERE outcome = 'invited') FROM survey_index.cases
WHERE outcome <> 'not_running' GROUP BY survey;
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
    for code, codes in code_lists().items():
        kept = codes.model_dump_json().replace("'", "''")
        op.get_bind().exec_driver_sql(f"UPDATE survey_index.surveys SET codes = '{kept}' WHERE code_list = '{code}'")
    op.execute("ALTER TABLE survey_index.surveys ALTER codes SET NOT NULL")
