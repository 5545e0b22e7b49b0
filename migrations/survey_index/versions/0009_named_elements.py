"""A file keeps by what its columns named the elements: reports tell how far it is known what was asked.

Of files from before it stays unknown.
"""

from alembic import op

revision = "survey_index_0009"
down_revision = "survey_index_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE survey_index.imports ADD elements_named_by text")
