"""Files of answers: what one would add, what it added, and that it was taken back."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.survey_index.domain.likeness import By
from services.survey_index.domain.sheet.notes import ElementsNamedBy
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
    """`repeated` says that this very file was imported before: nothing was counted again.

    `replaces` is the import whose place it took, and that was taken back.
    """

    import_id: UUID
    survey: str
    rows: int
    repeated: bool
    replaces: UUID | None
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


class AlikeOut(BaseModel):
    """An import of `rows` respondents that the file may be the same as: so many numbers, or rows, are `in_common`."""

    import_id: UUID
    imported_at: datetime
    rows: int
    in_common: int
    by: By


class PreviewOut(HowRead):
    """What the file would add: nothing of it was kept. `rows` is 0 while there are faults.

    `known_numbers` says how many of its respondents go by a number that the survey already has from another file:
    those of next month, or the same ones, counted twice. While there is any file in `same_as` (the five with most in
    common), it is imported only with the word whether it `replaces` one, or brings others (`as_more`). Of the very file
    that was imported before both are empty, and it is `repeated`: nothing would be counted again.
    """

    survey: str
    rows: int
    known_numbers: int
    index: Figure | None
    grade: str | None
    first: list[PreviewRow]
    faults: list[FaultOut]
    same_as: list[AlikeOut]
    days: DaysOut | None
    repeated: bool


class ImportOut(BaseModel):
    """A file that was imported. `read_as` says how its columns were read and for which days, where that was said.
    `days` and `elements_named_by` are not known of files that were imported before they were kept: whether the columns
    were called by their whole questions (`sentences`), by the `names` of elements, or by their `places` alone (U1, U2);
    `mapping` where it was said of any of them which element it is.
    `replaces` is the import whose place it took.
    """

    import_id: UUID
    rows: int
    read_as: str
    imported_by: str
    imported_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    replaces: UUID | None
    days: DaysOut | None
    elements_named_by: ElementsNamedBy | None


class ImportPage(BaseModel):
    items: list[ImportOut]
    next_cursor: str | None
