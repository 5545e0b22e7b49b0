"""Which elements a report names as those to improve first: those that need it, and equal ones never parted."""

import pytest

from services.survey_index.report.chapters import chapters
from services.survey_index.report.document import Items
from services.survey_index.report.facts import Report, Row
from tests.services.survey_index.report.given import NEW, OLD, SKM, report_72, report_of
from tests.services.survey_index.report.reading import blocks_of, whole_text


def named(report: Report) -> list[str]:
    """The priorities as the list in chapter III has them; empty where there is none."""
    found = [items for items in blocks_of(chapters(report), Items) if items.numbered and "NRR" in items.items[0]]
    assert len(found) <= 1
    return [item.partition(":")[0] for items in found for item in items.items]


def test_priorities_with_the_same_figure_stand_together_and_are_not_cut() -> None:
    assert named(report_72()) == [
        "Waktu penyelesaian",
        "Produk spesifikasi jenis pelayanan",
        "Persyaratan; Sistem, mekanisme, dan prosedur (nilainya sama)",
    ]
    text = whole_text(chapters(report_72()))
    assert (
        "Unsur yang diprioritaskan untuk diperbaiki adalah Waktu penyelesaian; Produk spesifikasi jenis pelayanan; "
        "Persyaratan; dan Sistem, mekanisme, dan prosedur."
    ) in text
    assert "perbaikan diutamakan pada 3 unsur dengan nilai terendah di antara unsur yang belum bermutu A" in text


@pytest.mark.parametrize(("number", "listed"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4)])
def test_priorities_are_as_many_as_the_survey_says_counted_by_element(number: int, listed: int) -> None:
    # the third line holds two elements
    assert len(named(report_72(most_priorities=number))) == listed


@pytest.mark.parametrize(
    "report", [report_72(OLD), report_of(SKM, [Row("1", [4] * 9)])], ids=["graded by 2004", "nothing but 4"]
)
def test_priorities_are_none_where_everything_has_the_best_grade(report: Report) -> None:
    assert named(report) == []
    text = whole_text(chapters(report))
    assert "Semua unsur yang dinilai bermutu A (Sangat Baik), sehingga tidak ada unsur yang diprioritaskan" in text
    assert "Unsur prioritas yang belum memiliki rencana" not in text


def test_priorities_leave_out_what_has_the_best_grade_beside_what_needs_it() -> None:
    assert named(report_of(SKM, [Row("1", [4, 4, 2, 4, 4, 4, 4, 4, 4])], edition=NEW)) == ["Waktu penyelesaian"]


def test_priorities_of_answers_that_are_all_the_same_are_all_elements() -> None:
    (only,) = named(report_of(SKM, [Row("1", [3] * 9)]))
    assert only.count(";") == 8


def test_priorities_that_look_equal_are_equal() -> None:
    # 215/107 and 217/108 differ in the fifth decimal
    first, second = [2] * 106 + [3] + [None], [2] * 107 + [3]
    rows = [Row(str(n), [first[n], second[n], *[4] * 7]) for n in range(108)]
    (only,) = named(report_of(SKM, rows, most_priorities=1))
    assert only == "Persyaratan; Sistem, mekanisme, dan prosedur (nilainya sama)"
