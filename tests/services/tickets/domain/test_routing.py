"""Routing: who is given which case, and why; never too much, never to who cannot, and in order."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.roster import Agent
from services.tickets.domain.routing import PRIORITIES, Waiting, in_order, place, why_not
from tests.services.tickets.domain.test_roster import FRIDAY, agent


def waiting(number: int = 1, **changes: Any) -> Waiting:
    given: dict[str, Any] = {"unit": "setjen", "topic": "ppid", "priority": "normal", "since": FRIDAY, **changes}
    return Waiting(id=UUID(int=number), **given)


def given_to(cases: list[Waiting], agents: list[Agent], loads: dict[str, int]) -> dict[int, str | None]:
    return {placing.ticket_id.int: placing.agent for placing in place(cases, agents, loads, FRIDAY)}


@pytest.mark.parametrize(
    ("of_agent", "of_case", "load", "why"),
    [
        ({}, {}, 0, None),
        ({}, {}, 9, None),
        ({}, {}, 10, "full"),
        ({"capacity": 0}, {}, 0, "full"),
        ({}, {"unit": "pengawas"}, 0, "other_unit"),
        ({"units": frozenset()}, {}, 0, "other_unit"),
        ({"presence": "away"}, {}, 0, "away"),
        ({"skills": frozenset({"ppid"})}, {}, 0, None),
        ({"skills": frozenset({"upah"})}, {}, 0, "lacks_skill"),
        ({"skills": frozenset({"upah"})}, {"topic": None}, 0, None),
        ({}, {"language": "id"}, 0, None),
        ({}, {"language": "en"}, 0, "lacks_language"),
        ({"languages": frozenset({"id", "en"})}, {"language": "en"}, 0, None),
    ],
)
def test_case_goes_to_nobody_who_cannot_take_it(
    of_agent: dict[str, Any], of_case: dict[str, Any], load: int, why: str | None
) -> None:
    assert why_not(agent(**of_agent), waiting(**of_case), load, FRIDAY) == why


def test_case_that_is_urgent_comes_first_and_then_the_one_that_waits_longest() -> None:
    hour = timedelta(hours=1)
    cases = [
        waiting(1, priority="low", since=FRIDAY - 9 * hour),
        waiting(2, since=FRIDAY - hour),
        waiting(3, priority="urgent"),
        waiting(4, since=FRIDAY - 2 * hour),
        waiting(5, priority="high"),
        waiting(6, priority="of tomorrow", since=FRIDAY - 3 * hour),
    ]
    assert [case.id.int for case in in_order(cases)] == [3, 5, 6, 4, 2, 1]


def test_case_goes_to_who_has_fewest_and_then_to_who_was_given_one_longest_ago() -> None:
    minute = timedelta(minutes=1)
    agents = [
        agent("staff:a", last_given_at=FRIDAY - minute),
        agent("staff:b", last_given_at=FRIDAY - 2 * minute),
        agent("staff:c"),
        agent("staff:d"),
    ]
    loads = {"staff:a": 1, "staff:b": 1, "staff:c": 2}
    assert given_to([waiting(n) for n in range(1, 6)], agents, loads) == {
        1: "staff:d",
        2: "staff:b",
        3: "staff:a",
        4: "staff:d",
        5: "staff:c",
    }


def test_case_that_somebody_cannot_take_does_not_hold_up_those_behind_it() -> None:
    agents = [agent(skills=frozenset({"upah"}))]
    assert given_to([waiting(1), waiting(2, topic="upah")], agents, {}) == {1: None, 2: "staff:1"}


def test_reasons_tell_of_each_agent_of_the_unit_and_of_no_other() -> None:
    agents = [
        agent("staff:a", capacity=2),
        agent("staff:b"),
        agent("staff:c", presence="offline"),
        agent("staff:d"),
        agent("staff:e"),
        agent("staff:f", units=frozenset({"pengawas"})),
    ]
    loads = {"staff:a": 2, "staff:b": 1}
    (placing,) = place([waiting()], agents, loads, FRIDAY, busy=frozenset({"staff:e"}))
    assert [(look.agent, look.verdict, look.load, look.capacity) for look in placing.looks] == [
        ("staff:d", "chosen", 0, 10),
        ("staff:b", "has_more", 1, 10),
        ("staff:c", "offline", 0, 10),
        ("staff:e", "is_being_given", 0, 10),
        ("staff:a", "full", 2, 2),
    ]


AGENTS = st.lists(
    st.builds(
        agent,
        subject=st.sampled_from([f"staff:{n}" for n in range(5)]),
        role=st.sampled_from(["agent", "agent", "officer"]),
        units=st.sets(st.sampled_from("xy")).map(frozenset),
        skills=st.sets(st.sampled_from("pq")).map(frozenset),
        capacity=st.integers(0, 3),
        presence=st.sampled_from(["available", "available", "away", "offline"]),
    ),
    unique_by=lambda one: one.subject,
    max_size=5,
)
CASES = st.lists(
    st.builds(
        waiting,
        number=st.integers(1, 10**6),
        unit=st.sampled_from("xy"),
        topic=st.sampled_from([None, "p", "q"]),
        priority=st.sampled_from(PRIORITIES),
        since=st.integers(0, 5).map(lambda hours: FRIDAY - timedelta(hours=hours)),
    ),
    unique_by=lambda one: one.id,
    max_size=12,
)
LOADS = st.dictionaries(st.sampled_from([f"staff:{n}" for n in range(5)]), st.integers(0, 4))


@given(CASES, AGENTS, LOADS)
def test_nobody_is_given_too_much_or_what_he_cannot_take_and_nothing_waits_that_somebody_could_take(
    cases: list[Waiting], agents: list[Any], loads: dict[str, int]
) -> None:
    placings = place(cases, agents, loads, FRIDAY)
    known = {one.subject: one for one in agents}
    by_id = {case.id: case for case in cases}
    assert [placing.ticket_id for placing in placings] == [case.id for case in in_order(cases)]
    got: Counter[str] = Counter()
    for placing in placings:
        case = by_id[placing.ticket_id]
        able = [s for s, one in known.items() if why_not(one, case, loads.get(s, 0) + got[s], FRIDAY) is None]
        if placing.agent is None:
            assert able == [], "it could have gone to somebody"
        else:
            assert placing.agent in able
            assert loads.get(placing.agent, 0) + got[placing.agent] == min(loads.get(s, 0) + got[s] for s in able)
            got[placing.agent] += 1
        assert len(placing.looks) == sum(case.unit in one.units for one in agents)
    assert all(loads.get(s, 0) + count <= known[s].capacity for s, count in got.items())
