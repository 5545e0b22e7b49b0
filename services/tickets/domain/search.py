"""Searching cases: what is found of a text, and what somebody looks for (docs/domain.md, "Search").

Words are found by their stems, which PostgreSQL makes of them. Names, addresses, codes and numbers are found exactly,
however they are separated: as `exact` words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.tickets.domain.citizens import Citizen
from services.tickets.domain.ticket import Ticket
from shared.errors import FieldError, Invalid

LONGEST = 200
_MOST_WORDS = 10
_FEWEST_DIGITS = 4
_WORD = re.compile(r"[^\s,;:!?\"()<>\[\]{}]+")
_SEPARATORS = re.compile(r"[\s\-./_()]+")
_DIGITS = re.compile(r"\d[\d\s\-./()]*\d")
_EVERYWHERE = frozenset(
    """ada adalah agar akan aku anda apa atau bagi bahwa belum bisa dalam dan dari dengan di ini itu jadi jika juga kami
    ke kita lagi maka mau mohon nya oleh pada para saat saja sampai sangat saya sebagai sudah telah tetapi tidak tolong
    untuk yang""".split()  # noqa: SIM905 - a list of words, to be read as one
)
"""Words that stand in most complaints: alone they look for nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word that somebody looks for: as it was written, and the exact words that it may stand for."""

    word: str
    exact: tuple[str, ...]


def wanted(query: str) -> tuple[Wanted, ...]:
    """What a query looks for: each of its words. Raises `Invalid` for one that is too long, or looks for nothing."""
    words = [word for word in _WORD.findall(query.casefold()) if any(map(str.isalnum, word))]
    telling = [word for word in words if word not in _EVERYWHERE]
    if len(query) > LONGEST or len(telling) > _MOST_WORDS:
        raise _refused("is too long", f"at most {LONGEST} characters, and {_MOST_WORDS} words")
    if not telling:
        raise _refused("holds no word to look for", "a name, a number, or words that not every complaint has")
    if _is_one_number(query):
        return (Wanted("", tuple(_writings(query))),)
    return tuple(Wanted(word, tuple(_writings(word))) for word in telling)


def exact_words(text: str) -> set[str]:
    """The numbers and codes of a text, without what separates their parts."""
    text = text.casefold()
    found = {_plain(word) for word in (*_WORD.findall(text), *_DIGITS.findall(text))}
    return {word for word in found if sum(map(str.isdigit, word)) >= _FEWEST_DIGITS}


def exact_words_of(citizen: Citizen) -> set[str]:
    """By which a citizen is found: the words of his name, and how he is reached."""
    person = citizen.person
    found = {word for word in _WORD.findall((person.name or "").casefold()) if any(map(str.isalnum, word))}
    return found | {value.casefold().lstrip("+") for value in (person.email, person.phone) if value}


def exact_words_of_ticket(ticket: Ticket) -> set[str]:
    """By which a ticket is found: the code that its citizen has."""
    return {_plain(ticket.tracking_code.casefold())}


def _is_one_number(query: str) -> bool:
    """Whether it is digits and what separates them, such as `0812 3456 7890`."""
    return bool(re.fullmatch(r"\+?[\d\s\-./()]+", query.strip())) and sum(map(str.isdigit, query)) >= _FEWEST_DIGITS


def _writings(word: str) -> Iterator[str]:
    """The exact words that a word may stand for: as it is, without separators, and a telephone with its country."""
    plain = _plain(word)
    yield from dict.fromkeys((word.strip(".-_/"), plain))
    if plain.isdigit() and plain.startswith("0"):
        yield f"62{plain[1:]}"


def _plain(word: str) -> str:
    return _SEPARATORS.sub("", word).lstrip("+")


def _refused(message: str, expected: str) -> Invalid:
    return Invalid("That cannot be searched for.", errors=[FieldError("q", message, expected)])
