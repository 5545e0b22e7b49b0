"""Who calls, as a telephone system says it: a number, or a word where he withholds it. No call is refused for it."""

import re
from dataclasses import dataclass

from services.intake.domain.phones import NotAPhone, normalise_phone
from shared.text import tidied

_WITHHELD_WORDS = frozenset(
    {"", "anonymous", "restricted", "unavailable", "unknown", "blocked", "private", "withheld", "none", "asterisk"}
)
_WITHHELD_ON_THE_KEYPAD = frozenset({"266696687", "7378742833", "86282452253", "8656696", "2562533"})
"""ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN and BLOCKED, as letters of a keypad."""
_ADDRESS = re.compile(r"^(?:sips?|tel):([^@;]*).*$", re.IGNORECASE)
_LONGEST = 64
_FULL_NUMBER = 10
"""From so many digits on a number without `0` and `+` before it is taken for one with its country code."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A party of a call. `text` is E.164 where it can be called, else what was given; empty where it is withheld."""

    text: str = ""
    is_callable: bool = False

    @property
    def is_withheld(self) -> bool:
        """Whether the caller did not let his number be seen, or nobody told it."""
        return not self.text

    @property
    def phone(self) -> str | None:
        """The number in E.164, or None where it cannot be called."""
        return self.text if self.is_callable else None


WITHHELD = Caller()


def caller_of(given: str) -> Caller:
    """Reads what a telephone system gives as a number: E.164, digits as dialled, `sip:…@…`, a word. Never raises."""
    text = tidied(given.replace("\0", ""))[:_LONGEST].strip()
    bare = _ADDRESS.sub(r"\1", text)
    if bare.lower() in _WITHHELD_WORDS or bare.lstrip("+") in _WITHHELD_ON_THE_KEYPAD:
        return WITHHELD
    number = _callable(bare)
    return Caller(number, is_callable=True) if number else Caller(text)


def better(one: Caller, other: Caller) -> Caller:
    """The one that says more; of two alike always the same, in whatever order they come."""
    return max(one, other, key=lambda caller: (caller.is_callable, not caller.is_withheld, caller.text))


def _callable(text: str) -> str | None:
    forms = [text]
    if text.isascii() and text.isdigit() and len(text) >= _FULL_NUMBER and not text.startswith("0"):
        forms.append(f"+{text}")
    for form in forms:
        try:
            return normalise_phone(form)
        except NotAPhone:
            continue
    return None
