"""What notices are held back for, which answers in chats were read there, and how many mails were answered.

A held notice is `suppressed` beside its `hold`: the release before sends none of them and lists them as suppressed,
with the reason. It claims none, so nothing has to contract.
"""

from alembic import op

from migrations import execute_all

revision = "notify_0007"
down_revision = "notify_0006"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE notify.notices ADD COLUMN hold text, ADD COLUMN reply_id uuid;
COMMENT ON COLUMN notify.notices.hold IS 'What it is held back for: chat, loop; its status is suppressed meanwhile';
COMMENT ON COLUMN notify.notices.reply_id IS 'The answer that it tells, if that is shown in a chat';
CREATE INDEX notices_hold ON notify.notices (id) WHERE hold IS NOT NULL;
COMMENT ON INDEX notify.notices_hold IS 'GET /v1/notices?status=held';
CREATE INDEX notices_hold_of_reply ON notify.notices (reply_id) WHERE hold = 'chat';
CREATE INDEX notices_hold_ends ON notify.notices (next_attempt_at) WHERE hold = 'chat';

CREATE TABLE notify.chat_readings (
    reply_id uuid PRIMARY KEY,
    is_read boolean NOT NULL,
    heard_at timestamptz NOT NULL
);
CREATE INDEX chat_readings_heard ON notify.chat_readings (heard_at);
COMMENT ON TABLE notify.chat_readings IS 'Whether an answer was read in its chat, as intake told';

CREATE TABLE notify.answer_counts (
    key text PRIMARY KEY,
    began_at timestamptz NOT NULL,
    answers integer NOT NULL
);
CREATE INDEX answer_counts_began ON notify.answer_counts (began_at);
COMMENT ON TABLE notify.answer_counts IS 'Automatic answers to mails since a moment, by a hash of their domain or text';
"""


def upgrade() -> None:
    execute_all(op.execute, TABLES)
