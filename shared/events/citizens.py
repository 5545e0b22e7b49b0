"""What `tickets` says of a citizen himself: he is to be known nowhere any more."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events.envelope import Data, Event
from shared.events.streams import STREAMS


class CitizenErasedData(Data):
    """By what others find what they keep of him: his tickets with their codes, what he said, and the conversations in
    which he said it. Nothing of it tells who he was. Where a ticket goes on as another's, its code names what was his.
    """

    citizen_id: UUID
    ticket_ids: tuple[UUID, ...] = ()
    tracking_codes: tuple[str, ...] = ()
    contact_ids: tuple[UUID, ...] = ()
    chat_ids: tuple[UUID, ...] = ()
    erased_at: datetime

    @property
    def names(self) -> frozenset[str]:
        """Whatever an event about him may name."""
        ids = (*self.ticket_ids, *self.contact_ids, *self.chat_ids)
        return frozenset((*map(str, ids), *self.tracking_codes))


class CitizenErased(Event[CitizenErasedData]):
    """Who he is, and what he and we wrote, is to be erased wherever it is kept; that there were cases stays."""

    stream = STREAMS["tickets"]
    type: Literal["citizen.erased"] = "citizen.erased"
    dataschema: Literal["urn:satuatap:citizen.erased:1"] = "urn:satuatap:citizen.erased:1"
