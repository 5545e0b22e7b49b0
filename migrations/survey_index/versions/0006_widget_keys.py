"""Keys for widgets: from which origins, and how many chats in a minute."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import WIDGET_KEYS_1

revision = "survey_index_0006"
down_revision = "survey_index_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_all(op.execute, WIDGET_KEYS_1.format(schema="survey_index"))
