"""Telephone numbers as Indonesians write them, kept as E.164."""

import re
from functools import lru_cache

import phonenumbers

_COUNTRY = "ID"
_BARE_COUNTRY_CODE = re.compile(r"^62[1-9]")
_KEEP = re.compile(r"[^\d+]")
_AS_WRITTEN = re.compile(r"\+?[\d\s().\-/]+", re.ASCII)


class NotAPhone(ValueError):
    """It cannot be called: too short, too long, or of a range that does not exist."""


@lru_cache(maxsize=4_096)
def normalise_phone(text: str) -> str:
    """`text` as E.164: `0812 3456 7890`, `62812…` and `+62812…` are all `+62812…`.

    A bare `62811…` would parse as a landline of the area 0628 (`+6262811…`), so it is given its plus sign before
    parsing (docs/domain.md, "Telephones"). Raises `NotAPhone`.
    """
    if not _AS_WRITTEN.fullmatch(text.strip()):  # a letter O for a zero would call somebody else
        raise NotAPhone
    digits = _KEEP.sub("", text)
    if _BARE_COUNTRY_CODE.match(digits) and len(digits) >= 10:
        digits = f"+{digits}"
    try:
        number = phonenumbers.parse(digits, _COUNTRY)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone from error
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
