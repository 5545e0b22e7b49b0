"""Which events owe the citizen, or a member of the staff, a word, and by which way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.events import (
    AnyEvent,
    Person,
    SurveyInvited,
    TicketAlerted,
    TicketClosed,
    TicketEscalated,
    TicketForwarded,
    TicketInfoRequested,
    TicketJoined,
    TicketOpened,
    TicketRejected,
    TicketReplied,
    TicketResolved,
)
from shared.text import tidied

Reason = Literal[
    "opened",
    "escalated",
    "replied",
    "info_requested",
    "resolved",
    "closed",
    "rejected",
    "forwarded",
    "invited",
    "alerted",
]
Kind = Literal["email", "sms"]

TOGETHER = "together"
"""The reason of a message that tells several notices at once."""
INVITED: Reason = "invited"
RESOLVED: Reason = "resolved"
ALERTED: Reason = "alerted"
"""The one that is not for the citizen: nobody may answer it in his name."""
HOUR = timedelta(hours=1)
INVITATION_WAITS = timedelta(minutes=15)
"""An invitation travels by another stream than its case and may overtake it: so long it waits for the word that the
case is resolved. After that it goes alone, for the word may lie among the dead letters."""


_HAS_OTHER_NOTICE = ("escalated", "answered", "resolved")
"""A case in one of these is told of by a notice of its own. In any other, also one of a newer release, it is told that
it was opened: nobody is left without a word.
"""


_ALWAYS_TOLD: Mapping[type[AnyEvent], Reason] = {
    TicketEscalated: "escalated",
    TicketReplied: "replied",
    TicketInfoRequested: "info_requested",
    TicketResolved: "resolved",
    TicketClosed: "closed",
    TicketRejected: "rejected",
    TicketForwarded: "forwarded",
    TicketAlerted: ALERTED,
    SurveyInvited: INVITED,
}


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach somebody."""

    kind: Kind
    address: str


def reason_to_tell(event: AnyEvent) -> Reason | None:
    """Why the citizen, or a member of the staff, is told, or None.

    A case that the booth escalated or resolved at once is told once, by that notice: it says everything that the
    opening notice would say, in the same second. One that a machine began is not told of (RFC 3834). Of one that went
    up when its time was over nobody promises a day that is past.
    """
    if isinstance(event, TicketOpened):
        needs_none = event.data.is_automatic or event.data.status in _HAS_OTHER_NOTICE
        return None if needs_none else "opened"
    if isinstance(event, TicketJoined):  # its first lines came late: nobody could be told until now
        return "opened" if event.data.newly_reachable and event.data.status not in _HAS_OTHER_NOTICE else None
    if isinstance(event, TicketEscalated) and event.time > event.data.resolution_due_at:
        return None  # he would be told a due date that is over
    return next((reason for kind, reason in _ALWAYS_TOLD.items() if isinstance(event, kind)), None)


def is_private(event: AnyEvent) -> bool:
    """Whether it is hidden who the citizen is that `event` is about. A word that is not known hides."""
    return bool(getattr(event.data, "privacy", "none") != "none")


def way_for(event: AnyEvent) -> Way | None:
    """The way by which what an event owes is told: to the one of the staff that it names, or to its citizen."""
    return Way("email", event.data.email) if isinstance(event, TicketAlerted) else way_to(event.data.citizen)


def way_to(citizen: Person) -> Way | None:
    """E-mail if there is an address, an SMS if there is only a telephone, None if there is neither."""
    if citizen.email:
        return Way("email", citizen.email)
    if citizen.phone:
        return Way("sms", citizen.phone)
    return None


_LONGEST_GREETED = 60
_UNLIKE_A_NAME = re.compile(
    r"""[0-9/\\:@<>{}\[\]"=#&?!|;_*]       # what no name has, and links, addresses and numbers do
    | \bwww\b
    | \w\.[a-z]{2,}                        # contoh.id; but not S.Kom, H.M.Yusuf
    | \w{5}\.\w                            # Contoh.Id; but not Prof.Budi
    | \w\.(?i:com|net|org|info|id|io|xyz|site|online|link|ly|me|top|shop|app|web)\b
    """,
    re.VERBOSE,
)


def greeted(name: str | None) -> str | None:
    """`name` if a letter may begin with it. Anybody can type one in for anybody: it must not carry a message of his."""
    if not name or len(name) > _LONGEST_GREETED or _UNLIKE_A_NAME.search(name) or tidied(name) != name:
        return None
    return name


MUCH_TOLD = "its address had many notices within the hour; told together with others"


def held_until(notices: int, hold: datetime | None, *, most: int, now: datetime) -> datetime | None:
    """Until when a further notice waits to be told together with others; None when it goes at once.

    `notices` went to its address in the last hour, of `most`; others that are held already wait until `hold`.
    """
    if hold is not None:
        return hold
    return now + HOUR if notices >= most else None
