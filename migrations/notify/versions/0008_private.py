"""Whether it is hidden who the citizen of a notice's case is. The release before writes none, and shows a part of the
address, as it does of all.
"""

from alembic import op

revision = "notify_0008"
down_revision = "notify_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notify.notices ADD is_private boolean NOT NULL DEFAULT false")
