"""The release before and this one at the same booth: it knows no services, and takes numbers from the same row."""

from sqlalchemy import text

from shared.ids import new_id
from tests.services.intake.booths.given import BUDI, call_next, do, press, read
from tests.services.intake.conftest import Running
from tests.services.intake.given import problem_of

TAKE_NUMBER = """
INSERT INTO intake.booth_days AS b (booth, day, last_number) VALUES ('B1', '2026-03-13', 1)
ON CONFLICT (booth, day) DO UPDATE SET last_number = b.last_number + 1 RETURNING last_number
"""
TAKE_VISIT = """
INSERT INTO intake.visits (id, booth, day, number, tracking_code, status, subject, body, taken_at, call_due_at)
VALUES (:id, 'B1', '2026-03-13', :number, :code, 'waiting', '', '', '2026-03-13T02:00:00Z', '2026-03-13T02:05:00Z')
ON CONFLICT (id) DO NOTHING
"""
CALL_NEXT = """
UPDATE intake.visits SET status = 'called', called_at = '2026-03-13T02:01:00Z', called_by = 'staff:budi'
WHERE id = (SELECT id FROM intake.visits WHERE booth = 'B1' AND day = '2026-03-13' AND status = 'waiting'
            ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id
"""


async def pressed_there(running: Running) -> int:
    """A number that the release before gives."""
    async with running.service.db.transaction() as session:
        number = int(await session.scalar(text(TAKE_NUMBER)) or 0)
        await session.execute(text(TAKE_VISIT), {"id": new_id(), "number": number, "code": f"code {number}"})
    return number


async def test_numbers_of_both_releases_are_one_series_and_one_queue(running: Running) -> None:
    taken = [await pressed_there(running), (await press(running))["number"], await pressed_there(running)]
    assert taken == [1, 2, 3]
    assert [(await call_next(running))["number"] for _ in range(3)] == [1, 2, 3]


async def test_visit_that_the_release_before_called_goes_on_here(running: Running) -> None:
    visit = await press(running)
    async with running.service.db.transaction() as session:
        await session.execute(text(CALL_NEXT))
    assert (await read(running, visit))["status"] == "called"
    assert (await do(running, visit, "no-show"))["calls"] == 1
    ended = await running.http.post("/v1/booths/B1/call-next", headers=BUDI)
    assert problem_of(ended) == (404, "queue_empty"), "he was called less than two minutes ago"
