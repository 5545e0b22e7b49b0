"""Who brings complaints: a citizen, and the handles by which he can be told apart and reached."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.tickets.domain.phones import canonical_phone
from shared.events import ContactData, Person
from shared.ids import new_id

Kind = Literal["email", "phone", "nik", "programme_number", "whatsapp", "line"]
Sureness = Literal["said", "verified"]
"""How sure it is that a handle is this citizen's: he said so, or the channel that he wrote by vouches for it."""
MESSENGERS: dict[str, Kind] = {"whatsapp": "whatsapp", "line": "line"}
"""The channels that know by an id of their own who writes, and what kind of handle that is."""


@dataclass(frozen=True, slots=True)
class Handle:
    """Something by which a citizen is known. The number of an identity card (NIK) or of a programme is `sealed`; of its
    digits the `last4` are told, and its `blind_index` is equal for equal numbers. Anything else is its `value`.
    """

    id: UUID
    citizen_id: UUID
    kind: Kind
    value: str | None
    sealed: str | None
    last4: str | None
    sureness: Sureness
    first_seen_at: datetime
    blind_index: str | None = None

    @property
    def key(self) -> str | None:
        """What is equal for equal handles of a kind, however they were written; None where nothing tells that."""
        if self.value is None:
            return self.blind_index
        return canonical_phone(self.value) if self.kind == "phone" else self.value.lower()

    @property
    def name(self) -> tuple[Kind, str] | None:
        """Its kind with its key."""
        return (self.kind, self.key) if self.key else None


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person, as far as he is known. `version` grows with every change. One who is `merged_into` another has no
    handles and no cases any more.
    """

    id: UUID
    name: str | None
    handles: tuple[Handle, ...]
    created_at: datetime
    version: int = 1
    merged_into: UUID | None = None

    @property
    def person(self) -> Person:
        """How he is addressed."""
        return Person(name=self.name, email=self._value("email"), phone=self._value("phone"))

    @property
    def nik(self) -> Handle | None:
        return self._handle("nik")

    @property
    def programme_number(self) -> Handle | None:
        return self._handle("programme_number")

    def learned(self, details: "Citizen") -> "Citizen":
        """The same citizen, with what was not known of him taken from `details`; what was known stays.

        Of whoever goes on with his case, a kind of handle that he has is not taken: it may be somebody else who writes.
        """
        kinds = {handle.kind for handle in self.handles}
        return self._with([handle for handle in details.handles if handle.kind not in kinds], details)

    def recognised(self, details: "Citizen") -> "Citizen":
        """The same citizen, who said `details` of himself: every handle that he did not have is his, too."""
        names = {handle.name for handle in self.handles}
        return self._with([handle for handle in details.handles if handle.name and handle.name not in names], details)

    def _with(self, new: list[Handle], details: "Citizen") -> "Citizen":
        vouched = {handle.name for handle in details.handles if handle.sureness == "verified"} - {None}
        kept = tuple(
            replace(handle, sureness="verified") if handle.name in vouched else handle for handle in self.handles
        )
        handles = (*kept, *(replace(handle, citizen_id=self.id) for handle in new))
        name = self.name or details.name
        if handles == self.handles and name == self.name:
            return self
        return replace(self, name=name, handles=handles, version=self.version + 1)

    def _value(self, kind: Kind) -> str | None:
        handle = self._handle(kind)
        return handle.value if handle else None

    def _handle(self, kind: Kind) -> Handle | None:
        return next((handle for handle in self.handles if handle.kind == kind), None)


def introduced(contact: ContactData) -> Citizen:
    """A citizen of whom nothing is known but what he says of himself in a contact."""
    citizen_id = new_id()
    handles = tuple(_handles(citizen_id, contact))
    return Citizen(id=citizen_id, name=contact.citizen.name, handles=handles, created_at=contact.received_at)


def _handles(citizen_id: UUID, contact: ContactData) -> Iterator[Handle]:
    def handle(
        kind: Kind, value: str | None, sealed: str | None = None, last4: str | None = None, *, vouched: bool = False
    ) -> Handle:
        sureness: Sureness = "verified" if vouched else "said"
        return Handle(new_id(), citizen_id, kind, value, sealed, last4, sureness, contact.received_at)

    if contact.citizen.email:  # who has a token of ours in his mail got it by mail
        yield handle("email", contact.citizen.email, vouched=contact.channel == "email" and bool(contact.ticket_id))
    if contact.citizen.phone:
        yield handle("phone", contact.citizen.phone, vouched=contact.channel == "whatsapp")
    if contact.sender and contact.channel in MESSENGERS:
        yield handle(MESSENGERS[contact.channel], contact.sender, vouched=True)
    if contact.nik_sealed or contact.nik_last4:
        number = handle("nik", None, contact.nik_sealed, contact.nik_last4)
        yield replace(number, blind_index=contact.nik_index)
    if contact.programme_number_sealed or contact.programme_number_last4:
        number = handle("programme_number", None, contact.programme_number_sealed, contact.programme_number_last4)
        yield replace(number, blind_index=contact.programme_number_index)
