"""The workbook of a report: live formulas that come to the figures of the report, and texts that stay texts."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.survey_index.domain.csat import csat
from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.nps import nps
from services.survey_index.domain.skm import Weighting, skm
from services.survey_index.domain.tallies import Answers
from services.survey_index.report.facts import Row
from services.survey_index.report.xlsx import to_xlsx
from tests.services.survey_index.report.given import NEW, OLD, SKM, report_of, rows_72
from tests.services.survey_index.report.workbooks import EVIL, ONLINE, Read, demo, online, read, rows_of, weighing

DUE = datetime.fromisoformat("2020-12-31")
SHEETS = ["Ringkasan", "Pengolahan", "Unsur", "Profil", "Saran", "Tindak lanjut", "Kategori"]


def test_it_has_its_sheets_and_all_of_them_can_be_seen() -> None:
    book = read(demo()).book
    assert book.sheetnames == SHEETS
    assert {sheet.sheet_state for sheet in book.worksheets} == {"visible"}


def test_sheet_of_answers_is_that_of_the_annex() -> None:
    told = read(demo())
    rows = told.rows("Pengolahan")
    assert rows[5][1:10] == [f"U{number}" for number in range(1, 10)]
    assert rows[6][1] == "Persyaratan"
    assert rows[7] == ["S002-01", 3, 3, 3, 4, 3, 4, 4, 3, 4, 9]
    assert rows[78][0] == "S002-72"
    assert told.line("Pengolahan", "Jumlah nilai per unsur") == [240, 240, 238, 281, 239, 262, 254, 245, 275]
    assert told.line("Pengolahan", "Jumlah terisi") == [72] * 9
    assert [round(nrr, 4) for nrr in told.line("Pengolahan", "NRR per unsur")] == (
        [3.3333, 3.3333, 3.3056, 3.9028, 3.3194, 3.6389, 3.5278, 3.4028, 3.8194]
    )
    assert told.line("Pengolahan", "Indeks (IKM)") == [87.73]


def test_its_figures_are_formulas() -> None:
    told = read(demo())
    assert told.formula_line("Pengolahan", "Jumlah nilai per unsur")[0] == "=SUM(B8:B79)"
    assert told.formula_line("Pengolahan", "Jumlah terisi")[0] == "=COUNT(B8:B79)"
    assert told.formula_line("Pengolahan", "NRR per unsur")[0] == '=IF(B81=0,"",B80/B81)'
    assert told.formula_line("Pengolahan", "Bobot") == ["=1/9"] * 9
    assert told.formula_line("Pengolahan", "NRR tertimbang per unsur")[0] == '=IF(B82="","",B82*B83)'
    assert told.formula_line("Pengolahan", "Indeks (IKM)") == (
        ['=IF(COUNT(B84:J84)<9,"",ROUND(ROUND(SUM(B84:J84)*25,10),2))']
    )
    for label in ("Jumlah responden (n)", "IKM", "Mutu pelayanan", "Kinerja unit pelayanan", "Kecukupan"):
        assert told.formula_line("Ringkasan", label)[0].startswith("=")


FIGURES = [
    ("exact", NEW, 87.73, "B"),
    ("exact", OLD, 87.73, "A"),
    ("0.111", NEW, 87.64, "B"),
    ("0.11", NEW, 86.85, "B"),
]


@pytest.mark.parametrize(("weighting", "edition", "figure", "grade"), FIGURES)
def test_summary_shows_the_figure_without_being_calculated(
    weighting: Weighting, edition: str, figure: float, grade: str
) -> None:
    told = read(demo(weighting=weighting, edition=edition))
    assert told.line("Ringkasan", "IKM") == [figure]
    assert told.line("Ringkasan", "Mutu pelayanan") == [grade]
    assert told.line("Ringkasan", "Jumlah responden (n)") == [72]
    assert [told.line("Ringkasan", f"Responden yang {how}") for how in ("diperlukan", "tercapai")] == [[80], [72]]
    assert told.line("Ringkasan", "Kecukupan") == ["Belum cukup"]


def test_table_of_elements_has_the_figures_of_the_report() -> None:
    report = demo()
    rows = [row[:6] for row in read(report).rows("Unsur")[5:14]]
    assert rows == [
        [
            f"U{number}",
            e.name,
            float(e.nrr or 0),
            float(e.index or 0),
            e.band and e.band.grade,
            e.band and e.band.performance,
        ]
        for number, e in enumerate(report.index.elements, start=1)
    ]


def test_bands_are_those_of_the_edition() -> None:
    assert [row[:4] for row in read(demo(edition=OLD)).rows("Kategori")[5:9]] == [
        ["D", "Tidak Baik", 25, 43.75],
        ["C", "Kurang Baik", 43.76, 62.5],
        ["B", "Baik", 62.51, 81.25],
        ["A", "Sangat Baik", 81.26, 100],
    ]


def test_profile_has_the_shares_of_the_report() -> None:
    report = demo()
    shares = [share for field in report.profile.values() for share in field]
    rows = [row for row in read(report).rows("Profil") if isinstance(row[0], int)]
    assert [(row[1], row[2], row[3]) for row in rows] == (
        [(share.name, share.count, float(share.percent or 0)) for share in shares]
    )


def test_plan_says_how_much_of_it_is_done() -> None:
    told = read(demo())
    assert [row[1:] for row in told.rows("Tindak lanjut")[5:8]] == [
        ["Waktu penyelesaian", "Tambah satu loket pada jam sibuk", "Kepala Bidang Penempatan", DUE, 4, 3, 0.75],
        ["Produk spesifikasi jenis pelayanan", "=Perbarui blangko kartu", "Kepala Bidang Penempatan", DUE, 0, 0, None],
        ["Persyaratan", "Pasang papan syarat", "Kepala Bidang Penempatan", DUE, 2, 2, 1],
    ]
    assert told.line("Tindak lanjut", "Jumlah") == [6, 5, 5 / 6]


def test_several_questions_are_averaged_and_a_missing_answer_is_an_empty_cell() -> None:
    report = online()
    told = read(report)
    assert told.rows("Pengolahan")[8][1:] == in_columns(report.rows[0].answers)
    assert report.ipak is not None
    elements = [*report.index.elements, *report.ipak.elements]
    assert told.line("Pengolahan", "NRR per unsur") == [float(element.nrr or 0) for element in elements]
    assert told.line("Pengolahan", "Indeks") == [float(report.index.index or 0), float(report.ipak.index or 0)]
    assert told.line("Ringkasan", "IPAK") == [float(report.ipak.index or 0)]
    assert report.nps is not None
    assert told.line("Ringkasan", "NPS") == [float(report.nps.score or 0)]


def in_columns(answers: Answers) -> list[int | None]:
    """A row of the sheet, whose last columns are NPS and how many other questions were answered."""
    return [*answers, sum(value is not None for value in answers[:-1])]


def test_score_that_only_incomplete_questionnaires_gave_is_a_number_and_not_of_the_sheet() -> None:
    told = read(demo(nps=nps({10: 3, 7: 1, 2: 1})))
    assert told.line("Ringkasan", "NPS") == [40]
    assert told.formula_line("Ringkasan", "Promotor (9–10)") == [3]
    assert told.formula_line("Ringkasan", "NPS")[0].startswith("=IF(")


def test_csat_is_told_level_by_level() -> None:
    three = builtin()["csat3"]
    answers = [(3,)] * 230 + [(2,)] * 30 + [(1,)] * 10
    told = read(report_of(three, rows_of(answers)))
    assert [told.line("Ringkasan", f"{name} (%)") for name in ("Puas", "Cukup Puas", "Belum Puas")] == (
        [[85.19], [11.11], [3.7]]
    )
    assert "IKM" not in [row[0] for row in told.rows("Ringkasan")]


def test_measure_that_has_no_elements_is_not_told() -> None:
    nothing = skm({}, 0, SKM, edition=NEW, measure="ipak")
    told = read(demo(ipak=nothing, nps=None, csat=csat({}, SKM)))
    assert not {"IPAK", "NPS", "Jumlah jawaban"} & {row[0] for row in told.rows("Ringkasan")}
    assert told.texts("Unsur").count("Unsur") == 1


def test_own_weights_stand_as_exact_fractions() -> None:
    report = report_of(weighing("1/3", "0.25", "5/12"), rows_of([(1, 2, 4), (4, 4, 3)]))
    told = read(report)
    assert told.formula_line("Pengolahan", "Bobot") == ["=1/3", "=1/4", "=5/12"]
    assert told.line("Ringkasan", "IKM") == [float(report.index.index or 0)]
    assert told.line("Ringkasan", "Bobot unsur") == ["Menurut kuesioner"]


# -- texts stay texts -------------------------------------------------------------------------------------------


def test_what_a_citizen_wrote_is_never_a_formula() -> None:
    labelled = [Row(f"={row.respondent}", row.answers) for row in rows_72()]
    report = replace(demo(unit="=Dinas", title="+Survei"), rows=labelled)
    told = read(report)
    assert set(EVIL) <= set(told.texts("Saran"))
    assert {"=Dinas", "Kartu AK.1, =Legalisasi"} <= set(told.texts("Ringkasan"))
    assert "=Perbarui blangko kartu" in told.texts("Tindak lanjut")
    assert "=S002-01" in told.texts("Pengolahan")
    written = {cell.value for _, _, cell, _ in told.cells() if cell.data_type == "f"}
    assert not [formula for formula in written if any(evil in formula for evil in (*EVIL, "S002", "Legal", "Dinas"))]


@given(st.lists(st.text(min_size=1, max_size=40), max_size=5))
@settings(max_examples=25)
def test_every_suggestion_comes_back_letter_by_letter(said: list[str]) -> None:
    said = [re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]|_x", "?", text) for text in said]
    told = read(report_of(SKM, [], suggestions={"": said}))
    assert [row[2] for row in told.rows("Saran")[5:] if isinstance(row[0], int)] == said


# -- nothing from nothing ---------------------------------------------------------------------------------------


def test_without_respondents_every_figure_is_empty() -> None:
    told = read(report_of(ONLINE, []))
    assert told.line("Ringkasan", "Jumlah responden (n)") == [0]
    assert told.line("Ringkasan", "IKM") == []
    assert not [value for _, _, _, value in told.cells() if str(value).startswith("#")]


# -- paper and the rest -----------------------------------------------------------------------------------------


def test_it_prints_on_a4_with_its_header_on_every_page() -> None:
    book = read(demo()).book
    for sheet in book.worksheets:
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert book["Pengolahan"].print_title_rows == "$5:$7"
    assert book["Pengolahan"].freeze_panes == "B8"
    assert book["Saran"].freeze_panes == "A6"


def test_same_report_gives_the_same_bytes_and_the_day_it_was_made() -> None:
    content = to_xlsx(demo(title="Survei & Kartu AK.1"))
    assert content == to_xlsx(demo(title="Survei & Kartu AK.1"))
    properties = Read(content).book.properties
    assert properties.created is not None
    assert properties.created.date() == date(2020, 7, 16)
    assert properties.title == "Survei & Kartu AK.1"


def test_it_has_a_chart_for_the_elements_and_for_each_part_of_the_profile() -> None:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(demo()))) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4
    assert sum("<c:v>Persyaratan</c:v>" in chart and "83.33" in chart for chart in charts) == 1
