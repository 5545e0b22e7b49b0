"""The satisfaction index: every figure of docs/domain.md, "Index", and the same as counting row by row, exactly."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.instruments import Instrument, builtin
from services.survey_index.domain.skm import Index, Missing, Weighting, half_up, skm, weighting_fits
from services.survey_index.domain.tallies import Counts, Layout
from tests.services.survey_index.conftest import RESPONDENTS_72, SKM, SLUGS, in_order
from tests.services.survey_index.domain.given import element, instrument

NEW, OLD = "permenpanrb14_2017", "kep25_2004"
Row = Mapping[str, int]


def counted(rows: Sequence[Row]) -> Counts:
    """Question → value → how often it was given."""
    counts: dict[str, Counter[int]] = {}
    for row in rows:
        for slug, value in row.items():
            counts.setdefault(slug, Counter())[value] += 1
    return counts


def index_of(rows: Sequence[Row], edition: str = NEW, weighting: Weighting = "exact") -> Index:
    return skm(counted(rows), len(rows), SKM, edition=edition, weighting=weighting)


def given_nrr(instrument: Instrument, nrr: Sequence[str], answers: int) -> Counts:
    """Counts of `answers` answers to each element that come to these averages."""
    counts = {}
    for slug, average in zip(instrument.answerable, nrr, strict=True):
        whole, more = divmod(Fraction(average) * answers, answers)
        assert more.denominator == 1, "that many answers do not come to this average"
        counts[slug] = {int(whole): answers - int(more), int(whole) + 1: int(more)}
    return counts


def questionnaire(elements: int) -> Instrument:
    return instrument(*(element(f"e{place}") for place in range(elements)))


def grade(index: Index) -> str | None:
    return index.band.grade if index.band else None


# -- the 72 respondents of the Kubu Raya report -----------------------------------------------------------------


@pytest.fixture(scope="module")
def rows_72() -> list[Row]:
    with RESPONDENTS_72.open() as file:
        return [{slug: int(row[slug]) for slug in SLUGS} for row in csv.DictReader(file)]


def test_72_rows_have_the_sums_and_averages_of_the_domain(rows_72: list[Row]) -> None:
    index = index_of(rows_72)
    assert (index.n, {element.n for element in index.elements}) == (72, {72})
    assert [element.sum for element in index.elements] == [240, 240, 238, 281, 239, 262, 254, 245, 275]
    averages = [half_up(element.nrr, 4) for element in index.elements if element.nrr is not None]
    assert [str(average) for average in averages] == (
        ["3.3333", "3.3333", "3.3056", "3.9028", "3.3194", "3.6389", "3.5278", "3.4028", "3.8194"]
    )


@pytest.mark.parametrize(("edition", "wanted"), [(OLD, "A"), (NEW, "B")])
def test_72_rows_are_87_73_which_is_one_grade_or_the_other(rows_72: list[Row], edition: str, wanted: str) -> None:
    index = index_of(rows_72, edition)
    assert index.exact == Fraction(2274, 72) * 25 / 9
    assert (index.index, grade(index)) == (Decimal("87.73"), wanted)


@pytest.mark.parametrize(("weighting", "figure"), [("exact", "87.73"), ("0.111", "87.64"), ("0.11", "86.85")])
def test_truncated_weights_reproduce_what_offices_print(rows_72: list[Row], weighting: Weighting, figure: str) -> None:
    assert index_of(rows_72, weighting=weighting).index == Decimal(figure)


# -- the published table of the Kubu Raya report (n = 204), given as averages -----------------------------------

TABLE_204 = ["3.42", "3.44", "3.34", "3.93", "3.57", "3.65", "3.59", "3.47", "3.89"]


@pytest.mark.parametrize(
    ("weighting", "figure"), [("exact", "89.72"), ("0.1111", "89.71"), ("0.111", "89.63"), ("0.11", "88.83")]
)
def test_published_table_gives_the_published_index(weighting: Weighting, figure: str) -> None:
    assert sum(map(Decimal, TABLE_204)) == Decimal("32.30")
    index = skm(given_nrr(SKM, TABLE_204, 100), 204, SKM, edition=NEW, weighting=weighting)
    assert (index.n, index.index) == (204, Decimal(figure))


def test_published_table_by_element() -> None:
    index = skm(given_nrr(SKM, TABLE_204, 100), 204, SKM, edition=NEW)
    figures = {element.slug: element.index for element in index.elements if element.index is not None}
    assert [str(figure) for figure in figures.values()] == (
        ["85.50", "86.00", "83.50", "98.25", "89.25", "91.25", "89.75", "86.75", "97.25"]
    )
    assert (max(figures, key=figures.__getitem__), min(figures, key=figures.__getitem__)) == ("biaya", "waktu")
    below = {element.slug for element in index.elements if element.band and element.band.grade == "B"}
    assert below == {"persyaratan", "prosedur", "waktu", "sarana"}


# -- other instruments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", [OLD, NEW])
def test_call_centre_of_2021_is_77_1_and_good_under_both_editions(edition: str) -> None:
    eight = questionnaire(8)
    index = skm(given_nrr(eight, ["3.084"] * 8, 1_000), 1_000, eight, edition=edition)
    assert (index.index, grade(index)) == (Decimal("77.10"), "B")
    assert index.band is not None
    assert index.band.performance == "Baik"
    if edition == NEW and index.index is not None:
        assert index.index - index.band.lowest == Decimal("0.49")


@given(elements=st.integers(1, 20), value=st.integers(1, 4))
def test_same_answer_everywhere_is_exactly_its_figure_however_many_elements(elements: int, value: int) -> None:
    own = questionnaire(elements)
    index = skm({slug: {value: 3} for slug in own.answerable}, 3, own, edition=NEW)
    assert index.exact == 25 * value


@pytest.mark.parametrize(("weighting", "highest"), [("exact", "100.00"), ("0.111", "99.90"), ("0.11", "99.00")])
def test_truncated_weights_cap_the_index(weighting: Weighting, highest: str) -> None:
    assert index_of([dict.fromkeys(SLUGS, 4)], weighting=weighting).index == Decimal(highest)


@pytest.mark.parametrize("known", builtin().values(), ids=lambda known: known.code)
def test_exact_weights_sum_to_one(known: Instrument) -> None:
    assert sum(known.weight_of(unsur) for unsur in known.of("ikm")) in (0, 1)


def test_questions_of_one_element_are_averaged_before_it_weighs_once() -> None:
    """The Kubu Raya report: the average of each question, the average of these, then one weight."""
    own = instrument(element("waktu", questions=3), element("biaya"))
    counts = {"waktu.1": {4: 1}, "waktu.2": {1: 3}, "waktu.3": {2: 1, 3: 1}, "biaya": {3: 2}}
    waktu, biaya = skm(counts, 3, own, edition=NEW).elements
    assert (waktu.nrr, waktu.sum, waktu.n) == ((4 + 1 + Fraction(5, 2)) / 3, 12, 6)
    assert skm(counts, 3, own, edition=NEW).exact == (Fraction(5, 2) + 3) / 2 * 25
    assert biaya.nrr == 3


def test_element_one_of_whose_questions_nobody_answered_has_no_average() -> None:
    own = instrument(element("waktu", questions=2))
    assert skm({"waktu.1": {4: 1}}, 1, own, edition=NEW).index is None


@pytest.mark.parametrize("weighting", ["0.1111", "0.111", "0.11"])
def test_ninth_that_was_cut_off_weighs_nothing_but_ninths(weighting: Weighting) -> None:
    fourteen = builtin()["kep25_2004"]
    counts = {code: {4: 1} for code in fourteen.codes}
    assert skm(counts, 1, fourteen, edition=OLD, weighting=weighting).index == Decimal("100.00")
    fits = {code for code, known in builtin().items() if weighting_fits(weighting, known)}
    assert fits == {"skm14_2017", "skm16_2014", "skm_online"}


def test_weights_of_ones_own_weigh() -> None:
    own = instrument(element("waktu", weight="0.75"), element("biaya", weight="1/4"))
    assert skm({"waktu": {4: 1}, "biaya": {1: 1}}, 1, own, edition=NEW).exact == (3 + Fraction(1, 4)) * 25


def test_ipak_is_counted_apart_from_ikm() -> None:
    online = builtin()["skm_online"]
    counts = {code: {4 if code in {"diskriminasi", "pungutan"} else 2: 1} for code in online.codes}
    ikm, ipak = skm(counts, 1, online, edition=NEW), skm(counts, 1, online, edition=NEW, measure="ipak")
    assert (ikm.index, ipak.index) == (Decimal("50.00"), Decimal("70.00"))
    assert [len(index.elements) for index in (ikm, ipak)] == [9, 5]


# -- what holds for all answers ---------------------------------------------------------------------------------

ANSWERS = st.dictionaries(st.sampled_from(SLUGS), st.integers(1, 4))
ROWS = st.lists(ANSWERS | st.fixed_dictionaries(dict.fromkeys(SLUGS, st.integers(1, 4))), max_size=12)


def row_by_row(rows: Sequence[Row], missing: Missing) -> Fraction | None:
    """The index as one would do it by hand with the sheet of answers."""
    kept = [row for row in rows if missing == "per_question" or all(slug in row for slug in SLUGS)]
    total = Fraction()
    for slug in SLUGS:
        values = [row[slug] for row in kept if slug in row]
        if not values:
            return None
        total += Fraction(sum(values), len(values)) / 9
    return total * 25


@given(rows=ROWS, missing=st.sampled_from(["per_question", "complete_rows"]), edition=st.sampled_from([OLD, NEW]))
def test_index_from_counts_is_the_index_row_by_row(rows: list[Row], missing: Missing, edition: str) -> None:
    let_in = [row for row in rows if missing == "per_question" or len(row) == len(SLUGS)]
    index = index_of(let_in, edition)
    assert index.exact == row_by_row(rows, missing)
    assert (index.index is None) is (index.band is None) is (index.exact is None)
    if index.exact is not None:
        assert 25 <= index.exact <= 100
        assert index.index == half_up(index.exact, 2)
    for unsur in index.elements:
        values = [row[unsur.slug] for row in let_in if unsur.slug in row]
        assert (unsur.sum, unsur.n) == (sum(values), len(values))
        assert unsur.nrr == (Fraction(sum(values), len(values)) if values else None)


@given(rows=ROWS)
def test_array_of_counts_tells_what_counting_tells(rows: list[Row]) -> None:
    layout = Layout(SKM)
    counts, n = layout.read(layout.tally(in_order(row, SKM) for row in rows))
    assert n == sum(bool(row) for row in rows)
    assert {slug: dict(values) for slug, values in counts.items() if values} == counted(rows)


def test_without_answers_there_is_no_index_and_no_grade() -> None:
    index = index_of([])
    assert (index.n, index.exact, index.index, index.band) == (0, None, None, None)
    assert all((e.n, e.nrr, e.index, e.band) == (0, None, None, None) for e in index.elements)


def test_missing_answer_is_not_a_nought() -> None:
    full, half = dict.fromkeys(SLUGS, 4), {slug: 4 for slug in SLUGS if slug != "biaya"}
    assert index_of([full, half]).index == Decimal("100.00")


def test_element_that_nobody_answered_leaves_no_index_but_the_others_stand() -> None:
    index = index_of([{slug: 4 for slug in SLUGS if slug != "biaya"}])
    assert (index.index, index.band) == (None, None)
    assert [e.slug for e in index.elements if e.index is None] == ["biaya"]


@given(value=st.fractions(-(10**6), 10**6, max_denominator=10**4), decimals=st.integers(0, 4))
def test_half_up_is_what_decimal_calls_half_up(value: Fraction, decimals: int) -> None:
    with localcontext(prec=60):
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        wanted = quotient.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert half_up(value, decimals) == wanted
    assert half_up(value, decimals).as_tuple().exponent == -decimals


@given(half=st.integers(-(10**6), 10**6).map(lambda n: 2 * n + 1))
def test_half_goes_away_from_nought(half: int) -> None:
    assert abs(half_up(Fraction(half, 200), 2)) == Decimal(abs(half) + 1).scaleb(-2) / 2
