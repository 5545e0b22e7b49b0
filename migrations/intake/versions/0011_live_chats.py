"""Chats are ended and taken up again, it is known how far each side has read, and what nobody has read is told."""

from alembic import op

from migrations import execute_all

revision = "intake_0011"
down_revision = "intake_0010"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE intake.chats
    ADD ended_at timestamptz,
    ADD citizen_read integer NOT NULL DEFAULT 0,
    ADD agent_read integer NOT NULL DEFAULT 0,
    ADD unread_since timestamptz,
    ADD unread_told integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN intake.chats.ended_at IS 'Since when it is ended; what the citizen says next takes it up again';
COMMENT ON COLUMN intake.chats.citizen_read IS 'The place of the last line that he is known to have before him';
COMMENT ON COLUMN intake.chats.unread_since IS 'When the last answer came of which it is not settled that he has it';
COMMENT ON COLUMN intake.chats.unread_told IS 'The place of the last answer of which it was told that it is unread';
CREATE INDEX chats_unread_since ON intake.chats (unread_since) WHERE unread_since IS NOT NULL;

ALTER TABLE intake.chat_replies ADD event text;
COMMENT ON COLUMN intake.chat_replies.event IS
    'What happened to the chat at this place (ended, reopened): such a line says nothing of its own';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
