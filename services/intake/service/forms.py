"""The web form of those who have no front end: what it takes, once, and what the page after it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import contacts as stored
from services.intake.schemas.contacts import ContactIn
from services.intake.service.acceptance import Acceptor
from services.intake.service.contacts import Contacts, Origin
from shared.errors import NotFound
from shared.fingerprints import fingerprint
from shared.privacy import masked_address
from shared.signing import Capabilities

CLIENT = "form"
"""Who brings what nobody signed: each form has a key of its own beside that."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the page after the form tells: the code, and by which way we will tell, masked."""

    tracking_code: str
    email: str | None
    phone: str | None


class Forms:
    """Takes forms. `links` names the page after a form, for the one who sent it alone."""

    def __init__(self, *, contacts: Contacts, acceptor: Acceptor, links: Capabilities) -> None:
        self._contacts = contacts
        self._acceptor = acceptor
        self._links = links

    async def send(self, form: ContactIn, origin: Origin) -> str:
        """Accepts a form, and answers the name of the page after it. The same form sent again gets the same page.

        Raises `IdempotencyKeyReused` where the form was sent before and said something else, and `Unavailable`.
        """
        answer = await self._acceptor.accept(self._contacts.from_form(form, origin))
        return self._links.issue(UUID(orjson.loads(answer)["contact_id"]))

    async def receipt(self, session: AsyncSession, link: str) -> Receipt:
        """What the page of this name tells. Raises `NotFound`."""
        contact_id = self._links.read(link)
        sent = await stored.find_form(session, contact_id) if contact_id else None
        if sent is None:
            raise NotFound("There is no such page.")
        return Receipt(sent.tracking_code, _masked(sent.email), _masked(sent.phone))


def mark_of(values: Mapping[str, str]) -> str:
    """What a form says, as the table of keys has it."""
    return fingerprint("POST /f", orjson.dumps(dict(values)))


def _masked(address: str | None) -> str | None:
    return masked_address(address) if address else None
