"""Service hours as they are asked for each line: what was looked up holds until it changes, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain.hours import hours_of, standing
from services.intake.service.hours import ServiceHours

NINE = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
"""Nine o'clock in Jakarta, a Friday."""


@pytest.mark.parametrize(
    "text", ["mon-sun 08:00-20:00", "mon-fri 22:00-06:00", "sat 09:00-12:00 13:00-17:00", "always"]
)
def test_hours_that_were_looked_up_are_those_of_each_moment_also_of_an_earlier_one(text: str) -> None:
    hours = hours_of(text, "Asia/Jakarta")
    kept = ServiceHours(hours)
    moments = [NINE + timedelta(minutes=20 * step) for step in range(3 * 24 * 8)]
    for now in (*moments, *reversed(moments), *moments[::7]):
        found, closing = standing(hours, now), kept.closing(now, address_known=False)
        assert (closing is None) is found.is_open, now
        assert closing is None or closing.next_opening == found.next_opening
