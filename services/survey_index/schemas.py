"""What goes in and out over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, StrictInt, StringConstraints
from pydantic_core import PydanticCustomError

from services.survey_index.domain.editions import EDITIONS
from services.survey_index.domain.instruments import Instrument, Measure, ScaleWords, Words
from services.survey_index.domain.profile import code_lists
from services.survey_index.domain.skm import Missing
from services.survey_index.models import DEFAULT_CODE_LIST, DEFAULT_ZONE, Selection
from shared.http import Model

Figure = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""A decimal that was rounded already: written as a JSON number, digit for digit."""
Edition = Literal["permenpanrb14_2017", "kep25_2004"]
_MOST_QUESTIONS = 361
"""Forty elements of nine questions, and NPS."""
Short = Annotated[str, StringConstraints(max_length=100)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Comment = Annotated[str, StringConstraints(max_length=2_000)]
SurveyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Answers = Annotated[Mapping[str, StrictInt | None], Field(max_length=_MOST_QUESTIONS)]


def _known(kind: str, names: Sequence[str]) -> AfterValidator:
    def check(name: str) -> str:
        if name not in names:
            raise PydanticCustomError(
                "not_known", f"is not a known {kind}", {"expected": f"one of: {', '.join(names)}"}
            )
        return name

    return AfterValidator(check)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("not_known", "is not a known zone", {"expected": "a zone such as Asia/Jakarta"})
    return name


# -- surveys ----------------------------------------------------------------------------------------------------


class SurveyIn(Model):
    """A survey to begin: an instrument at work. What decides a figure cannot be changed afterwards."""

    code: SurveyName
    title: Line
    instrument: Annotated[str, StringConstraints(max_length=40)] = "skm14_2017"
    instrument_version: int | None = Field(default=None, description="The newest if left out")
    ask_nps: bool = Field(default=True, description="Ask how likely one is to recommend, after the other questions")
    unit: Short = ""
    services: list[Short] = Field(default=[], max_length=100)
    opens_on: date | None = None
    closes_on: date | None = None
    edition: Annotated[str, _known("edition", list(EDITIONS))] = "permenpanrb14_2017"
    missing: Missing = "per_question"
    code_list: Annotated[str, _known("code list", list(code_lists()))] = DEFAULT_CODE_LIST
    zone: Annotated[str, AfterValidator(_zone)] = DEFAULT_ZONE
    population: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(
        default=None, description="How many are served in the period; gives the size of the sample"
    )
    min_age: Annotated[int, Field(ge=0, le=120)] | None = Field(default=None, description="The youngest who may answer")
    selection: Selection = "everybody"
    response_percent: int = Field(
        default=100, ge=1, le=100, description="How many of those invited are expected to answer"
    )
    invitation_days: int = Field(default=14, ge=1, le=365)
    recontact_days: int = Field(default=30, ge=0, le=3_650, description="Nobody is asked again within; 0 for no rule")


class SurveyOut(BaseModel):
    """A survey and how it goes. `cases` is the frame: settled cases by what became of them."""

    code: str
    title: str
    instrument: str
    instrument_version: int
    unit: str
    services: Sequence[str]
    opens_on: date | None
    closes_on: date | None
    edition: str
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
    closed_at: datetime | None
    published_at: datetime | None


class SurveyDetail(SurveyOut):
    definition: Instrument
    cases: Mapping[str, int]


class SurveyPage(BaseModel):
    items: list[SurveyOut]
    next_cursor: str | None


class InstrumentPage(BaseModel):
    items: list[Instrument]


class FollowUpIn(Model):
    """A line of the plan: what is done about an element, by whom, until when, and in how many steps or pieces."""

    element: Annotated[str, StringConstraints(max_length=40)]
    action: Line
    responsible: Line
    due_on: date
    planned: int = Field(default=1, ge=1, le=1_000_000)
    realised: int = Field(default=0, ge=0, le=1_000_000)


class RealisedIn(Model):
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
    progress: Figure | None


class CheckOut(BaseModel):
    """A response to be checked again: by the number of its questionnaire or the code of its case, never by a name."""

    response_id: UUID
    respondent: str | None
    tracking_code: str | None
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
    result: Literal["confirmed", "differs", "not_reached"]
    note: Annotated[str, StringConstraints(max_length=500)] = ""


# -- answers ----------------------------------------------------------------------------------------------------


class ProfileIn(Model):
    """What the respondent tells of himself, by codes of the survey's list. Nothing of it is a must."""

    age: StrictInt | None = Field(default=None, ge=0, le=120)
    sex: Short = ""
    education: Short = ""
    occupation: Short = ""


class AnswersIn(Model):
    """`answers` maps a question's code (an element's slug, or U1…U9) to its value; leave out what was not answered."""

    answers: Answers
    nps: Annotated[int, Field(ge=0, le=10)] | None = Field(default=None, description="How likely to recommend, 0 to 10")
    profile: ProfileIn = ProfileIn()
    comment: Comment | None = None
    comment_about: Short = Field(default="", description="The slug of the element that the comment is about")


class ResponseIn(AnswersIn):
    """The answers of one invited citizen."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="The last part of the link in the invitation"
    )


class InterviewerIn(Model):
    name: Line
    nip: Annotated[str, StringConstraints(pattern=r"^[0-9 ]{1,30}$")] = Field(description="Nomor Induk Pegawai")


class BroughtIn(AnswersIn):
    """Answers without a link. `once` names them: the call, the visit, the number of the questionnaire."""

    once: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    channel: Short = "app"
    unit: Short = ""
    service: Short = ""
    answered_on: date | None = None
    respondent: Short | None = None
    interviewer: InterviewerIn | None = None


class KeypadIn(Model):
    """Keys in the order of the questions: `4`, `10`, or `*` for no answer. Who hangs up early sends fewer."""

    once: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="The call or the visit")
    keys: list[Annotated[str, StringConstraints(max_length=3)]] = Field(max_length=_MOST_QUESTIONS)
    channel: Literal["call", "booth"] = "call"
    unit: Short = ""
    service: Short = ""


class ResponseAccepted(BaseModel):
    response_id: UUID
    survey: str


class ImportDone(BaseModel):
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


class PreviewOut(BaseModel):
    """What the file would add: nothing of it was kept. `rows` is 0 while there are faults."""

    survey: str
    rows: int
    index: Figure | None
    grade: str | None
    first: list[PreviewRow]
    faults: list[FaultOut]


class QuestionOut(BaseModel):
    code: str
    element: str
    measure: Measure
    name: Words
    text: Words
    lowest: int
    highest: int
    words: ScaleWords


class LinkOut(BaseModel):
    """What an invitation asks, for apps that draw the form themselves."""

    survey: str
    expires_at: datetime
    answered: bool
    questions: list[QuestionOut]


# -- figures ----------------------------------------------------------------------------------------------------


class ElementOut(BaseModel):
    """One unsur. `fraction` is the exact NRR: `sum/n`, or the mean of its questions' means."""

    slug: str
    name: str
    sum: int
    n: int
    weight: str
    nrr: Figure | None
    fraction: str | None
    index: Figure | None
    grade: str | None
    performance: str | None


class AdequacyOut(BaseModel):
    """Krejcie and Morgan's sample for the population, and how many answered."""

    population: int | None
    required: int | None
    reached: int
    enough: bool | None


Data = TypeVar("Data", bound=BaseModel)


class GroupOut(BaseModel, Generic[Data]):
    """The same figure for one value of `by`."""

    key: str
    name: str
    figure: Data


class IndexOut(BaseModel):
    """The index of `n` respondents; `fraction` is exact. Without answers there is no index and no grade."""

    n: int
    index: Figure | None
    grade: str | None
    performance: str | None
    fraction: str | None
    elements: list[ElementOut]


class ScoredOut(IndexOut):
    """IKM or IPAK of a survey, and everything needed to reproduce it."""

    survey: str
    measure: str
    instrument: str
    instrument_version: int
    edition: str
    weighting: str
    missing: str
    period: tuple[str | None, str | None]
    sample: AdequacyOut
    by: str | None
    groups: list[GroupOut[IndexOut]]


class NpsFigure(BaseModel):
    """`interval` is the adjusted Wald interval at 95 %."""

    n: int
    promoters: int
    passives: int
    detractors: int
    score: Figure | None
    interval: tuple[Figure, Figure] | None
    label: str | None
    fraction: str | None


class NpsOut(NpsFigure):
    survey: str
    period: tuple[str | None, str | None]
    by: str | None
    groups: list[GroupOut[NpsFigure]]


class LevelOut(BaseModel):
    """`percent` has two decimals, `printed` none."""

    value: int
    name: str
    count: int
    percent: Figure | None
    printed: Figure | None


class CsatFigure(BaseModel):
    """Three levels, the best first; `score` is the share of the best in percent."""

    n: int
    score: Figure | None
    fraction: str | None
    levels: list[LevelOut]


class CsatOut(CsatFigure):
    survey: str
    period: tuple[str | None, str | None]
    by: str | None
    groups: list[GroupOut[CsatFigure]]
