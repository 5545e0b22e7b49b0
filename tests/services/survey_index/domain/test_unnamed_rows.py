"""Rows that hold nothing but answers at the end of a file without respondents' numbers: they may be averages."""

from collections.abc import Sequence

import pytest

from services.survey_index.domain.sheet.notes import Notes
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Faults, Rules
from tests.services.survey_index.conftest import SKM, SLUGS

PEOPLE = ["343434343", "433343333", "443333433", "334443334", "343344433", "333433434"]
AVERAGE = "343443433"


def places(*rows: Sequence[str], beside: Sequence[str] = ()) -> list[str]:
    """Where the faults are of a file with these rows."""
    faults = Faults()
    rules = Rules(SKM, needs_days=False, ignore_others=True)
    found = [*read_rows([[*beside, *SLUGS], *rows], rules, faults, notes=Notes())]
    assert bool(found) != bool(faults)
    return [fault.field for fault in faults]


def test_last_row_that_is_the_average_of_all_others_is_refused() -> None:
    assert places(*PEOPLE, AVERAGE) == ["row 8"]
    for others in (
        [*PEOPLE, AVERAGE, PEOPLE[0]],
        [*PEOPLE, AVERAGE, AVERAGE],
        [*PEOPLE, "333333333"],
        [*PEOPLE[:4], "344443433"],
    ):
        assert places(*others) == []


@pytest.mark.parametrize("empty", [[], [""] * 9])
def test_few_rows_below_an_empty_one_are_refused_and_many_are_not(empty: Sequence[str]) -> None:
    assert places(*PEOPLE, empty, "333333333") == ["row 9"]
    assert places(*PEOPLE, empty, "333333333", empty, "222222222") == []
    assert places(*PEOPLE * 2, empty, "333333333", empty, "222222222") == ["row 15", "row 17"]
    assert places(*(row for person in PEOPLE for row in (person, empty))) == []


@pytest.mark.parametrize("beside", ["usia", "nama", "Timestamp"])
def test_row_that_tells_nothing_more_below_others_who_all_do_is_refused(beside: str) -> None:
    cell = {"usia": "40", "nama": "Tati", "Timestamp": "2021-01-05 09:00"}[beside]
    people = [[cell, *person] for person in PEOPLE]
    assert places(*people, ["", *"333333333"], beside=[beside]) == ["row 8"]
    assert places(*people, ["", *"333333333"], people[0], beside=[beside]) == []
    assert places(["", *"333333333"], *people, ["", *"333333333"], beside=[beside]) == []
    assert places(*people, [], people[0], beside=[beside]) == []


def test_sum_of_a_row_tells_nothing_of_anybody() -> None:
    people = [[*person, str(sum(map(int, person)))] for person in PEOPLE]
    faults = Faults()
    rows = [[*SLUGS, "Jumlah"], *people, [*AVERAGE, "31,5"]]
    assert [*read_rows(rows, Rules(SKM, needs_days=False, ignore_others=True), faults)] == []
    assert [fault.field for fault in faults] == ["row 8"]
