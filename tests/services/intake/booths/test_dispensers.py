"""Dispensers that were offline: papers never lie, whatever is sent twice or in pieces (FIELD B4)."""

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import FrozenClock
from tests.services.intake.booths.given import BUDI, call_next, described, do, press, read
from tests.services.intake.conftest import Running
from tests.services.intake.given import fields_of, problem_of, rows

SYNC = "/v1/booths/B1/visits:sync"
FAST = timedelta(minutes=7)


def paper(sequence: int, number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """A paper that was printed at `at` by the dispenser's clock."""
    return {"sequence": sequence, "number": number, "at": at.isoformat(), **more}


async def sync(running: Running, sent_at: datetime, *papers: Any, device: str = "D2") -> Any:
    """What a dispenser is told of its papers."""
    form = {"device": device, "sent_at": sent_at.isoformat(), "visits": list(papers)}
    answer = await running.http.post(SYNC, headers=running.key, json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def outcomes(answer: Any) -> list[str]:
    return [item["outcome"] for item in answer["items"]]


async def test_papers_of_an_offline_dispenser_keep_their_numbers_and_queue_by_corrected_time(
    running: Running, clock: FrozenClock
) -> None:
    """Two dispensers print five papers each in turn; one of them is offline, and seven minutes fast."""
    await described(running)
    online, offline = [], []
    for sequence in range(1, 6):
        offline.append(paper(sequence, sequence, clock.now + FAST))
        clock.forward(minutes=2)
        online.append(await press(running))
        clock.forward(minutes=2)
    answers = [await sync(running, clock.now + FAST, *papers) for papers in (offline[:3], offline, offline)]
    assert [outcomes(answer) for answer in answers] == [
        ["taken"] * 3,
        ["repeated"] * 3 + ["taken"] * 2,
        ["repeated"] * 5,
    ]
    assert [item["label"] for item in answers[1]["items"]] == [f"A-X00{number}" for number in range(1, 6)]
    assert [answer["missing_sequences"] for answer in answers] == [[], [], []]
    called = []
    for _ in range(10):
        called.append(await call_next(running))
        clock.forward(seconds=1)
    pairs = [label for number in range(1, 6) for label in (f"A-X00{number}", f"A00{number}")]
    assert [visit["label"] for visit in called] == pairs
    assert called[0]["taken_at"] == "2026-03-13T02:00:00Z", "by our clock"
    assert called[0]["call_due_at"] == "2026-03-13T02:05:00Z"
    assert (await press(running))["label"] == "A006"


async def test_paper_with_a_number_that_another_has_is_told_and_both_are_called(
    running: Running, clock: FrozenClock
) -> None:
    """A dispenser without a prefix of its own printed what the other had given already."""
    await described(running)
    first = await press(running)
    clock.forward(minutes=1)
    answer = await sync(running, clock.now, *(paper(n, n, clock.now) for n in (1, 2)), device="D1")
    assert outcomes(answer) == ["collided", "taken"]
    assert [item["label"] for item in answer["items"]] == ["A001", "A002"]
    twin = await read(running, {"id": answer["items"][0]["visit_id"]})
    assert (twin["label"], twin["collides"], twin["id"] == first["id"]) == ("A001", True, False)
    assert (await press(running))["label"] == "A003", "no number is given again that a paper bears"
    await do(running, twin, "call")
    await do(running, twin, "settle")
    assert (await read(running, first))["status"] == "waiting"


async def test_sequence_that_names_another_paper_changes_nothing(running: Running, clock: FrozenClock) -> None:
    await described(running)
    await sync(running, clock.now, paper(1, 1, clock.now))
    before = await rows(running.service.db, "SELECT * FROM intake.visits")
    answer = await sync(running, clock.now, paper(1, 9, clock.now), paper(1, 1, clock.now))
    assert outcomes(answer) == ["contradicted", "repeated"]
    assert await rows(running.service.db, "SELECT * FROM intake.visits") == before


async def test_bad_paper_keeps_none_of_the_good_ones(running: Running, clock: FrozenClock) -> None:
    await described(running)
    papers = [
        paper(1, 1, clock.now, service="nothing"),
        paper(2, 1, clock.now, service="pengaduan", priority="pregnant"),
        paper(3, 2, clock.now - timedelta(days=8)),
        paper(4, 2, clock.now, service="pengaduan"),
    ]
    answer = await sync(running, clock.now, *papers)
    assert outcomes(answer) == ["refused", "taken", "refused", "taken"]
    assert [bool(item["reason"]) for item in answer["items"]] == [True, False, True, False]
    assert answer["missing_sequences"] == [3]


async def test_sequences_that_never_came_are_named_until_they_come(running: Running, clock: FrozenClock) -> None:
    await described(running)
    answer = await sync(running, clock.now, paper(2, 2, clock.now), paper(6, 6, clock.now))
    assert answer["missing_sequences"] == [3, 4, 5]
    answer = await sync(running, clock.now, *(paper(n, n, clock.now) for n in (3, 4, 5)))
    assert answer["missing_sequences"] == []


async def test_paper_belongs_to_the_day_on_which_it_was_printed_by_our_clock(
    running: Running, clock: FrozenClock
) -> None:
    await described(running, zone="Asia/Jayapura")
    clock.now = datetime.fromisoformat("2026-03-14T00:10:00+09:00")
    papers = [paper(1, 8, clock.now - timedelta(minutes=11) + FAST), paper(2, 1, clock.now + FAST)]
    answer = await sync(running, clock.now + FAST, *papers)
    days = [(await read(running, {"id": item["visit_id"]}))["day"] for item in answer["items"]]
    assert days == ["2026-03-13", "2026-03-14"]


async def test_dispenser_that_the_booth_does_not_have_brings_nothing(running: Running, clock: FrozenClock) -> None:
    await described(running)
    form = {"device": "D9", "sent_at": clock.now.isoformat(), "visits": [paper(1, 1, clock.now)]}
    answer = await running.http.post(SYNC, headers=running.key, json=form)
    assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["device"])
    assert problem_of(await running.http.post(SYNC, json=form)) == (401, "unauthenticated")
    page = (await running.http.get("/v1/booths/B1/visits", headers=BUDI)).json()
    assert page["items"] == []
