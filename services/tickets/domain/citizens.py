"""Who brings complaints: a citizen, and the handles by which he can be told apart and reached."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events import ContactData, Person
from shared.ids import new_id

Kind = Literal["email", "phone", "nik", "programme_number"]
Sureness = Literal["said"]
"""How sure it is that a handle is this citizen's: he said so."""


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


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person, as far as he is known. `version` grows with every change."""

    id: UUID
    name: str | None
    handles: tuple[Handle, ...]
    created_at: datetime
    version: int = 1

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
        """The same citizen, with what was not known of him taken from `details`; what was known stays."""
        known = {handle.kind for handle in self.handles}
        new = [replace(handle, citizen_id=self.id) for handle in details.handles if handle.kind not in known]
        name = self.name or details.name
        if not new and name == self.name:
            return self
        return replace(self, name=name, handles=(*self.handles, *new), version=self.version + 1)

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
    def handle(kind: Kind, value: str | None, sealed: str | None = None, last4: str | None = None) -> Handle:
        return Handle(new_id(), citizen_id, kind, value, sealed, last4, "said", contact.received_at)

    if contact.citizen.email:
        yield handle("email", contact.citizen.email)
    if contact.citizen.phone:
        yield handle("phone", contact.citizen.phone)
    if contact.nik_sealed or contact.nik_last4:
        number = handle("nik", None, contact.nik_sealed, contact.nik_last4)
        yield replace(number, blind_index=contact.nik_index)
    if contact.programme_number_sealed or contact.programme_number_last4:
        number = handle("programme_number", None, contact.programme_number_sealed, contact.programme_number_last4)
        yield replace(number, blind_index=contact.programme_number_index)
