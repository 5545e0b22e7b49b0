"""Instruments and code lists."""

from pydantic import BaseModel, Field

from services.survey_index.domain.instruments import Code, Instrument
from services.survey_index.domain.profile import CodeList


class InstrumentPage(BaseModel):
    items: list[Instrument]
    next_cursor: None = None


class CodeListIn(CodeList):
    """A unit's own code list: what may be answered about sex, education and occupation."""

    code: Code = Field(description="Its version: the unit's name and the year, say; a list never changes")


class CodeListPage(BaseModel):
    items: list[CodeListIn]
    next_cursor: None = None
