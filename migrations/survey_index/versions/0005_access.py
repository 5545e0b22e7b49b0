"""Who did what and read what, which staff tokens were revoked, and the key of the lots, which outlives a secret."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import ACCESS_TRAIL_1, REVOCATIONS_1

revision = "survey_index_0005"
down_revision = "survey_index_0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE survey_index.lots (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    key_sealed text NOT NULL
);
COMMENT ON TABLE survey_index.lots IS
    'By which responses are drawn to be checked again: kept at the first draw, so that a new secret draws nobody else';
"""


def upgrade() -> None:
    execute_all(op.execute, REVOCATIONS_1.format(schema="survey_index"))
    execute_all(op.execute, ACCESS_TRAIL_1.format(schema="survey_index"))
    execute_all(op.execute, TABLES)
