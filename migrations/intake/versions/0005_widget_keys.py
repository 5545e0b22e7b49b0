"""Keys for widgets: from which origins, and how many chats in a minute."""

from alembic import op

from migrations import execute_all

revision = "intake_0005"
down_revision = "intake_0004"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE intake.api_keys ADD origins text[] NOT NULL DEFAULT '{}', ADD chats_per_minute integer;
COMMENT ON COLUMN intake.api_keys.chats_per_minute IS 'Of a widget''s key; null for all others';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
