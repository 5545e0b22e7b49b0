"""Answers, by each of their ways in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt, StringConstraints

from services.survey_index.domain.instruments import Measure, ScaleWords, Words
from services.survey_index.domain.limits import LONGEST_COMMENT
from services.survey_index.domain.profile import OLDEST, CodeName, ProfileField
from services.survey_index.schemas.fields import MOST_QUESTIONS, Day, Line, Short
from shared.http import Model, example

Comment = Annotated[str, StringConstraints(max_length=LONGEST_COMMENT)]
Answers = Annotated[Mapping[str, StrictInt | None], Field(max_length=MOST_QUESTIONS)]


class ProfileIn(Model):
    """What the respondent tells of himself, by codes of the survey's list. Nothing of it is a must."""

    age: StrictInt | None = Field(default=None, ge=0, le=OLDEST)
    sex: Short = ""
    education: Short = ""
    occupation: Short = ""


class AnswersIn(Model):
    """`answers` maps a question's code (an element's slug, or U1…U9) to its value; leave out what was not answered."""

    answers: Answers
    nps: Annotated[StrictInt, Field(ge=0, le=10)] | None = Field(
        default=None, description="How likely to recommend, 0 to 10"
    )
    profile: ProfileIn = ProfileIn()
    comment: Comment | None = None
    comment_about: Short = Field(default="", description="The slug of the element that the comment is about")


class ResponseIn(AnswersIn):
    """The answers of one invited citizen."""

    model_config = example(
        token="the-last-part-of-the-link",  # noqa: S106 - no token at all
        answers={"persyaratan": 4, "waktu": 3},
        nps=9,
        comment="Cepat dan ramah.",
    )
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="The last part of the link in the invitation"
    )
    service: Short = Field(default="", description="Which of the survey's services it is about")


class InterviewerIn(Model):
    name: Line
    nip: Annotated[str, StringConstraints(pattern=r"^[0-9 ]{1,30}$")] = Field(description="Nomor Induk Pegawai")


class BroughtIn(AnswersIn):
    """Answers without a link. `once` names them: the call, the visit, the number of the questionnaire."""

    model_config = example(
        once="kuesioner-17", answers={"persyaratan": 4, "waktu": 3}, profile={"sex": "P", "education": "sma"}
    )
    once: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    channel: Short = "app"
    unit: Short = ""
    service: Short = ""
    answered_on: Day | None = None
    respondent: Short | None = None
    interviewer: InterviewerIn | None = None


class KeypadIn(Model):
    """Keys in the order of the questions: `4`, `10`, or `*` for no answer. Who hangs up early sends fewer."""

    model_config = example(once="call-17", keys=["4", "3", "*", "4"])
    once: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="The call or the visit")
    keys: list[Annotated[str, StringConstraints(max_length=3)]] = Field(max_length=MOST_QUESTIONS)
    channel: Literal["call", "booth"] = "call"
    unit: Short = ""
    service: Short = ""


class ResponseAccepted(BaseModel):
    response_id: UUID
    survey: str


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
    services: Sequence[str]
    questions: list[QuestionOut]
    profile: Mapping[ProfileField, Sequence[CodeName]]
    min_age: int | None
