"""Files of answers: what one would add, what it added, and that it was taken back."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.survey_index.domain.span import DayOrder
from services.survey_index.schemas.fields import Figure


class DaysOut(BaseModel):
    """From which days the answers are, and who says so: `by_column` rows by the file's own `column`, `by_answered_on`
    rows by what was said of the file. `day_order` is told where the order of day and month decided.
    """

    first: date
    last: date
    column: str
    by_column: int
    by_answered_on: int
    day_order: DayOrder | None


class ImportDone(BaseModel):
    """`repeated` says that this very file was imported before: nothing was counted again."""

    import_id: UUID
    survey: str
    rows: int
    repeated: bool
    days: DaysOut | None


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


class PreviewOut(BaseModel):
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
    days: DaysOut | None


class ImportOut(BaseModel):
    """A file that was imported. `read_as` says how its columns were read and for which days, where that was said.
    `days` is not known of files that were imported before it was kept.
    """

    import_id: UUID
    rows: int
    read_as: str
    imported_by: str
    imported_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    days: DaysOut | None


class ImportPage(BaseModel):
    items: list[ImportOut]
    next_cursor: str | None
