"""Indices for the lists of a survey: its files, its plan."""

from alembic import op

from migrations import execute_all

revision = "survey_index_0004"
down_revision = "survey_index_0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE INDEX imports_survey ON survey_index.imports (survey, id);
CREATE INDEX follow_ups_survey ON survey_index.follow_ups (survey, id);
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
