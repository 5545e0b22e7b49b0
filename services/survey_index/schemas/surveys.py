"""Surveys, their plan of follow-up, and the responses to be checked again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.survey_index.domain.editions import Edition
from services.survey_index.domain.instruments import DEFAULT_INSTRUMENT, Instrument
from services.survey_index.domain.profile import DEFAULT_CODE_LIST, OLDEST, CodeList
from services.survey_index.domain.skm import Missing
from services.survey_index.models import DEFAULT_PRIORITIES, DEFAULT_ZONE, Selection
from services.survey_index.schemas.fields import SURVEY_CODE, Day, Figure, Line, Name, Short
from shared.http import Model, example


def _each_once(names: list[str]) -> list[str]:
    if len({name.casefold() for name in names}) < len(names):
        raise PydanticCustomError("twice", "names one twice", {"expected": "each name once"})
    return names


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("not_known", "is not a known zone", {"expected": "a zone such as Asia/Jakarta"})
    return name


class SurveyIn(Model):
    """A survey to begin: an instrument at work. What decides a figure cannot be changed afterwards."""

    model_config = example(
        code="layanan-2026", title="Survei Kepuasan Masyarakat 2026", unit="Loket AK.1", opens_on="2026-01-01",
        closes_on="2026-06-30", population=1_200,
    )  # fmt: skip
    code: Annotated[str, StringConstraints(pattern=SURVEY_CODE)]
    title: Line
    instrument: Annotated[str, StringConstraints(max_length=40)] = DEFAULT_INSTRUMENT
    instrument_version: int | None = Field(default=None, description="The newest if left out")
    ask_nps: bool = Field(default=True, description="Ask how likely one is to recommend, after the other questions")
    unit: Short = Field(default="", description="Whose service it asks about; every unit's if left out")
    services: Annotated[list[Name], AfterValidator(_each_once)] = Field(
        default=[], max_length=40, description="Which services it asks about; every one if left out"
    )
    opens_on: Day | None = None
    closes_on: Day | None = None
    edition: Edition | None = Field(default=None, description="Whose bands grade it; the instrument's own if left out")
    missing: Missing = "per_question"
    code_list: Annotated[str, StringConstraints(max_length=40)] = DEFAULT_CODE_LIST
    zone: Annotated[str, AfterValidator(_zone)] = DEFAULT_ZONE
    population: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(
        default=None, description="How many are served in the period; gives the size of the sample"
    )
    min_age: Annotated[int, Field(ge=0, le=OLDEST)] | None = Field(
        default=None, description="The youngest who may answer"
    )
    selection: Selection = Field(default="everybody", description="Whom to ask of those whose cases end")
    response_percent: int = Field(
        default=100, ge=1, le=100, description="How many of those invited are expected to answer"
    )
    invitation_days: int = Field(default=14, ge=1, le=365)
    recontact_days: int = Field(default=30, ge=0, le=3_650, description="Nobody is asked again within; 0 for no rule")
    priorities: int = Field(
        default=DEFAULT_PRIORITIES,
        ge=1,
        le=40,
        description="How many elements a report names as those to improve first",
    )


class SurveyOut(BaseModel):
    """A survey and how it goes. `instrument_edition` is the edition that belongs to its instrument, `edition` the one
    that it is graded by. `questions_assumed`: it began with a file, and what was asked is known as far as the columns
    of its files tell.
    """

    code: str
    title: str
    instrument: str
    instrument_version: int
    unit: str
    services: Sequence[str]
    opens_on: date | None
    closes_on: date | None
    edition: str
    instrument_edition: str | None
    missing: str
    code_list: str
    zone: str
    population: int | None
    required: int | None
    min_age: int | None
    selection: str
    response_percent: int
    invitation_days: int
    recontact_days: int
    priorities: int
    questions_assumed: bool
    closed_at: datetime | None
    published_at: datetime | None


class SurveyDetail(SurveyOut):
    """`cases` is the frame: resolved cases by what became of them."""

    definition: Instrument
    codes: CodeList
    cases: Mapping[str, int]


class SurveyPage(BaseModel):
    items: list[SurveyOut]
    next_cursor: str | None


class FollowUpIn(Model):
    """A line of the plan: what is done about an element, by whom, until when, and in how many steps or pieces."""

    model_config = example(
        element="waktu", action="Menambah satu loket", responsible="Kepala Seksi Pelayanan", due_on="2026-12-31",
        planned=2,
    )  # fmt: skip
    element: Annotated[str, StringConstraints(max_length=40)]
    action: Line
    responsible: Line
    due_on: Day
    planned: int = Field(default=1, ge=1, le=1_000_000)
    realised: int = Field(default=0, ge=0, le=1_000_000)


class RealisedIn(Model):
    """How much of a line is done by now."""

    model_config = example(realised=1)
    realised: int = Field(ge=0, le=1_000_000)


class FollowUpOut(BaseModel):
    """`progress` is realised / planned, in percent."""

    id: UUID
    element: str
    action: str
    responsible: str
    due_on: date
    planned: int
    realised: int
    progress: Figure


class FollowUpPage(BaseModel):
    items: list[FollowUpOut]
    next_cursor: None = None
    progress: Figure | None


class CheckOut(BaseModel):
    """A response to be checked again: by the number of its questionnaire or the code of its case, never by a name.

    Where `first_day` is told, it is only known that it was given from that day to `day`.
    """

    response_id: UUID
    respondent: str | None
    tracking_code: str | None
    first_day: date | None
    day: date
    unit: str
    service: str
    channel: str
    interviewer_name: str | None
    interviewer_nip: str | None
    result: str | None
    note: str | None
    checked_at: datetime | None


class CheckPage(BaseModel):
    """The fifth that was drawn. `responses` is how many there are in all."""

    responses: int
    items: list[CheckOut]
    next_cursor: str | None


class CheckIn(Model):
    """What was found when a respondent was asked again."""

    model_config = example(result="confirmed", note="Ditelepon pada 12 Januari.")
    result: Literal["confirmed", "differs", "not_reached"]
    note: Annotated[str, StringConstraints(max_length=500)] = ""
