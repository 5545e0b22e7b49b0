"""What a file may say, what a survey lets in, and what was wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.profile import CodeList, ProfileField
from services.survey_index.domain.scope import EVERYTHING, Scope
from services.survey_index.domain.span import DayOrder, Span
from shared.errors import FieldError

MOST_FAULTS = 50

Fact = Literal["respondent", "day", "unit", "service", "channel", "age", "comment", "comment_about"]
FACTS: Mapping[str, Fact | ProfileField] = {
    "respondent": "respondent",
    "responden": "respondent",
    "no_responden": "respondent",
    "nomor_responden": "respondent",
    "nomor": "respondent",
    "id": "respondent",
    "id_responden": "respondent",
    "rid": "respondent",
    "no": "respondent",
    "no_urut": "respondent",
    "nomor_urut": "respondent",
    "date": "day",
    "tanggal": "day",
    "tgl": "day",
    "tanggal_survei": "day",
    "tanggal_pengisian": "day",
    "tanggal_wawancara": "day",
    "timestamp": "day",
    "stempel_waktu": "day",
    "cap_waktu": "day",
    "submitdate": "day",
    "submitted_at": "day",
    "_submission_time": "day",
    "answered_on": "day",
    "answered_at": "day",
    "unit": "unit",
    "service": "service",
    "layanan": "service",
    "channel": "channel",
    "kanal": "channel",
    "age": "age",
    "usia": "age",
    "umur": "age",
    "sex": "sex",
    "gender": "sex",
    "jenis_kelamin": "sex",
    "education": "education",
    "pendidikan": "education",
    "occupation": "occupation",
    "pekerjaan": "occupation",
    "comment": "comment",
    "saran": "comment",
    "comment_about": "comment_about",
    "saran_tentang": "comment_about",
}
"""What a column that asks for no answer is called, in English, in Indonesian, and by the tools that make forms."""
COUNTERS = frozenset(["no", "no_urut", "nomor_urut", "rid"])
"""Names of a column that numbers the rows. Where another column has the respondents, it tells nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One row: who (a number, not a name), the answers in the instrument's order, and what else the file tells."""

    respondent: str
    answers: tuple[int | None, ...]
    day: date | None = None
    unit: str = ""
    service: str = ""
    channel: str = ""
    age: int | None = None
    sex: str = ""
    education: str = ""
    occupation: str = ""
    comment: str = ""
    comment_about: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a survey lets in: its questions, its code list, its period, the youngest age, its unit and services."""

    instrument: Instrument
    code_list: CodeList | None = None
    """None: whatever the file says of its respondents stands, each spelling as it came first."""
    first: date | None = None
    last: date | None = None
    min_age: int | None = None
    scope: Scope = EVERYTHING
    mapping: Mapping[str, str] = field(default_factory=dict)
    """What a column holds where its name does not say it: `{"U8": "pengaduan", "U9": "sarana", "JK": "sex"}`."""
    facts: frozenset[str] = frozenset(FACTS.values())
    """Which facts are read; the columns of others are passed over."""
    ignore_others: bool = False
    """Whether columns that nobody knows are passed over as well, and respondents without a number take their row's."""
    today: date | None = None
    """The day that it is where the survey is run: nobody has answered later."""
    zone: str = "Asia/Jakarta"
    """Where the survey is run: a moment that is told with its zone is of the day that it was there."""
    answered_on: Span | None = None
    """The days of the rows that tell none."""
    day_order: DayOrder | None = None
    """The order of day and month, where whoever brings the file says it."""
    needs_days: bool = True
    """Whether the file must say when it was answered."""
    order_is_told: bool = False
    """Whether somebody said in which order U1, U2, … stand."""
    repeats_may_stand: bool = False
    """Whether a respondent's number that comes again is noted, and no fault; equal rows are noted as well then."""


class Faults(list[FieldError]):
    """What is wrong with a file, up to fifty places: who has so many looks at the first ones."""

    damage = ""
    """What its reader met in a file that is damaged, for the log."""

    def add(self, place: str, message: str, expected: str) -> None:
        if len(self) < MOST_FAULTS:
            self.append(FieldError(place, message, expected))

    def take(self, faults: Iterable[FieldError]) -> None:
        """Adds faults that were found elsewhere, each of them once."""
        for fault in faults:
            if fault not in self:
                self.add(fault.field, fault.message, fault.expected)

    @property
    def enough(self) -> bool:
        return len(self) >= MOST_FAULTS
