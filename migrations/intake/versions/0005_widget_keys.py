"""Keys for widgets: from which origins, and how many chats in a minute."""

from alembic import op

from migrations import execute_all
from migrations.plumbing import WIDGET_KEYS_1

revision = "intake_0005"
down_revision = "intake_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute_all(op.execute, WIDGET_KEYS_1.format(schema="intake"))
