"""What reports may state: which days a file's answers are from, which file replaces which, how many priorities a survey
names, which edition belongs to an instrument, and that nobody said what was asked where a survey began with a file.

A tally of answers that are known only to lie between two days is no day's and no month's: its `grain` is the first of
these days, its `day` the last. A survey that a file began has the moment of that import as its own. What was there
before keeps to the new checks, so that they need not be looked for in it while others wait.
"""

from alembic import op
from sqlalchemy import text

from migrations import execute_all
from services.survey_index.domain.profile import code_lists

revision = "survey_index_0007"
down_revision = "survey_index_0006"
branch_labels = None
depends_on = None


UNASKED = """
UPDATE survey_index.surveys AS s SET code_list = 'umum_2024', codes = CAST(:codes AS jsonb)
WHERE code = 'layanan' AND code_list = 's002_2020'
  AND NOT EXISTS (SELECT FROM survey_index.responses WHERE survey = s.code)
  AND NOT EXISTS (SELECT FROM survey_index.cases WHERE survey = s.code)
"""
"""The survey that every installation begins with had an office's own list. Where somebody was asked by it, it stays."""


def upgrade() -> None:
    execute_all(
        op.execute,
        """
        ALTER TABLE survey_index.responses ADD COLUMN first_day date;
        ALTER TABLE survey_index.responses
            ADD CONSTRAINT responses_first_day_check CHECK (first_day < day) NOT VALID;

        ALTER TABLE survey_index.tallies DROP CONSTRAINT tallies_grain_check;
        ALTER TABLE survey_index.tallies ADD CONSTRAINT tallies_grain_check
            CHECK (grain IN ('day', 'month') OR grain ~ '^\\d{4}-\\d{2}-\\d{2}$') NOT VALID;

        ALTER TABLE survey_index.imports
            ADD COLUMN first_day date,
            ADD COLUMN last_day date,
            ADD COLUMN days_by text NOT NULL DEFAULT '',
            ADD COLUMN has_numbers boolean NOT NULL DEFAULT true,
            ADD COLUMN replaces uuid REFERENCES survey_index.imports (id);

        ALTER TABLE survey_index.surveys
            ADD COLUMN priorities smallint NOT NULL DEFAULT 3 CHECK (priorities >= 1),
            ADD COLUMN instrument_edition text,
            ADD COLUMN questions_assumed boolean NOT NULL DEFAULT false;

        UPDATE survey_index.surveys AS s SET questions_assumed = true
        WHERE created_at = (SELECT min(imported_at) FROM survey_index.imports WHERE survey = s.code);

        ALTER TABLE survey_index.instruments ADD COLUMN edition text
        """,
    )
    codes = code_lists()["umum_2024"].model_dump_json()
    op.get_bind().execute(text(UNASKED), {"codes": codes})
