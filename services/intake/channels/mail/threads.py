"""Says by which names a mail's conversation is known, and with which it goes on.

A name is an id together with who refers to it: many people answer one newsletter, and an id that they all refer to
joins nobody's case to another's. Whoever did not write is not taken into a conversation by knowing its ids.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from services.intake.channels.mail.headers import Headers
from shared.mail_threads import tokens_in
from shared.signing import Capabilities

_MOST_REFERENCES = 50
_LONGEST_ID = 255


def message_id(headers: Headers) -> str | None:
    """The mail's own id, or None if it has none: then nothing refers to it. Of a very long one, its hash."""
    ids = headers.ids("message-id")
    if not ids:
        return None
    return ids[0] if len(ids[0]) <= _LONGEST_ID else hashlib.sha256(ids[0].encode()).hexdigest()


def references(headers: Headers) -> Sequence[str]:
    """The ids of mails that this one answers, the nearest first. `Thread-Index` is none: it is made of the subject."""
    ids = [*headers.ids("in-reply-to"), *reversed(headers.ids("references"))]
    return list(dict.fromkeys(ids))[:_MOST_REFERENCES]


def names(ids: Sequence[str], sender: str) -> tuple[str, ...]:
    """The names of a conversation by the ids of its mails, for who writes in it."""
    return tuple(hashlib.sha256(f"{each}\n{sender.lower()}".encode()).hexdigest() for each in ids)


def ticket_of(ids: Sequence[str], addresses: Sequence[str], tokens: Capabilities) -> UUID | None:
    """The ticket that a token of ours names: in an id of a mail of ours, or behind the `+` of an address of ours."""
    return next((ticket for token in tokens_in(ids, addresses) if token and (ticket := tokens.read(token))), None)
