"""What is asked of the visits of a booth is read from an index, however many there are."""

from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg
import pytest_asyncio

from services.intake.models.queues import BoothDay
from services.intake.models.visits import Visit
from services.intake.repository import booth_figures, queues, visits
from shared.settings import CommonSettings
from tests.conftest import owner_url
from tests.services.test_filters_have_indices import explained

DAY, NOW = date(2026, 3, 13), datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
VISITS = """
INSERT INTO intake.visits (id, booth, day, number, tracking_code, status, subject, body, taken_at, call_due_at,
    called_at, called_by, warned_at, device, device_sequence)
SELECT gen_random_uuid(), 'B' || n % 20, date '2025-01-01' + n % 500, n, 'code ' || n,
       CASE WHEN n % 1000 = 0 THEN 'waiting' WHEN n % 1000 = 1 THEN 'called' ELSE 'settled' END, '', '',
       timestamptz '2025-01-01' + n % 500 * interval '1 day', timestamptz '2025-01-01' + n % 500 * interval '1 day',
       CASE WHEN n % 1000 > 0 THEN timestamptz '2025-01-01' + n % 500 * interval '1 day' END, 'staff:' || n % 9,
       CASE WHEN n % 3000 > 0 THEN now() END, 'D' || n % 20, n FROM generate_series(1, 30000) n
"""


SOMEBODY = Visit(
    id=UUID(int=1),
    booth="B1",
    day=DAY,
    number=1,
    tracking_code="",
    status="waiting",
    name=None,
    email=None,
    phone=None,
    programme_number_sealed=None,
    programme_number_last4=None,
    subject="",
    body="",
    taken_at=NOW,
    call_due_at=NOW,
)


@pytest_asyncio.fixture
async def filled(common: CommonSettings) -> CommonSettings:
    admin = await asyncpg.connect(owner_url(common))
    await admin.execute(VISITS)
    await admin.execute("VACUUM ANALYZE intake.visits")
    await admin.close()
    return common


async def test_visits_are_read_from_an_index(filled: CommonSettings) -> None:
    asked = {
        "visit": lambda s: visits.find_visit(s, UUID(int=1)),
        "page": lambda s: visits.list_visits(s, "B1", DAY, status="settled", after=None, limit=50),
        "called by": lambda s: visits.called_by(s, "B1", DAY, "staff:1"),
        "of device": lambda s: visits.of_device(s, "B1", "D1", [1, 2, 3]),
        "missing": lambda s: visits.missing_sequences(s, "B1", "D1", 1_000),
        "copies": lambda s: visits.copies(s, "B1", [(DAY, "", 1)]),
        "waiting": lambda s: queues.waiting(s, "B1", DAY),
        "beside": lambda s: queues.beside(s, SOMEBODY, DAY),
        "overnight": lambda s: queues.waiting(s, "B1", DAY, overnight=True),
        "called": lambda s: queues.called(s, "B1", NOW),
        "first calls": lambda s: queues.first_calls(s, "B1", NOW, 200),
        "open days": queues.open_days,
        "sweep": lambda s: queues.sweep(s, [BoothDay("B1", DAY)], [], NOW),
        "warn": lambda s: queues.warn(s, 60, NOW),
        "figures": lambda s: booth_figures.figures(s, "B1", DAY, DAY, NOW),
    }
    for name, look in asked.items():
        found = await explained(filled, "intake", look)
        assert not found.read_all_of("visits"), (name, found.plans)
