"""Labels with whatever stands before and beside them, in every case: a row under one never counts unseen."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.sheet.footers import Footers
from services.survey_index.domain.sheet.header import read_header
from services.survey_index.domain.sheet.labels import LABELS, label_of, may_be_label
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Faults, Rules
from tests.services.survey_index.conftest import SKM, SLUGS
from tests.services.survey_index.domain.test_footers import HEADER, SERVED, UNNUMBERED, passed_over, read

FOURS = ["4"] * 9
HEADERS = st.sampled_from([HEADER, SERVED, UNNUMBERED])
PREFIXES = st.sampled_from(
    ["", "1. ", "12) ", "a. ", "b) ", "[", "(", "- ", "= ", ": ", "<", "[1. ", "1.  ", "\u00ad", "\u2022 ", "\u00a0"]
)
CASES = st.sampled_from([str.lower, str.upper, str.title, str.capitalize, str.swapcase])
BESIDE = st.sampled_from(["", " per unsur", " 3", " 72 responden", " Persada", "]", ":", "wati"])
SPELLED = ["grand total", "rata-rata", "rata rata", "rata2", "sub  total", "std dev", "maks", "max", "n", "n = 4"]
NAMES = st.builds(
    lambda prefix, label, case, beside: str(prefix + case(label) + beside),
    PREFIXES,
    st.sampled_from([*SPELLED, *(word for _, word, _ in LABELS)]),
    CASES,
    BESIDE,
)
FIGURES = st.builds(
    lambda prefix, label, case: str(prefix + case(label)),
    PREFIXES,
    st.sampled_from(["rata2", "sub  total", *(word for kind, word, _ in LABELS if kind == "figure")]),
    CASES,
)


@given(NAMES | st.text(max_size=12) | st.text(alphabet="ajumlhn .)(12=:*σſ\u00ad", max_size=10))
def test_quick_look_misses_no_label(name: str) -> None:
    assert may_be_label(name.strip()) or label_of(name.strip()) is None


@given(NAMES, HEADERS)
def test_row_counts_only_where_it_is_neither_passed_over_nor_in_doubt(name: str, header: Sequence[str]) -> None:
    rules = Rules(SKM, ignore_others="respondent" not in header, needs_days=False)
    footers = Footers(read_header([*header], rules, Faults()), rules)
    row = [name, *FOURS]
    why, is_doubtful = footers.reason_to_pass_over(row), footers.in_doubt(row) is not None
    found, notes, faults = read(row, ["R3", *FOURS], header=header)
    assert [passed.why for passed in notes.passed_over] == ([why] if why else [])
    assert len(faults) == (why is None and is_doubtful)
    assert (len(found) == 4) == (why is None and not is_doubtful)


@given(FIGURES)
def test_label_of_a_figure_alone_never_counts_where_respondents_have_numbers(name: str) -> None:
    assert len(passed_over([name, *FOURS], header=HEADER)) == 1


@pytest.mark.parametrize("before", [[], [""]], ids=["first", "second"])
def test_refusal_names_the_column_of_the_label_where_there_are_no_numbers(before: Sequence[str]) -> None:
    faults = Faults()
    rows = [[*before, "nama", *SLUGS], [*before, "Kategori 1", *FOURS]]
    assert [*read_rows(rows, Rules(SKM, ignore_others=True, needs_days=False), faults)] == []
    assert [fault.field for fault in faults] == ["row 2, column nama"]
