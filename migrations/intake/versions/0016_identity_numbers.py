"""Identity card numbers (NIK) beside programme numbers: sealed, and in visits with their blind index.

A contact keeps no index: nobody looks for one here, and `tickets` has it from the event.
"""

from alembic import op

from migrations import execute_all

revision = "intake_0016"
down_revision = "intake_0015"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE intake.contacts ADD nik_sealed text, ADD nik_last4 text;
ALTER TABLE intake.visits ADD nik_sealed text, ADD nik_last4 text, ADD nik_index text, ADD programme_number_index text;
"""


def upgrade() -> None:
    execute_all(op.execute, COLUMNS)
