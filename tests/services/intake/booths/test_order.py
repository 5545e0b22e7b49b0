"""The one order in which those who wait are called: priority first, and nobody is starved."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.queues import estimate, in_order

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Someone:
    place: int
    priority: str | None


def queue(kinds: str) -> list[Someone]:
    """Somebody for each letter: `p` is a priority visitor."""
    return [Someone(place, "elderly" if kind == "p" else None) for place, kind in enumerate(kinds)]


queues = st.text("po", max_size=40).map(queue)
runs, streaks = st.integers(1, 5), st.integers(0, 9)


def test_order_lets_a_plain_visitor_go_after_a_run_of_priority_ones() -> None:
    order = in_order(queue("oopppppo"), run=2, streak=0)
    assert "".join("p" if each.priority else "o" for each in order) == "ppoppopo"


@given(queues, runs, streaks)
def test_order_leaves_nobody_out_and_keeps_each_kind_by_its_place(
    waiting: list[Someone], run: int, streak: int
) -> None:
    order = in_order(waiting, run=run, streak=streak)
    assert sorted(order, key=lambda each: each.place) == waiting
    for is_priority in (True, False):
        places = [each.place for each in order if bool(each.priority) is is_priority]
        assert places == sorted(places)


@given(queues, runs, streaks)
def test_order_does_not_depend_on_how_the_queue_was_read(waiting: list[Someone], run: int, streak: int) -> None:
    assert in_order(waiting[::-1], run=run, streak=streak) == in_order(waiting, run=run, streak=streak)


@given(queues, runs, streaks)
def test_order_never_lets_more_than_a_run_of_priority_visitors_pass_a_plain_one(
    waiting: list[Someone], run: int, streak: int
) -> None:
    order = in_order(waiting, run=run, streak=streak)
    passed, others = min(streak, run), sum(1 for each in waiting if not each.priority)
    for each in order:
        passed = passed + 1 if each.priority else 0
        others -= not each.priority
        assert passed <= run or not others


@given(queues.filter(bool), runs, streaks)
def test_order_stays_what_it_was_when_the_first_is_called(waiting: list[Someone], run: int, streak: int) -> None:
    first, *rest = in_order(waiting, run=run, streak=streak)
    streak = streak + 1 if first.priority else 0
    assert in_order(rest, run=run, streak=streak) == rest


def test_estimate_is_a_range_of_the_pauses_between_calls() -> None:
    calls = [NOW + timedelta(minutes=minute) for minute in (0, 2, 5, 11, 12)]
    assert estimate(2, calls) == (timedelta(minutes=6), timedelta(minutes=9))
    assert estimate(2, calls[:3]) is None
