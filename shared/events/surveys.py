"""What `survey_index` says: a citizen may be asked how well it went."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events.envelope import Data, Event
from shared.events.people import Person
from shared.events.streams import STREAMS


class InvitedData(Data):
    invitation_id: UUID
    survey: str
    ticket_id: UUID
    tracking_code: str
    link: str
    expires_at: datetime
    zone: str
    citizen: Person


class SurveyInvited(Event[InvitedData]):
    """A citizen may be asked how well it went, once, by a link of his own."""

    stream = STREAMS["surveys"]
    type: Literal["survey.invited"] = "survey.invited"
    dataschema: Literal["urn:satuatap:survey.invited:1"] = "urn:satuatap:survey.invited:1"
