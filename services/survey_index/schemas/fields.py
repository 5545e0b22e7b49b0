"""Fields that several forms have."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints

from services.survey_index.domain.limits import EARLIEST, LATEST, LONGEST_LINE

SURVEY_CODE = r"^[A-Za-z0-9._-]{1,64}$"
MOST_QUESTIONS = 361
"""Forty elements of nine questions, and NPS."""
Figure = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""A decimal that was rounded already: written as a JSON number, digit for digit."""
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
Short = Annotated[str, StringConstraints(max_length=LONGEST_LINE)]
Name = Annotated[
    str,
    BeforeValidator(lambda said: re.sub(" +", " ", said).strip() if isinstance(said, str) else said),
    StringConstraints(min_length=1, max_length=LONGEST_LINE, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
"""What a page offers to choose from, without the spaces that a browser would not send back."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
