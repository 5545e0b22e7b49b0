"""What cases count for, and the figures that are made of it."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.cases import Case
from services.tickets.domain.figures import COLUMNS, FIGURES, NAMES, definitions, figures
from services.tickets.domain.happenings import Happened, Replied
from services.tickets.domain.tallies import Tally, counted, deed, differences
from services.tickets.domain.units import Unit
from tests.factories import NOW
from tests.services.tickets.domain.test_verbs import new_case, replied, resolved

HOUR = timedelta(hours=1)


def amounts(case: Case) -> dict[str, int]:
    """What a case counts for, whatever the day."""
    return {tally.count: amount for tally, amount in counted(case).tallies.items()}


def at(case: Case, **changes: Any) -> Case:
    return replace(case, ticket=replace(case.ticket, **changes))


def test_tallies_of_a_case_follow_it_from_its_opening_to_its_end() -> None:
    assert amounts(new_case()) == {"opened": 1, "open": 1}
    answered = at(replied(new_case()), first_replied_at=NOW + HOUR)
    assert amounts(answered) == {"opened": 1, "first_replied": 1, "first_reply_seconds": 3600, "waiting": 1}
    done = at(resolved(answered), resolved_at=NOW + 2 * HOUR)
    assert amounts(done) == {
        "opened": 1,
        "completed": 1,
        "first_replied": 1,
        "first_reply_seconds": 3600,
        "resolved": 1,
        "resolution_seconds": 7200,
        "in_time": 1,
        "first_contact": 1,
    }


def test_tallies_tell_who_came_twice_and_what_was_late() -> None:
    done = resolved(new_case())
    assert "first_contact" not in amounts(at(done, occasions=2))
    due = done.resolution.due_at
    assert "in_time" in amounts(at(done, resolved_at=due))
    assert "in_time" not in amounts(at(done, resolved_at=due + timedelta(microseconds=1)))


@pytest.mark.parametrize(("zone", "day"), [("Asia/Jakarta", 13), ("Asia/Jayapura", 14)])
def test_tallies_are_of_the_day_in_the_zone_of_the_unit(zone: str, day: int) -> None:
    case = at(new_case(), zone=zone, opened_at=datetime.fromisoformat("2026-03-13T15:30:00+00:00"))
    assert {tally.day for tally in counted(case).tallies} == {date(2026, 3, day)}


CASES = st.builds(
    lambda case, unit, topic, occasions: at(case, unit=unit, topic=topic, occasions=occasions),
    st.sampled_from([new_case(), replied(new_case()), resolved(new_case())]),
    st.sampled_from(["prakerja", "pengawas"]),
    st.sampled_from([None, "upah"]),
    st.integers(1, 2),
)


@given(st.lists(CASES, max_size=6))
def test_differences_add_up_to_what_the_last_state_counts_for(states: list[Case]) -> None:
    total: Counter[Tally] = Counter()
    before: list[Any] = []
    for case in states:
        after = [counted(case)]
        total.update(differences(before, after))
        before = after
    assert +total == sum((counting.tallies for counting in before), Counter())
    assert all(amount >= 0 for amount in total.values())


def test_deed_names_staff_and_nobody_else() -> None:
    ticket = replace(new_case().ticket, topic="upah", unit=Unit("pengawas", "Pengawas").slug)
    for actor, told in (("staff:budi", "staff:budi"), ("door", ""), ("booth", "")):
        happened = Happened(ticket.id, 2, Replied(UUID(int=1)), actor, NOW)
        found = deed(happened, ticket, "staff:")
        assert (found.day, found.unit, found.topic, found.actor, found.kind) == (
            date(2026, 3, 13),
            "pengawas",
            "upah",
            told,
            "replied",
        )


def test_figures_are_exact_and_none_where_nothing_was_counted() -> None:
    counts = {"resolved": 3, "in_time": 2, "first_contact": 1, "opened": 4, "completed": 3}
    assert figures("fcr", counts) == {"resolved": 3, "first_contact": 1, "fcr": Fraction(1, 3)}
    assert figures("yearly", counts)["completion"] == Fraction(3, 4)
    assert figures("sla", counts)["late"] == 1
    assert figures("fcr", {}) == {"resolved": 0, "first_contact": 0, "fcr": None}


def test_figures_have_a_definition_each_and_each_is_shown() -> None:
    assert {column for columns in COLUMNS.values() for column in columns} == set(FIGURES)
    assert all(list(definitions(name)) == list(COLUMNS[name]) for name in NAMES)
