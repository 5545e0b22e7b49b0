"""What moves the clocks of a case, that its trail alone says how they stand, and that a deadline is the sum it is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tickets.domain.calendars import is_working_day, working_between
from services.tickets.domain.clocks import Clock, Pause
from services.tickets.domain.happenings import Breached, DueSet, Happened, Happening, PolicyChanged, read
from services.tickets.domain.policies import FIRST_RESPONSE, RESOLUTION, Policy, Term, days_policy
from services.tickets.domain.timeline import begin, by_calendar, go_on, run, under
from services.tickets.repository.clocks import _clock, _row
from tests.services.tickets.domain.given import JAKARTA, OFFICE, TICKET, at, every_day, policy, weekdays

WORK = weekdays(8, 17)
FILED = "2026-03-13 10:00"
SLA = Policy(
    "sla",
    1,
    "Asia/Jakarta",
    (
        Term(FIRST_RESPONSE, 240, "working_minutes", every_day(), stops=("answered",), by_priority={"urgent": 60}),
        Term("next_response", 240, "working_minutes", WORK, "citizen_wrote", ("answered",)),
        Term(
            RESOLUTION,
            540,
            "working_minutes",
            WORK,
            pauses=("answered", "waiting", "held"),
            by_priority={"high": 300, "urgent": 60},
        ),
        Term("silence", 10, "working_days", OFFICE, "answered", ("citizen_wrote",)),
    ),
)


def what(kind: str, moment: str | datetime, **data: Any) -> Happened:
    """Something that happened, perhaps of a kind that only another release knows."""
    when = moment if isinstance(moment, datetime) else at(moment)
    return Happened(TICKET, 1, read(kind, data), "staff:1", when)


def clocks_after(*trail: Happened, of: Policy = SLA, filed: str = FILED) -> dict[str, Clock]:
    clocks = begin(TICKET, of, at(filed))
    for happened in trail:
        clocks = go_on(clocks, happened)
    return {clock.kind: clock for clock in clocks}


def test_clocks_of_a_new_case_are_those_that_begin_with_it() -> None:
    clocks = clocks_after()
    assert {kind: clock.due_at for kind, clock in clocks.items()} == {
        FIRST_RESPONSE: at("2026-03-13 14:00"),
        RESOLUTION: at("2026-03-16 10:00"),
    }


def test_first_response_ends_with_the_first_answer_and_with_nothing_else() -> None:
    for kind in ("noted", "notice_settled", "claimed", "escalated", "prioritised", "a_kind_of_tomorrow"):
        assert clocks_after(what(kind, "2026-03-13 11:00", after="low"))[FIRST_RESPONSE].stopped_at is None, kind
    answered = clocks_after(what("replied", "2026-03-13 11:00"), what("replied", "2026-03-13 12:00"))
    assert answered[FIRST_RESPONSE].stopped_at == at("2026-03-13 11:00")
    assert answered[FIRST_RESPONSE].standing(at("2026-04-01 00:00")) == "met"


def test_next_response_is_owed_since_the_first_word_that_was_not_answered() -> None:
    joined = [what("joined", f"2026-03-{day} 10:00") for day in (16, 17)]
    assert clocks_after(*joined)["next_response"].started_at == at("2026-03-16 10:00")
    again = clocks_after(*joined, what("replied", "2026-03-17 11:00"), what("joined", "2026-03-18 10:00"))
    assert again["next_response"].started_at == at("2026-03-18 10:00")
    assert again[FIRST_RESPONSE].stopped_at == at("2026-03-17 11:00")


def test_resolution_stands_still_while_the_citizen_has_the_word() -> None:
    """The table of docs/domain.md, "Deadlines": nine hours, waiting from Friday at eleven until Monday at eleven."""
    waiting = what("replied", "2026-03-13 11:00")
    assert clocks_after(waiting)[RESOLUTION].paused_at == at("2026-03-13 11:00")
    went_on = clocks_after(waiting, what("joined", "2026-03-16 11:00"))[RESOLUTION]
    assert (went_on.due_at, went_on.paused_at) == (at("2026-03-17 10:00"), None)


def test_change_from_one_wait_to_another_is_one_pause() -> None:
    trail = [
        what("replied", "2026-03-13 11:00"),
        what("held", "2026-03-13 12:00"),
        what("hold_ended", "2026-03-16 11:00"),
    ]
    assert clocks_after(*trail)[RESOLUTION].pauses == (Pause(at("2026-03-13 11:00"), at("2026-03-16 11:00")),)


def test_priority_that_is_raised_while_a_case_waits_keeps_what_it_waited() -> None:
    """Of five hours one was used before the wait and four are left after it, whenever the priority came."""
    wait, back = what("held", "2026-03-13 11:00"), what("hold_ended", "2026-03-16 11:00")
    for trail in (
        [wait, what("prioritised", "2026-03-14 09:00", before="normal", after="high"), back],
        [wait, back, what("prioritised", "2026-03-16 12:00", before="normal", after="high")],
    ):
        assert clocks_after(*trail)[RESOLUTION].due_at == at("2026-03-16 15:00")
    lowered = what("prioritised", "2026-03-16 13:00", before="high", after="low")
    assert clocks_after(*trail, lowered)[RESOLUTION].due_at == at("2026-03-17 10:00")


def test_reopened_case_goes_on_under_its_old_deadline_or_without_the_time_between() -> None:
    ended, again = what("resolved", "2026-03-13 12:00"), what("reopened", "2026-03-16 12:00")
    went_on = clocks_after(ended, again)
    assert (went_on[RESOLUTION].stopped_at, went_on[RESOLUTION].due_at) == (None, at("2026-03-16 10:00"))
    assert went_on[FIRST_RESPONSE].stopped_at == at("2026-03-13 12:00"), "that was done, and is not undone"
    term = Term(RESOLUTION, 540, "working_minutes", WORK, pauses=("ended",))
    resting = clocks_after(ended, again, of=policy(term))[RESOLUTION]
    assert resting.due_at == at("2026-03-17 10:00")


def test_silence_is_counted_from_the_answer_until_the_citizen_writes() -> None:
    replied = what("replied", "2026-05-29 09:00")
    silent = clocks_after(replied, filed="2026-05-28 09:00")["silence"]
    assert silent.due_at == at("2026-06-15 23:59:59"), "1 June is a holiday, and the day of the answer does not count"
    assert clocks_after(replied, what("joined", "2026-06-02 09:00"))["silence"].stopped_at == at("2026-06-02 09:00")


def test_merged_case_goes_on_by_the_earlier_deadline_and_its_source_rests() -> None:
    earlier = at("2026-03-13 16:00")
    merged = what("merged", "2026-03-13 12:00", other=str(UUID(int=2)), role="target", due_at=earlier.isoformat())
    gone = what("merged", "2026-03-13 12:00", other=str(UUID(int=2)), role="source", due_at=earlier.isoformat())
    assert clocks_after(merged)[RESOLUTION].due_at == earlier
    assert clocks_after(gone)[RESOLUTION].stopped_at == at("2026-03-13 12:00")


def test_policy_that_lacks_a_clock_drops_it_and_one_that_has_more_begins_them_with_the_case() -> None:
    """And a wait stays a wait."""
    before = begin(TICKET, SLA, at(FILED))
    for happened in (what("held", "2026-03-13 11:00"), what("hold_ended", "2026-03-16 11:00")):
        before = go_on(before, happened)
    fourteen = Policy(
        "k14",
        3,
        "Asia/Jakarta",
        (
            Term(RESOLUTION, 600, "working_minutes", WORK),
            Term("verify", 3, "working_days", OFFICE, stops=("forwarded",)),
        ),
    )
    after = {clock.kind: clock for clock in under(before, fourteen, at("2026-03-16 12:00"))}
    assert after[FIRST_RESPONSE].standing(at("2026-04-01 00:00")) == "dropped"
    assert after[RESOLUTION].due_at == at("2026-03-17 11:00")
    assert (after["verify"].started_at, after["verify"].due_at) == (at(FILED), at("2026-03-18 23:59:59"))
    back = {clock.kind: clock for clock in under(tuple(after.values()), SLA, at("2026-03-16 13:00"))}
    assert back[FIRST_RESPONSE].stopped_at is None
    answered = under(begin(TICKET, fourteen, at(FILED)), SLA, at("2026-03-16 12:00"), at("2026-03-13 11:00"))
    assert next(c for c in answered if c.kind == FIRST_RESPONSE).stopped_at == at("2026-03-13 11:00")


@pytest.mark.parametrize("days", [5, 14, 60])
def test_classes_of_complaints_are_working_days(days: int) -> None:
    of_class = days_policy("k", 1, days, "working_days", "Asia/Jakarta", OFFICE)
    clock = clocks_after(of=of_class, filed="2026-01-05 10:00")[RESOLUTION]
    last = clock.due_at.astimezone(JAKARTA).date()
    kept = OFFICE.keeping("public")
    counted = [
        d
        for n in range(1, 200)
        if (d := at("2026-01-05 10:00").date() + timedelta(days=n)) <= last and is_working_day(kept, d)
    ]
    assert (len(counted), counted[-1]) == (days, last)


# -- what holds for every trail ---------------------------------------------------------------------------------

KINDS = (
    "joined",
    "replied",
    "held",
    "hold_ended",
    "info_requested",
    "forwarded",
    "escalated",
    "resolved",
    "reopened",
    "closed",
    "reopened_by_agent",
    "noted",
)
OTHER = Policy(
    "other",
    2,
    "Asia/Jakarta",
    (SLA.terms[0], replace(SLA.terms[2], target=900), Term("verify", 3, "working_days", OFFICE)),
)
POLICIES = {(each.name, each.version): each for each in (SLA, OTHER)}


def happenings() -> st.SearchStrategy[Happening]:
    return st.one_of(
        st.sampled_from(KINDS).map(lambda kind: read(kind, {"level": 1} if kind == "escalated" else {})),
        st.sampled_from(("normal", "high", "urgent")).map(lambda to: read("prioritised", {"before": "", "after": to})),
        st.sampled_from((SLA, OTHER)).map(lambda one: PolicyChanged(one.name, one.version, "sla", 1)),
        st.sampled_from((None, at("2026-03-25 12:00"))).map(lambda due: DueSet(RESOLUTION, due)),
        st.just(Breached(RESOLUTION, at(FILED))),
    )


def moments(steps: Iterable[int]) -> Iterable[datetime]:
    moment = at(FILED)
    for step in steps:
        moment += timedelta(minutes=step)
        yield moment


TRAILS = st.lists(st.tuples(st.integers(0, 2_000), happenings()), max_size=12).map(
    lambda found: [
        Happened(TICKET, 1, happening, "staff:1", moment)
        for (_, happening), moment in zip(found, moments(step for step, _ in found), strict=True)
    ]
)


def kept(clocks: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """The clocks as they come back from the database."""
    return tuple(_clock(_row(clock), clock.policy, clock.calendar) for clock in clocks)


@settings(max_examples=150, deadline=None)
@given(trail=TRAILS)
def test_clocks_that_went_on_step_by_step_are_those_that_the_whole_trail_gives(trail: list[Happened]) -> None:
    clocks, answered_at = begin(TICKET, SLA, at(FILED)), None
    for happened in trail:
        if isinstance(happened.happening, PolicyChanged):
            to = POLICIES[happened.happening.policy, happened.happening.version]
            clocks = under(kept(clocks), to, happened.at, answered_at)
        else:
            clocks = go_on(kept(clocks), happened)
        if not answered_at and happened.happening == read("replied", {}):
            answered_at = happened.at
    assert kept(clocks) == run(POLICIES, SLA, TICKET, at(FILED), trail)


@settings(max_examples=150, deadline=None)
@given(trail=TRAILS)
def test_deadline_is_when_the_target_is_used_up_outside_of_every_pause(trail: list[Happened]) -> None:
    """Counted in another way: the working time until the deadline, less that of the pauses until then."""
    for clock in run(POLICIES, SLA, TICKET, at(FILED), trail):
        if clock.fixed_at or clock.term.measure != "working_minutes":
            continue
        still = [(pause.start, min(pause.end, clock.due_at)) for pause in clock.pauses if pause.start < clock.due_at]
        waited = sum((working_between(clock.calendar, *each) for each in still), timedelta())
        used = working_between(clock.calendar, clock.started_at, clock.due_at) - waited
        assert used == timedelta(minutes=clock.term.target_of(clock.priority))
        assert all(a.end <= b.start for a, b in zip(clock.pauses, clock.pauses[1:], strict=False))


@settings(max_examples=50, deadline=None)
@given(trail=TRAILS)
def test_calendar_that_is_edited_and_edited_back_leaves_every_deadline_as_it_was(trail: list[Happened]) -> None:
    clocks = run(POLICIES, SLA, TICKET, at(FILED), trail)
    longer = replace(weekdays(6, 20), version=2)
    back = by_calendar(by_calendar(clocks, longer), WORK)
    assert [clock.due_at for clock in back] == [clock.due_at for clock in clocks]
