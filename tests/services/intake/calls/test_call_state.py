"""A call's state is made of its events, whatever their order and however often each comes (docs/domain.md)."""

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.call_events import CallEvent
from services.intake.domain.call_figures import HOUSE, counted
from services.intake.domain.calls import CallState, call_state
from tests.services.intake.calls.given import at, event

NEW, ANSWER, HANGUP = event("opened", 0), event("answered", 20), event("ended", 80)
KINDS = (
    "opened",
    "queued",
    "ringing",
    "rang_out",
    "answered",
    "transferred",
    "left",
    "abandoned",
    "forwarded",
    "ended",
)
EVENTS = st.builds(
    event,
    st.sampled_from(KINDS),
    st.integers(0, 30),
    st.sampled_from(["", "A", "B"]),
    waited_seconds=st.none() | st.integers(0, 9),
)


def counts(call: CallState, queue: str = HOUSE) -> dict[str, int]:
    """What a call counts for in a queue, or in the house: by figure, the seconds that were waited."""
    return {tally.figure: tally.seconds for tally in counted(call, "in", is_consult=False) if tally.queue == queue}


@given(st.lists(EVENTS, min_size=1, max_size=6, unique_by=lambda one: one.key), st.data())
def test_state_is_the_same_for_every_order_and_doubling(events: list[CallEvent], data: st.DataObject) -> None:
    assert call_state(data.draw(st.permutations(events + events))) == call_state(events)


@given(st.lists(EVENTS, min_size=1, max_size=8))
def test_call_is_offered_once_and_comes_to_one_thing(events: list[CallEvent]) -> None:
    call = call_state({one.key: one for one in events}.values())
    tallies = Counter(tally.figure for tally in counted(call, "in", is_consult=False) if tally.queue == HOUSE)
    ends = [tallies[figure] for figure in ("answered", "abandoned", "unanswered", "forwarded", "ended_in_menu")]
    assert sum(ends) <= 1
    assert set(tallies.values()) <= {1}
    if tallies["offered"] and call.is_end_known:
        assert sum(ends) == 1
    assert all(stay.seconds is None or stay.seconds >= 0 for stay in call.stays)
    for queue in {stay.queue for stay in call.stays}:
        figures = Counter(tally.figure for tally in counted(call, "in", is_consult=False) if tally.queue == queue)
        assert figures["offered"] == 1
        assert sum(figures.values()) <= 2


@pytest.mark.parametrize("chosen", [p for n in (1, 2, 3) for p in permutations((NEW, ANSWER, HANGUP), n)])
def test_state_of_what_survives(chosen: tuple[CallEvent, ...]) -> None:
    """P1: every permutation of newCall, answer and hangup, each doubled, each also as the only survivor."""
    call = call_state([*chosen, *chosen])
    assert (call.status == "ended") == (HANGUP in chosen)
    assert (call.answered_at is not None) == (ANSWER in chosen)
    assert call.is_incomplete == (NEW not in chosen)
    if ANSWER in chosen:
        assert call.outcome == "answered"


def test_call_that_never_ends_is_neither_answered_nor_abandoned_until_its_end_is_told_late() -> None:
    """P2: the sweep ends it; a late real hangup corrects that."""
    begun = [event("opened", 0), event("queued", 0, "umum")]
    swept = [*begun, event("unknown_end", 9_000)]
    assert counts(call_state(begun)) == {"offered": 0}
    assert call_state(swept).outcome == "unknown"
    assert counts(call_state(swept)) == {"offered": 0, "unknown_end": 0}
    corrected = call_state([*swept, event("ended", 30)])
    assert (corrected.ended_at, corrected.is_end_known, corrected.wait_seconds) == (at(30), True, 30)
    assert counts(corrected) == {"offered": 0, "abandoned": 30}


def test_answered_call_that_never_ends_stays_answered() -> None:
    call = call_state(
        [event("opened", 0), event("queued", 0, "umum"), event("answered", 7), event("unknown_end", 9_000)]
    )
    assert (call.status, call.outcome, call.is_end_known) == ("ended", "answered", False)
    assert counts(call) == {"offered": 0, "answered": 7, "unknown_end": 0}


def test_stays_of_one_call_are_added_and_it_is_one_call() -> None:
    """P4 (a): four times in the queue until it timed out, with the same id, then he gives up."""
    loop = [event("opened", 0)]
    for turn in range(4):
        loop += [event("queued", turn * 180, "A"), event("left", (turn + 1) * 180, "A", cause="timeout")]
    call = call_state([*loop, event("queued", 720, "A"), event("abandoned", 750, "A")])
    assert [stay.seconds for stay in call.stays] == [180, 180, 180, 180, 30]
    assert counts(call) == {"offered": 0, "abandoned": 750}
    assert counts(call, "A") == {"offered": 0, "abandoned": 750}


def test_call_that_the_queue_gave_up_is_unanswered_and_not_lost() -> None:
    call = call_state([event("opened", 0), event("queued", 0, "A"), event("left", 180, "A", cause="timeout")])
    assert counts(call) == {"offered": 0, "unanswered": 180}
    ended = call_state([event("opened", 0), event("queued", 0, "A"), event("left", 180, "A"), event("ended", 181)])
    assert ended.outcome == "unanswered"


def test_stay_in_a_second_queue_counts_there_and_not_in_the_house() -> None:
    """P4 (b): the caller was answered in A, passed on, and answered in B, which his own id never entered."""
    call = call_state(
        [
            event("opened", 0),
            event("queued", 0, "A"),
            event("answered", 10, "A", waited_seconds=10),
            event("answered", 75, "B", waited_seconds=15),
            event("ended", 200, "B", waited_seconds=15, talked_seconds=125),
        ]
    )
    assert counts(call) == {"offered": 0, "answered": 10}
    assert counts(call, "A") == {"offered": 0, "answered": 10}
    assert counts(call, "B") == {"offered": 0, "answered": 15}


def test_phones_that_rang_in_vain_are_no_missed_calls() -> None:
    """P5: five phones ring, one is picked up."""
    rang = [event("rang_out", seconds, "A", agent=f"agent {seconds}") for seconds in range(3, 8)]
    call = call_state([event("opened", 0), event("queued", 0, "A"), *rang, event("answered", 9, "A")])
    assert counts(call) == {"offered": 0, "answered": 9}


def test_call_that_ends_in_the_menu_is_neither_offered_nor_abandoned() -> None:
    assert counts(call_state([event("opened", 0), event("ended", 9)])) == {"ended_in_menu": 0}


def test_call_that_is_forwarded_is_not_abandoned() -> None:
    call = call_state([event("opened", 0), event("queued", 0, "A"), event("forwarded", 5), event("ended", 5)])
    assert counts(call) == {"offered": 0, "forwarded": 0}


def test_end_of_a_talk_tells_of_an_answer_that_was_lost() -> None:
    ended = event("ended", 100, "A", waited_seconds=10, talked_seconds=60)
    call = call_state([event("opened", 30), event("queued", 30, "A"), ended])
    assert (call.outcome, call.answered_at, call.wait_seconds) == ("answered", at(40), 10)


def test_answer_that_seems_to_come_before_its_call_waited_no_time() -> None:
    """Two systems have two clocks: no wait is ever negative."""
    call = call_state([event("opened", 5), event("queued", 5, "A"), event("answered", 0, "A"), event("ended", 60)])
    assert (call.outcome, call.wait_seconds) == ("answered", 0)


def test_caller_who_gives_up_while_phones_ring_is_abandoned() -> None:
    call = call_state([event("opened", 0), event("ringing", 2), event("ended", 17)])
    assert counts(call) == {"offered": 0, "abandoned": 15}
