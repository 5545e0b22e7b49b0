"""What a spreadsheet makes of the workbook: its formulas come to the figures of the report when it calculates them."""

import io
import re
import shutil
import subprocess
import zipfile
from bisect import bisect_right
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.editions import EDITIONS, band_of
from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.sampling import adequacy
from services.survey_index.domain.skm import Weighting, half_up
from services.survey_index.report.facts import Report
from services.survey_index.report.xlsx import to_xlsx
from tests.services.survey_index.report.given import OLD, SKM, report_of
from tests.services.survey_index.report.workbooks import DUST, ONLINE, Read, demo, online, read, rows_of, weighing


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
def test_binary_numbers_come_to_the_exact_figure(
    answers: list[tuple[int | None, ...]], times: int, weighting: Weighting
) -> None:
    report = report_of(SKM, rows_of([(4,) * 9, *answers] * times), weighting=weighting)
    assert report.index.index is not None
    assert recalculated(report) == float(report.index.index)


def test_rounded_only_once_they_would_not() -> None:
    """Why the formula rounds dust away first."""
    report = report_of(SKM, DUST)
    assert report.index.exact == Fraction("56.875")
    binary = sum(sum(column) / 40 * (1 / 9) for column in zip(*(row.answers for row in DUST), strict=True)) * 25
    assert spreadsheet_round(binary, 2) == 56.87
    assert recalculated(report) == float(half_up(Fraction("56.875"), 2)) == 56.88


@pytest.mark.parametrize("edition", EDITIONS)
def test_lookup_among_the_bounds_finds_the_grade_of_every_figure(edition: str) -> None:
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
    "lowest": report_of(SKM, rows_of([(1,) * 9]), weighting="0.11", adequacy=adequacy(40_000, 1)),
    "online": online(),
    "one": online(1),
    "none": report_of(ONLINE, [], adequacy=adequacy(10, 0)),
    "dust": report_of(SKM, DUST),
    "weights": report_of(weighing("1/3", "0.25", "5/12"), rows_of([(1, 2, 4), (4, 4, 3)])),
    "csat": report_of(builtin()["csat3"], rows_of([(3,), (2,), (1,), (3,), (None,)])),
    "score": report_of(builtin()["nps"], rows_of([(9,), (10,), (3,)])),
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
