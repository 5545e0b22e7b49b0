"""Which contacts go on with a case, and which begin one."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.tickets.domain.citizens import Citizen
from shared.events import ContactData
from shared.ids import normalise_tracking_code

_CODE = re.compile(r"(?<![\w-])\w{4}-\w{4}-\w{4}(?![\w-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """A code that a citizen was given for what joined a ticket, with its chat, if it was said in one."""

    code: str
    ticket_id: UUID
    contact_id: UUID
    chat_id: UUID | None
    channel: str
    at: datetime


def going_on(threads: Sequence[UUID], threads_with_case: Collection[UUID]) -> Iterator[bool]:
    """For each contact, given by its thread, whether that has a case: it is one of `threads_with_case`, or a contact
    before it begins one.
    """
    begun = set(threads_with_case)
    for thread in threads:
        yield thread in begun
        begun.add(thread)


def mentioned_code(subject: str) -> str | None:
    """The first tracking code in a subject, such as `Re: Pengaduan Anda [7K3Q-WM9X-TB40]`, or None.

    It proves nothing: anybody may have seen it, and write it.
    """
    return next((code for found in _CODE.findall(subject) if (code := normalise_tracking_code(found))), None)


def takes_part(citizen: Citizen, contact: ContactData) -> bool:
    """Whether a mail is from the address of the citizen whose case it is."""
    own = citizen.person.email
    return bool(own and contact.citizen.email and own.lower() == contact.citizen.email.lower())
