"""Files of answers: what one would add, what it added, and that it was taken back."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.survey_index.schemas.fields import Figure


class PassedOverRow(BaseModel):
    """A row that is no respondent: `why` is its label (`Jumlah`), `text where answers stand` or `no answers`."""

    row: int
    why: str


class HowRead(BaseModel):
    """What is told of how a file was read.

    `passed_over` has the first 50 of the `passed_over_count` rows that are no respondents. `positions` says what U8 and
    U9 were taken for where the file names these elements by their places alone, which the regulation has the other way
    round; null where that is certain.
    """

    passed_over: list[PassedOverRow] = []
    passed_over_count: int = 0
    positions: Mapping[str, str] | None = None


class ImportDone(HowRead):
    """`repeated` says that this very file was imported before: nothing was counted again."""

    import_id: UUID
    survey: str
    rows: int
    repeated: bool


class PreviewRow(BaseModel):
    respondent: str
    answers: Mapping[str, int | None]
    date: date | None
    sex: str
    education: str
    occupation: str


class FaultOut(BaseModel):
    field: str
    message: str
    expected: str


class PreviewOut(HowRead):
    """What the file would add: nothing of it was kept. `rows` is 0 while there are faults.

    `known_numbers` says how many of its respondents go by a number that the survey already has from another file:
    those of next month, or the same ones, counted twice.
    """

    survey: str
    rows: int
    known_numbers: int
    index: Figure | None
    grade: str | None
    first: list[PreviewRow]
    faults: list[FaultOut]


class ImportOut(BaseModel):
    """A file that was imported. `read_as` says how its columns were read and for which day, where that was said."""

    import_id: UUID
    rows: int
    read_as: str
    imported_by: str
    imported_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None


class ImportPage(BaseModel):
    items: list[ImportOut]
    next_cursor: str | None
