"""A line that its citizen withdrew is shown as that, without its words."""

from alembic import op

revision = "tickets_0010"
down_revision = "tickets_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE tickets.entries ADD withdrawn_at timestamptz")
