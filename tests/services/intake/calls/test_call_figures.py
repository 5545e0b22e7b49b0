"""The figures of calls: counted as calls go on, and made of exact fractions."""

from fractions import Fraction

import pytest

from services.intake.domain.call_figures import CallFigures, Tally, figures_of
from tests.services.intake.calls.given import DAY, NINE, figures, open_call, tell
from tests.services.intake.conftest import Running
from tests.services.intake.given import fields_of, problem_of, rows


async def a_day(running: Running) -> None:
    """Six calls: answered after 20 s and after 21 s, given up after 40 s, ended in the menu, forwarded, and one that
    nobody told the end of.
    """
    for call_id, wait in (("soon", 20), ("late", 21)):
        await open_call(running, call_id)
        await tell(running, "queued", 0, call_id, queue="umum")
        await tell(running, "answered", wait, call_id, queue="umum")
        await tell(running, "ended", 100, call_id)
    await open_call(running, "given-up")
    await tell(running, "queued", 4_000, "given-up", queue="pengaduan")
    await tell(running, "abandoned", 4_040, "given-up", queue="pengaduan")
    await open_call(running, "menu")
    await tell(running, "ended", 9, "menu")
    await open_call(running, "forwarded")
    await tell(running, "transferred", 9, "forwarded", queue="luar")
    await tell(running, "ended", 10, "forwarded")
    await open_call(running, "silent")


async def test_figures_of_a_day_are_exact_and_rounded(running: Running, staff: dict[str, str]) -> None:
    await a_day(running)
    found = await figures(running, staff)
    total = found["total"]
    counts = ("offered", "answered", "abandoned", "unanswered", "forwarded", "ended_in_menu", "unknown_end")
    assert [total[name] for name in counts] == [4, 2, 1, 0, 1, 1, 0]
    assert total["answer_rate"] == {"numerator": 1, "denominator": 2, "rounded": "50.00"}
    assert total["service_level"] == {"numerator": 1, "denominator": 4, "rounded": "25.00"}
    assert total["average_wait_seconds"] == {"numerator": 27, "denominator": 1, "rounded": "27.00"}
    assert (total["longest_wait_seconds"], found["callbacks_open"], found["callbacks_reached"]) == (40, 1, 0)


async def test_service_level_goes_by_the_threshold(running: Running, staff: dict[str, str]) -> None:
    await a_day(running)
    found = (await figures(running, staff, within="21"))["total"]
    assert (found["answered_within"], found["service_level"]["rounded"]) == (2, "50.00")


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ("day", [("2026-03-13", 4)]),
        ("hour", [("2026-03-13T09:00", 3), ("2026-03-13T10:00", 1)]),
        ("queue", [("pengaduan", 1), ("umum", 2)]),
    ],
)
async def test_figures_are_told_by_hour_day_and_queue(
    running: Running, staff: dict[str, str], by: str, wanted: list[tuple[str, int]]
) -> None:
    await a_day(running)
    assert [(row["of"], row["offered"]) for row in (await figures(running, staff, by=by))["items"]] == wanted


async def test_figures_of_one_queue_are_those_of_its_stays(running: Running, staff: dict[str, str]) -> None:
    await a_day(running)
    found = await figures(running, staff, queue="umum")
    assert (found["total"]["offered"], found["total"]["answered"], found["total"]["ended_in_menu"]) == (2, 2, 0)
    assert [row["of"] for row in found["items"]] == ["2026-03-13"]


async def test_figures_do_not_change_when_events_come_again_or_in_another_order(
    running: Running, staff: dict[str, str]
) -> None:
    await a_day(running)
    before = await figures(running, staff, by="queue")
    await tell(running, "answered", 20, "soon", queue="umum")
    await tell(running, "queued", 0, "soon", queue="umum")
    assert await figures(running, staff, by="queue") == before


async def test_figure_of_a_late_event_moves_the_call_and_adds_none(running: Running, staff: dict[str, str]) -> None:
    await tell(running, "abandoned", 30, "k-1", queue="umum")
    await tell(running, "queued", -3_600, "k-1", queue="umum")
    found = await figures(running, staff, by="hour")
    assert [(row["of"], row["offered"], row["abandoned"]) for row in found["items"]] == [("2026-03-13T08:00", 1, 1)]
    negative = await rows(running.service.db, "SELECT 1 FROM intake.call_tallies WHERE count < 0")
    assert negative == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"to": "2026-03-12"}, "to"),
        ({"to": "2028-03-12"}, "to"),
        ({"to": "2026-05-12", "by": "hour"}, "to"),
        ({"by": "month"}, "by"),
        ({"within": "0"}, "within"),
    ],
)
async def test_figures_of_no_span_are_refused(
    running: Running, staff: dict[str, str], query: dict[str, str], field: str
) -> None:
    answer = await running.http.get("/v1/calls/figures", headers=staff, params=DAY | query)
    assert problem_of(answer) == (422, "invalid")
    assert fields_of(answer) == [field]


async def test_figures_of_nothing_have_no_ratio(running: Running, staff: dict[str, str]) -> None:
    total = (await figures(running, staff))["total"]
    assert (total["offered"], total["answer_rate"], total["average_wait_seconds"]) == (0, None, None)


def test_answer_rate_of_the_interview_is_reproduced() -> None:
    """97 of 100."""
    found = figures_of({("offered", 0): 100, ("answered", 5): 97, ("abandoned", 9): 3}, 20)
    assert (found.answer_rate, found.abandonment, found.service_level) == tuple(
        Fraction(part, 100) for part in (97, 3, 97)
    )
    assert isinstance(found, CallFigures)


@pytest.mark.parametrize("queue", ["", "umum", "layanan pengaduan 1"])
def test_tally_is_read_as_it_was_written(queue: str) -> None:
    tally = Tally(NINE, queue, "answered", 7)
    assert Tally.decode(tally.encode()) == tally
