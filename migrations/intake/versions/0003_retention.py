"""When the texts of contacts, answers and visits were removed, and indices to find those whose time is over."""

from alembic import op

from migrations import execute_all

revision = "intake_0003"
down_revision = "intake_0002"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE intake.contacts ADD text_removed_at timestamptz;
ALTER TABLE intake.chat_replies ADD text_removed_at timestamptz;
ALTER TABLE intake.visits ADD text_removed_at timestamptz;
COMMENT ON COLUMN intake.contacts.text_removed_at IS 'Since then nothing says who it was, and what he said';
CREATE INDEX contacts_with_text ON intake.contacts (received_at) WHERE text_removed_at IS NULL;
CREATE INDEX chat_replies_with_text ON intake.chat_replies (sent_at) WHERE text_removed_at IS NULL;
CREATE INDEX visits_with_text ON intake.visits (taken_at) WHERE text_removed_at IS NULL;
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
