"""Notices are found by the code of their case: a citizen is erased also where his ticket goes on as another's."""

from alembic import op

revision = "notify_0009"
down_revision = "notify_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX notices_code ON notify.notices (tracking_code)")
