"""Tells automatic answers that may be part of a loop: two machines that answer one another, or one that floods us.

RFC 3834 is intake's: what says that a machine wrote it gets no answer. Here are limits for those that do not say so.
None of them looks at the whole sender, which such a machine changes with each mail: they count by the domain of the
answers, by the text of what is answered and by the ticket.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from shared.events import AnyEvent, TicketJoined, TicketOpened

WITHIN = timedelta(hours=1)
"""In such a time answers to one domain, and to one text, are counted."""
ANSWERED_WITHIN = timedelta(days=1)
"""In such a time one ticket is told once that it was opened."""
TO_OURSELVES = "held for a person: the address is one of ours"
TO_ONE_TICKET = "held for a person: it was told within a day that this case was opened"

_OPEN_DOMAINS = frozenset(
    f"{name}.{ending}"
    for name, endings in {
        "gmail": "com",
        "googlemail": "com",
        "yahoo": "com co.id",
        "ymail": "com",
        "rocketmail": "com",
        "outlook": "com co.id",
        "hotmail": "com co.id",
        "live": "com",
        "icloud": "com",
        "proton": "me",
        "protonmail": "com",
        "zoho": "com",
    }.items()
    for ending in endings.split()
)
"""Where anybody has an address and nobody may write under another's: many of their citizens may write in an hour."""


@dataclass(frozen=True, slots=True)
class Count:
    """By what an answer is counted: `key` names it without saying it, `words` are told when there were too many."""

    key: str
    words: str


def is_own(address: str, own: Collection[str]) -> bool:
    """Whether an address is one of ours (in small letters), with or without something behind a `+`."""
    local, _, domain = address.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}" in own


def is_automatic(event: AnyEvent) -> bool:
    """Whether a machine of ours tells of `event` without anybody's doing: that a case was opened."""
    return isinstance(event, TicketOpened | TicketJoined)


def counts_of(event: AnyEvent, address: str) -> Iterator[Count]:
    """By what the automatic answer to a mail is counted. What came by another channel no machine can answer."""
    if not isinstance(event, TicketOpened) or event.data.channel != "email":
        return
    domain = address.partition("@")[2].lower()
    if domain not in _OPEN_DOMAINS:
        yield _count("domain", domain, "many mails of its domain were answered within the hour")
    if event.data.body_digest:
        yield _count("text", event.data.body_digest, "many mails with its text were answered within the hour")


def _count(kind: str, value: str, words: str) -> Count:
    return Count(hashlib.sha256(f"{kind} {value}".encode()).hexdigest(), f"held for a person: {words}")
