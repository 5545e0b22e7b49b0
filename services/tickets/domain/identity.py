"""Is it somebody whom we know? The rule (docs/domain.md, "Who it is").

What is equal speaks for it, what differs against it, and what is empty says nothing. Two citizens are never made one
here: the surest is who it is, and a person is asked about the others.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.tickets.domain.citizens import MESSENGERS, Citizen, Kind
from services.tickets.domain.phones import is_personal

Verdict = Literal["same", "suggest", "new"]
MOST_SUGGESTED = 5
"""Of a handle that very many share, so many are suggested for one contact."""
_ONE_EACH: tuple[Kind, ...] = ("nik", "programme_number")
"""A person has one of these: two are two persons."""
_WEIGHT: dict[Kind, int] = {"nik": 6, "whatsapp": 5, "line": 5, "programme_number": 4, "phone": 3, "email": 2}
_WORD = re.compile(r"\w+")
_TITLES = frozenset(
    ("bapak", "bpk", "pak", "ibu", "bu", "sdr", "sdri", "saudara", "mas", "mbak", "kak", "dr", "drs", "hj", "ir")
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What there is for and against two being one person. `because` are words for people, and quote nothing."""

    verdict: Verdict
    weight: int = 0
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognition:
    """Who it is: one who is `known`, or None: somebody new. Those in `same` are him as well, by what is known of them;
    about `suggested` a person is to be asked.
    """

    known: Citizen | None
    same: tuple[Citizen, ...] = ()
    suggested: tuple[tuple[Citizen, Likeness], ...] = ()


NOBODY_KNOWN = Recognition(None)


def recognise(details: Citizen, candidates: Iterable[Citizen]) -> Recognition:
    """Who it is that says `details` of himself, among those who have any of his handles."""
    likenesses = [(candidate, likeness(details, candidate)) for candidate in candidates]
    same = sorted(
        ((candidate, found) for candidate, found in likenesses if found.verdict == "same"),
        key=lambda pair: (-pair[1].weight, pair[0].created_at, pair[0].id),
    )
    known = same[0][0] if same else None
    asked = [*same[1:], *((candidate, found) for candidate, found in likenesses if found.verdict == "suggest")]
    return Recognition(known, tuple(candidate for candidate, _ in same), tuple(asked[:MOST_SUGGESTED]))


def likeness(one: Citizen, other: Citizen) -> Likeness:
    """Whether two are one person; the same whichever comes first."""
    shared = _names(one) & _names(other)
    if not shared:
        return Likeness("new")
    kinds = {kind for kind, _ in shared}
    reasons_for = tuple(f"same {_words(kind)}" for kind in sorted(kinds))
    against = tuple(_against(one, other, kinds))
    if against or not any(_is_strong(kind, key) for kind, key in shared):
        return Likeness("suggest", because=(*reasons_for, *against))
    vouched = sum(bool(_verified(each, kind)) for each in (one, other) for kind in kinds)
    return Likeness("same", sum(_WEIGHT[kind] for kind in kinds) + vouched, reasons_for)


def _is_strong(kind: Kind, key: str) -> bool:
    """Whether a handle is one person's. A landline is not."""
    return kind != "phone" or is_personal(key)


def _against(one: Citizen, other: Citizen, shared: Collection[Kind]) -> Iterator[str]:
    for kind in sorted(_WEIGHT):
        if kind in _ONE_EACH and _differ(_of_kind(one, kind), _of_kind(other, kind)):
            yield f"different {_words(kind)}"
        elif _differ(_verified(one, kind), _verified(other, kind)):
            yield f"different {_words(kind)}, both verified"
    if _names_differ(one, other):
        yield "different name"
    if set(shared) == {"email"} and _differ(_of_kind(one, "phone"), _of_kind(other, "phone")):
        yield "different phone"


def _names_differ(one: Citizen, other: Citizen) -> bool:
    """Whether two names are of two people. What a messenger calls somebody is no name, and no evidence."""
    if _is_of_a_messenger(one) or _is_of_a_messenger(other):
        return False
    first, second = _name_words(one.name), _name_words(other.name)
    return bool(first and second) and not (first <= second or second <= first)


def _name_words(name: str | None) -> frozenset[str]:
    """Titles and initials say nothing. A family's name alone is no person's: each word of one must be the other's."""
    return frozenset(word for word in _WORD.findall((name or "").lower()) if len(word) > 1) - _TITLES


def _is_of_a_messenger(citizen: Citizen) -> bool:
    return any(handle.kind in MESSENGERS.values() for handle in citizen.handles)


def _differ(some: Sequence[str], others: Sequence[str]) -> bool:
    return bool(some and others and not set(some) & set(others))


def _of_kind(citizen: Citizen, kind: Kind) -> list[str]:
    return [handle.key for handle in citizen.handles if handle.kind == kind and handle.key]


def _verified(citizen: Citizen, kind: Kind) -> list[str]:
    handles = [handle for handle in citizen.handles if handle.sureness == "verified"]
    return [handle.key for handle in handles if handle.kind == kind and handle.key]


def _names(citizen: Citizen) -> set[tuple[Kind, str]]:
    return {handle.name for handle in citizen.handles if handle.name}


def _words(kind: Kind) -> str:
    return kind.replace("_", " ")
