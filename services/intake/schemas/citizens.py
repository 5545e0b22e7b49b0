"""How a citizen can be addressed, and the texts that every form takes."""

import re
from typing import Annotated

import email_validator
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.intake.domain.phones import NotAPhone, normalise_phone
from shared.http import Model
from shared.text import OneLine

LONGEST_TEXT = 20_000
"""Characters."""


def _phone(text: str) -> str:
    try:
        return normalise_phone(text)
    except NotAPhone:
        raise PydanticCustomError(
            "phone",
            "is not a telephone number that can be called",
            {"expected": "a number such as 0812-3456-7890 or +62 812 3456 7890"},
        ) from None


def _email(text: str) -> str:
    try:
        address = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
        return address.ascii_email or address.normalized
    except email_validator.EmailNotValidError:
        raise PydanticCustomError(
            "email", "is not an e-mail address", {"expected": "an address such as nama@contoh.id"}
        ) from None


def _without_separators(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _nik(text: str) -> str:
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{16}", digits):
        raise PydanticCustomError(
            "nik", "is not the number of an identity card", {"expected": "16 digits, as they stand on the KTP"}
        )
    return digits


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Absent = BeforeValidator(_empty_is_none)
Name = Annotated[str, StringConstraints(max_length=200), OneLine()]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(_phone)]
ProgrammeNumber = Annotated[
    str, StringConstraints(max_length=32, pattern=r"^[0-9A-Za-z .-]+$"), AfterValidator(_without_separators)
]
Nik = Annotated[str, StringConstraints(max_length=32), AfterValidator(_nik)]
Subject = Annotated[str, StringConstraints(max_length=300), OneLine()]
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
OptionalText = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


class CitizenIn(Model):
    """How the citizen can be addressed. Web forms send empty texts for fields left empty: they count as absent."""

    name: Annotated[Name | None, Absent] = None
    email: Annotated[Email | None, Absent] = None
    phone: Annotated[Phone | None, Absent] = None
    nik: Annotated[Nik | None, Absent] = Field(
        default=None, description="Nomor Induk Kependudukan; kept sealed, shown with its last four digits only"
    )
    programme_number: Annotated[ProgrammeNumber | None, Absent] = Field(
        default=None, description="Nomor Kartu Prakerja; kept sealed, shown with its last four digits only"
    )
