"""A file of answers, as a test reads it: its rows, or where its faults are."""

from dataclasses import dataclass
from typing import Any

from services.survey_index.domain.profile import code_lists
from services.survey_index.domain.sheet.days import Days
from services.survey_index.domain.sheet.header import read_mapping
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules
from services.survey_index.domain.sheet.text import csv_rows
from services.survey_index.domain.span import DaysTaken
from tests.services.survey_index.conftest import ASKED, SKM, SLUGS

POSITIONS = tuple(SKM.by_position)
HEADER = "respondent," + ",".join(SLUGS)
GOOD = f"{HEADER}\nR1,1,2,3,4,1,2,3,4,1\nR2,4,3,2,1,4,3,2,1,4\n"
CODES = code_lists()["s002_2020"]


@dataclass
class Read:
    rows: list[Answered]
    faults: Faults
    days: DaysTaken | None


def read(text: str | bytes, mapping: str | None = None, **rules: Any) -> Read:
    columns, faults = read_mapping(mapping, ASKED)
    assert faults == []
    found = Faults()
    content = text.encode() if isinstance(text, str) else text
    said = Rules(ASKED, CODES, mapping=columns, **{"needs_days": False, **rules})
    days = Days(said, again=lambda: csv_rows(content, Faults()))
    batches = list(read_rows(csv_rows(content, found), said, found, days=days))
    return Read([row for batch in batches for row in batch], found, days.days_taken())


def rows(text: str | bytes, mapping: str | None = None) -> list[Answered]:
    """The rows of a file without faults."""
    read_ = read(text, mapping)
    assert read_.faults == []
    return read_.rows


def places(text: str | bytes, mapping: str | None = None) -> list[str]:
    """Where the faults are."""
    return [fault.field for fault in read(text, mapping).faults]
