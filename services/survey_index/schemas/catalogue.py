"""Instruments and code lists."""

from pydantic import BaseModel, Field

from services.survey_index.domain.editions import Edition
from services.survey_index.domain.instruments import Code, Instrument
from services.survey_index.domain.profile import CodeList


class InstrumentOut(Instrument):
    """An instrument, with the edition whose bands belong to it."""

    edition: Edition | None = None


class InstrumentPage(BaseModel):
    items: list[InstrumentOut]
    next_cursor: None = None


class CodeListIn(CodeList):
    """A unit's own code list: what may be answered about sex, education and occupation."""

    code: Code = Field(description="Its version: the unit's name and the year, say; a list never changes")


class CodeListPage(BaseModel):
    items: list[CodeListIn]
    next_cursor: None = None
