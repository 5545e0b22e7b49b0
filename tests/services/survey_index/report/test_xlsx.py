"""The workbook of a report: live formulas that come to the figures of the report, and texts that stay texts."""

import csv
import io
import random
import re
import shutil
import subprocess
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from services.survey_index.domain.csat import csat
from services.survey_index.domain.editions import EDITIONS, band_of
from services.survey_index.domain.instruments import Instrument, builtin
from services.survey_index.domain.nps import nps
from services.survey_index.domain.profile import ProfileField, code_lists
from services.survey_index.domain.sampling import adequacy
from services.survey_index.domain.skm import Weighting, half_up, skm
from services.survey_index.domain.tallies import Answers, Layout
from services.survey_index.models import FollowUp
from services.survey_index.report.facts import Report, Row, profile_of
from services.survey_index.report.xlsx import to_xlsx

DEMO = Path(__file__).parents[4] / "services/demo/data/skm_72_respondents.csv"
SKM = builtin()["skm14_2017"]
ONLINE = builtin()["skm_online"].asking_nps()
CODES = code_lists()["s002_2020"]
NEW, OLD = "permenpanrb14_2017", "kep25_2004"
EVIL = ["=1+1", "+62 812", "-2+3", "@SUM(1)", '=HYPERLINK("http://a.example","klik")', "=cmd|' /C calc'!A0"]
DUE = datetime.fromisoformat("2020-09-30")
SHEETS = ["Ringkasan", "Pengolahan", "Unsur", "Profil", "Saran", "Tindak lanjut", "Kategori"]


def demo_rows() -> list[Row]:
    """The 72 respondents of S 002."""
    with DEMO.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return [Row(line["respondent"], tuple(int(line[code]) for code in SKM.codes)) for line in lines]


def rows_of(answers: Iterable[Answers]) -> list[Row]:
    return [Row(f"R{number}", told) for number, told in enumerate(answers, start=1)]


def report_of(
    rows: Sequence[Row],
    instrument: Instrument = SKM,
    *,
    edition: str = NEW,
    weighting: Weighting = "exact",
    **changes: Any,
) -> Report:
    """A report of these answers, by the domain's own figures."""
    layout = Layout(instrument)
    counts, n = layout.read(layout.tally(row.answers for row in rows))
    has = {element.measure for element in instrument.elements}
    report = Report(
        title="Survei Kepuasan Masyarakat & Kartu AK.1",
        unit="Dinas Tenaga Kerja dan Transmigrasi Kabupaten Kubu Raya",
        first=date(2020, 1, 1),
        last=date(2020, 6, 30),
        made_on=date(2020, 7, 6),
        instrument=instrument,
        edition=edition,
        weighting=weighting,
        missing="per_question",
        index=skm(counts, n, instrument, edition=edition, weighting=weighting),
        adequacy=adequacy(None, n),
        rows=rows,
        code_list=CODES,
        profile=profile_of([], CODES),
        ipak=skm(counts, n, instrument, edition=edition, measure="ipak") if "ipak" in has else None,
        nps=nps(counts.get("nps", {})) if "nps" in has else None,
        csat=csat(counts, instrument) if "csat" in has else None,
    )
    return replace(report, **changes)


def follow_up(element: str, action: str, planned: int, realised: int) -> FollowUp:
    return FollowUp(
        UUID(int=1), "skm", element, action, "Kepala Seksi Penempatan", date(2020, 9, 30), planned, realised
    )


def demo(**changes: Any) -> Report:
    """The report of S 002's 72 respondents, with everything in it that a report may have."""
    people: list[Mapping[ProfileField, str]] = [
        {
            "sex": "L" if number % 3 else "P",
            "education": CODES.education[number % 5].code,
            "occupation": "" if number == 7 else CODES.occupation[number % 4].code,
        }
        for number in range(72)
    ]
    plan = [
        follow_up("waktu", "Tambah satu loket pada jam sibuk", 4, 3),
        follow_up("produk", "=Perbarui blangko kartu", 0, 0),
        follow_up("persyaratan", "Pasang papan syarat", 2, 2),
    ]
    said = {"waktu": ["Antre terlalu lama.", EVIL[0]], "": EVIL[1:], "sarana": ["Kursi tunggu kurang. " * 20]}
    told: dict[str, Any] = {
        "adequacy": adequacy(100, 72),
        "profile": profile_of(people, CODES),
        "services": ["Kartu AK.1", "=Legalisasi"],
        "suggestions": said,
        "follow_ups": plan,
    }
    return report_of(demo_rows(), **{**told, **changes})


DUST = rows_of(
    tuple(min(4, 1 + max(0, total - 40 - 3 * number)) for total in (77, 63, 148, 92, 54, 104, 89, 110, 82))
    for number in range(40)
)
"""Forty respondents whose exact index is 56.875, which binary numbers put below."""


def online(n: int = 40, seed: int = 1) -> Report:
    """Many questions to an element, IPAK and NPS; some answers are missing."""
    dice = random.Random(seed)
    answers = [
        tuple(
            None if dice.random() < 0.1 else dice.randint(question.lowest, question.highest)
            for question in ONLINE.questions
        )
        for _ in range(n)
    ]
    return report_of(rows_of(answers), ONLINE)


# -- reading it back --------------------------------------------------------------------------------------------


class Read:
    """A workbook as it was read back: `formula` what stands in a cell, `value` what its reader is shown."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._formulas = load_workbook(io.BytesIO(content))
        self._values = load_workbook(io.BytesIO(content), data_only=True)

    @property
    def book(self) -> Workbook:
        return self._formulas

    def cells(self) -> Iterator[tuple[str, str, Any, Any]]:
        """(sheet, cell, what stands in it, what is shown) of every cell that has something."""
        for sheet in self._formulas.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        yield sheet.title, cell.coordinate, cell, self._values[sheet.title][cell.coordinate].value

    def formulas(self) -> dict[tuple[str, str], Any]:
        """What each formula comes to."""
        return {(sheet, place): value for sheet, place, cell, value in self.cells() if cell.data_type == "f"}

    def texts(self, sheet: str) -> list[str]:
        return [cell.value for name, _, cell, _ in self.cells() if name == sheet and cell.data_type == "s"]

    def rows(self, sheet: str) -> list[list[Any]]:
        """The values shown, row by row."""
        return [list(row) for row in self._values[sheet].iter_rows(values_only=True)]

    def line(self, sheet: str, label: str) -> list[Any]:
        """The rest of the row that begins with `label`, to its last filled cell."""
        (row,) = [row for row in self.rows(sheet) if row[0] == label]
        return [value for value in row[1:] if value is not None]

    def formula_line(self, sheet: str, label: str) -> list[Any]:
        (row,) = [row for row in self._formulas[sheet].iter_rows(values_only=True) if row[0] == label]
        return [value for value in row[1:] if value is not None]


def read(report: Report) -> Read:
    return Read(to_xlsx(report))


def test_it_has_its_sheets_and_all_of_them_can_be_seen() -> None:
    book = read(demo()).book
    assert book.sheetnames == SHEETS
    assert {sheet.sheet_state for sheet in book.worksheets} == {"visible"}


def test_the_sheet_of_answers_is_that_of_the_annex() -> None:
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
def test_the_summary_shows_the_figure_without_being_calculated(
    weighting: Weighting, edition: str, figure: float, grade: str
) -> None:
    told = read(demo(weighting=weighting, edition=edition))
    assert told.line("Ringkasan", "IKM") == [figure]
    assert told.line("Ringkasan", "Mutu pelayanan") == [grade]
    assert told.line("Ringkasan", "Jumlah responden (n)") == [72]
    assert [told.line("Ringkasan", f"Responden yang {how}") for how in ("diperlukan", "tercapai")] == [[80], [72]]
    assert told.line("Ringkasan", "Kecukupan") == ["Belum cukup"]


def test_the_table_of_elements_has_the_figures_of_the_report() -> None:
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


def test_the_bands_are_those_of_the_edition() -> None:
    assert [row[:4] for row in read(demo(edition=OLD)).rows("Kategori")[5:9]] == [
        ["D", "Tidak Baik", 25, 43.75],
        ["C", "Kurang Baik", 43.76, 62.5],
        ["B", "Baik", 62.51, 81.25],
        ["A", "Sangat Baik", 81.26, 100],
    ]


def test_the_profile_has_the_shares_of_the_report() -> None:
    report = demo()
    shares = [share for field in report.profile.values() for share in field]
    rows = [row for row in read(report).rows("Profil") if isinstance(row[0], int)]
    assert [(row[1], row[2], row[3]) for row in rows] == (
        [(share.name, share.count, float(share.percent or 0)) for share in shares]
    )


def test_the_plan_says_how_much_of_it_is_done() -> None:
    told = read(demo())
    assert [row[1:] for row in told.rows("Tindak lanjut")[5:8]] == [
        ["Waktu penyelesaian", "Tambah satu loket pada jam sibuk", "Kepala Seksi Penempatan", DUE, 4, 3, 0.75],
        ["Produk spesifikasi jenis pelayanan", "=Perbarui blangko kartu", "Kepala Seksi Penempatan", DUE, 0, 0, None],
        ["Persyaratan", "Pasang papan syarat", "Kepala Seksi Penempatan", DUE, 2, 2, 1],
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


def test_a_score_that_only_incomplete_questionnaires_gave_is_a_number_and_not_of_the_sheet() -> None:
    told = read(demo(nps=nps({10: 3, 7: 1, 2: 1})))
    assert told.line("Ringkasan", "NPS") == [40]
    assert told.formula_line("Ringkasan", "Promotor (9–10)") == [3]
    assert told.formula_line("Ringkasan", "NPS")[0].startswith("=IF(")


def test_csat_is_told_level_by_level() -> None:
    three = builtin()["csat3"]
    answers = [(3,)] * 230 + [(2,)] * 30 + [(1,)] * 10
    told = read(report_of(rows_of(answers), three))
    assert [told.line("Ringkasan", f"{name} (%)") for name in ("Puas", "Cukup Puas", "Belum Puas")] == (
        [[85.19], [11.11], [3.7]]
    )
    assert "IKM" not in [row[0] for row in told.rows("Ringkasan")]


def test_a_measure_that_has_no_elements_is_not_told() -> None:
    nothing = skm({}, 0, SKM, edition=NEW, measure="ipak")
    told = read(demo(ipak=nothing, nps=None, csat=csat({}, SKM)))
    assert not {"IPAK", "NPS", "Jumlah jawaban"} & {row[0] for row in told.rows("Ringkasan")}
    assert told.texts("Unsur").count("Unsur") == 1


def weighing(*weights: str) -> Instrument:
    """An instrument of elements with weights of their own."""
    elements = [
        element.model_copy(update={"weight": weight})
        for element, weight in zip(SKM.elements[: len(weights)], weights, strict=True)
    ]
    return Instrument(code="own", name=SKM.name, source="invented", elements=tuple(elements))


def test_own_weights_stand_as_exact_fractions() -> None:
    report = report_of(rows_of([(1, 2, 4), (4, 4, 3)]), weighing("1/3", "0.25", "5/12"))
    told = read(report)
    assert told.formula_line("Pengolahan", "Bobot") == ["=1/3", "=1/4", "=5/12"]
    assert told.line("Ringkasan", "IKM") == [float(report.index.index or 0)]
    assert told.line("Ringkasan", "Bobot unsur") == ["Menurut kuesioner"]


# -- texts stay texts -------------------------------------------------------------------------------------------


def test_what_a_citizen_wrote_is_never_a_formula() -> None:
    labelled = [Row(f"={row.respondent}", row.answers) for row in demo_rows()]
    report = replace(demo(unit="=Dinas", title="+Survei"), rows=labelled)
    told = read(report)
    assert set(EVIL) <= set(told.texts("Saran"))
    assert {"=Dinas", "Kartu AK.1, =Legalisasi"} <= set(told.texts("Ringkasan"))
    assert "=Perbarui blangko kartu" in told.texts("Tindak lanjut")
    assert "=S002-01" in told.texts("Pengolahan")
    written = {cell.value for _, _, cell, _ in told.cells() if cell.data_type == "f"}
    assert not [formula for formula in written if any(evil in formula for evil in (*EVIL, "S002", "Legal", "Dinas"))]


@given(st.lists(st.text(min_size=1, max_size=40), max_size=5))
@settings(deadline=None, max_examples=25)
def test_every_suggestion_comes_back_letter_by_letter(said: list[str]) -> None:
    said = [re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]|_x", "?", text) for text in said]
    told = read(report_of([], suggestions={"": said}))
    assert [row[2] for row in told.rows("Saran")[5:] if isinstance(row[0], int)] == said


# -- nothing from nothing ---------------------------------------------------------------------------------------


def test_without_respondents_every_figure_is_empty() -> None:
    told = read(report_of([], ONLINE))
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


def test_the_same_report_gives_the_same_bytes_and_the_day_it_was_made() -> None:
    content = to_xlsx(demo())
    assert content == to_xlsx(demo())
    properties = Read(content).book.properties
    assert properties.created is not None
    assert properties.created.date() == date(2020, 7, 6)
    assert properties.title == "Survei Kepuasan Masyarakat & Kartu AK.1"


def test_it_has_a_chart_for_the_elements_and_for_each_part_of_the_profile() -> None:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(demo()))) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 4
    assert sum("<c:v>Persyaratan</c:v>" in chart and "83.33" in chart for chart in charts) == 1


# -- what a spreadsheet makes of it -----------------------------------------------------------------------------


def spreadsheet_round(value: float, decimals: int) -> float:
    """ROUND of a spreadsheet that takes its number at its word."""
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def recalculated(report: Report) -> float:
    """The index by the arithmetic of the formulas, in binary numbers as a spreadsheet has them."""
    columns = list(zip(*(row.answers for row in report.rows), strict=True))
    weighted = [
        sum(filled) / len(filled) * (element.weight.numerator / element.weight.denominator)
        for element, column in zip(report.index.elements, columns, strict=True)
        for filled in [[value for value in column if value is not None]]
    ]
    return spreadsheet_round(spreadsheet_round(sum(weighted) * 25, 10), 2)


values = st.sampled_from([1, 2, 3, 4, 4, 4, None])


@given(
    st.lists(st.tuples(*[values] * 9), min_size=1, max_size=80),
    st.sampled_from([1, 5, 8, 10, 25]),
    st.sampled_from(["exact", "0.1111", "0.111", "0.11"]),
)
@settings(deadline=None)
def test_binary_numbers_come_to_the_exact_figure(
    answers: list[tuple[int | None, ...]], times: int, weighting: Weighting
) -> None:
    report = report_of(rows_of([(4,) * 9, *answers] * times), weighting=weighting)
    assert report.index.index is not None
    assert recalculated(report) == float(report.index.index)


def test_rounded_only_once_they_would_not() -> None:
    """Why the formula rounds dust away first."""
    report = report_of(DUST)
    assert report.index.exact == Fraction("56.875")
    binary = sum(sum(column) / 40 * (1 / 9) for column in zip(*(row.answers for row in DUST), strict=True)) * 25
    assert spreadsheet_round(binary, 2) == 56.87
    assert recalculated(report) == float(half_up(Fraction("56.875"), 2)) == 56.88


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_lookup_among_the_bounds_finds_the_grade_of_every_figure(edition: str) -> None:
    bands = EDITIONS[edition][::-1]
    bounds = [float(band.lowest) for band in bands]
    for hundredths in range(2500, 10_001):
        index = Decimal(hundredths).scaleb(-2)
        assert bands[bisect_right(bounds, float(index)) - 1] == band_of(index, edition)


# -- what LibreOffice makes of it -------------------------------------------------------------------------------

ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
"""LibreOffice's setting to calculate every workbook that it opens."""

REPORTS: Mapping[str, Report] = {
    "new": demo(),
    "old": demo(edition=OLD),
    "0.111": demo(weighting="0.111"),
    "0.11": demo(weighting="0.11"),
    "lowest": report_of(rows_of([(1,) * 9]), weighting="0.11", adequacy=adequacy(40_000, 1)),
    "online": online(),
    "one": online(1),
    "none": report_of([], ONLINE, adequacy=adequacy(10, 0)),
    "dust": report_of(DUST),
    "weights": report_of(rows_of([(1, 2, 4), (4, 4, 3)]), weighing("1/3", "0.25", "5/12")),
    "csat": report_of(rows_of([(3,), (2,), (1,), (3,), (None,)]), builtin()["csat3"]),
    "score": report_of(rows_of([(9,), (10,), (3,)]), builtin()["nps"]),
}


def forged(content: bytes) -> bytes:
    """The same workbook, every formula coming to 0: what is right afterwards was calculated."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(rb' t="str"(><f>)', rb"\1", text)
                text = re.sub(rb"</f><v>[^<]*</v>|</f><v/>", b"</f><v>0</v>", text)
            new.writestr(name, text)
    return file.getvalue()


@pytest.fixture(scope="module")
def by_libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Read]:
    """Each report's workbook, forged, opened and saved by LibreOffice."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not on PATH")
    folder = tmp_path_factory.mktemp("libreoffice")
    for name in ("profile/user", "forged", "saved"):
        (folder / name).mkdir(parents=True)
    (folder / "profile/user/registrymodifications.xcu").write_text(ALWAYS)
    for name, report in REPORTS.items():
        content = forged(to_xlsx(report))
        assert set(Read(content).formulas().values()) == {0}
        (folder / "forged" / f"{name}.xlsx").write_bytes(content)
    asked = [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx"]
    files = sorted((folder / "forged").iterdir())
    subprocess.run([*asked, "--outdir", folder / "saved", *files], check=True, capture_output=True, timeout=240)
    return {name: Read((folder / "saved" / f"{name}.xlsx").read_bytes()) for name in REPORTS}


@pytest.mark.parametrize(
    ("name", "figure", "grade"),
    [("new", 87.73, "B"), ("old", 87.73, "A"), ("0.111", 87.64, "B"), ("0.11", 86.85, "B"), ("lowest", 24.75, "D")],
)
def test_libreoffice_comes_to_the_published_figure(
    by_libreoffice: Mapping[str, Read], name: str, figure: float, grade: str
) -> None:
    assert by_libreoffice[name].line("Ringkasan", "IKM") == [figure]
    assert by_libreoffice[name].line("Ringkasan", "Mutu pelayanan") == [grade]


@pytest.mark.parametrize("name", REPORTS)
def test_libreoffice_comes_to_the_value_that_each_formula_carries(
    by_libreoffice: Mapping[str, Read], name: str
) -> None:
    carried = read(REPORTS[name]).formulas()
    found = by_libreoffice[name].formulas()
    assert found.keys() == carried.keys()
    assert {place: value or "" for place, value in found.items() if isinstance(value, str | None)} == (
        {place: value or "" for place, value in carried.items() if isinstance(value, str | None)}
    )
    numbers = {place: value for place, value in carried.items() if isinstance(value, int | float)}
    assert {place: found[place] for place in numbers} == pytest.approx(numbers, rel=1e-13)
