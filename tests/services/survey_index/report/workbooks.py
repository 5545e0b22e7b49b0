"""Workbooks of reports, and what is read back from them."""

import io
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openpyxl import Workbook, load_workbook

from services.survey_index.domain.instruments import Instrument, builtin
from services.survey_index.domain.profile import ProfileField, code_lists
from services.survey_index.domain.sampling import adequacy
from services.survey_index.domain.tallies import Answers
from services.survey_index.report.facts import Report, Row, profile_of
from services.survey_index.report.xlsx import to_xlsx
from tests.services.survey_index.report.given import SKM, follow_up, report_of, rows_72

ONLINE = builtin()["skm_online"].asking_nps()
CODES = code_lists()["s002_2020"]
EVIL = ["=1+1", "+62 812", "-2+3", "@SUM(1)", '=HYPERLINK("http://a.example","klik")', "=cmd|' /C calc'!A0"]


def rows_of(answers: Iterable[Answers]) -> list[Row]:
    return [Row(f"R{number}", told) for number, told in enumerate(answers, start=1)]


def demo(**changes: Any) -> Report:
    """The report of the 72 respondents of the Kubu Raya report, with everything in it that a report may have."""
    people: list[Mapping[ProfileField, str]] = [
        {
            "sex": "L" if number % 3 else "P",
            "education": CODES.education[number % 5].code,
            "occupation": "" if number == 7 else CODES.occupation[number % 4].code,
        }
        for number in range(72)
    ]
    plan = [
        follow_up("waktu", "Tambah satu loket pada jam sibuk", planned=4, realised=3),
        follow_up("produk", "=Perbarui blangko kartu", planned=0, realised=0),
        follow_up("persyaratan", "Pasang papan syarat", planned=2, realised=2),
    ]
    said = {"waktu": ["Antre terlalu lama.", EVIL[0]], "": EVIL[1:], "sarana": ["Kursi tunggu kurang. " * 20]}
    told: dict[str, Any] = {
        "adequacy": adequacy(100, 72),
        "profile": profile_of(people, CODES),
        "services": ["Kartu AK.1", "=Legalisasi"],
        "suggestions": said,
        "follow_ups": plan,
    }
    return report_of(SKM, rows_72(), **{**told, **changes})


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
    return report_of(ONLINE, rows_of(answers))


def weighing(*weights: str) -> Instrument:
    """An instrument of elements with weights of their own."""
    elements = [
        element.model_copy(update={"weight": weight})
        for element, weight in zip(SKM.elements[: len(weights)], weights, strict=True)
    ]
    return Instrument(code="own", name=SKM.name, source="invented", elements=tuple(elements))


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
