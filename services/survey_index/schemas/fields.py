"""Fields that several forms have."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer, StringConstraints

from services.survey_index.domain.limits import EARLIEST, LATEST, LONGEST_LINE
from shared.text import OneLine

SURVEY_CODE = r"^[A-Za-z0-9._-]{1,64}$"
MOST_QUESTIONS = 361
"""Forty elements of nine questions, and NPS."""
Figure = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""A decimal that was rounded already: written as a JSON number, digit for digit."""
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
Short = Annotated[str, StringConstraints(max_length=LONGEST_LINE), OneLine()]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE), OneLine()]
"""What a page offers to choose from, as a browser sends it back: without spaces that it would fold."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=300), OneLine()]
