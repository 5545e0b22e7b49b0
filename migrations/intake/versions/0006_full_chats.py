"""What each chat has taken, so that none takes without end. Chats from before begin at nothing."""

from alembic import op

from migrations import execute_all

revision = "intake_0006"
down_revision = "intake_0005"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE intake.chats
    ADD lines integer NOT NULL DEFAULT 0,
    ADD characters integer NOT NULL DEFAULT 0,
    ADD minute_from timestamptz,
    ADD minute_lines integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN intake.chats.lines IS 'What the citizen said, without the agents'' answers';
COMMENT ON COLUMN intake.chats.minute_from IS 'When the first line of the minute came that minute_lines counts';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
