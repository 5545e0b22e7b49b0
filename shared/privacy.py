"""Masks: what is left of something that a citizen could be found by, where people who need not find him read it."""

import re

_LEFT = 4
_LONG_NUMBER = re.compile(r"[+(]?\d(?:[\s.,()/\-\u2010-\u2015\u200b-\u200f\u2060\ufeff]{0,3}\d){8,}")
"""Nine digits or more, with whatever people put between them."""
_MAIL_ADDRESS = re.compile(r"\S+@\S+")
_IDENTITY_DIGITS = 16


def masked_number(last4: str | None) -> str:
    """A NIK or programme number of which the last four digits are known, or nothing: stars stand for the others."""
    return "*" * (_IDENTITY_DIGITS - _LEFT) + (last4 or "")


def masked_address(address: str) -> str:
    """An e-mail address or a telephone as staff see it in a list: enough to recognise, not enough to use."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}***@{domain}" if at else "*" * max(0, len(address) - _LEFT) + address[-_LEFT:]


def masked_text(text: str) -> str:
    """A citizen's own words without what he may be found by: of long numbers the last four digits are left."""
    text = _LONG_NUMBER.sub(lambda number: "•" * (len(number[0]) - _LEFT) + number[0][-_LEFT:], text)
    return _MAIL_ADDRESS.sub("(alamat surel)", text)
