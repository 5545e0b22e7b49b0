"""Which events owe the citizen a word, and by which way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from shared.events import (
    BaseEvent,
    Person,
    SurveyInvited,
    TicketEscalated,
    TicketJoined,
    TicketOpened,
    TicketReplied,
    TicketResolved,
)

Reason = Literal["opened", "escalated", "replied", "resolved", "invited"]
Kind = Literal["email", "sms"]

INVITED: Reason = "invited"
RESOLVED: Reason = "resolved"
INVITATION_WAITS = timedelta(minutes=15)
"""An invitation travels by another stream than its case and may overtake it: so long it waits for the word that the
case is settled. After that it goes alone, for the word may lie among the dead letters."""


_TOLD_OTHERWISE = ("escalated", "answered", "resolved")
"""A case in one of these is told of by a notice of its own. In any other, also one of a newer release, it is told that
it was opened: nobody is left without a word.
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach the citizen."""

    kind: Kind
    address: str


def reason_to_tell(event: BaseEvent) -> Reason | None:
    """Why the citizen is told, or None.

    A case that the booth escalated or settled at once is told once, by that notice: it says everything that the
    opening notice would say, in the same second.
    """
    if isinstance(event, TicketOpened):
        return None if event.data.status in _TOLD_OTHERWISE else "opened"
    if isinstance(event, TicketJoined):  # its first lines came late: nobody could be told until now
        return "opened" if event.data.newly_reachable and event.data.status not in _TOLD_OTHERWISE else None
    if isinstance(event, TicketEscalated):
        return "escalated"
    if isinstance(event, TicketReplied):
        return "replied"
    if isinstance(event, TicketResolved):
        return "resolved"
    return "invited" if isinstance(event, SurveyInvited) else None


def way_to(citizen: Person) -> Way | None:
    """E-mail if there is an address, an SMS if there is only a telephone, None if there is neither."""
    if citizen.email:
        return Way("email", citizen.email)
    if citizen.phone:
        return Way("sms", citizen.phone)
    return None


def mask(address: str) -> str:
    """An address as staff see it in a list: enough to recognise, not enough to use."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}***@{domain}" if at else f"{'*' * max(0, len(address) - 4)}{address[-4:]}"
