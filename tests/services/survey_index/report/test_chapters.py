"""What the report says, before it is printed: every figure in its words, and words where there is no figure."""

import re
from dataclasses import replace
from datetime import date

import pytest

from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.period import Period
from services.survey_index.domain.sampling import adequacy
from services.survey_index.report.chapters import chapters
from services.survey_index.report.document import (
    Chart,
    Fact,
    Heading,
    Items,
    Sheet,
    Table,
)
from services.survey_index.report.facts import Report, Row
from tests.services.survey_index.report.given import (
    NEW,
    OLD,
    SKM,
    asking,
    many,
    questionnaire,
    report_72,
    report_of,
    report_of_everything,
)
from tests.services.survey_index.report.reading import blocks_of, table, whole_text


def empty() -> Report:
    """Nobody has answered, and nothing is known of when."""
    return report_of(SKM, [], period=Period(), adequacy=adequacy(1_200, 0))


EVERY_KIND = {
    "72 respondents": report_72(),
    "everything": report_of_everything(),
    "nobody": empty(),
    "fourteen elements": report_of(builtin()["kep25_2004"], many(30, builtin()["kep25_2004"]), edition=OLD),
    "eight elements": report_of(builtin()["call_centre_2021"], many(30, builtin()["call_centre_2021"])),
    "satisfaction alone": report_of(builtin()["csat3"], many(30, builtin()["csat3"])),
    "forty elements": report_of(questionnaire(40), many(30, questionnaire(40))),
}


@pytest.mark.parametrize("report", EVERY_KIND.values(), ids=EVERY_KIND.keys())
def test_every_report_has_its_chapters_whole_tables_and_no_word_of_the_program(report: Report) -> None:
    document = chapters(report)
    titles = [heading.text for heading in blocks_of(document, Heading) if heading.level == 1]
    assert titles == [
        "BAB I Pendahuluan",
        "BAB II Metodologi",
        "BAB III Hasil Pengukuran",
        "BAB IV Saran dan Rencana Tindak Lanjut",
        "BAB V Kesimpulan",
        "Lampiran: Pengolahan per Responden dan per Unsur",
    ]
    tables: list[Table | Sheet] = [*blocks_of(document, Table), *blocks_of(document, Sheet)]
    for block in tables:
        assert {len(row) for row in block.rows} <= {len(block.header)}
        assert {sum(cell.columns for cell in row) for row in block.totals} <= {len(block.header)}
    for block in blocks_of(document, Table):
        assert len(block.align) == len(block.widths) == len(block.header)
    assert not re.findall(r"\b(None|nan|Fraction|Decimal|True|False)\b", whole_text(document))
    assert all(text for block in blocks_of(document, Items) for text in block.items)


@pytest.mark.parametrize("report", EVERY_KIND.values(), ids=EVERY_KIND.keys())
def test_every_element_is_named(report: Report) -> None:
    text = whole_text(chapters(report))
    assert all(element.name.id in text for element in report.instrument.elements)


# -- the 72 respondents of the Kubu Raya report -----------------------------------------------------------------


@pytest.mark.parametrize(("edition", "grade", "performance"), [(NEW, "B", "Baik"), (OLD, "A", "Sangat Baik")])
def test_cover_has_the_index_with_the_grade_of_the_edition(edition: str, grade: str, performance: str) -> None:
    document = chapters(report_72(edition))
    assert document.headline == Fact("Indeks Kepuasan Masyarakat (IKM)", "87,73")
    assert list(document.facts) == [
        Fact("Mutu pelayanan", grade),
        Fact("Kinerja unit pelayanan", performance),
        Fact("Jumlah responden", "72"),
        Fact("Periode survei (dibuka sampai ditutup)", "1 Januari 2020 sampai dengan 30 Juni 2020"),
    ]


def test_table_of_elements_has_sums_averages_indices_and_grades() -> None:
    found = table(chapters(report_72()), "indeks per unsur IKM")
    assert found.title.startswith("Tabel 3.4.")
    assert found.rows[2] == ("U3", "Waktu penyelesaian", "238", "72", "3,3056", "82,64", "B", "Baik")
    assert [row[2] for row in found.rows] == ["240", "240", "238", "281", "239", "262", "254", "245", "275"]
    assert [row[4] for row in found.rows] == (
        ["3,3333", "3,3333", "3,3056", "3,9028", "3,3194", "3,6389", "3,5278", "3,4028", "3,8194"]
    )
    assert [cell.text for cell in found.totals[0]] == ["IKM unit pelayanan", "87,73", "B", "Baik"]


def test_chart_of_elements_stands_on_the_scale_with_the_bounds_of_the_edition() -> None:
    (chart,) = [chart for chart in blocks_of(chapters(report_72()), Chart) if chart.zones]
    assert (chart.lowest, chart.highest) == (25, 100)
    assert [(zone.name, zone.figure) for zone in chart.zones] == (
        [("D", "25,00"), ("C", "65,00"), ("B", "76,61"), ("A", "88,31")]
    )
    assert (chart.bars[3].value, chart.bars[3].figure, chart.bars[3].tone) == (97.57, "97,57 (A)", "A")


def test_highest_and_the_lowest_element_are_named() -> None:
    document = chapters(report_72())
    assert (
        "Nilai tertinggi dicapai unsur Biaya/tarif dengan NRR 3,9028 atau indeks 97,57, sedangkan nilai terendah "
        "terdapat pada unsur Waktu penyelesaian dengan NRR 3,3056 atau indeks 82,64."
    ) in whole_text(document)


def test_elements_of_the_same_figure_are_named_together() -> None:
    same = chapters(report_of(SKM, [Row("1", [3] * 9)]))
    assert "Semua unsur yang dinilai memperoleh nilai yang sama, yaitu NRR 3,0000 atau indeks 75,00." in whole_text(
        same
    )
    two = chapters(report_of(SKM, [Row("1", [2, 2, 3, 3, 3, 3, 3, 3, 4])]))
    assert "pada unsur Persyaratan; dan Sistem, mekanisme, dan prosedur dengan NRR 2,0000" in whole_text(two)


def test_band_that_was_reached_is_marked() -> None:
    found = table(chapters(report_72()), "Kedudukan IKM")
    assert found.marked == 2
    assert found.rows[2] == ("76,61 – 88,30", "B", "Baik", "Tercapai")
    assert [row[0] for row in found.rows] == ["25,00 – 64,99", "65,00 – 76,60", "76,61 – 88,30", "88,31 – 100,00"]


def test_sample_is_held_against_krejcie_and_morgan() -> None:
    few = chapters(report_72())
    assert table(few, "Populasi dan sampel").rows == [("1.200", "291", "72", "Kurang 219 responden")]
    assert "72 orang, belum memenuhi sampel minimum 291 orang untuk populasi 1.200 orang" in whole_text(few)
    enough = chapters(report_72(adequacy=adequacy(72, 72)))
    assert table(enough, "Populasi dan sampel").rows[0][-1] == "Mencukupi"


def test_without_a_population_nothing_is_said_of_enough() -> None:
    document = chapters(report_72(adequacy=adequacy(None, 72)))
    assert "populasi penerima layanan tidak dicatat" in whole_text(document)
    assert not [block for block in blocks_of(document, Table) if "Populasi" in block.title]


@pytest.mark.parametrize(("weighting", "index", "highest"), [("0.111", "87,64", "99,90"), ("0.11", "86,85", "99,00")])
def test_truncated_weight_is_told_with_what_it_costs(weighting: str, index: str, highest: str) -> None:
    document = chapters(report_72(weighting=weighting))
    assert document.headline.value == index
    assert f"diberi bobot {weighting.replace('.', ',')}" in whole_text(document)
    assert f"nilai tertinggi yang dapat dicapai adalah {highest}" in whole_text(document)


def test_exact_weight_and_the_policy_for_missing_answers_are_told() -> None:
    assert "bobot yang sama, yaitu 1/9 = 0,1111" in whole_text(chapters(report_72()))
    assert "jawaban yang kosong tidak ikut dijumlahkan" in whole_text(chapters(report_72()))
    assert "Hanya kuesioner yang semua pertanyaannya terjawab" in whole_text(
        chapters(report_72(missing="complete_rows"))
    )


def test_own_weights_are_listed() -> None:
    first, second = SKM.elements[:2]
    weighted = tuple(
        element.model_copy(update={"weight": weight}) for element, weight in ((first, "3/4"), (second, "1/4"))
    )
    document = chapters(report_of(asking(*weighted), [Row("1", [4, 2])]))
    assert "Persyaratan 0,7500; Sistem, mekanisme, dan prosedur 0,2500" in whole_text(document)
    assert document.headline.value == "87,50"


def test_laws_are_those_of_the_edition_and_the_day() -> None:
    def laws(report: Report) -> str:
        return "\n".join(blocks_of(chapters(report), Items)[0].items)

    assert "Nomor 25 Tahun 2009" in laws(report_72())
    assert "KEP/25/M.PAN/2/2004" not in laws(report_72())
    assert "KEP/25/M.PAN/2/2004" in laws(report_72(OLD))
    assert "Nomor 27 Tahun 2022" not in laws(report_72())
    assert "Nomor 27 Tahun 2022" in laws(report_72(made_on=date(2026, 7, 1)))


# -- the other measures -----------------------------------------------------------------------------------------


def test_what_was_not_measured_has_no_section() -> None:
    headings = whole_text(chapters(report_72()))
    assert not [name for name in ("IPAK)", "(NPS)", "(CSAT)") if name in headings]


def test_ipak_nps_and_csat_have_their_sections() -> None:
    report = report_of_everything()
    document = chapters(report)
    titles = [heading.text for heading in blocks_of(document, Heading) if heading.level == 2]
    assert [title for title in titles if title[0] in "EFG"][-3:] == [
        "E. Indeks Persepsi Anti Korupsi (IPAK)",
        "F. Kesediaan Merekomendasikan (NPS)",
        "G. Kepuasan Pelanggan (CSAT)",
    ]
    assert len(table(document, "indeks per unsur IPAK").rows) == 5
    assert report.nps is not None and report.nps.interval is not None
    assert f"adalah {report.nps.score}".replace(".", ",") in whole_text(document)
    assert "dengan selang kepercayaan 95% dari" in whole_text(document)


def test_three_levels_of_satisfaction_are_those_of_the_booth() -> None:
    """docs/domain.md, "CSAT": Puas 230, Cukup Puas 30, Belum Puas 10."""
    rows = [Row(str(place), [value]) for place, value in enumerate([3] * 230 + [2] * 30 + [1] * 10)]
    document = chapters(report_of(builtin()["csat3"], rows))
    assert document.headline == Fact("Kepuasan pelanggan (CSAT)", "85,19%")
    assert list(table(document, "kepuasan pelanggan").rows) == [
        ("Puas", "230", "85,19%"),
        ("Cukup Puas", "30", "11,11%"),
        ("Belum Puas", "10", "3,70%"),
    ]
    assert not [heading for heading in blocks_of(document, Heading) if "NRR" in heading.text or "Mutu" in heading.text]


# -- nothing to tell --------------------------------------------------------------------------------------------


def test_without_answers_there_is_no_grade_no_chart_and_no_sheet() -> None:
    document = chapters(empty())
    assert document.headline.value == "-"
    assert [fact.value for fact in document.facts] == ["-", "-", "0", "belum ada jawaban"]
    assert not blocks_of(document, Chart)
    assert not blocks_of(document, Sheet)
    assert {row[4:] for row in table(document, "per unsur IKM").rows} == {("-", "-", "-", "-")}
    assert table(document, "Kedudukan IKM").marked is None
    assert "belum ada jawaban yang diolah" in whole_text(document)
    assert "IKM) belum dapat dihitung karena belum ada jawaban." in whole_text(document)


def test_element_that_nobody_answered_is_why_there_is_no_index() -> None:
    document = chapters(report_of(SKM, [Row("1", [None, *[3] * 8])]))
    assert document.headline.value == "-"
    assert "tidak dapat dihitung karena belum ada jawaban untuk unsur Persyaratan." in whole_text(document)


def test_survey_without_a_unit_reads_well() -> None:
    document = chapters(replace(report_72(), unit=""))
    assert document.author == ""
    assert "hasil survei pada unit penyelenggara pelayanan serta" in whole_text(document)
