"""Telephone numbers, of which one has many writings: which are the same, and which may be a household's."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

_COUNTRY = "ID"
_BARE_COUNTRY_CODE = re.compile(r"^62[1-9]\d{7,}$")
_E164 = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)
_KEEP = re.compile(r"[^\d+]")
_PERSONAL = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


@lru_cache(maxsize=8_192)
def canonical_phone(text: str) -> str:
    """E.164 of a number in whatever writing: `0812 3456 7890`, `62812…` and `+62812…` are one. A landline keeps its
    area code and gets no other (docs/domain.md, "Telephones"). What cannot be called stays as it was written.
    """
    if _E164.fullmatch(text):  # as intake writes every number: nothing is to be found out
        return text
    number = _parsed(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else text


@lru_cache(maxsize=8_192)
def writings_of(text: str) -> tuple[str, ...]:
    """How a number may stand in what was kept before: E.164, without its plus sign, as it is dialled, as it is now."""
    canonical = canonical_phone(text)
    forms = [canonical, text]
    if canonical.startswith("+"):
        forms.append(canonical[1:])
    if canonical.startswith("+62"):
        forms.append(f"0{canonical[3:]}")
    return tuple(dict.fromkeys(forms))


@lru_cache(maxsize=8_192)
def is_personal(text: str) -> bool:
    """Whether it is a mobile number, which one person answers. A landline is a household's or an office's."""
    number = _parsed(text)
    return number is not None and phonenumbers.number_type(number) in _PERSONAL


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    digits = _KEEP.sub("", text)
    if _BARE_COUNTRY_CODE.match(digits):
        digits = f"+{digits}"
    try:
        number = phonenumbers.parse(digits, _COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
