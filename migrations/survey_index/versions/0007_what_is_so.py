"""What reports may state: which days a file's answers are from, which file replaces which, how many priorities a survey
names, and which edition belongs to a unit's own instrument.

A tally of answers that are known only to lie between two days is no day's and no month's: its `grain` is the first of
these days, its `day` the last.
"""

from alembic import op

from migrations import execute_all

revision = "survey_index_0007"
down_revision = "survey_index_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_all(
        op.execute,
        """
        ALTER TABLE survey_index.responses ADD COLUMN first_day date CHECK (first_day < day);

        ALTER TABLE survey_index.tallies DROP CONSTRAINT tallies_grain_check;
        ALTER TABLE survey_index.tallies ADD CONSTRAINT tallies_grain_check
            CHECK (grain IN ('day', 'month') OR grain ~ '^\\d{4}-\\d{2}-\\d{2}$');

        ALTER TABLE survey_index.imports
            ADD COLUMN first_day date,
            ADD COLUMN last_day date,
            ADD COLUMN days_by text NOT NULL DEFAULT '',
            ADD COLUMN has_numbers boolean NOT NULL DEFAULT true,
            ADD COLUMN replaces uuid REFERENCES survey_index.imports (id);

        ALTER TABLE survey_index.surveys ADD COLUMN priorities smallint NOT NULL DEFAULT 3 CHECK (priorities >= 1);

        ALTER TABLE survey_index.instruments ADD COLUMN edition text NOT NULL DEFAULT 'permenpanrb14_2017'
        """,
    )
