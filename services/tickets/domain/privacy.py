"""What a reader is shown of a case whose citizen is hidden from him (docs/domain.md, "Lifecycle"). He is hidden where
the case is shown, and not where it is kept: he is still to be told what happens.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from services.tickets.domain.cases import Case, Standing
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.ticket import Ticket
from shared.privacy import masked_text
from shared.visibility import Privacy, Visibility

STRUCK = "•••"
_STRICTNESS: Sequence[Privacy] = ("none", "confidential", "anonymous")
_DIGITS_LEFT = re.compile(r"•+\d{4}")
_SHORTEST_NAME = 3


def is_hidden(ticket: Ticket, sees: Visibility) -> bool:
    """Whether this reader is not to know whose case it is."""
    return not sees.shows_identity(ticket.unit, ticket.privacy)


def stricter(one: Privacy, other: Privacy) -> Privacy:
    """Of two the one that hides more."""
    return max(one, other, key=_STRICTNESS.index)


def shown(case: Case, sees: Visibility) -> Case:
    """The case as this reader may be shown it."""
    return nameless(case) if is_hidden(case.ticket, sees) else case


def nameless(case: Case) -> Case:
    """The case without a word of whose it is."""
    nobody = replace(case.citizen, name=None, handles=())
    return replace(case, ticket=_without(case.ticket, [case.citizen]), citizen=nobody)


def shown_standing(standing: Standing, sees: Visibility, whose: Sequence[Citizen]) -> Standing:
    """How a case stands, as this reader may be shown it; `whose` it is."""
    return replace(standing, ticket=_without(standing.ticket, whose)) if is_hidden(standing.ticket, sees) else standing


def struck(text: str, whose: Sequence[Citizen]) -> str:
    """The text without these citizens' names, and without numbers and addresses of whomever."""
    text = _DIGITS_LEFT.sub(STRUCK, masked_text(text))
    names = {part for citizen in whose for part in (citizen.name or "").split() if len(part) >= _SHORTEST_NAME}
    if not names:
        return text
    return re.sub(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b", STRUCK, text, flags=re.IGNORECASE)


def _without(ticket: Ticket, whose: Sequence[Citizen]) -> Ticket:
    return replace(ticket, subject=struck(ticket.subject, whose))
